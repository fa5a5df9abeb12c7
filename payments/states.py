"""The states of payments, refunds and gateway calls, and what each of them means."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PaymentStatus(TextChoices):
    """Where a payment stands. ``unknown``: it was sent, and what became of it is being asked for."""

    PROCESSING = "processing", _("In progress")
    UNKNOWN = "unknown", _("Outcome not known yet")
    REQUIRES_ACTION = "requires_action", _("Waiting for the guest's bank")
    AUTHORIZED = "authorized", _("Authorized")
    CAPTURED = "captured", _("Paid")
    DECLINED = "declined", _("Declined")
    VOIDED = "voided", _("Voided")
    PARTIALLY_REFUNDED = "partially_refunded", _("Partly refunded")
    REFUNDED = "refunded", _("Refunded")


class RefundStatus(TextChoices):
    """Where a refund stands; a failed one is a debt that an operator must settle."""

    PENDING = "pending", _("On its way")
    SUCCEEDED = "succeeded", _("Refunded")
    FAILED = "failed", _("Failed")


class CallState(TextChoices):
    """What is known of one call to a gateway. ``unknown``: it may have acted although no answer came."""

    INTENDED = "intended", _("Intended")
    SENT = "sent", _("Sent")
    SUCCEEDED = "succeeded", _("Succeeded")
    REFUSED = "refused", _("Refused")
    UNREACHABLE = "unreachable", _("Not reached")
    UNKNOWN = "unknown", _("Outcome not known yet")


class Operation(TextChoices):
    """What a gateway is asked to do."""

    CHARGE = "charge", _("Charge")
    CONFIRM = "confirm", _("Confirmation")
    CAPTURE = "capture", _("Capture")
    VOID = "void", _("Void")
    REFUND = "refund", _("Refund")


class MessageState(TextChoices):
    """What became of a message from a gateway."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    PARKED = "parked", _("Given up")


# Nothing has been decided yet: the reservation waits for these.
OPEN = (PaymentStatus.PROCESSING, PaymentStatus.UNKNOWN, PaymentStatus.REQUIRES_ACTION)
# Money was taken; some or all of it may have gone back.
PAID = (PaymentStatus.CAPTURED, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED)
# Nothing was taken. Only money that turns up after all leads out of these.
DEAD = (PaymentStatus.DECLINED, PaymentStatus.VOIDED)
# A reservation has at most one of these for each purpose.
SINGLE = (*OPEN, PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED, PaymentStatus.PARTIALLY_REFUNDED)


# What was given back or sent may come back weeks later: for so long it is asked about, once a day.
ASKED_FOR = timedelta(days=30)
ASK_EVERY = timedelta(days=1)


class PayoutStatus(TextChoices):
    """Where a payout stands. ``ready``: owed to the host and about to be sent; ``netted``: nothing was left to send."""

    SCHEDULED = "scheduled", _("Scheduled")
    READY = "ready", _("About to be sent")
    HELD = "held", _("Waiting")
    SENDING = "sending", _("Being sent")
    UNKNOWN = "unknown", _("Outcome not known yet")
    SENT = "sent", _("Transferred")
    NETTED = "netted", _("Set off")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class HeldFor(TextChoices):
    """Why a payout that is owed is not sent."""

    NO_PAYEE = "no_payee", _("Bank details are missing")
    OPERATOR = "operator", _("Held by us")
    BALANCE = "balance", _("More than is owed")


class PayeeStatus(TextChoices):
    """What the gateway says of a bank account."""

    PENDING = "pending", _("Being registered")
    REGISTERED = "registered", _("Registered")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
