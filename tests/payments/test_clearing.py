"""What each gateway holds for the house, and the warning when it does not cover what leaves it soon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from airbnb import clock
from airbnb.money import Money
from payments.clearing import Clearing, clearings
from payments.gateways.port import Moved, Movement
from payments.models import Payment, Payout
from payments.services import promise_refund, record_movement
from tests.payments.paying_hosts import due_stay, line_of, lines_of, payee_of, run_timers
from tests.payments.test_movements import AT, a_fee

pytestmark = pytest.mark.django_db
Paid = Callable[..., Payment]
PAGES = ("bookscomparison", "gatewayfee", "bankmovement")
COMPARISONS = "/admin/payments/bookscomparison/"


def settled(minor: int) -> None:
    """Stripe has paid so much out to the house's bank."""
    record_movement(gateway="stripe", told=Movement(Moved.SETTLED, "po", Money(minor), AT))


class TestSums:
    """Balance, what leaves, what is missing."""

    def test_none_yet(self) -> None:
        assert clearings() == []

    def test_money_that_nobody_is_owed_yet(self, paid: Paid) -> None:
        record_movement(gateway="stripe", told=a_fee(paid(), 3_200))
        assert clearings() == [Clearing("stripe", Money(124_800), Money(0))]
        assert clearings()[0].short == Money(0)

    def test_refunds_that_are_owed(self, paid: Paid) -> None:
        promise_refund(payment_id=str(paid().pk), amount=Money(28_000), source="s", reason="grace")
        assert (clearings()[0].leaving, clearings()[0].short) == (Money(28_000), Money(0))
        settled(120_000)
        assert (clearings()[0].balance, clearings()[0].short) == (Money(8_000), Money(20_000))

    def test_payouts_of_a_week(self, guest: Any, host: Any, sandbox: Any) -> None:
        """What is released, and what is due within a week; a later line does not count, nor what was sent."""
        first, second, *_more = lines_of(due_stay(guest, host, nights=65, max_nights=90))
        assert clearings()[0].leaving == first.amount
        Payout.objects.filter(pk=second.pk).update(due_at=clock.now() + timedelta(days=6))
        assert clearings()[0].leaving == first.amount + second.amount
        payee_of(host)
        run_timers()
        assert clearings()[0].leaving == second.amount


class TestTheDesk:
    """What an operator sees of it."""

    @pytest.fixture
    def desk(self, operator: Any, client: Client) -> Client:
        client.force_login(operator)
        return client

    @pytest.mark.parametrize("page", PAGES)
    def test_every_list_opens_and_offers_no_editing(self, desk: Client, paid: Paid, page: str) -> None:
        record_movement(gateway="stripe", told=a_fee(paid()))
        settled(1_000)
        assert desk.get(f"/admin/payments/{page}/").status_code == 200
        assert desk.get(f"/admin/payments/{page}/add/").status_code == 403

    def test_a_gateway_that_must_be_topped_up(self, desk: Client, guest: Any, host: Any, sandbox: Any) -> None:
        stay = due_stay(guest, host)
        shown = desk.get(COMPARISONS).content.decode()
        assert f"₩{stay.total_minor:,}" in shown
        assert "Top up stripe" not in shown  # the control: it covers what leaves it
        settled(stay.total_minor - 1_000)
        short = line_of(stay).amount_minor - 1_000
        assert f"Top up stripe with at least ₩{short:,}" in desk.get(COMPARISONS).content.decode()

    def test_without_any_money_there_is_a_page(self, desk: Client) -> None:
        assert "Nothing yet" in desk.get(COMPARISONS).content.decode()
