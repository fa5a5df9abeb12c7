"""Which gateway takes a currency: the setting, the operator's choice, and what each of them may be."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from airbnb import db
from airbnb.codes import new_code
from airbnb.errors import Invalid, NotFound
from airbnb.money import Money
from payments import charging, gateways, queries
from payments.gateways.port import Capability, Gateway
from payments.models import GatewayChoice, Payment
from payments.services import choose_gateway
from tests.sandbox_process import PROJECT

pytestmark = pytest.mark.django_db


def prepared(guest: Any, method: str, *, capture_now: bool = True) -> Payment:
    code = new_code("BB", 8)
    with db.write():
        db.reservation_lock(code)
        payment_id = charging.prepare(
            reservation=code,
            guest_id=guest.pk,
            amount=Money(128_000),
            method=method,
            return_url="https://binbang.example/return/",
            capture_now=capture_now,
        )
    return Payment.objects.get(pk=payment_id)


class TestTheChoice:
    """Everything is Stripe's unless somebody says otherwise."""

    def test_without_any_it_is_stripe(self, sandbox: Any) -> None:
        assert {gateways.for_currency(each).name for each in ("KRW", "USD", "JPY", "EUR")} == {"stripe"}

    def test_the_setting_decides(self, sandbox: Any, settings: Any) -> None:
        settings.GATEWAY_BY_CURRENCY = {"KRW": "toss"}
        assert [gateways.for_currency(each).name for each in ("KRW", "USD")] == ["toss", "stripe"]

    def test_the_operator_decides_over_the_setting(self, sandbox: Any, settings: Any) -> None:
        settings.GATEWAY_BY_CURRENCY = {"KRW": "toss"}
        choose_gateway(currency="KRW", gateway="stripe")
        assert gateways.for_currency("KRW").name == "stripe"
        choose_gateway(currency="KRW", gateway="toss")
        assert gateways.for_currency("KRW").name == "toss"
        assert GatewayChoice.objects.count() == 1

    @pytest.mark.parametrize(("currency", "gateway"), [("USD", "toss"), ("KRW", "nobody")])
    def test_what_cannot_be_is_refused(self, sandbox: Any, currency: str, gateway: str) -> None:
        with pytest.raises(Invalid):
            choose_gateway(currency=currency, gateway=gateway)
        assert not GatewayChoice.objects.exists()

    def test_a_gateway_without_a_key_is_refused_and_a_choice_of_it_no_longer_counts(
        self, sandbox: Any, settings: Any
    ) -> None:
        choose_gateway(currency="KRW", gateway="toss")
        settings.TOSS_SECRET_KEY = ""
        assert gateways.for_currency("KRW").name == "stripe"
        assert gateways.in_use() == ["stripe"]
        with pytest.raises(Invalid):
            choose_gateway(currency="KRW", gateway="toss")

    def test_to_set_money_aside_another_is_taken_that_can(self, sandbox: Any, settings: Any, guest: Any) -> None:
        choose_gateway(currency="KRW", gateway="toss")
        assert gateways.for_currency("KRW", authorize=True).name == "stripe"
        assert prepared(guest, "pm_card_visa", capture_now=False).gateway == "stripe"
        assert "pm_card_visa" in dict(queries.ways_to_pay("KRW", authorize=True).choices)
        settings.STRIPE_SECRET_KEY = ""
        with pytest.raises(NotFound):
            gateways.able(Capability.TRANSFER, "KRW")

    def test_a_payment_keeps_the_gateway_it_began_with(self, sandbox: Any, guest: Any) -> None:
        choose_gateway(currency="KRW", gateway="toss")
        payment = prepared(guest, "toss_card")
        choose_gateway(currency="KRW", gateway="stripe")
        told = charging.charge(str(payment.pk))
        sandbox.answer_window(told.action_url, "pay")
        assert charging.settle(str(payment.pk)).status == "approved"
        assert [each["gateway"] for each in sandbox.charges(payment.reservation)] == ["toss"]
        assert prepared(guest, "pm_card_visa").gateway == "stripe"

    def test_a_way_to_pay_of_the_other_gateway_is_refused_before_anything_is_written(
        self, sandbox: Any, guest: Any
    ) -> None:
        with pytest.raises(Invalid):
            prepared(guest, "toss_card")
        choose_gateway(currency="KRW", gateway="toss")
        with pytest.raises(Invalid):
            prepared(guest, "pm_card_visa")
        assert not Payment.objects.exists()


class TestTheOperatorsPage:
    """In the admin, without a restart."""

    ADDRESS = "/admin/payments/gatewaychoice/"

    @pytest.fixture
    def desk(self, operator: Any, client: Client, sandbox: Any) -> Client:
        client.force_login(operator)
        return client

    def test_chosen_changed_and_taken_back(self, desk: Client) -> None:
        added = desk.post(f"{self.ADDRESS}add/", {"currency": "KRW", "gateway": "toss"})
        assert added.status_code == 302
        assert gateways.for_currency("KRW").name == "toss"
        row = GatewayChoice.objects.get()
        assert "toss" in desk.get(self.ADDRESS).content.decode()
        changed = desk.post(f"{self.ADDRESS}{row.pk}/change/", {"gateway": "stripe"})
        assert changed.status_code == 302
        assert gateways.for_currency("KRW").name == "stripe"
        desk.post(f"{self.ADDRESS}{row.pk}/delete/", {"post": "yes"})
        assert not GatewayChoice.objects.exists()

    def test_what_cannot_be_is_said(self, desk: Client) -> None:
        page = desk.post(f"{self.ADDRESS}add/", {"currency": "USD", "gateway": "toss"})
        assert page.status_code == 200
        assert "does not take this currency" in page.content.decode()
        desk.post(f"{self.ADDRESS}add/", {"currency": "KRW", "gateway": "toss"})
        again = desk.post(f"{self.ADDRESS}add/", {"currency": "KRW", "gateway": "stripe"})
        assert "already exists" in again.content.decode()

    def test_for_operators_alone(self, guest: Any, client: Client) -> None:
        client.force_login(guest)
        assert client.get(self.ADDRESS).status_code == 302


class TestTheSettings:
    """A wrong choice does not start, and is named."""

    PRODUCTION = {
        "ENVIRONMENT": "production",
        "SECRET_KEY": "k" * 50,
        "DATABASE_URL": "postgres://db/binbang",
        "REDIS_URL": "redis://cache",
        "BASE_URL": "https://binbang.example",
        "ALLOWED_HOSTS": "binbang.example",
        "STRIPE_SECRET_KEY": "sk_live_check",
        "STRIPE_WEBHOOK_SECRET": "whsec_check",
        "EMAIL_URL": "smtp://mail.example:25",
    }
    TOSS = {"TOSS_SECRET_KEY": "live_sk_check", "TOSS_WEBHOOK_SECRET": "a-secret-of-many-characters"}

    def said(self, **environment: str) -> str:
        """What starting with these values says; empty when it starts."""
        keep = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)}
        command = [sys.executable, "-c", "import airbnb.settings"]
        done = subprocess.run(command, cwd=PROJECT, env=keep | environment, capture_output=True, text=True, check=False)
        return done.stderr

    def test_good_ones_start(self) -> None:
        assert self.said(**self.PRODUCTION) == ""
        assert self.said(**self.PRODUCTION, **self.TOSS, GATEWAY_BY_CURRENCY="KRW=toss,USD=stripe") == ""
        assert self.said(GATEWAY_BY_CURRENCY="KRW=stripe") == ""

    @pytest.mark.parametrize(
        ("environment", "named"),
        [
            ({"GATEWAY_BY_CURRENCY": "KRW=paypal"}, "'paypal', which does not exist"),
            ({"GATEWAY_BY_CURRENCY": "USD=toss", "TOSS_SECRET_KEY": "k"}, "toss, which takes KRW alone"),
            ({"GATEWAY_BY_CURRENCY": "KRW=toss"}, "TOSS_SECRET_KEY is missing"),
            ({"TOSS_SECRET_KEY": "live_sk_1", "TOSS_API_BASE": "http://x"}, "TOSS_SECRET_KEY is a live key"),
            ({**PRODUCTION, **TOSS, "TOSS_API_BASE": "http://x"}, "TOSS_API_BASE"),
            ({**PRODUCTION, **TOSS, "TOSS_WEBHOOK_SECRET": "short"}, "TOSS_WEBHOOK_SECRET must have"),
            ({**PRODUCTION, "TOSS_SECRET_KEY": "live_sk_1"}, "TOSS_WEBHOOK_SECRET must have"),
        ],
    )
    def test_wrong_ones_do_not(self, environment: dict[str, str], named: str) -> None:
        assert named in self.said(**environment)


def test_the_guard_around_a_gateway_offers_all_of_the_port() -> None:
    """What is added to the port must reach the adapter through the guard as well."""
    asked = {name for name in vars(Gateway) if not name.startswith("_")} | set(Gateway.__annotations__)
    for name in gateways.names():
        guard: Any = gateways.named(name)
        assert {each for each in asked if not hasattr(guard, each) or not hasattr(guard.inner, each)} == set()
