"""Every step of a proposed change is told to those whom it concerns, and to nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from notifications.letters import letter
from notifications.models import Notification
from notifications.wording import words
from reservations import services
from reservations.models import Reservation
from tests.reservations.altering import accept, booked, pay, propose
from tests.support import ASKS, DECLINED, VISA, cancel, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay(guest: Any, host: Any, sandbox: Any, deliver: Any) -> Reservation:
    made = booked(guest, host)
    deliver()
    return made


def rows(person: Any) -> list[Notification]:
    """What was said of changes, in order; the booking itself was told before."""
    said = Notification.objects.filter(recipient=person, kind__contains="alter")
    return sorted(said, key=lambda each: each.pk)


def told(person: Any) -> list[str]:
    return [each.kind for each in rows(person)]


def titles(person: Any) -> list[str]:
    return [words(each.kind, each.role, each.params).title for each in rows(person)]


def test_a_change_from_proposal_to_payment(stay: Reservation, guest: Any, host: Any, deliver: Any) -> None:
    alteration = propose(stay, guest, end=1)
    deliver()
    assert (told(guest), told(host)) == (["alteration_proposed"], ["alteration_proposed"])
    assert titles(host)[0].startswith("서윤 would like to change the stay")
    assert titles(guest)[0].startswith("You proposed a change")
    accept(alteration, host)
    pay(alteration, DECLINED)
    deliver()
    assert sorted(told(guest)[1:]) == ["alteration_accepted", "alteration_payment_failed"], "no word of a hold"
    assert told(host)[1:] == ["alteration_accepted"], "a declined card is the guest's own affair"
    pay(alteration, VISA)
    deliver()
    assert (told(guest)[-1], told(host)[-1]) == ("reservation_altered", "reservation_altered")


def test_a_change_that_comes_to_nothing(stay: Reservation, guest: Any, host: Any, deliver: Any, time: Any) -> None:
    first = propose(stay, host, end=1)
    services.decline_alteration(code=stay.code, alteration=first.code, actor=guest)
    deliver()
    assert titles(host)[-1] == "서윤 declined your change"
    assert titles(guest)[-1].endswith("is off")
    accept(propose(stay, guest, end=1), host)
    time.forward(hours=13)
    services.expire_alterations()
    deliver()
    assert titles(host)[-1] == "서윤 did not pay for the change in time"
    assert titles(guest)[-1].endswith("was not paid in time")


def test_a_cancellation_says_it_once(stay: Reservation, guest: Any, host: Any, deliver: Any) -> None:
    propose(stay, guest, end=1)
    cancel(stay, guest)
    deliver()
    assert "alteration_closed" not in told(guest) + told(host)


def test_the_button_leads_to_the_change(stay: Reservation, guest: Any, host: Any, deliver: Any) -> None:
    alteration = propose(stay, guest, end=1)
    deliver()
    (to_host,) = rows(host)
    assert (
        words(to_host.kind, "host", to_host.params).url
        == f"/host/reservations/{stay.code}/alterations/{alteration.code}/"
    )


def test_a_bank_that_wants_to_be_asked_about_a_change(stay: Reservation, guest: Any, host: Any, deliver: Any) -> None:
    alteration = propose(stay, host, end=1)
    accept(alteration, guest, ASKS)
    deliver()
    (asked,) = Notification.objects.filter(kind="payment_action_required")
    said = words(asked.kind, asked.role, asked.params)
    assert (asked.recipient, asked.reservation) == (guest, stay.code)
    assert said.title.startswith("One more step to pay for your change")
    assert said.url == reverse("reservations:alteration", args=[stay.code, alteration.code])


@pytest.mark.parametrize(("nights", "label"), [(1, "Paid for the change"), (-1, "Comes back to you")])
def test_the_guests_mail_says_what_the_change_takes_or_gives_back(
    stay: Reservation, guest: Any, host: Any, deliver: Any, nights: int, label: str
) -> None:
    accept(propose(stay, host, end=nights), guest, VISA if nights > 0 else "")
    deliver()
    row = rows(guest)[-1]
    with translation.override("en"):
        mail = letter(row.kind, "guest", row.params, is_critical=True)
    assert [line.label for line in mail.lines] == ["The stay as it was", label]
    assert mail.lines[0].amount == stay.total
    assert mail.total == fresh(stay).total == mail.lines[0].amount + mail.lines[1].amount
