"""The gateways' fees, and the shop's own bank: listed as the real ones list them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import stripe_client
from tests.sandbox.test_payment_intents import BOOKING, pay
from tests.sandbox.test_refunds_and_transfers import host_account
from tests.sandbox.test_toss import Shop, told
from tests.sandbox_process import SandboxProcess

FEE = 3_200  # of 128,000, at 25 thousandths
DAY_S = 86_400


def listed(client: stripe.StripeClient, **params: Any) -> list[Any]:
    """Balance transactions, newest first."""
    found = client.v1.balance_transactions.list({"limit": 100, "expand": ["data.source"], **params})
    return [each.to_dict() for each in found.data]


def held(client: stripe.StripeClient) -> int:
    """What can be sent on, in won."""
    return int(client.v1.balance.retrieve().available[0].amount)


class TestStripe:
    """Balance transactions, payouts to the shop's bank, top-ups."""

    def test_a_charge_costs_a_fee(self, client: stripe.StripeClient, gateway: SandboxProcess) -> None:
        intent = pay(client)
        (moved,) = listed(client)
        assert (moved["type"], moved["amount"], moved["fee"], moved["net"]) == ("charge", 128_000, FEE, 128_000 - FEE)
        assert (moved["source"]["payment_intent"], moved["source"]["metadata"]) == (intent.id, BOOKING)
        shown = client.v1.charges.retrieve(intent.latest_charge, {"expand": ["balance_transaction"]})
        assert (shown.balance_transaction.id, shown.balance_transaction.fee) == (moved["id"], FEE)
        assert client.v1.balance_transactions.retrieve(moved["id"]).net == 128_000 - FEE
        (fee,) = gateway.ledger()["fees"]
        assert (fee["id"], fee["amount"], fee["currency"]) == (moved["id"], FEE, "KRW")
        assert fee["metadata"] == BOOKING
        assert held(client) == 128_000 - FEE

    def test_what_is_set_aside_or_declined_costs_none(self, client: stripe.StripeClient) -> None:
        with pytest.raises(stripe.CardError):
            pay(client, payment_method="pm_card_visa_chargeDeclined")
        intent = pay(client, capture_method="manual")
        assert listed(client) == []
        client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 40_000})
        (moved,) = listed(client)
        assert (moved["amount"], moved["fee"]) == (40_000, 1_000)

    def test_refunds_and_transfers_are_listed_without_one(self, client: stripe.StripeClient) -> None:
        intent = pay(client)
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 28_000})
        wanted: Any = {"amount": 50_000, "currency": "krw", "destination": host_account(client)}
        sent = client.v1.transfers.create(wanted)
        client.v1.transfers.reversals.create(sent.id, {"amount": 20_000})
        told_of = [(each["type"], each["amount"], each["fee"]) for each in reversed(listed(client))]
        assert told_of == [
            ("charge", 128_000, FEE),
            ("refund", -28_000, 0),
            ("transfer", -50_000, 0),
            ("transfer_refund", 20_000, 0),
        ]
        assert held(client) == sum(each["net"] for each in listed(client))
        assert [each["type"] for each in listed(client, type="refund")] == ["refund"]
        assert [each["type"] for each in listed(client, source=sent.id)] == ["transfer"]
        assert listed(client, created={"lt": 1_000}) == []

    def test_to_the_bank_and_from_there(self, client: stripe.StripeClient, gateway: SandboxProcess) -> None:
        pay(client)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.payouts.create({"amount": 128_000, "currency": "krw"})
        assert caught.value.code == "balance_insufficient"
        there = client.v1.payouts.create({"amount": 100_000, "currency": "krw"})
        back = client.v1.topups.create({"amount": 7_000, "currency": "krw", "description": "for hosts"})
        assert (there.status, back.status) == ("paid", "succeeded")
        assert held(client) == 128_000 - FEE - 100_000 + 7_000
        seen = [(each["direction"], each["amount"]) for each in gateway.ledger()["bank"]]
        assert seen == [("settled", 100_000), ("topped_up", 7_000)]
        assert [each.id for each in client.v1.payouts.list().data] == [there.id]
        assert [each.id for each in client.v1.topups.list().data] == [back.id]
        assert client.v1.payouts.retrieve(there.id).balance_transaction == there.balance_transaction
        assert client.v1.topups.retrieve(back.id).amount == 7_000

    def test_strict(self, client: stripe.StripeClient) -> None:
        wrong: Any
        for wrong in ({"amount": 0, "currency": "krw"}, {"amount": 5, "currency": "xyz"}, {"currency": "krw"}):
            with pytest.raises(stripe.InvalidRequestError):
                client.v1.topups.create(wrong)
        with pytest.raises(stripe.InvalidRequestError):
            listed(client, kind="charge")


class TestItsShare:
    """What the gateways keep is an option of the sandbox."""

    @pytest.fixture
    def dear(self) -> Iterator[SandboxProcess]:
        process = SandboxProcess(fees=100).start()
        yield process
        process.stop()

    def test_another_share(self, dear: SandboxProcess) -> None:
        pay(stripe_client(dear))
        Shop(dear).paid()
        assert [each["amount"] for each in dear.ledger()["fees"]] == [12_800, 12_800]


class TestToss:
    """Settlements: sold on their day, paid out two days later as one sum."""

    @pytest.fixture
    def shop(self, gateway: SandboxProcess) -> Shop:
        return Shop(gateway)

    @staticmethod
    def settlements(shop: Shop, **params: str) -> list[dict[str, Any]]:
        query = "&".join(f"{name}={value}" for name, value in params.items())
        found: list[dict[str, Any]] = shop.get(f"/settlements?{query}").json()
        return found

    def test_a_payment_and_its_cancel(self, shop: Shop) -> None:
        paid = shop.paid()
        shop.cancel(paid, 28_000)
        sold, cancelled = self.settlements(shop, startDate="2026-01-01", endDate="2099-01-01")
        assert (sold["amount"], sold["fee"], sold["payOutAmount"]) == (128_000, FEE, 128_000 - FEE)
        assert sold["supplyAmount"] + sold["vat"] == sold["fee"]
        assert (sold["paymentKey"], sold["orderId"], sold["cancel"]) == (paid["paymentKey"], paid["orderId"], None)
        assert (cancelled["amount"], cancelled["fee"], cancelled["payOutAmount"]) == (-28_000, -700, -27_300)
        assert cancelled["cancel"]["transactionKey"] == cancelled["transactionKey"]
        assert [each["amount"] for each in shop.gateway.ledger()["fees"]] == [FEE, -700]

    def test_days_and_pages(self, shop: Shop) -> None:
        for number in range(3):
            shop.paid(orderId=f"order-{number:04}")
        everything = {"startDate": "2026-01-01", "endDate": "2099-01-01"}
        whole = self.settlements(shop, **everything)
        assert len(whole) == 3
        pages = [self.settlements(shop, **everything, size="2", page=str(page)) for page in (1, 2, 3)]
        assert pages == [whole[:2], whole[2:], []]
        sold, out = whole[0]["soldDate"], whole[0]["paidOutDate"]
        assert len(self.settlements(shop, startDate=sold, endDate=sold)) == 3
        assert self.settlements(shop, startDate=out, endDate=out) == []
        assert len(self.settlements(shop, startDate=out, endDate=out, dateType="paidOutDate")) == 3

    def test_paid_out_when_the_day_is_over(self, shop: Shop, gateway: SandboxProcess) -> None:
        shop.paid()
        shop.paid(orderId="order-0002")
        gateway.faults(clock_s=1 * DAY_S)
        assert gateway.ledger()["bank"] == []
        gateway.faults(clock_s=4 * DAY_S)
        (day,) = gateway.ledger()["bank"]
        assert (day["gateway"], day["direction"], day["amount"]) == ("toss", "settled", 2 * (128_000 - FEE))

    @pytest.mark.parametrize(
        "query",
        [
            "startDate=2026-01-01",
            "startDate=today&endDate=2026-01-01",
            "startDate=2026-01-01&endDate=2026-01-02&dateType=someDate",
            "startDate=2026-01-01&endDate=2026-01-02&size=5001",
            "startDate=2026-01-01&endDate=2026-01-02&page=0",
            "startDate=2026-01-01&endDate=2026-01-02&limit=5",
        ],
    )
    def test_strict(self, shop: Shop, query: str) -> None:
        assert told(shop.get(f"/settlements?{query}")) == (400, "INVALID_REQUEST")
