"""Toss Payments in the sandbox: as strict as the real one."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sandbox_process import SandboxProcess

ORDER = {
    "method": "CARD",
    "amount": 128_000,
    "orderId": "order-0001",
    "orderName": "Binbang BB7K2M9QXZ",
    "successUrl": "https://shop.example/back/?a=1",
    "failUrl": "https://shop.example/back/?a=1",
    "metadata": {"reservation": "BB7K2M9QXZ", "payment": "order-0001"},
}


class Shop:
    """Somebody with a key who talks to the gateway by hand."""

    def __init__(self, gateway: SandboxProcess) -> None:
        self.gateway = gateway
        self.http = httpx.Client(base_url=gateway.toss_url, auth=(gateway.toss_key, ""), timeout=10)

    def post(self, path: str, body: Any, key: str = "") -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.http.post(f"/v1{path}", json=body, headers=headers)

    def get(self, path: str) -> Any:
        return self.http.get(f"/v1{path}")

    def create(self, **changes: Any) -> dict[str, Any]:
        answer = self.post("/payments", {**ORDER, **changes})
        assert answer.status_code == 200, answer.text
        created: dict[str, Any] = answer.json()
        return created

    def agreed(self, decision: str = "pay", **changes: Any) -> dict[str, Any]:
        created = self.create(**changes)
        self.gateway.answer_window(created["checkout"]["url"], decision)
        return created

    def confirm(self, created: dict[str, Any], key: str = "", **changes: Any) -> httpx.Response:
        body = {"paymentKey": created["paymentKey"], "orderId": created["orderId"], "amount": created["totalAmount"]}
        return self.post("/payments/confirm", {**body, **changes}, key)

    def paid(self, **changes: Any) -> dict[str, Any]:
        answer = self.confirm(self.agreed(**changes))
        assert answer.status_code == 200, answer.text
        taken: dict[str, Any] = answer.json()
        return taken

    def cancel(self, paid: dict[str, Any], amount: int | None = None, key: str = "") -> httpx.Response:
        body = {"cancelReason": "guest asked"} | ({"cancelAmount": amount} if amount is not None else {})
        return self.post(f"/payments/{paid['paymentKey']}/cancel", body, key)


@pytest.fixture
def shop(gateway: SandboxProcess) -> Shop:
    """The shop at an empty gateway."""
    return Shop(gateway)


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestPayments:
    """Made, agreed to, taken."""

    def test_a_payment_from_its_making_to_its_end(self, shop: Shop) -> None:
        created = shop.create()
        assert (created["status"], created["balanceAmount"], created["cancels"]) == ("READY", 128_000, None)
        back = shop.gateway.answer_window(created["checkout"]["url"], "pay")
        query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        assert query == {
            "a": "1",
            "paymentType": "NORMAL",
            "orderId": "order-0001",
            "paymentKey": created["paymentKey"],
            "amount": "128000",
        }
        assert shop.get(f"/payments/{created['paymentKey']}").json()["status"] == "IN_PROGRESS"
        assert shop.gateway.ledger()["charges"] == []
        taken = shop.confirm(created).json()
        assert (taken["status"], taken["card"]["number"][-4:]) == ("DONE", "4242")
        assert taken["approvedAt"].endswith("+09:00")
        assert shop.get("/payments/orders/order-0001").json() == taken

    def test_confirming_takes_an_agreement_the_right_sum_and_happens_once(self, shop: Shop) -> None:
        created = shop.create()
        assert told(shop.confirm(created)) == (404, "NOT_FOUND_PAYMENT_SESSION")
        shop.gateway.answer_window(created["checkout"]["url"], "pay")
        assert told(shop.confirm(created, amount=127_999)) == (403, "FORBIDDEN_REQUEST")
        assert told(shop.confirm(created, orderId="order-0002")) == (403, "FORBIDDEN_REQUEST")
        assert told(shop.confirm(created, paymentKey="tsb_none")) == (404, "NOT_FOUND_PAYMENT")
        assert shop.confirm(created).status_code == 200
        assert told(shop.confirm(created)) == (400, "ALREADY_PROCESSED_PAYMENT")
        assert [each["captured"] for each in shop.gateway.ledger()["charges"]] == [128_000]

    def test_an_agreement_waits_ten_minutes_and_a_window_half_an_hour(self, shop: Shop) -> None:
        opened, agreed = shop.create(orderId="order-open"), shop.agreed()
        shop.gateway.faults(clock_s=601)
        assert told(shop.confirm(agreed)) == (404, "NOT_FOUND_PAYMENT_SESSION")
        assert shop.get(f"/payments/{agreed['paymentKey']}").json()["status"] == "EXPIRED"
        assert shop.get(f"/payments/{opened['paymentKey']}").json()["status"] == "READY"
        shop.gateway.faults(clock_s=1801)
        back = shop.gateway.answer_window(opened["checkout"]["url"], "pay")
        assert "NOT_FOUND_PAYMENT_SESSION" in back
        assert shop.gateway.ledger()["charges"] == []

    def test_refused_in_the_window_left_or_refused_at_the_end(self, shop: Shop) -> None:
        refused, left, late = (shop.create(orderId=f"order-{each}") for each in ("refused", "left0", "late0"))
        back = shop.gateway.answer_window(refused["checkout"]["url"], "refuse")
        assert "code=REJECT_CARD_COMPANY" in back
        assert shop.get(f"/payments/{refused['paymentKey']}").json()["status"] == "ABORTED"
        back = shop.gateway.answer_window(left["checkout"]["url"], "cancel")
        assert "code=PAY_PROCESS_CANCELED" in back
        assert "orderId" not in back
        assert shop.get(f"/payments/{left['paymentKey']}").json()["status"] == "READY"
        shop.gateway.answer_window(late["checkout"]["url"], "later")
        assert told(shop.confirm(late)) == (403, "REJECT_CARD_PAYMENT")
        assert shop.get(f"/payments/{late['paymentKey']}").json()["failure"]["code"] == "REJECT_CARD_PAYMENT"
        assert [each["status"] for each in shop.gateway.ledger()["declined"]] == ["failed", "failed"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"amount": 0},
            {"amount": "128000"},
            {"amount": 128_000.5},
            {"amount": True},
            {"method": "GOLD"},
            {"currency": "USD"},
            {"orderId": "short"},
            {"orderId": "an order with blanks"},
            {"orderId": "x" * 65},
            {"orderName": ""},
            {"successUrl": None},
            {"metadata": {str(each): "x" for each in range(6)}},
            {"ammount": 1},
        ],
    )
    def test_what_is_not_right_is_refused(self, shop: Shop, wrong: dict[str, Any]) -> None:
        assert told(shop.post("/payments", {**ORDER, **wrong})) == (400, "INVALID_REQUEST")
        assert shop.gateway.ledger()["intents"] == []

    def test_too_little_a_number_twice_and_strangers(self, shop: Shop) -> None:
        assert told(shop.post("/payments", {**ORDER, "amount": 99})) == (400, "BELOW_MINIMUM_AMOUNT")
        shop.create()
        assert told(shop.post("/payments", ORDER)) == (400, "DUPLICATED_ORDER_ID")
        assert told(shop.get("/payments/orders/order-0009")) == (404, "NOT_FOUND_PAYMENT")
        assert told(shop.get("/nothing")) == (404, "NOT_FOUND")
        stranger = httpx.get(f"{shop.gateway.toss_url}/v1/payments/x", auth=(shop.gateway.secret_key, ""))
        assert told(stranger) == (401, "UNAUTHORIZED_KEY")


class TestCancels:
    """Back, in parts, never more than is left."""

    def test_in_parts_each_with_its_key(self, shop: Shop) -> None:
        paid = shop.paid()
        part = shop.cancel(paid, 28_000).json()
        assert (part["status"], part["balanceAmount"]) == ("PARTIAL_CANCELED", 100_000)
        assert told(shop.cancel(paid, 100_001)) == (403, "NOT_CANCELABLE_AMOUNT")
        rest = shop.cancel(paid).json()
        assert (rest["status"], rest["balanceAmount"]) == ("CANCELED", 0)
        assert [each["cancelAmount"] for each in rest["cancels"]] == [28_000, 100_000]
        assert len({each["transactionKey"] for each in rest["cancels"]}) == 2
        assert told(shop.cancel(paid)) == (400, "ALREADY_CANCELED_PAYMENT")
        assert told(shop.cancel(shop.agreed(orderId="order-0002"))) == (403, "NOT_CANCELABLE_PAYMENT")

    def test_the_books_list_every_movement(self, shop: Shop) -> None:
        paid = shop.paid()
        shop.cancel(paid, 28_000)
        span = "startDate=2020-01-01T00:00:00&endDate=2099-01-01T00:00:00"
        rows = shop.get(f"/transactions?{span}").json()
        moves = [(each["status"], each["amount"]) for each in rows]
        assert moves == [("DONE", 128_000), ("PARTIAL_CANCELED", -28_000)]
        first = shop.get(f"/transactions?{span}&limit=1").json()
        after = shop.get(f"/transactions?{span}&startingAfter={first[0]['transactionKey']}").json()
        assert [*first, *after] == rows
        assert told(shop.get(f"/transactions?{span}&startingAfter=x")) == (400, "INVALID_TRANSACTION_KEY")
        assert told(shop.get("/transactions?startDate=then&endDate=now")) == (400, "INVALID_REQUEST")


class TestKeys:
    """The first answer stands, for fifteen days, for one path."""

    def test_repeated_it_acts_once(self, shop: Shop) -> None:
        paid = shop.paid()
        answers = [shop.cancel(paid, 9_000, key="refund-1").json() for _ in range(2)]
        assert answers[0] == answers[1]
        assert answers[0]["balanceAmount"] == 119_000
        shop.gateway.faults(clock_s=15 * 86_400 + 1)
        assert shop.cancel(paid, 9_000, key="refund-1").json()["balanceAmount"] == 110_000

    def test_for_another_body_refused_for_another_path_new(self, shop: Shop) -> None:
        paid, other = shop.paid(), shop.paid(orderId="order-0002")
        shop.cancel(paid, 9_000, key="refund-1")
        assert told(shop.cancel(paid, 9_001, key="refund-1")) == (400, "INVALID_REQUEST")
        assert shop.cancel(other, 9_000, key="refund-1").json()["balanceAmount"] == 119_000

    def test_too_long(self, shop: Shop) -> None:
        assert told(shop.post("/payments", ORDER, key="k" * 301)) == (400, "INVALID_IDEMPOTENCY_KEY")
        assert shop.post("/payments", ORDER, key="k" * 300).status_code == 200

    def test_a_refusal_is_remembered_too(self, shop: Shop) -> None:
        paid = shop.paid()
        assert told(shop.cancel(paid, 128_001, key="refund-1")) == (403, "NOT_CANCELABLE_AMOUNT")
        assert told(shop.cancel(paid, 128_001, key="refund-1")) == (403, "NOT_CANCELABLE_AMOUNT")

    def test_while_it_is_worked_on_a_second_one_is_turned_away(self, shop: Shop) -> None:
        paid = shop.paid()
        shop.gateway.faults(mode="slow", latency_ms=700, times=1)
        answers: list[tuple[int, Any]] = []

        def cancel() -> None:
            answer = shop.cancel(paid, 9_000, key="refund-1")
            answers.append((answer.status_code, answer.json().get("code")))

        both = [threading.Thread(target=cancel) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join()
        assert sorted(answers) == [(200, None), (409, "IDEMPOTENT_REQUEST_PROCESSING")]
        assert [each["amount"] for each in shop.gateway.ledger()["refunds"]] == [9_000]


def test_one_judge_for_both_gateways(shop: Shop) -> None:
    paid = shop.paid()
    shop.cancel(paid, 9_000)
    ledger = shop.gateway.ledger()
    (charge,), (refund,) = ledger["charges"], ledger["refunds"]
    assert (charge["gateway"], charge["captured"], charge["refunded"]) == ("toss", 128_000, 9_000)
    assert charge["metadata"] == ORDER["metadata"]
    assert (refund["amount"], refund["metadata"]["reservation"]) == (9_000, "BB7K2M9QXZ")
    shop.gateway.reset()
    assert shop.gateway.ledger()["charges"] == []
    assert shop.gateway.toss_events() == []
