"""Payments: created for the window, agreed to there, taken at the shop's word, or expired."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta, timezone
from typing import Any

from airbnb.embedded.sandbox.desk import Answer, Desk
from airbnb.embedded.sandbox.store import Record

from . import reading
from .errors import MESSAGES, TossError
from .reading import Params
from .telling import tell

SHOP = "binbang_sandbox"
VERSION = "2022-11-16"
SEOUL = timezone(timedelta(hours=9))
METHODS = {"CARD": "카드", "TRANSFER": "계좌이체"}
LEAST = {"CARD": 100, "TRANSFER": 200}
# How long the window may stay open, and how long the agreement waits for the shop's word.
WINDOW_S, AGREED_S = 30 * 60, 10 * 60
CREATE_PARAMS = (
    *("method", "amount", "currency", "orderId", "orderName", "successUrl", "failUrl", "metadata"),
    *("customerEmail", "customerName", "taxFreeAmount", "flowMode", "locale"),
)


def local(seconds: float) -> str:
    """An instant as the gateway writes it: ISO 8601 in Korean time."""
    return datetime.fromtimestamp(int(seconds), SEOUL).isoformat()


def new_key(prefix: str) -> str:
    """A key that nobody can guess."""
    return f"{prefix}{secrets.token_hex(14)}"


def create(desk: Desk, params: Params) -> Answer:
    """``POST /v1/payments``: a payment that waits for its window, ``checkout.url``."""
    reading.only(params, *CREATE_PARAMS)
    method = reading.text(params, "method", 20)
    if method not in METHODS:
        raise reading.refused("지원하지 않는 결제수단입니다.")
    if params.get("currency", "KRW") != "KRW":
        raise reading.refused("지원하지 않는 통화입니다.")
    order_id, total = reading.order_id(params), reading.amount(params, "amount")
    if total < LEAST[method]:
        raise TossError(400, "BELOW_MINIMUM_AMOUNT")
    if any(True for _ in desk.store.all("toss_payment", parent=order_id)):
        raise TossError(400, "DUPLICATED_ORDER_ID")
    record = _blank(desk, params, order_id, total, method)
    desk.store.insert(record, parent=order_id)
    return 200, record["payment"]


def _blank(desk: Desk, params: Params, order_id: str, total: int, method: str) -> Record:
    key, now = new_key("tsb_"), desk.store.now()
    vat = round(total / 11)
    payment = {
        "mId": SHOP,
        "version": VERSION,
        "paymentKey": key,
        "type": "NORMAL",
        "orderId": order_id,
        "orderName": reading.text(params, "orderName", 100),
        "method": METHODS[method],
        "currency": "KRW",
        "country": "KR",
        "totalAmount": total,
        "balanceAmount": total,
        "suppliedAmount": total - vat,
        "vat": vat,
        "taxFreeAmount": 0,
        "status": "READY",
        "requestedAt": local(now),
        "approvedAt": None,
        "useEscrow": False,
        "lastTransactionKey": None,
        "cancels": None,
        "card": None,
        "transfer": None,
        "easyPay": None,
        "failure": None,
        "isPartialCancelable": True,
        "receipt": None,
        "checkout": {"url": f"{desk.public_url}/toss/window/{key}"},
        "metadata": reading.metadata(params) or None,
        "secret": new_key("ps_"),
    }
    urls = {"success_url": reading.text(params, "successUrl", 2000), "fail_url": reading.text(params, "failUrl", 2000)}
    state = {"id": key, "object": "toss_payment", "created": int(now), "agreed_at": None, "card": "ok"}
    return {**state, **urls, "payment": payment}


def find(desk: Desk, payment_key: str) -> Record:
    """The payment as it stands now (expired if its time is over), or 404."""
    record = desk.store.find("toss_payment", payment_key)
    if record is None:
        raise TossError(404, "NOT_FOUND_PAYMENT", keep=False)
    return _aged(desk, record)


def _aged(desk: Desk, record: Record) -> Record:
    """The time of the window, or of the shop's word, runs by the sandbox's clock."""
    ends = {"READY": record["created"] + WINDOW_S, "IN_PROGRESS": (record["agreed_at"] or 0) + AGREED_S}
    end = ends.get(record["payment"]["status"])
    if end is not None and desk.store.now() >= end:
        change(desk, record, status="EXPIRED")
    return record


def change(desk: Desk, record: Record, **changes: Any) -> None:
    """Keep the payment with these changes and tell of its new status."""
    record["payment"] |= changes
    desk.store.update(record)
    tell(desk, "PAYMENT_STATUS_CHANGED", record["payment"])


def show(desk: Desk, _params: Params, payment_key: str) -> Answer:
    """``GET /v1/payments/{paymentKey}``."""
    return 200, find(desk, payment_key)["payment"]


def show_order(desk: Desk, _params: Params, order_id: str) -> Answer:
    """``GET /v1/payments/orders/{orderId}``."""
    for record in desk.store.all("toss_payment", parent=order_id):
        return 200, _aged(desk, record)["payment"]
    raise TossError(404, "NOT_FOUND_PAYMENT", keep=False)


def confirm(desk: Desk, params: Params) -> Answer:
    """``POST /v1/payments/confirm``: take the money of a payment that was agreed to, exactly that sum, once."""
    reading.only(params, "paymentKey", "orderId", "amount")
    key = reading.text(params, "paymentKey", 200)
    order_id, total = reading.order_id(params), reading.amount(params, "amount")
    record = find(desk, key)
    payment = record["payment"]
    if payment["orderId"] != order_id or payment["totalAmount"] != total:
        raise TossError(403, "FORBIDDEN_REQUEST")
    if payment["status"] in ("READY", "EXPIRED"):
        raise TossError(404, "NOT_FOUND_PAYMENT_SESSION")
    if payment["status"] != "IN_PROGRESS":
        raise TossError(400, "ALREADY_PROCESSED_PAYMENT")
    if record["card"] == "refused":
        abort(desk, record, "REJECT_CARD_PAYMENT")
        raise TossError(403, "REJECT_CARD_PAYMENT")
    _take(desk, record)
    return 200, record["payment"]


def _take(desk: Desk, record: Record) -> None:
    now, payment = desk.store.now(), record["payment"]
    transaction = book(desk, payment, payment["totalAmount"], "DONE")
    url = f"{desk.public_url}/toss/receipt/{payment['paymentKey']}"
    paid: dict[str, Any] = {
        "status": "DONE",
        "approvedAt": local(now),
        "lastTransactionKey": transaction,
        "receipt": {"url": url},
    }
    if payment["method"] == METHODS["CARD"]:
        number = "43301234****4242"
        paid["card"] = {
            "issuerCode": "41",
            "acquirerCode": "41",
            "number": number,
            "installmentPlanMonths": 0,
            "approveNo": "00000000",
            "cardType": "신용",
            "ownerType": "개인",
            "amount": payment["totalAmount"],
        }
    else:
        paid["transfer"] = {"bankCode": "88", "settlementStatus": "INCOMPLETED"}
    change(desk, record, **paid)


def book(desk: Desk, payment: dict[str, Any], amount: int, status: str) -> str:
    """Enter a movement of money into the gateway's books, with its fee (a cancel gives it back); returns its key."""
    key, now = new_key("txrd_"), desk.store.now()
    same = {name: payment[name] for name in ("mId", "paymentKey", "orderId", "method", "currency", "useEscrow")}
    moved = {**same, "transactionKey": key, "customerKey": None, "receiptUrl": None, "amount": amount}
    row = {"id": key, "object": "toss_transaction", "created": int(now), "fee": desk.fee(amount)}
    moved |= {"status": status, "transactionAt": local(now)}
    desk.store.insert({**row, "transaction": moved}, parent=payment["paymentKey"])
    return key


def abort(desk: Desk, record: Record, code: str) -> None:
    """The card is refused: this payment is over."""
    change(desk, record, status="ABORTED", failure={"code": code, "message": MESSAGES[code]})
