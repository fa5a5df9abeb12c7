"""The rules of this context that a request can break."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from airbnb.errors import Conflict, DomainError, Unavailable


class QuoteChanged(Conflict):
    """The price or the terms are no longer those that were shown, or were shown too long ago.

    ``quote`` in the facts is the new one; ``cancellation_changed`` says that the host has switched the policy.
    """

    code = "quote_changed"
    title = _("The price has changed; please look at the new one")


class NothingToPay(DomainError):
    """A stay that costs nothing cannot be paid for, and nothing stands without a payment."""

    code = "nothing_to_pay"
    status = 422
    title = _("This stay has no price and cannot be booked; please choose other nights")


class HoldExists(Conflict):
    """The guest already holds this room for other nights; ``held`` in the facts names the hold."""

    code = "hold_exists"
    title = _("You already hold this room for other dates")


class TooManyHolds(Conflict):
    """A guest has at most three open holds."""

    code = "too_many_holds"
    title = _("You already hold as many rooms as is possible at one time")


class OwnRoom(Conflict):
    """A host cannot be the guest of their own room."""

    code = "own_room"
    title = _("This is your own room")


class HoldExpired(Conflict):
    """The hold is over and its nights are free."""

    code = "hold_expired"
    title = _("The time to pay is over and the dates are free again")


class AlreadyExtended(Conflict):
    """A hold is prolonged once."""

    code = "already_extended"
    title = _("The time was already extended once")


class NotPayable(Conflict):
    """There is nothing to pay in this state."""

    code = "not_payable"
    title = _("This reservation cannot be paid any more")


class PaymentInProgress(Conflict):
    """A payment is under way and its outcome is not yet known."""

    code = "payment_in_progress"
    title = _("A payment is under way; please wait for its outcome")


class TooManyAttempts(Conflict):
    """Five payments of one hold were declined."""

    code = "too_many_attempts"
    title = _("Too many payments were tried; please start again")


class NotCancellable(Conflict):
    """Only what is confirmed or under way can be cancelled."""

    code = "not_cancellable"
    title = _("This reservation cannot be cancelled any more")


class RequestOver(Conflict):
    """The time to answer has ended, and the dates are free again."""

    code = "request_over"
    title = _("The time to answer this request is over")


class RequestClosed(Conflict):
    """It is no request any more, or was answered; ``reservation_status`` in the facts says how it stands."""

    code = "request_closed"
    title = _("This request is no longer open; please look at how it stands")


class PreviewInvalid(DomainError):
    """The token is not one that was given to this person for this reservation."""

    code = "preview_invalid"
    status = 422
    title = _("Please look at the refund again before you cancel")


class PreviewOver(Conflict):
    """The preview is older than its ten minutes, or what it says no longer holds."""

    code = "preview_over"
    title = _("The refund shown is no longer current; please look at it again")


class NothingLeft(Conflict):
    """Nothing was paid, or all of it has gone back."""

    code = "nothing_left"
    title = _("There is nothing left to give back")


class NotAlterable(Conflict):
    """Only what is confirmed or under way can be altered, and only as long as its nights are ahead."""

    code = "not_alterable"
    title = _("This reservation cannot be changed any more")


class AlterationInTheWay(Conflict):
    """A reservation has one open proposal at a time; ``alteration`` in the facts names it."""

    code = "alteration_open"
    title = _("A change of this booking is waiting for an answer already; please decide that one first")


class AlterationOver(Conflict):
    """It is decided already, or its time is over; ``outcome`` in the facts says how it ended."""

    code = "alteration_over"
    title = _("This change is no longer open")


class NotYours(Conflict):
    """The proposer waits for the other side; the other side cannot take it back."""

    code = "not_yours_to_decide"
    title = _("The other side has to decide this")


class PriceMoved(Conflict):
    """The change costs other than was shown; ``difference`` and ``total`` in the facts are the new ones."""

    code = "quote_changed"
    title = _("The price has changed; please look at the new one")


class PaymentDeclined(DomainError):
    """The bank said no; the dates are still held until ``expires_at`` in the facts."""

    code = "payment_declined"
    status = 402
    title = _("The payment was declined; please try another card")


class PaymentsDown(Unavailable):
    """The payment system rests; the dates are kept until ``expires_at`` in the facts."""

    code = "payments_unavailable"
    title = _("Payments are briefly unavailable; your dates are kept, please pay a little later")
