"""Payments over HTTP: the parties read them, nobody else learns that they exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airbnb.money import Money
from payments.models import Payment, PaymentParty
from payments.services import promise_refund

pytestmark = pytest.mark.django_db

LIST = "/api/v1/payments/"


@pytest.fixture
def payment(paid: Callable[..., Payment], host: Any) -> Payment:
    """Paid by the guest to the host, with a refund on its way."""
    made = paid()
    PaymentParty.objects.create(reservation=made.reservation, guest_id=made.guest_id, host_id=host.pk)
    promise_refund(payment_id=str(made.pk), amount=Money(28000), source="s", reason="flexible")
    return made


def test_the_parties_see_it(payment: Payment, api: Any, guest: Any, host: Any) -> None:
    for party in (guest, host):
        answer = api(party).get(f"{LIST}{payment.pk}/")
        assert answer.status_code == 200
        shown = answer.json()
        refund = shown.pop("refunds")[0]
        shown.pop("created_at")
        assert shown == {
            "id": str(payment.pk),
            "reservation": payment.reservation,
            "status": "captured",
            "amount": {"amount": 128000, "currency": "KRW"},
            "captured": {"amount": 128000, "currency": "KRW"},
            "refunded": {"amount": 0, "currency": "KRW"},
            "gateway": "stripe",
            "card": "Visa •••• 4242",
            "purpose": "booking",
        }
        assert (refund["amount"], refund["status"]) == ({"amount": 28000, "currency": "KRW"}, "pending")


def test_the_list_is_of_the_callers_own(payment: Payment, api: Any, guest: Any, host: Any, stranger: Any) -> None:
    for party in (guest, host):
        listed = api(party).get(LIST, {"reservation": payment.reservation}).json()
        assert [each["id"] for each in listed["results"]] == [str(payment.pk)]
        assert (listed["next"], listed["previous"]) == (None, None)
    assert api(guest).get(LIST, {"reservation": "BBNOTHING0"}).json()["results"] == []
    assert api(stranger).get(LIST).json()["results"] == []
    assert api(stranger).get(LIST, {"reservation": payment.reservation}).json()["results"] == []


def test_it_is_read_in_pages(prepare: Any, api: Any, guest: Any) -> None:
    made = [prepare() for _ in range(3)]
    first = api(guest).get(LIST, {"page_size": 2}).json()
    assert [each["id"] for each in first["results"]] == made[:0:-1]
    assert first["next"]
    second = api(guest).get(first["next"]).json()
    assert [each["id"] for each in second["results"]] == made[:1]


def test_what_was_read_need_not_be_read_again(payment: Payment, api: Any, guest: Any) -> None:
    client = api(guest)
    first = client.get(f"{LIST}{payment.pk}/")
    again = client.get(f"{LIST}{payment.pk}/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("address", ["{id}", "00000000-0000-7000-8000-000000000000", "nonsense"])
def test_for_everyone_else_it_is_not_there(payment: Payment, api: Any, stranger: Any, address: str) -> None:
    answer = api(stranger).get(f"{LIST}{address.format(id=payment.pk)}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_nobody_in_particular_is_refused(payment: Payment, api: Any) -> None:
    assert api().get(LIST).status_code == 401
    assert api().get(f"{LIST}{payment.pk}/").status_code == 401


def test_a_token_without_the_scope_is_refused(payment: Payment, api: Any, guest: Any) -> None:
    assert api(guest, scopes=("book",)).get(f"{LIST}{payment.pk}/").status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_is_read_only(payment: Payment, api: Any, guest: Any, method: str) -> None:
    for address in (LIST, f"{LIST}{payment.pk}/"):
        assert getattr(api(guest), method)(address, {}, format="json").status_code == 405


def test_the_list_does_not_ask_once_for_each(
    prepare: Any, api: Any, guest: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        prepare()
    client = api(guest)
    client.get(LIST)
    with django_assert_max_num_queries(6):
        client.get(LIST)
