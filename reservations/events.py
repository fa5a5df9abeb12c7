"""What happens to reservations, for everyone who must know. Dates are ISO dates, instants ISO 8601 in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from airbnb.events.bus import Event


@dataclass(frozen=True, kw_only=True)
class ReservationEvent(Event):
    """The facts that every event of a reservation carries; ``revision`` counts its changes from 1.

    ``record`` is the record as it stands at this revision (reservations/models/record.py), for the view of trips; it is
    empty in events of older releases, and nothing of ours may be read from it by other contexts.
    """

    reservation: str
    revision: int
    room_id: int
    room_code: str
    room_title_i18n: dict[str, str]
    room_slug: str
    cover: dict[str, str]
    host_id: int
    guest_id: int
    check_in: str
    check_out: str
    guests: int
    total_minor: int
    currency: str
    time_zone: str
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ReservationCreated(ReservationEvent):
    """The nights are held until ``expires_at``; ``lines`` as in a quote. Not ``instant``: the host will be asked."""

    expires_at: str
    lines: list[dict[str, Any]]
    instant: bool = True


@dataclass(frozen=True, kw_only=True)
class GuestIntroduced(ReservationEvent):
    """Before paying, the guest gave the name, telephone and message that the record has from now on."""


@dataclass(frozen=True, kw_only=True)
class RecordTold(ReservationEvent):
    """Nothing happened: the record is told whole, because its events are of a release that did not carry it."""


@dataclass(frozen=True, kw_only=True)
class HoldExtended(ReservationEvent):
    """The hold has another end now. ``pay_later``: payments are down, the guest pays when they are back.

    ``payments_back``: they are, and the guest has until then.
    """

    expires_at: str
    pay_later: bool = False
    payments_back: bool = False


@dataclass(frozen=True, kw_only=True)
class PaymentBegun(ReservationEvent):
    """The guest pays; the nights stay taken until the outcome is known."""

    payment_id: str


@dataclass(frozen=True, kw_only=True)
class HoldResumed(ReservationEvent):
    """A payment came to nothing and the hold goes on: the guest may try again until ``expires_at``.

    ``accepted``: the host had said yes to a request, so that the next payment confirms it at once.
    """

    expires_at: str
    decline_code: str = ""
    accepted: bool = False


@dataclass(frozen=True, kw_only=True)
class ReservationExpired(ReservationEvent):
    """The nights are free again. ``was``: held, paying or requested; ``reason``: expired or let_go, or why it failed.

    ``accepted``: the host had said yes and the guest did not pay.
    """

    was: str
    reason: str = "expired"
    accepted: bool = False


@dataclass(frozen=True, kw_only=True)
class ReservationRequested(ReservationEvent):
    """The guest's money is authorised and the host is asked until ``answer_by``."""

    answer_by: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class RequestReminderDue(ReservationEvent):
    """The host has not answered yet and has ``hours`` left, until ``answer_by``."""

    hours: int
    answer_by: str


@dataclass(frozen=True, kw_only=True)
class RequestAccepted(ReservationEvent):
    """The host said yes; what was authorised is being taken now, and the outcome confirms it."""

    payment_id: str
    accepted_by_id: int


@dataclass(frozen=True, kw_only=True)
class AuthorizationUnwanted(Event):
    """Money was set aside for a reservation that has no use for it: it is to be let go."""

    reservation: str
    payment_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReservationDeclined(ReservationEvent):
    """The host said no, or an operator (``by``) in their place; the authorisation is to be voided."""

    payment_id: str | None = None
    reason: str = ""
    by: str = "host"


@dataclass(frozen=True, kw_only=True)
class ReservationConfirmed(ReservationEvent):
    """Paid in full and standing. ``host_payout_minor`` is the host's part of the total, ``tax_minor`` the tax in it."""

    payment_id: str
    host_payout_minor: int
    check_in_at: str
    check_out_at: str
    message: str = ""
    tax_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class ReservationAltered(ReservationEvent):
    """Both sides agreed on other dates or guests, and the difference is paid or promised back.

    The base facts are the new ones; ``before`` has check_in, check_out, guests, total_minor and host_payout_minor as
    they were. ``difference_minor`` is new less old; ``refund_due_minor`` of it goes back to the guest. ``status`` is
    where the reservation stands: confirmed or in_stay. ``payment_id`` paid the difference. ``difference_lines``: what
    each line of the bill is more or less, in sum the difference; none where it was told before they were.
    """

    before: dict[str, Any] = field(default_factory=dict)
    difference_minor: int = 0
    refund_due_minor: int = 0
    host_payout_minor: int = 0
    check_in_at: str = ""
    check_out_at: str = ""
    status: str = "confirmed"
    alteration: str = ""
    proposed_by: str = ""
    payment_id: str | None = None
    tax_minor: int = 0
    difference_lines: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class AlterationEvent(ReservationEvent):
    """The facts of a proposed change; the base facts are the stay as it stands, untouched.

    ``new`` has check_in, check_out, guests, total_minor; ``difference_minor`` is new less old.
    """

    alteration: str
    proposed_by: str
    new: dict[str, Any]
    difference_minor: int


@dataclass(frozen=True, kw_only=True)
class AlterationProposed(AlterationEvent):
    """One side proposes; the other answers until ``expires_at``. The nights of both stays are kept until then."""

    expires_at: str
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class AlterationAccepted(AlterationEvent):
    """The host agrees, and the guest has until ``expires_at`` to pay the difference."""

    expires_at: str


@dataclass(frozen=True, kw_only=True)
class AlterationPaymentFailed(AlterationEvent):
    """The difference could not be charged: the stay is as it was, and the guest may try again until ``expires_at``."""

    code: str
    retryable: bool
    expires_at: str


@dataclass(frozen=True, kw_only=True)
class AlterationPayLater(AlterationEvent):
    """Payments are down: nothing was charged, the stay is as it was, and the guest may pay until ``expires_at``."""

    expires_at: str


@dataclass(frozen=True, kw_only=True)
class AlterationPayable(AlterationEvent):
    """Payments are back for a guest who was told to pay later; until ``expires_at``."""

    expires_at: str


@dataclass(frozen=True, kw_only=True)
class AlterationClosed(AlterationEvent):
    """It came to nothing, and its nights are free: ``outcome`` is declined, withdrawn, expired or overtaken.

    Overtaken: the reservation itself was cancelled or is over. ``by`` is guest, host or system; ``was_accepted``:
    the host had agreed and the difference was not paid in time.
    """

    outcome: str
    by: str
    was_accepted: bool = False


@dataclass(frozen=True, kw_only=True)
class ReservationCancelRequested(ReservationEvent):
    """Somebody asked to cancel: ``by`` guest, host or operator."""

    by: str
    by_id: int | None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ReservationCancelled(ReservationEvent):
    """Cancelled, with the refund that is due and the rule that gave it.

    Of what does not go back, ``host_payout_minor`` is the host's and ``tax_minor`` tax.
    """

    by: str
    by_id: int | None
    reason: str
    refund_due_minor: int
    refund_rule: str
    refund_lines: list[dict[str, Any]]
    payment_id: str | None
    host_payout_minor: int = 0
    tax_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class GraceGiven(ReservationEvent):
    """An operator gives ``amount_minor`` of the price back although no terms do: ``lines`` sum to it.

    The stay and its price stay as they are, and so does what the host gets.
    """

    amount_minor: int
    lines: list[dict[str, Any]]
    reason: str
    by_id: int


@dataclass(frozen=True, kw_only=True)
class StayStarted(ReservationEvent):
    """The check-in time has come."""

    started_at: str = ""


@dataclass(frozen=True, kw_only=True)
class StayCompleted(ReservationEvent):
    """The check-out time has passed."""

    completed_at: str
    check_out_at: str


@dataclass(frozen=True, kw_only=True)
class ReservationBackdated(ReservationEvent):
    """On the local stack: everything about it was moved this much earlier; the base facts are the new ones."""

    days: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class PaymentWaitBegun(Event):
    """The gateway that this hold is to be paid through rests: the hold is to be kept."""

    reservation: str


@dataclass(frozen=True, kw_only=True)
class PaymentWaitEnded(Event):
    """The gateway that this hold waited for works again: its guest is to have time to pay.

    With ``alteration``, as one release told it, it was the payment for that change which waited.
    """

    reservation: str
    alteration: str = ""


@dataclass(frozen=True, kw_only=True)
class AlterationWaitEnded(Event):
    """The gateway that the payment for this change waited for works again: its guest is to be asked to pay.

    An event of its own: a release that knows no such wait leaves it to the next, and does not take it for a hold's.
    """

    reservation: str
    alteration: str


@dataclass(frozen=True, kw_only=True)
class PaymentRefused(Event):
    """Money came for a reservation that cannot take it; all of it goes back. ``reason`` says why."""

    reservation: str
    payment_id: str
    guest_id: int
    amount_minor: int
    currency: str
    reason: str
