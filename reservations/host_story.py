"""What happened to a booking and what comes next, in the words of its host's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

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
CANCELLED: dict[str, Promise] = {
    "guest": gettext_lazy("The guest cancelled this booking"),
    "host": gettext_lazy("You cancelled this booking"),
    "operator": gettext_lazy("Binbang cancelled this booking"),
}
TAKEN_BACK = gettext_lazy("The guest took the request back")


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
    told = [_step(entry, stay) for entry in stay.timeline if entry.event in TITLES]
    # a payment that failed and the hold that goes on are two facts and one piece of news
    once = [step for before, step in pairwise(told) if before.title != step.title]
    return told[:1] + once + _ahead(stay)


def cancelled_words(stay: TripView) -> str:
    """Who cancelled, to their host; a request that its guest took back was never a booking."""
    if stay.row.was_never_paid:
        return str(TAKEN_BACK)
    return str(CANCELLED.get(stay.cancelled_by, TITLES["ReservationCancelled"]))


def _step(entry: Entry, stay: TripView) -> Step:
    state = "stopped" if entry.event in STOPPED else "did"
    let_go = entry.event == "PaymentCancelled" and entry.detail == "void"
    title = LET_GO if let_go else TITLES[entry.event]
    words = cancelled_words(stay) if entry.event == "ReservationCancelled" else str(title)
    return Step(state, words, parse_datetime(entry.at))


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
