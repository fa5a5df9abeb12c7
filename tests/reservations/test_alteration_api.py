"""The alterations part of the HTTP contract: each endpoint works, and refuses whom and what it must."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from reservations.models import Alteration, Reservation
from tests.reservations.altering import accept, booked, propose, seen
from tests.reservations.test_api import one, post
from tests.support import DECLINED, VISA, fresh

pytestmark = pytest.mark.django_db
NIGHT = 134_400


@pytest.fixture
def stay(guest: Any, host: Any, sandbox: Any) -> Reservation:
    return booked(guest, host)


def later(stay: Reservation, days: int = 1, **more: Any) -> dict[str, Any]:
    return {"check_out": (stay.check_out + timedelta(days=days)).isoformat(), **more}


def test_a_preview_shows_old_new_and_the_difference(api: Any, stay: Reservation, guest: Any) -> None:
    answer = api(guest).get(one(stay.code, "alterations/preview/"), later(stay, guests=3))
    body = answer.json()
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert body["difference"] == {"amount": NIGHT, "currency": "KRW"}
    assert (body["old"]["guests"], body["new"]["guests"]) == (2, 3)
    for side in ("old", "new"):
        assert sum(line["amount"]["amount"] for line in body[side]["lines"]) == body[side]["total"]["amount"]
    assert not Alteration.objects.exists()
    assert api(guest).get(one(stay.code, "alterations/preview/"), {"guests": "many"}).status_code == 400
    assert api(guest).get(one(stay.code, "alterations/preview/")).status_code == 422
    assert api(guest).get(one(stay.code, "alterations/preview/"), {"guests": 9}).json()["code"] == "stay_refused"


def test_a_guest_proposes_the_host_agrees_the_guest_pays(api: Any, stay: Reservation, guest: Any, host: Any) -> None:
    made = post(api(guest), one(stay.code, "alterations/"), later(stay, message="하루 더", difference=NIGHT))
    body = made.json()
    assert (made.status_code, body["status"], body["proposed_by"], body["message"]) == (
        201, "proposed", "guest", "하루 더",
    )  # fmt: skip
    where = made["Location"]
    assert where == one(stay.code, f"alterations/{body['id']}/")
    agreed = post(api(host), f"{where}acceptance/", {})
    assert (agreed.status_code, agreed.json()["outcome"], agreed.json()["status"]) == (200, "accepted", "accepted")
    declined = post(api(guest), f"{where}payment/", {"payment_method": DECLINED})
    assert (declined.status_code, declined.json()["code"]) == (402, "payment_declined")
    assert fresh(stay).check_out == stay.check_out
    paid = post(api(guest), f"{where}payment/", {"payment_method": VISA})
    assert (paid.status_code, paid.json()["outcome"]) == (200, "applied")
    assert api(guest).get(one(stay.code)).json()["total"]["amount"] == stay.total_minor + NIGHT
    listed = api(host).get(one(stay.code, "alterations/")).json()["results"]
    assert [each["status"] for each in listed] == ["applied"]


def test_a_guest_accepts_with_a_payment_method(api: Any, stay: Reservation, guest: Any, host: Any) -> None:
    where = post(api(host), one(stay.code, "alterations/"), later(stay))["Location"]
    assert post(api(guest), f"{where}acceptance/", {}).status_code == 422
    answer = post(api(guest), f"{where}acceptance/", {"payment_method": VISA})
    assert (answer.status_code, answer.json()["outcome"]) == (200, "applied")


@pytest.mark.parametrize("mode", ["drop_after", "error_after"])
def test_a_payment_that_is_not_yet_known_is_202(
    api: Any, stay: Reservation, guest: Any, host: Any, sandbox: Any, mode: str
) -> None:
    where = post(api(host), one(stay.code, "alterations/"), later(stay))["Location"]
    sandbox.faults(mode=mode)
    answer = post(api(guest), f"{where}acceptance/", {"payment_method": VISA})
    assert (answer.status_code, answer.json()["outcome"]) == (202, "paying")
    assert post(api(host), f"{where}withdrawal/", {}).json()["code"] == "payment_in_progress"


def test_payments_that_are_down_are_503_and_change_nothing(
    api: Any, stay: Reservation, guest: Any, host: Any, settings: Any
) -> None:
    where = post(api(host), one(stay.code, "alterations/"), later(stay))["Location"]
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    answer = post(api(guest), f"{where}acceptance/", {"payment_method": VISA})
    assert (answer.status_code, answer.json()["code"]) == (503, "payments_unavailable")
    assert answer["Retry-After"]
    assert fresh(stay).check_out == stay.check_out


@pytest.mark.parametrize(("act", "outcome"), [("refusal", "declined"), ("withdrawal", "withdrawn")])
def test_no_and_taking_back(api: Any, stay: Reservation, guest: Any, host: Any, act: str, outcome: str) -> None:
    where = post(api(guest), one(stay.code, "alterations/"), later(stay))["Location"]
    right, wrong = (host, guest) if act == "refusal" else (guest, host)
    assert post(api(wrong), f"{where}{act}/", {}).json()["code"] == "not_yours_to_decide"
    answer = post(api(right), f"{where}{act}/", {})
    assert (answer.status_code, answer.json()["status"]) == (200, outcome)
    over = post(api(host), f"{where}acceptance/", {})
    assert (over.status_code, over.json()["code"], over.json()["outcome"]) == (409, "alteration_over", outcome)


def test_what_is_refused_is_named(api: Any, stay: Reservation, guest: Any, host: Any) -> None:
    path = one(stay.code, "alterations/")
    assert post(api(guest), path, later(stay, difference=1)).json()["code"] == "quote_changed"
    assert post(api(guest), path, {"check_in": "2027-13-01"}).status_code == 400
    assert post(api(guest), path, {"rooms": 2}).status_code == 400
    assert post(api(guest), path, {}).status_code == 422
    assert post(api(guest), path, {"check_out": stay.check_in.isoformat()}).json()["code"] == "invalid_stay"
    propose(stay, guest, end=1)
    told = post(api(host), path, later(stay, 2)).json()
    assert (told["code"], bool(told["alteration"])) == ("alteration_open", True)


def test_the_same_key_proposes_once(api: Any, stay: Reservation, guest: Any) -> None:
    path, client = one(stay.code, "alterations/"), api(guest)
    first, again = post(client, path, later(stay), "k1"), post(client, path, later(stay), "k1")
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert client.post(path, later(stay), format="json").json()["code"] == "idempotency_key_required"
    assert Alteration.objects.count() == 1


ACTS = ("", "acceptance/", "payment/", "refusal/", "withdrawal/")


def test_who_may_not_and_what_is_not_there(
    api: Any, stay: Reservation, guest: Any, host: Any, stranger: Any, operator: Any
) -> None:
    alteration = propose(stay, guest, end=1)
    whole, single = one(stay.code, "alterations/"), one(stay.code, f"alterations/{alteration.code}/")
    assert api().get(whole).status_code == 401
    operate = api(operator, scopes=("read", "book", "host", "operate"))
    for client in (api(stranger), operate):
        assert client.get(whole).status_code == client.get(single).status_code == 404
        assert client.get(one(stay.code, "alterations/preview/")).status_code == 404
        assert post(client, whole, later(stay)).status_code == 404
    for act in ACTS[1:]:
        assert post(api(), f"{single}{act}", {}).status_code == 401
        assert post(api(stranger), f"{single}{act}", {"payment_method": VISA}).status_code == 404
        assert (
            post(api(guest), one(stay.code, f"alterations/ALNOTHERE/{act}"), {"payment_method": VISA}).status_code
            == 404
        )
        assert api(guest).get(f"{single}{act}").status_code == 405
        assert post(api(guest, scopes=("read",)), f"{single}{act}", {}).status_code == 403
    assert post(api(host), f"{single}payment/", {"payment_method": VISA}).status_code == 404
    assert api(guest).delete(whole).status_code == api(guest).put(single, {}).status_code == 405
    assert api(guest).get(one("BBNOTHERE1", "alterations/")).status_code == 404


def test_another_bookings_alteration_is_not_there(api: Any, stay: Reservation, guest: Any, host: Any) -> None:
    other = booked(guest, host)
    alteration = propose(other, guest, end=1)
    assert post(api(host), one(stay.code, f"alterations/{alteration.code}/acceptance/"), {}).status_code == 404
    assert accept(alteration, host).status == "accepted"
    assert seen(alteration).status == "accepted"
