"""The reservations part of the HTTP contract: each endpoint works, and refuses whom and what it must."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from airbnb.events.models import StoredEvent
from reservations import services
from reservations.models import Reservation
from rooms import queries as rooms
from tests.factories.reservations import some_stay
from tests.support import DECLINED, VISA, confirmed_reservation, fresh, held_reservation, paying_reservation, room_of

pytestmark = pytest.mark.django_db
LIST = "/api/v1/reservations/"
_keys = count(1)


def post(client: Any, path: str, body: Any, key: str | None = None, **headers: str) -> Any:
    given = {"Idempotency-Key": key or f"key-{next(_keys)}", **headers}
    return client.post(path, body, format="json", headers=given)


def stay_body(let: Any, /, **changes: Any) -> dict[str, Any]:
    stay = some_stay()
    return {
        "room": let.code,
        "check_in": stay.check_in.isoformat(),
        "check_out": stay.check_out.isoformat(),
        "guests": 2,
        **changes,
    }


def one(code: str, part: str = "") -> str:
    return f"{LIST}{code}/{part}"


# ------------------------------------------------------------------------------------------------- holding
def test_a_guest_holds_a_room(api: Any, guest: Any, host: Any) -> None:
    room = room_of(host)
    quote = rooms.quote(room.pk, some_stay(), 2)
    answer = post(api(guest), LIST, stay_body(room, quote=quote.token))
    body = answer.json()
    assert (answer.status_code, body["status"], body["room"]) == (201, "held", room.code)
    assert body["total"] == quote.total.as_json()
    assert answer["Location"] == one(body["code"])
    assert body["expires_at"].endswith("Z")
    assert sum(line["amount"]["amount"] for line in body["lines"]) == body["total"]["amount"]
    assert {"kind", "date", "label", "amount"} == set(body["lines"][0])


def test_the_same_key_holds_once(api: Any, guest: Any, host: Any) -> None:
    body = stay_body(room_of(host))
    client = api(guest)
    first, again = post(client, LIST, body, "k1"), post(client, LIST, body, "k1")
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert post(client, LIST, {**body, "guests": 1}, "k1").json()["code"] == "idempotency_key_reused"
    assert Reservation.objects.count() == 1
    missing = client.post(LIST, body, format="json")
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency_key_required")


def test_taken_nights_are_a_409_with_alternatives(api: Any, guest: Any, stranger: Any, host: Any) -> None:
    room = room_of(host)
    body = stay_body(room)
    assert post(api(guest), LIST, body).status_code == 201
    refused = post(api(stranger), LIST, body)
    told = refused.json()
    assert (refused.status_code, told["code"], refused["Content-Type"]) == (
        409, "nights_taken", "application/problem+json",
    )  # fmt: skip
    assert told["alternatives"]
    assert {"room", "check_in", "check_out", "total"} <= set(told["alternatives"][0])


def test_a_refusal_takes_few_statements(api: Any, guest: Any, stranger: Any, host: Any) -> None:
    """The token's two, the key's two, the room's one, the hold's five; what to take instead is looked for once."""
    body = stay_body(room_of(host))
    assert post(api(guest), LIST, body).status_code == 201
    client = api(stranger)
    assert post(client, LIST, body).status_code == 409
    with CaptureQueriesContext(connection) as seen:
        assert post(client, LIST, body).status_code == 409
    statements = [each["sql"] for each in seen if "SAVEPOINT" not in each["sql"]]
    assert len(statements) <= 10, "\n".join(statements)


def test_a_changed_price_is_a_409_with_the_new_quote(api: Any, guest: Any, host: Any) -> None:
    from airbnb.money import Money
    from rooms import services as room_services

    room = room_of(host)
    token = rooms.quote(room.pk, some_stay(), 2).token
    room_services.edit_room(room_id=room.pk, host_id=host.pk, language="ko", base_price=Money(150_000))
    answer = post(api(guest), LIST, stay_body(room, quote=token))
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_changed")
    new = answer.json()["quote"]
    assert post(api(guest), LIST, stay_body(room, quote=new["token"])).json()["total"] == new["total"]


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"check_in": "tomorrow"}, 400, "check_in"),
        ({"guests": 0}, 400, "guests"),
        ({"guests": "two"}, 400, "guests"),
        ({"nights": 2}, 400, "nights"),
        ({"room": None}, 400, "room"),
        ({"check_out": "2020-01-01"}, 422, None),
        ({"room": "RUNKNOWN01"}, 404, None),
        ({"guests": 5}, 409, None),
        ({"quote": "forged"}, 422, None),
    ],
)
def test_bad_input_writes_nothing(
    api: Any, guest: Any, host: Any, changes: dict[str, Any], status: int, field: str | None
) -> None:
    answer = post(api(guest), LIST, stay_body(room_of(host), **changes))
    assert answer.status_code == status, answer.json()
    if field:
        assert field in answer.json()["errors"]
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_a_body_that_is_no_object_is_refused(api: Any, guest: Any, body: Any) -> None:
    assert post(api(guest), LIST, body).status_code == 400


# ------------------------------------------------------------------------------------------------- reading
def test_lists_by_role_and_state(api: Any, guest: Any, host: Any, stranger: Any, sandbox: Any) -> None:
    room = room_of(host)
    confirmed, held = confirmed_reservation(guest, room), held_reservation(guest, room)
    mine = api(guest).get(LIST).json()
    assert [each["code"] for each in mine["results"]] == [held.code, confirmed.code]
    assert {"next", "previous", "results"} == set(mine)
    assert [each["code"] for each in api(host).get(f"{LIST}?role=host&status=confirmed").json()["results"]] == [
        confirmed.code
    ]
    assert api(host).get(LIST).json()["results"] == []
    assert api(stranger).get(f"{LIST}?role=host").json()["results"] == []
    page = api(guest).get(f"{LIST}?page_size=1").json()
    assert [each["code"] for each in api(guest).get(page["next"]).json()["results"]] == [confirmed.code]
    for bad in ("role=king", "status=lost"):
        assert api(guest).get(f"{LIST}?{bad}").status_code == 400


def test_a_party_reads_the_trip_and_may_ask_whether_it_changed(
    api: Any, guest: Any, host: Any, operator: Any, sandbox: Any
) -> None:
    reservation = confirmed_reservation(guest, room_of(host))
    assert api(operator, scopes=("read", "book", "host")).get(one(reservation.code)).status_code == 404
    for reader, scopes in ((guest, ("read",)), (host, ("read",)), (operator, ("read", "operate"))):
        answer = api(reader, scopes=scopes).get(one(reservation.code))
        assert (answer.status_code, answer.json()["status"]) == (200, "confirmed")
    body = answer.json()
    assert (body["payment_status"], body["refund"]) == ("captured", None)
    assert [entry["event"] for entry in body["timeline"]][-1] == "ReservationConfirmed"
    assert {"at", "event", "actor", "detail", "correlation_id", "amount"} == set(body["timeline"][0])
    paid = next(entry for entry in body["timeline"] if entry["event"] == "PaymentApproved")
    assert paid["amount"] == body["total"]
    client = api(guest)
    tag = client.get(one(reservation.code))["ETag"]
    assert client.get(one(reservation.code), headers={"If-None-Match": tag}).status_code == 304


# -------------------------------------------------------------------------------------------------- paying
def test_paying_by_card(api: Any, guest: Any, sandbox: Any) -> None:
    held = held_reservation(guest)
    client = api(guest)
    answer = post(client, one(held.code, "payment/"), {"payment_method": VISA}, "pay-1")
    assert (answer.status_code, answer.json()["status"], answer.json()["payment_status"]) == (
        200, "confirmed", "captured",
    )  # fmt: skip
    again = post(client, one(held.code, "payment/"), {"payment_method": VISA}, "pay-1")
    other = post(client, one(held.code, "payment/"), {"payment_method": VISA}, "pay-2")
    assert again["Idempotency-Replayed"] == "true"
    assert (again.json(), other.status_code) == (answer.json(), 200)
    assert len(sandbox.ledger()["charges"]) == 1


def test_a_declined_card_is_a_402_and_the_hold_stays(api: Any, guest: Any, sandbox: Any) -> None:
    held = held_reservation(guest)
    answer = post(api(guest), one(held.code, "payment/"), {"payment_method": DECLINED})
    assert (answer.status_code, answer.json()["code"]) == (402, "payment_declined")
    assert api(guest).get(one(held.code)).json()["status"] == "held"


def test_a_further_step_is_a_202(api: Any, guest: Any, sandbox: Any) -> None:
    held = held_reservation(guest)
    answer = post(api(guest), one(held.code, "payment/"), {"payment_method": "pm_card_authenticationRequired"})
    assert (answer.status_code, answer.json()["status"]) == (202, "requires_action")
    assert answer.json()["action_url"].startswith("http")


def test_a_dead_hold_is_a_409(api: Any, guest: Any, sandbox: Any, time: Any) -> None:
    held = held_reservation(guest)
    time.forward(minutes=16)
    answer = post(api(guest), one(held.code, "payment/"), {"payment_method": VISA})
    assert (answer.status_code, answer.json()["code"]) == (409, "hold_expired")


@pytest.mark.parametrize("mode", ["error", "drop_before", "drop_after"])
def test_an_outcome_that_is_not_known_is_a_202_and_the_nights_stay_taken(
    api: Any, guest: Any, sandbox: Any, mode: str
) -> None:
    held = held_reservation(guest)
    sandbox.faults(mode=mode, rate=1)
    answer = post(api(guest), one(held.code, "payment/"), {"payment_method": VISA})
    assert (answer.status_code, answer.json()["status"]) == (202, "paying")
    assert fresh(held).status == "paying"


def test_a_gateway_out_of_reach_is_a_503_with_the_time_until_which_the_dates_are_kept(
    api: Any, guest: Any, sandbox: Any, settings: Any
) -> None:
    held = held_reservation(guest)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    answer = post(api(guest), one(held.code, "payment/"), {"payment_method": VISA})
    kept = fresh(held)
    assert (answer.status_code, answer.json()["code"]) == (503, "payments_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert (kept.status, kept.pay_later) == ("held", True)
    assert kept.hold_expires_at == kept.created_at + timedelta(hours=2)
    assert answer.json()["expires_at"][:19] == kept.hold_expires_at.isoformat()[:19]


def test_the_host_cannot_pay_for_the_guest(api: Any, guest: Any, host: Any) -> None:
    held = held_reservation(guest, room_of(host))
    assert post(api(host), one(held.code, "payment/"), {"payment_method": VISA}).status_code == 404


# ---------------------------------------------------------------------------------------------- cancelling
@pytest.mark.parametrize("who", ["guest", "host"])
def test_a_party_cancels_as_shown(api: Any, guest: Any, host: Any, sandbox: Any, who: str) -> None:
    reservation = confirmed_reservation(guest, room_of(host))
    scopes = ("read", "book") if who == "guest" else ("read", "host")
    client = api({"guest": guest, "host": host}[who], scopes=scopes)
    preview = client.get(one(reservation.code, "cancellation/")).json()
    assert preview["refund"] == reservation.total.as_json()
    assert sum(line["amount"]["amount"] for line in preview["lines"]) == preview["refund"]["amount"]
    done = post(client, one(reservation.code, "cancellation/"), {"token": preview["token"], "reason": "plans"})
    assert (done.status_code, done.json()["status"]) == (200, "cancelled")
    assert done.json()["refund"] == {"amount": preview["refund"], "status": "pending", "rule": preview["rule"]}
    again = post(client, one(reservation.code, "cancellation/"), {"token": preview["token"]})
    assert (again.status_code, again.json()) == (200, done.json())
    assert StoredEvent.objects.filter(name="ReservationCancelled").count() == 1
    assert client.get(one(reservation.code, "cancellation/")).status_code == 409


def test_a_wrong_missing_or_old_token_cancels_nothing(api: Any, guest: Any, sandbox: Any, time: Any) -> None:
    reservation = confirmed_reservation(guest)
    client, path = api(guest), one(reservation.code, "cancellation/")
    token = client.get(path).json()["token"]
    assert post(client, path, {}).status_code == 400
    assert post(client, path, {"token": "wrong"}).status_code == 422
    time.forward(minutes=11)
    old = post(client, path, {"token": token})
    assert (old.status_code, old.json()["code"]) == (409, "preview_over")
    assert fresh(reservation).status == "confirmed"


# ----------------------------------------------------------------------------------- who, what, and how not
PATHS = ["", "payment/", "cancellation/"]


@pytest.mark.parametrize("path", [None, *PATHS])
def test_nobody_anonymous(api: Any, guest: Any, path: str | None) -> None:
    address = LIST if path is None else one(held_reservation(guest).code, path)
    for method in ("get", "post", "put", "delete"):
        assert getattr(api(), method)(address, format="json").status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_gets_404_for_any_method_and_so_does_an_unknown_code(
    api: Any, guest: Any, stranger: Any, path: str
) -> None:
    held = held_reservation(guest)
    for code in (held.code, "BBUNKNOWN"):
        for method in ("get", "post", "put", "patch", "delete"):
            answer = getattr(api(stranger), method)(one(code, path), {}, format="json")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (method, code)
    assert fresh(held).version == 1


@pytest.mark.parametrize(
    ("path", "methods"),
    [("", "post put delete"), ("payment/", "get put"), ("cancellation/", "put")],
)
def test_wrong_methods_are_405(api: Any, guest: Any, path: str, methods: str) -> None:
    held = held_reservation(guest)
    for method in methods.split():
        assert getattr(api(guest), method)(one(held.code, path), {}, format="json").status_code == 405
    assert api(guest).delete(LIST).status_code == 405


def test_a_token_that_may_only_read_is_a_403(api: Any, guest: Any, sandbox: Any) -> None:
    held = held_reservation(guest)
    reader = api(guest, scopes=("read",))
    assert post(reader, LIST, {}).status_code == 403
    assert post(reader, one(held.code, "payment/"), {"payment_method": VISA}).status_code == 403
    assert post(reader, one(held.code, "cancellation/"), {"token": "x"}).status_code == 403


def test_each_side_acts_with_its_own_scope(api: Any, guest: Any, host: Any, operator: Any, sandbox: Any) -> None:
    reservation = confirmed_reservation(guest, room_of(host))
    path = one(reservation.code, "cancellation/")
    for who, scope, status in (
        (guest, "host", 403),
        (host, "book", 403),
        (operator, "book", 404),
        (guest, "read", 403),
    ):
        token = services.preview_cancellation(reservation.code, who).token
        assert post(api(who, scopes=("read", scope)), path, {"token": token}).status_code == status, (who, scope)
    assert fresh(reservation).status == "confirmed"
    allowed = api(operator, scopes=("read", "operate"))
    token = allowed.get(path).json()["token"]
    assert post(allowed, path, {"token": token}).json()["status"] == "cancelled"


def test_a_token_for_hosting_does_not_pay_for_its_owners_own_trips(api: Any, host: Any, sandbox: Any) -> None:
    held = held_reservation(host)
    answer = post(api(host, scopes=("read", "host")), one(held.code, "payment/"), {"payment_method": VISA})
    assert (answer.status_code, fresh(held).status) == (403, "held")


def test_the_three_holds_rule_is_told(api: Any, guest: Any, host: Any) -> None:
    for _ in range(3):
        held_reservation(guest, room_of(host))
    answer = post(api(guest), LIST, stay_body(room_of(host)))
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_holds")


def test_the_correlation_id_of_the_request_is_on_the_timeline(api: Any, guest: Any, host: Any) -> None:
    answer = post(api(guest), LIST, stay_body(room_of(host)), **{"X-Correlation-ID": "trace-me"})
    assert answer["X-Correlation-ID"] == "trace-me"
    assert answer.json()["timeline"][0]["correlation_id"] == "trace-me"


def test_a_paying_one_cannot_be_cancelled_yet(api: Any, guest: Any, sandbox: Any) -> None:
    paying = paying_reservation(guest)
    assert api(guest).get(one(paying.code, "cancellation/")).json()["code"] == "not_cancellable"


def test_what_a_host_does_is_told_to_the_guest_in_their_words(api: Any, guest: Any, host: Any, sandbox: Any) -> None:
    reservation = confirmed_reservation(guest, room_of(host))
    token = services.preview_cancellation(reservation.code, host).token
    services.cancel(reservation.code, host, token, "수리해야 해요")
    last = api(guest).get(one(reservation.code)).json()["timeline"][-1]
    assert (last["event"], last["actor"], last["detail"]) == ("ReservationCancelled", "host", "수리해야 해요")


def test_a_stay_of_a_year_is_refused_by_the_rules_not_by_an_error(api: Any, guest: Any, host: Any) -> None:
    stay = some_stay()
    body = stay_body(room_of(host), check_out=(stay.check_in + timedelta(days=400)).isoformat())
    assert post(api(guest), LIST, body).status_code == 409
