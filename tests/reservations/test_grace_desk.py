"""The operators' page that gives part of a price back: choose, look at it, press once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from payments.models import Refund
from payments.tasks import send_refunds
from reservations.models import Reservation
from tests.reservations.gracing import number_of
from tests.support import confirmed_reservation, fresh, held_reservation

pytestmark = pytest.mark.django_db
WHY = "The heating failed"


@pytest.fixture
def desk(operator: Any) -> Client:
    """The operators' site, signed in with every right."""
    operator.is_superuser = True
    operator.save()
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def stay(guest: Any, sandbox: Any) -> Reservation:
    return confirmed_reservation(guest)


def page_of(stay: Reservation) -> str:
    return reverse("admin:reservations_reservation_grace", args=[stay.pk])


def choice(stay: Reservation, minor: Any = 5000, reason: str = WHY) -> dict[str, Any]:
    return {f"line_{number_of(stay, 'cleaning')}": minor, "reason": reason}


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_choosing_looking_and_giving(desk: Client, stay: Reservation, guest: Any, deliver: Any) -> None:
    assert page_of(stay) in desk.get(f"/admin/reservations/reservation/{stay.pk}/change/").content.decode()
    asked = desk.get(page_of(stay)).content.decode()
    assert "₩30,000 is left" in asked
    shown = desk.post(page_of(stay), choice(stay)).content.decode()
    assert "₩5,000" in shown
    assert WHY in shown
    assert fresh(stay).graced_lines == [], "looking gives nothing"
    for _press in range(2):
        answer = desk.post(page_of(stay), {"token": token_in(shown)}, follow=True)
        assert answer.status_code == 200
    deliver()
    send_refunds()
    assert [each.amount_minor for each in Refund.objects.all()] == [5000]
    assert LogEntry.objects.filter(change_message__contains=WHY).count() == 1
    client = Client()
    client.force_login(guest)
    receipt = client.get(reverse("reservations:receipt", args=[stay.code])).content.decode()
    assert "as a courtesy" in receipt
    assert "Cleaning" in receipt
    assert "−₩5,000" in receipt
    trip = client.get(reverse("reservations:trip", args=[stay.code])).content.decode()
    assert "gave part of the price back" in trip
    assert WHY in trip


@pytest.mark.parametrize(
    ("minor", "reason"), [(30_001, WHY), (-1, WHY), ("much", WHY), (0, WHY), ("", WHY), (5, ""), (5, "x" * 301)]
)
def test_bad_input_is_shown_again(desk: Client, stay: Reservation, minor: Any, reason: str) -> None:
    answer = desk.post(page_of(stay), choice(stay, minor, reason))
    assert answer.status_code == 422
    assert 'name="token"' not in answer.content.decode()
    assert fresh(stay).graced_lines == []


def test_a_forged_token_gives_nothing(desk: Client, stay: Reservation) -> None:
    answer = desk.post(page_of(stay), {"token": "forged"}, follow=True)
    assert answer.status_code == 200
    assert fresh(stay).graced_lines == []


def test_where_nothing_was_paid_there_is_nothing_to_give(desk: Client, guest: Any) -> None:
    answer = desk.get(page_of(held_reservation(guest)), follow=True).content.decode()
    assert "nothing left to give back" in answer


def test_an_unknown_reservation_is_404(desk: Client) -> None:
    assert desk.get("/admin/reservations/reservation/0/grace/").status_code == 404


def test_others_do_not_get_in(stay: Reservation, guest: Any, client: Client) -> None:
    assert client.get(page_of(stay)).status_code == 302
    client.force_login(guest)
    assert client.post(page_of(stay), choice(stay)).status_code in (302, 403)
    assert client.post(page_of(stay), {"token": "x"}).status_code in (302, 403)
    assert fresh(stay).graced_lines == []
