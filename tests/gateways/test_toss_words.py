"""What Toss Payments' answers mean, where its sandbox cannot be brought to say them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from airbnb.money import Money
from payments.gateways import toss_words as words
from payments.gateways.port import KnownRefund, RefundRequest

REFUND = str(UUID(int=7))


def request(sending: int, refund: str = REFUND) -> RefundRequest:
    return RefundRequest(
        key=f"refund:{refund}:{sending}",
        refund_id=refund,
        gateway_ref="pay",
        amount=Money(500, "KRW"),
        reservation="BB1",
        correlation_id="c",
    )


def cancelled(request: RefundRequest, status: str, key: str) -> dict[str, Any]:
    reason = words.cancel_body(request)["cancelReason"]
    return {"cancelReason": reason, "cancelStatus": status, "transactionKey": key}


ABORTED, DONE = cancelled(request(1), "ABORTED", "a"), cancelled(request(2), "DONE", "b")


@pytest.mark.parametrize(
    ("cancels", "asked", "known"),
    [
        ([ABORTED], request(1), KnownRefund.FAILED),
        ([ABORTED], request(2), KnownRefund.ABSENT),
        ([ABORTED, DONE], request(2), KnownRefund.SUCCEEDED),
        ([ABORTED, DONE], request(1), KnownRefund.FAILED),
        ([DONE], request(3), KnownRefund.SUCCEEDED),
        ([DONE], request(2, str(UUID(int=8))), KnownRefund.ABSENT),
    ],
)
def test_a_cancel_that_failed_counts_for_its_own_sending_only(
    cancels: list[dict[str, Any]], asked: RefundRequest, known: KnownRefund
) -> None:
    assert words.refund_outcome({"cancels": cancels}, asked).known == known


def test_a_cancel_from_before_sendings_were_named_is_still_read() -> None:
    old = {"cancelReason": f"Binbang BB1: refund {REFUND}", "cancelStatus": "ABORTED", "transactionKey": "a"}
    assert words.refund_outcome({"cancels": [old]}, request(1)).known == KnownRefund.FAILED


def test_a_failed_cancel_without_a_number_is_the_first_sendings_alone() -> None:
    """Else "send again" would find the old failure for ever, and the guest would never have the money."""
    old = {"cancelReason": f"Binbang BB1: refund {REFUND}", "cancelStatus": "ABORTED", "transactionKey": "a"}
    assert words.refund_outcome({"cancels": [old]}, request(2)).known == KnownRefund.ABSENT
    assert words.refund_outcome({"cancels": [old, DONE]}, request(2)).known == KnownRefund.SUCCEEDED
