"""Every write of the reservations context."""

from __future__ import annotations

from reservations.services.backdating import backdate
from reservations.services.cancellations import Preview, cancel, cancel_as_operator, preview_cancellation
from reservations.services.confirmations import (
    confirm_paid,
    fail_payment,
    give_time_to_pay,
    keep_for_later,
    payments_are_back,
)
from reservations.services.expiry import expire_holds
from reservations.services.holds import extend_hold, hold, introduce, let_go
from reservations.services.paying import PayOutcome, pay
from reservations.services.refusals import (
    AlreadyExtended,
    HoldExists,
    HoldExpired,
    NotCancellable,
    NothingToPay,
    NotPayable,
    OwnRoom,
    PaymentDeclined,
    PaymentInProgress,
    PaymentsDown,
    PreviewInvalid,
    PreviewOver,
    QuoteChanged,
    TooManyAttempts,
    TooManyHolds,
)
from reservations.services.stays import move_stays

__all__ = [
    "AlreadyExtended",
    "HoldExists",
    "HoldExpired",
    "NotCancellable",
    "NotPayable",
    "NothingToPay",
    "OwnRoom",
    "PayOutcome",
    "PaymentDeclined",
    "PaymentInProgress",
    "PaymentsDown",
    "Preview",
    "PreviewInvalid",
    "PreviewOver",
    "QuoteChanged",
    "TooManyAttempts",
    "TooManyHolds",
    "backdate",
    "cancel",
    "cancel_as_operator",
    "confirm_paid",
    "expire_holds",
    "extend_hold",
    "fail_payment",
    "give_time_to_pay",
    "hold",
    "introduce",
    "keep_for_later",
    "let_go",
    "move_stays",
    "pay",
    "payments_are_back",
    "preview_cancellation",
]
