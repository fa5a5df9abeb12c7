"""The API's shared parts: who calls, one shape of errors, strict input, conditional reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airbnb.accounts.models import ApiToken
from tests.kernel import api_sample

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.api_sample")]
KEY = {"HTTP_IDEMPOTENCY_KEY": "k-1"}


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    api_sample.DONE.clear()


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["status"] == status
    assert {"type", "title", "detail", "correlation_id"} <= set(body)
    return body


def test_a_wrong_token_is_a_401_and_never_an_anonymous_caller(api: Callable[..., Any]) -> None:
    client = api()
    assert client.get("/open/").status_code == 200
    client.credentials(HTTP_AUTHORIZATION="Bearer bb_wrong")
    response = client.get("/open/")
    problem(response, 401, "invalid_token")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_token_and_a_suspended_account_are_refused(api: Callable[..., Any], guest: Any) -> None:
    client = api(guest)
    assert client.get("/host/").status_code == 200
    guest.is_active = False
    guest.save()
    problem(client.get("/host/"), 401, "invalid_token")
    guest.is_active = True
    guest.save()
    from airbnb.accounts.services import revoke_token

    assert revoke_token(guest, ApiToken.objects.get().prefix)
    problem(client.get("/host/"), 401, "invalid_token")


def test_scopes_and_roles(api: Callable[..., Any], guest: Any, host: Any) -> None:
    assert api(guest, ("read",)).get("/host/").status_code == 200
    problem(api(guest, ("book",)).get("/host/"), 403, "forbidden")
    problem(api(guest).post("/host/"), 403, "forbidden")
    problem(api(host, ("read",)).post("/host/"), 403, "forbidden")
    assert api(host).post("/host/").status_code == 200
    assert api().get("/host/").status_code == 401


def test_a_view_that_does_not_say_who_may_call_answers_nobody(api: Callable[..., Any], operator: Any) -> None:
    assert api(operator).get("/unsaid/").status_code == 403
    assert api().get("/unsaid/").status_code == 401


def test_only_the_digest_of_a_token_is_kept(api: Callable[..., Any], guest: Any) -> None:
    client = api(guest)
    token = client._credentials["HTTP_AUTHORIZATION"].split()[1]
    row = ApiToken.objects.values().get()
    assert token not in str(row)


def test_unknown_fields_are_refused_by_name(api: Callable[..., Any], guest: Any) -> None:
    response = api(guest).post("/lamps/", {"name": "a", "colour": "red"}, **KEY)
    body = problem(response, 400, "invalid")
    assert list(body["errors"]) == ["colour"]


@pytest.mark.parametrize(
    "price",
    [5, 1.5, "5", {"amount": 1.5, "currency": "KRW"}, {"amount": True, "currency": "KRW"}, {"amount": 5}, [], None,
     {"amount": -1, "currency": "KRW"}, {"amount": 5, "currency": "XXX"}, {"amount": 10**13, "currency": "KRW"},
     {"amount": 5, "currency": ["KRW"]}],
)  # fmt: skip
def test_money_must_be_money(api: Callable[..., Any], guest: Any, price: Any) -> None:
    body = problem(api(guest).post("/lamps/", {"name": "a", "price": price}, **KEY), 400, "invalid")
    assert list(body["errors"]) == ["price"]


@pytest.mark.parametrize("body", ["[]", '"text"', "5", "null", "{", "", "[1,2]"])
def test_a_body_that_is_no_object_is_a_plain_400(api: Callable[..., Any], guest: Any, body: str) -> None:
    response = api(guest).post("/lamps/", body, content_type="application/json", **KEY)
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"


def test_a_broken_rule_carries_its_facts(api: Callable[..., Any], guest: Any) -> None:
    body = problem(api(guest).post("/lamps/", {"name": "taken"}, **KEY), 409, "conflict")
    assert body["nights"] == ["2027-01-01"]
    assert body["cost"] == {"amount": 5, "currency": "KRW"}
    body = problem(api(guest).post("/lamps/", {"name": "odd"}, **KEY), 422, "invalid")
    assert body["errors"] == {"name": ["This name is odd"]}


def test_wrong_methods_and_media_types(api: Callable[..., Any], guest: Any) -> None:
    problem(api(guest).delete("/lamps/"), 405, "method_not_allowed")
    response = api(guest).post("/lamps/", "<a/>", content_type="application/xml", **KEY)
    assert response.status_code == 415
    assert response["Content-Type"] == "application/problem+json"


def test_conditional_reads(api: Callable[..., Any]) -> None:
    first = api().get("/lamps/")
    again = api().get("/lamps/", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    api_sample.DONE.append("x")
    assert api().get("/lamps/", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_the_correlation_id_is_taken_or_made_and_returned(api: Callable[..., Any]) -> None:
    assert api().get("/open/", HTTP_X_CORRELATION_ID="abc-123")["X-Correlation-ID"] == "abc-123"
    for bad in ("", "with space", "x" * 65, "new\nline", "<b>"):
        made = api().get("/open/", HTTP_X_CORRELATION_ID=bad)["X-Correlation-ID"]
        assert made != bad
        assert len(made) == 36


def test_an_accident_is_told_in_the_apis_own_shape(rf: Any) -> None:
    from airbnb.pages import broken

    response = broken(rf.get("/api/v1/rooms/"))
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert b"internal_error" in response.content
    assert broken(rf.get("/rooms/"))["Content-Type"].startswith("text/html")


@pytest.mark.urls("airbnb.urls")
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_program_that_errs_in_the_address_is_told_404_and_not_asked_for_a_pages_token(method: str) -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    problem(getattr(client, method)("/api/v1/reviews/no-such-review/"), 404, "not_found")
