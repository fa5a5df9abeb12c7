"""What happened to a booking and what comes next, in the words of its host's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reservations.queries import Entry, TripView

TITLES: dict[str, Promise] = {
    "ReservationCreated": gettext_lazy("The guest set the dates aside"),
    "HoldExtended": gettext_lazy("The guest was given more time"),
    "HoldResumed": gettext_lazy("The payment did not go through"),
    "PaymentBegun": gettext_lazy("The guest began to pay"),
    "PaymentFailed": gettext_lazy("The payment did not go through"),
    "PaymentActionRequired": gettext_lazy("The bank asked the guest to confirm"),
    "PaymentApproved": gettext_lazy("The guest has paid"),
    "PaymentCancelled": gettext_lazy("The refund is on its way to the guest"),
    "RefundFailed": gettext_lazy("The refund did not go through; we are looking into it"),
    "ReservationConfirmed": gettext_lazy("The booking is confirmed"),
    "ReservationAltered": gettext_lazy("The booking was changed"),
    "AlterationProposed": gettext_lazy("A change was proposed"),
    "AlterationAccepted": gettext_lazy("You agreed to the change"),
    "AlterationClosed": gettext_lazy("The change came to nothing; the booking is as it was"),
    "ReservationCancelRequested": gettext_lazy("Cancelling was asked for"),
    "ReservationCancelled": gettext_lazy("The booking was cancelled"),
    "ReservationExpired": gettext_lazy("The dates are free again"),
    "ReservationDeclined": gettext_lazy("The request was declined"),
    "ReservationRequested": gettext_lazy("The guest asked to book"),
    "RequestAccepted": gettext_lazy("You accepted the request"),
    "StayStarted": gettext_lazy("The stay began"),
    "StayCompleted": gettext_lazy("The stay is over"),
}
LET_GO = gettext_lazy("What was set aside on the guest's card was let go")
STOPPED = frozenset({"ReservationCancelled", "ReservationExpired", "ReservationDeclined"})
ACTORS: dict[str, Promise] = {
    "guest": gettext_lazy("by the guest"),
    "host": gettext_lazy("by you"),
    "operator": gettext_lazy("by Binbang"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the timeline; ``state`` is did, now, next or stopped."""

    state: str
    title: str
    at: datetime | None = None
    note: str = ""
    url: str = ""
    url_label: str = ""


def story_of(stay: TripView) -> list[Step]:
    """The steps in order: what was, and what is to come by the present state."""
    return [_step(entry) for entry in stay.timeline if entry.event in TITLES] + _ahead(stay)


def _step(entry: Entry) -> Step:
    state = "stopped" if entry.event in STOPPED else "did"
    asked = entry.event in ("ReservationCancelRequested", "ReservationCancelled")
    note = str(ACTORS.get(entry.actor, "")) if asked else ""
    let_go = entry.event == "PaymentCancelled" and entry.detail == "void"
    return Step(state, str(LET_GO if let_go else TITLES[entry.event]), parse_datetime(entry.at), note)


def _ahead(stay: TripView) -> list[Step]:
    row = stay.row
    if row.status == "requested" and row.accepted_at:
        return [Step("now", _("The payment is being taken"), note=_("The booking is confirmed when the bank answers"))]
    if row.status == "requested":
        return [Step("now", _("Waiting for your answer"), row.answer_by)]
    if row.status in ("held", "paying"):
        return [Step("now", _("Waiting for the payment"), note=_("Nothing is certain before it is paid"))]
    if row.status == "confirmed":
        return [
            Step("now", _("Check-in"), row.check_in_at, _("The guest sees the address and how to get in")),
            Step("next", _("Check-out"), row.check_out_at),
        ]
    return [Step("now", _("Check-out"), row.check_out_at)] if row.status == "in_stay" else []
