"""Every write of the reservations context."""

from __future__ import annotations

from reservations.services.alterations.applying import apply_paid as apply_paid_alteration
from reservations.services.alterations.applying import expire_alterations
from reservations.services.alterations.applying import fail_payment as fail_alteration_payment
from reservations.services.alterations.deciding import (
    AlterOutcome,
    accept_alteration,
    decline_alteration,
    pay_alteration,
    withdraw_alteration,
)
from reservations.services.alterations.proposing import AlterationPreview, preview_alteration, propose_alteration
from reservations.services.alterations.waiting import ask_for_difference
from reservations.services.asking import ask_host
from reservations.services.backdating import backdate
from reservations.services.cancellations import Preview, cancel, cancel_as_operator, preview_cancellation
from reservations.services.confirmations import confirm_paid, fail_payment
from reservations.services.expiry import expire_holds
from reservations.services.grace import GraceLine, GracePreview, give_grace, lines_left, preview_grace
from reservations.services.holds import extend_hold, hold, introduce, let_go
from reservations.services.pacing import ask_to_pay
from reservations.services.paying import PayOutcome, pay
from reservations.services.refusals import (
    AlreadyExtended,
    AlterationInTheWay,
    AlterationOver,
    HoldExists,
    HoldExpired,
    NotAlterable,
    NotCancellable,
    NothingLeft,
    NothingToPay,
    NotPayable,
    NotYours,
    OwnRoom,
    PaymentDeclined,
    PaymentInProgress,
    PaymentsDown,
    PreviewInvalid,
    PreviewOver,
    PriceMoved,
    QuoteChanged,
    RequestClosed,
    RequestOver,
    TooManyAttempts,
    TooManyHolds,
)
from reservations.services.requests import (
    Answer,
    accept_request,
    decline_as_operator,
    end_requests,
    let_go_in_time,
    refuse_request,
    remind_hosts,
)
from reservations.services.stays import move_stays
from reservations.services.waiting import give_time_to_pay, keep_for_later, payments_rest, tend_waits

__all__ = [
    "AlreadyExtended",
    "AlterOutcome",
    "AlterationInTheWay",
    "AlterationOver",
    "AlterationPreview",
    "Answer",
    "GraceLine",
    "GracePreview",
    "HoldExists",
    "HoldExpired",
    "NotAlterable",
    "NotCancellable",
    "NotPayable",
    "NotYours",
    "NothingLeft",
    "NothingToPay",
    "OwnRoom",
    "PayOutcome",
    "PaymentDeclined",
    "PaymentInProgress",
    "PaymentsDown",
    "Preview",
    "PreviewInvalid",
    "PreviewOver",
    "PriceMoved",
    "QuoteChanged",
    "RequestClosed",
    "RequestOver",
    "TooManyAttempts",
    "TooManyHolds",
    "accept_alteration",
    "accept_request",
    "apply_paid_alteration",
    "ask_for_difference",
    "ask_host",
    "ask_to_pay",
    "backdate",
    "cancel",
    "cancel_as_operator",
    "confirm_paid",
    "decline_alteration",
    "decline_as_operator",
    "end_requests",
    "expire_alterations",
    "expire_holds",
    "extend_hold",
    "fail_alteration_payment",
    "fail_payment",
    "give_grace",
    "give_time_to_pay",
    "hold",
    "introduce",
    "keep_for_later",
    "let_go",
    "let_go_in_time",
    "lines_left",
    "move_stays",
    "pay",
    "pay_alteration",
    "payments_rest",
    "preview_alteration",
    "preview_cancellation",
    "preview_grace",
    "propose_alteration",
    "refuse_request",
    "remind_hosts",
    "tend_waits",
    "withdraw_alteration",
]
