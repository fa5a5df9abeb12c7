"""Refusals as Toss Payments words them: ``{"code", "message"}``."""

from __future__ import annotations

from typing import Any

from airbnb.embedded.sandbox.errors import ApiError

MESSAGES = {
    "ALREADY_CANCELED_PAYMENT": "이미 취소된 결제 입니다.",
    "ALREADY_PROCESSED_PAYMENT": "이미 처리된 결제 입니다.",
    "BELOW_MINIMUM_AMOUNT": "신용카드는 결제금액이 100원 이상, 계좌는 200원이상부터 결제가 가능합니다.",
    "DUPLICATED_ORDER_ID": "이미 승인 및 취소가 진행된 중복된 주문번호 입니다.",
    "FAILED_INTERNAL_SYSTEM_PROCESSING": "내부 시스템 처리 작업이 실패했습니다. 잠시 후 다시 시도해주세요.",
    "FORBIDDEN_REQUEST": "허용되지 않은 요청입니다.",
    "IDEMPOTENT_REQUEST_PROCESSING": "이전 멱등 요청이 처리중입니다.",
    "INVALID_IDEMPOTENCY_KEY": "멱등키는 300자 이하여야 합니다.",
    "INVALID_REQUEST": "잘못된 요청입니다.",
    "INVALID_TRANSACTION_KEY": "잘못된 페이징 키 입니다.",
    "NOT_CANCELABLE_AMOUNT": "취소 할 수 없는 금액 입니다.",
    "NOT_CANCELABLE_PAYMENT": "취소 할 수 없는 결제 입니다.",
    "NOT_FOUND_PAYMENT": "존재하지 않는 결제 정보 입니다.",
    "NOT_FOUND_PAYMENT_SESSION": "결제 시간이 만료되어 결제 진행 데이터가 존재하지 않습니다.",
    "NOT_FOUND": "존재하지 않는 정보 입니다.",
    "REJECT_CARD_COMPANY": "결제 승인이 거절되었습니다.",
    "REJECT_CARD_PAYMENT": "한도초과 혹은 잔액부족으로 결제에 실패했습니다.",
    "UNAUTHORIZED_KEY": "인증되지 않은 시크릿 키 혹은 클라이언트 키 입니다.",
}


class TossError(ApiError):
    """One refusal; ``keep`` is as for every :class:`ApiError`: whether its idempotency key remembers it."""

    def __init__(self, status: int, code: str, message: str = "", *, keep: bool = True) -> None:
        super().__init__(status, "", message or MESSAGES[code], keep=keep)
        self.body = as_body(code, message)


def as_body(code: str, message: str = "") -> dict[str, Any]:
    """The error object."""
    return {"code": code, "message": message or MESSAGES[code]}
