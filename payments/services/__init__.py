"""Every write of the payments context."""

from __future__ import annotations

from payments.services.giving_up import give_up
from payments.services.inbox import begin_message, finish_message, postpone_message, store_message, work_message_again
from payments.services.recording import GATEWAY_FAILURES, begin_sending, record
from payments.services.refunds import (
    RefundTooLarge,
    begin_refund,
    promise_refund,
    record_refund,
    refuse_payment,
    try_refund_again,
)

__all__ = [
    "GATEWAY_FAILURES",
    "RefundTooLarge",
    "begin_message",
    "begin_refund",
    "begin_sending",
    "finish_message",
    "give_up",
    "postpone_message",
    "promise_refund",
    "record",
    "record_refund",
    "refuse_payment",
    "store_message",
    "try_refund_again",
    "work_message_again",
]
