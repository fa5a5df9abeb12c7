"""The pages on which guest and host change a booking: compare first, then propose, answer, pay or take back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from airbnb import live
from payments.services import choose_gateway
from reservations.models import Alteration, Reservation
from tests.reservations.altering import accept, booked, propose, seen
from tests.reservations.pages import HTMX, reader, text_of
from tests.support import ASKS, DECLINED, VISA, cancel, fresh

pytestmark = pytest.mark.django_db
SPACES = {"guest": "reservations", "host": "reservations_host"}


@pytest.fixture
def stay(guest: Any, host: Any, sandbox: Any) -> Reservation:
    return booked(guest, host)


def page(role: str, name: str, *args: str) -> str:
    return reverse(f"{SPACES[role]}:{name}", args=args)


def asked(stay: Reservation, days: int = 1, guests: int = 2) -> dict[str, str]:
    out = stay.check_out + timedelta(days=days)
    return {"check_in": stay.check_in.isoformat(), "check_out": out.isoformat(), "guests": str(guests)}


@pytest.mark.parametrize("role", ["guest", "host"])
def test_compare_then_propose(stay: Reservation, guest: Any, host: Any, role: str) -> None:
    client = reader(guest if role == "guest" else host)
    where = page(role, "alterations", stay.code)
    empty = client.get(where)
    assert empty.status_code == 200
    assert "How it works" in text_of(empty)
    shown = client.get(where, asked(stay))
    words = text_of(shown)
    assert "₩134,400" in words
    assert "Nights that stay" in words
    assert ("Service fee" in words) is (role == "guest"), "a host sees no fee of the guest's"
    assert not Alteration.objects.exists()
    made = client.post(where, {**asked(stay), "difference": "134400", "message": "하루 더요"})
    alteration = Alteration.objects.get()
    assert (made.status_code, made["Location"]) == (302, page(role, "alteration", stay.code, alteration.code))
    assert alteration.message == "하루 더요"
    assert "하루 더요" in client.get(made["Location"]).content.decode()
    assert client.get(where)["Location"] == made["Location"], "one at a time: the open one is shown"


def test_what_cannot_be_is_said_with_its_reason(stay: Reservation, guest: Any) -> None:
    client, where = reader(guest), page("guest", "alterations", stay.code)
    refused = client.get(where, asked(stay, guests=9))
    assert (refused.status_code, "Sleeps at most 4" in text_of(refused)) == (409, True)
    assert client.get(where, asked(stay, days=-3)).status_code == 422
    assert client.get(where, asked(stay, days=0)).status_code == 422
    assert client.post(where, {"check_in": "soon"}).status_code == 422
    moved = client.post(where, {**asked(stay), "difference": "1"})
    assert (moved.status_code, "The price has changed" in text_of(moved)) == (409, True)
    assert client.get(where, {"check_in": "x" * 50, "month": "2027-99", "guests": "٣"}).status_code == 200


def test_a_word_that_is_too_long_is_told_beside_it_and_nothing_is_lost(stay: Reservation, guest: Any) -> None:
    client, where = reader(guest), page("guest", "alterations", stay.code)
    long = "가" * 501
    refused = client.post(where, {**asked(stay), "difference": "134400", "message": long})
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "At most 500 letters. This has 501" in html
    assert long in html
    assert "₩134,400" in text_of(refused), "the comparison stands as it was"
    assert not Alteration.objects.exists()
    lines = "한 줄\r\n" * 125  # 500 letters as its field counts them, 625 as they are sent
    assert client.post(where, {**asked(stay), "difference": "134400", "message": lines}).status_code == 302


def test_too_many_guests_are_told_beside_their_field(stay: Reservation, guest: Any) -> None:
    refused = reader(guest).get(page("guest", "alterations", stay.code), asked(stay, guests=51))
    assert 'id="id_guests_error"' in refused.content.decode()
    assert text_of(refused).count("At most 50 guests") == 2, "in the summary and beside the field"


def test_open_pages_of_a_change_change_by_themselves(stay: Reservation, guest: Any, host: Any) -> None:
    alteration = propose(stay, guest, end=1)
    where = page("guest", "alteration", stay.code, alteration.code)
    accept(alteration, host)
    html = reader(guest).get(where).content.decode()
    assert f'data-until="{seen(alteration).expires_at.isoformat()}"' in html
    assert 'data-live="/live/' in html
    stopped = reader(guest).post(
        page("guest", "alteration_payment", stay.code, alteration.code), {"payment_method": DECLINED}
    )
    body = stopped.content.decode()
    assert f'data-address="{where}"' in body, "where the page is read anew when its time is over"
    assert "data-live=" not in body, "what it says of the payment stays"


def test_the_calendar_shows_ones_own_nights_as_free(stay: Reservation, guest: Any) -> None:
    client, where = reader(guest), page("guest", "alterations", stay.code)
    part = client.get(where, {"month": stay.check_in.strftime("%Y-%m")}, headers=HTMX)
    html = part.content.decode()
    assert "<html" not in html
    cell = html[html.index(f'data-date="{stay.check_in.isoformat()}"') - 120 :][:200]
    assert "booked" not in cell
    half = client.get(where, {"check_in": stay.check_in.isoformat()}).content.decode()
    assert f"check_out={(stay.check_out + timedelta(days=2)).isoformat()}" in half, "the second press is a link too"


def test_a_host_agrees_and_the_guest_pays(stay: Reservation, guest: Any, host: Any) -> None:
    alteration = propose(stay, guest, end=1)
    args = stay.code, alteration.code
    asked_page = text_of(reader(host).get(page("host", "alteration", *args)))
    assert "서윤 proposes a change" in asked_page
    assert "Agree to the change" in asked_page
    reader(host).post(page("host", "alteration_acceptance", *args))
    assert seen(alteration).status == "accepted"
    client = reader(guest)
    assert "하준 agreed to your change" in text_of(client.get(reverse("reservations:trip", args=[stay.code])))
    declined = client.post(page("guest", "alteration_payment", *args), {"payment_method": DECLINED})
    assert (declined.status_code, "the booking is as it was" in text_of(declined)) == (402, True)
    paid = client.post(page("guest", "alteration_payment", *args), {"payment_method": VISA})
    assert (paid.status_code, fresh(stay).check_out) == (302, alteration.check_out)
    assert "The booking is changed" in text_of(client.get(page("guest", "alteration", *args)))


def test_a_guest_agrees_and_pays_with_one_button(stay: Reservation, guest: Any, host: Any) -> None:
    alteration = propose(stay, host, end=1)
    client, where = reader(guest), page("guest", "alteration_acceptance", stay.code, alteration.code)
    empty = client.post(where, {})
    assert empty.status_code == 422
    assert text_of(empty).count("Choose how you will pay") == 2, "at the head of the page and beside the cards"
    assert client.post(where, {"payment_method": VISA, "attempt": "a1"}).status_code == 302
    assert seen(alteration).status == "applied"
    again = client.post(where, {"payment_method": VISA, "attempt": "a1"})
    assert again["Location"] == page("guest", "alteration", stay.code, alteration.code)


def test_the_bank_is_asked_and_the_way_back_settles(stay: Reservation, guest: Any, host: Any, sandbox: Any) -> None:
    alteration = propose(stay, host, end=1)
    args, client = (stay.code, alteration.code), reader(guest)
    away = client.post(page("guest", "alteration_acceptance", *args), {"payment_method": ASKS})
    assert away.status_code == 302
    shown = client.get(page("guest", "alteration", *args))
    assert "Your bank wants a further step" in text_of(shown)
    assert f'href="{away["Location"]}"' in shown.content.decode()
    theirs = reader(host).get(page("host", "alteration", *args))
    assert "The payment is being checked" in text_of(theirs)
    assert away["Location"] not in theirs.content.decode(), "the bank waits for the guest"
    sandbox.answer_bank(away["Location"], "approve")
    back = client.get(page("guest", "alteration_return", *args))
    assert back["Location"] == reverse("reservations:trip", args=[stay.code])
    assert seen(alteration).status == "applied"


def test_who_comes_back_from_the_bank_without_having_paid_is_told_why(
    stay: Reservation, guest: Any, host: Any, sandbox: Any
) -> None:
    alteration = propose(stay, host, end=1)
    args, client = (stay.code, alteration.code), reader(guest)
    away = client.post(page("guest", "alteration_acceptance", *args), {"payment_method": ASKS})
    unanswered = client.get(page("guest", "alteration_return", *args), follow=True)
    assert "Your bank wants a further step" in text_of(unanswered)
    assert "Your bank did not confirm" not in text_of(unanswered), "nothing is known yet"
    sandbox.answer_bank(away["Location"], "refuse")
    back = client.get(page("guest", "alteration_return", *args), follow=True)
    assert back.redirect_chain == [(page("guest", "alteration", *args), 302)]
    assert "Your bank did not confirm the payment" in text_of(back)
    assert seen(alteration).status == "proposed"
    untried = propose(booked(guest, host), host, end=1)
    back = client.get(page("guest", "alteration_return", untried.reservation.code, untried.code), follow=True)
    assert "Your bank did not confirm the payment" not in text_of(back)


def test_who_leaves_the_window_of_the_gateway_may_choose_again_at_once(
    stay: Reservation, guest: Any, host: Any, sandbox: Any
) -> None:
    choose_gateway(currency="KRW", gateway="toss")
    alteration = propose(stay, host, end=1)
    args, client = (stay.code, alteration.code), reader(guest)
    away = client.post(page("guest", "alteration_acceptance", *args), {"payment_method": "toss_card"})
    address = sandbox.answer_window(away["Location"], "cancel")
    back = client.get(address.replace("http://testserver", ""), follow=True)
    assert "You left the payment before it was finished" in text_of(back)
    assert "How will you pay?" in text_of(back)
    assert seen(alteration).status == "proposed"


def test_who_agrees_in_the_window_of_the_gateway_has_paid(
    stay: Reservation, guest: Any, host: Any, sandbox: Any
) -> None:
    choose_gateway(currency="KRW", gateway="toss")
    alteration = propose(stay, host, end=1)
    args, client = (stay.code, alteration.code), reader(guest)
    away = client.post(page("guest", "alteration_acceptance", *args), {"payment_method": "toss_card"})
    assert "Your bank wants a further step" in text_of(client.get(page("guest", "alteration", *args)))
    back = client.get(sandbox.answer_window(away["Location"], "pay").replace("http://testserver", ""))
    assert back["Location"] == reverse("reservations:trip", args=[stay.code])
    assert seen(alteration).status == "applied"


def test_an_open_page_of_a_change_follows_what_the_other_side_does(stay: Reservation, guest: Any, host: Any) -> None:
    alteration = propose(stay, guest, end=1)
    args, client = (stay.code, alteration.code), reader(guest)
    body = client.get(page("guest", "alteration", *args)).content.decode()
    (address,), (stamp,) = re.findall(r'data-live="([^"]+)"', body), re.findall(r'data-stamp="([^"]+)"', body)

    def asks() -> int:
        return Client().get(address, headers={"If-None-Match": f'"{stamp}"'}).status_code

    assert asks() == 304
    reader(host).post(page("host", "alteration_acceptance", *args))
    assert asks() == 200
    declined = client.post(page("guest", "alteration_payment", *args), {"payment_method": DECLINED})
    assert "data-live" not in declined.content.decode().split("<main")[0], "a page that answers a POST stays as it is"


def test_stamps_of_changes_nobody_made(db: None) -> None:
    assert live.stamp_of("alteration", "ALNOTHERE") == "0"


def test_a_lower_price_needs_one_press(stay: Reservation, guest: Any, host: Any) -> None:
    alteration = propose(stay, guest, end=-1)
    assert "goes back to the guest" in text_of(reader(host).get(page("host", "alteration", stay.code, alteration.code)))
    reader(host).post(page("host", "alteration_acceptance", stay.code, alteration.code))
    assert seen(alteration).status == "applied"


@pytest.mark.parametrize(
    ("role", "act", "status"), [("host", "refusal", "declined"), ("guest", "withdrawal", "withdrawn")]
)
def test_no_and_taking_back(stay: Reservation, guest: Any, host: Any, role: str, act: str, status: str) -> None:
    alteration = propose(stay, guest, end=1)
    client = reader(guest if role == "guest" else host)
    for _press in range(2):
        assert client.post(page(role, f"alteration_{act}", stay.code, alteration.code)).status_code == 302
    assert seen(alteration).status == status
    words = text_of(client.get(page(role, "alteration", stay.code, alteration.code)))
    assert "Nothing was changed by this proposal" in words


def test_a_cancelled_booking_offers_no_change(stay: Reservation, guest: Any, host: Any) -> None:
    alteration = propose(stay, guest, end=1)
    cancel(stay, host)
    client = reader(guest)
    assert client.get(page("guest", "alterations", stay.code)).status_code == 302
    over = client.get(page("guest", "alteration", stay.code, alteration.code))
    assert "The booking was cancelled or is over" in text_of(over)


def test_who_may_not_look(stay: Reservation, guest: Any, host: Any, stranger: Any) -> None:
    alteration = propose(stay, guest, end=1)
    for role, wrong in (("guest", host), ("guest", stranger), ("host", stranger), ("host", guest)):
        client = reader(wrong)
        for name, args in (("alterations", (stay.code,)), ("alteration", (stay.code, alteration.code))):
            status = client.get(page(role, name, *args)).status_code
            assert status == (302 if wrong is guest else 404), (role, name)
        for act in ("acceptance", "refusal", "withdrawal"):
            where = page(role, f"alteration_{act}", stay.code, alteration.code)
            assert client.post(where).status_code in (302, 404)
    assert seen(alteration).status == "proposed"
    nobody = Client()
    assert nobody.get(page("guest", "alterations", stay.code)).status_code == 302
    for name in ("alteration_acceptance", "alteration_payment"):
        assert reader(guest).get(page("guest", name, stay.code, alteration.code)).status_code == 405
    assert reader(guest).get(page("guest", "alteration", stay.code, "ALNOTHERE")).status_code == 404
    assert accept(alteration, host).status == "accepted"


def test_in_korean_as_well(stay: Reservation, guest: Any) -> None:
    client = Client(headers={"Accept-Language": "ko"})
    client.force_login(guest)
    guest.language = "ko"
    guest.save()
    assert client.get(page("guest", "alterations", stay.code), asked(stay)).status_code == 200
