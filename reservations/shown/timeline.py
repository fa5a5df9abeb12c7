"""The story of a trip for ``components/timeline.html``: what happened, what is now, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from airbnb.templatetags.money import money
from reservations.queries import Entry, TripView
from reservations.shown.declines import in_words

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of the story; ``state`` is did, now, next or stopped."""

    state: str
    title: Text
    at: datetime | None = None
    note: Text = ""


# What happened, as people would say it; events that are not here are for programs.
_DID: dict[str, Promise] = {
    "ReservationCreated": gettext_lazy("Dates held for you"),
    "HoldExtended": gettext_lazy("Held for longer"),
    "PaymentFailed": gettext_lazy("The payment did not go through"),
    "PaymentActionRequired": gettext_lazy("Your bank asked for a further step"),
    "PaymentApproved": gettext_lazy("Paid"),
    "ReservationRequested": gettext_lazy("You asked the host"),
    "RequestAccepted": gettext_lazy("The host said yes"),
    "ReservationConfirmed": gettext_lazy("Booking confirmed"),
    "AlterationProposed": gettext_lazy("A change was proposed"),
    "AlterationAccepted": gettext_lazy("The host agreed to the change"),
    "AlterationPayLater": gettext_lazy("Payments were down; the change could be paid later"),
    "AlterationPayable": gettext_lazy("Payments were back"),
    "AlterationClosed": gettext_lazy("The change came to nothing; the booking is as it was"),
    "ReservationAltered": gettext_lazy("The booking was changed"),
    "GraceGiven": gettext_lazy("Binbang gave part of the price back"),
    "StayStarted": gettext_lazy("Checked in"),
    "StayCompleted": gettext_lazy("Checked out"),
    "PaymentCancelled": gettext_lazy("Refund sent"),
    "RefundFailed": gettext_lazy("The refund did not go through; we are on it"),
    "PaymentRefused": gettext_lazy("A late payment goes back to you in full"),
}
_LET_GO = gettext_lazy("What was set aside on your card was let go")
_WITH_SUM = frozenset({"PaymentApproved", "PaymentCancelled", "RefundFailed", "PaymentRefused"})
_STOPPED: dict[str, Promise] = {
    "ReservationExpired": gettext_lazy("The dates were let go"),
    "ReservationDeclined": gettext_lazy("The host declined"),
}


def story(view: TripView) -> list[Moment]:
    """From the first hold to the review, in order."""
    return _so_far(view) + _from_here(view)


def _so_far(view: TripView) -> list[Moment]:
    moments = [_moment(entry, view) for entry in view.timeline]
    return [moment for moment in moments if moment is not None]


def _moment(entry: Entry, view: TripView) -> Moment | None:
    at = datetime.fromisoformat(entry.at) if entry.at else None
    if entry.event == "ReservationCancelled":
        return Moment("stopped", _cancelled_by(entry.actor), at)
    if entry.event in _STOPPED:
        return Moment("stopped", _STOPPED[entry.event], at)
    if entry.event not in _DID:
        return None
    let_go = entry.event == "PaymentCancelled" and entry.detail == "void"
    return Moment("did", _LET_GO if let_go else _DID[entry.event], at, _note(entry))


def _note(entry: Entry) -> Text:
    if entry.event == "PaymentFailed":
        return in_words(entry.detail)
    if entry.event == "GraceGiven":
        return entry.detail
    return money(entry.amount) if entry.event in _WITH_SUM and entry.amount else ""


def _cancelled_by(actor: str) -> Text:
    by: dict[str, Promise] = {
        "host": gettext_lazy("Cancelled by the host"),
        "operator": gettext_lazy("Cancelled by Binbang"),
    }
    return by.get(actor, gettext_lazy("Cancelled by you"))


def _from_here(view: TripView) -> list[Moment]:
    row = view.row
    check_in = Moment("next", _("Check in"), row.check_in_at)
    check_out = Moment("next", _("Check out"), row.check_out_at)
    review = Moment("next", _("Write a review"), None, _("You have 14 days after you leave."))
    paid = Moment("next", _("Booking confirmed"), None, _("At once, when the payment has gone through."))
    ready = Moment("now", _("Getting ready"), None, _("How to get in is below."))
    if not row.instant and not row.accepted_at:
        paid = Moment("next", _("The host answers"), None, _("Nothing is charged before the yes."))
    by_status: dict[str, list[Moment]] = {
        "held": [Moment("now", _("Waiting for your payment"), None, _("You are not charged yet.")), paid],
        "paying": [Moment("now", _("The payment is being checked"), None, _("This page tells you by itself.")), paid],
        "requested": _asked(view),
        "confirmed": [ready, check_in, check_out, review],
        "in_stay": [Moment("now", _("Enjoy your stay")), check_out, review],
        "completed": [Moment("now", _("Write a review"), None, _("You have 14 days after you leave."))],
        "cancelled": _refund(view),
    }
    return by_status.get(row.status, [])


def _asked(view: TripView) -> list[Moment]:
    confirmed = Moment("next", _("Booking confirmed"), None, _("At once, when the payment has gone through."))
    if view.row.accepted_at:
        taken = Moment("now", _("The payment is being completed"), None, _("This page tells you by itself."))
        return [taken, confirmed]
    note = _("Nothing is charged before the yes.")
    return [Moment("now", _("Waiting for the host"), view.row.answer_by, note), confirmed]


def _refund(view: TripView) -> list[Moment]:
    refund: Any = view.row.refund
    if refund is None or refund.amount.is_zero or refund.status == "succeeded":
        return []
    if refund.status == "failed":
        return [Moment("now", _("%(sum)s is owed to you; we are settling it") % {"sum": money(refund.amount)})]
    return [Moment("now", _("%(sum)s is on its way back to you") % {"sum": money(refund.amount)})]
