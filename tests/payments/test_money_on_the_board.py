"""The host's board over HTTP tells what is due to them, beside how their rooms stand."""

from __future__ import annotations

from typing import Any

import pytest

from tests import support
from tests.payments.paying_hosts import debts_of, due_stay, payee_of, run_timers

pytestmark = pytest.mark.django_db

BOARD = "/api/v1/host/board/"


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Any) -> None:
    """Hosts are paid at the sandbox."""


def test_nothing_is_an_empty_list(api: Any, host: Any) -> None:
    assert api(host).get(BOARD).json()["money_due"] == []


def test_due_and_coming_of_the_caller_alone(api: Any, guest: Any, host: Any, stranger: Any) -> None:
    due = due_stay(guest, host)
    coming = support.confirmed_reservation(guest, support.room_of(host))
    run_timers()  # released, and waiting for bank details
    (sums,) = api(host).get(BOARD).json()["money_due"]
    assert sums["due"] == {"amount": due.host_payout_minor, "currency": "KRW"}
    assert sums["coming"] == {"amount": coming.host_payout_minor, "currency": "KRW"}
    assert sums["debt"] == {"amount": 0, "currency": "KRW"}
    assert sums["next_at"] is not None
    assert api(stranger).get(BOARD).json()["money_due"] == []
    assert api(host).get("/api/v1/host/earnings/").json()["overview"] == [sums]


def test_what_is_kept_back_for_a_refund(api: Any, guest: Any, host: Any, deliver: Any) -> None:
    payee_of(host)
    stay = due_stay(guest, host, nights=6)
    run_timers()
    support.cancel(support.fresh(stay), guest)
    deliver()
    (sums,) = api(host).get(BOARD).json()["money_due"]
    assert sums["debt"]["amount"] == debts_of(host)[0].amount_minor > 0
    assert sums["due"]["amount"] == 0


def test_it_costs_two_statements(api: Any, guest: Any, host: Any, django_assert_num_queries: Any) -> None:
    from airbnb.boards import board_parts

    for _each in range(3):
        due_stay(guest, host)
    with django_assert_num_queries(2):
        board_parts(host.pk)


def test_the_schema_tells_it(client: Any) -> None:
    told = client.get("/api/v1/schema/", headers={"Accept": "application/json"}).json()["components"]["schemas"]
    field = told["BoardOutput"]["properties"]["money_due"]
    assert (field["type"], field["items"]["$ref"].rsplit("/", 1)[-1]) == ("array", "OverviewOutput")
    assert "money_due" in told["BoardOutput"]["required"]
