"""Idempotency keys: once done, always the same answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from rest_framework.response import Response

from airbnb import idempotency
from airbnb.accounts.models import IdempotencyKey
from airbnb.accounts.tasks import forget_old_keys
from tests.kernel import api_sample

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.api_sample")]


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    api_sample.DONE.clear()


def post(client: Any, key: str | None, **body: Any) -> Any:
    headers = {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key}
    return client.post("/lamps/", {"name": "lamp", **body}, **headers)


@pytest.mark.parametrize("key", [None, "", "x" * 256, "schlüssel", "tab\there"])
def test_a_usable_key_is_required(api: Callable[..., Any], guest: Any, key: str | None) -> None:
    response = post(api(guest), key)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_required")
    assert api_sample.DONE == []


def test_the_same_request_is_done_once_and_answered_alike(api: Callable[..., Any], guest: Any) -> None:
    client = api(guest)
    first, again = post(client, "k"), post(client, "k")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert not first.has_header("Idempotency-Replayed")
    assert again["Idempotency-Replayed"] == "true"
    assert api_sample.DONE == ["lamp"]


def test_another_body_under_the_same_key_is_refused(api: Callable[..., Any], guest: Any) -> None:
    client = api(guest)
    post(client, "k")
    response = post(client, "k", name="other")
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert api_sample.DONE == ["lamp"]


def test_keys_of_two_callers_are_two_keys(api: Callable[..., Any], guest: Any, stranger: Any) -> None:
    assert post(api(guest), "k").status_code == 201
    assert post(api(stranger), "k").status_code == 201
    assert len(api_sample.DONE) == 2


@pytest.mark.parametrize("name", ["taken", "odd"])
def test_a_refusal_is_not_kept_so_that_a_later_try_can_succeed(api: Callable[..., Any], guest: Any, name: str) -> None:
    client = api(guest)
    assert post(client, "k", name=name).status_code in {409, 422}
    assert not IdempotencyKey.objects.exists()
    assert post(client, "k").status_code == 201


def test_an_accident_is_not_kept_either(api: Callable[..., Any], guest: Any) -> None:
    client = api(guest)
    with pytest.raises(RuntimeError):
        post(client, "k", name="break")
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_worked_on_the_second_is_told_to_wait(api: Callable[..., Any], guest: Any) -> None:
    api_sample.HOOKS.update(entered=threading.Event(), go=threading.Event())
    client, second = api(guest), api(guest)
    answers: list[Any] = []

    def first() -> None:
        answers.append(post(client, "k", name="wait"))
        connections.close_all()

    worker = threading.Thread(target=first)
    worker.start()
    assert api_sample.HOOKS["entered"].wait(10)
    waiting = post(second, "k", name="wait")
    api_sample.HOOKS["go"].set()
    worker.join(10)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "request_in_progress")
    assert int(waiting["Retry-After"]) >= 1
    assert answers[0].status_code == 201
    assert api_sample.DONE == ["wait"]


def test_an_abandoned_key_is_taken_over_after_half_a_minute(api: Callable[..., Any], guest: Any, time: Any) -> None:
    client = api(guest)
    post(client, "k")
    IdempotencyKey.objects.update(status=None, answered_at=None)
    assert post(client, "k").status_code == 409
    time.forward(seconds=31)
    assert post(client, "k").status_code == 201


def test_who_was_thought_dead_neither_takes_the_key_away_nor_answers_for_it(time: Any) -> None:
    def answer(record: IdempotencyKey, said: int, status: int) -> None:
        idempotency._answer(record, lambda: Response({"said": said}, status=status))

    slow, _replay = idempotency._begin("user:1", "k", "same")
    time.forward(seconds=31)
    second, _replay = idempotency._begin("user:1", "k", "same")
    answer(slow, 1, 409)
    answer(slow, 1, 201)
    assert IdempotencyKey.objects.get().status is None, "the second one still works on it"
    answer(second, 2, 201)
    answer(slow, 1, 409)
    assert IdempotencyKey.objects.get().body == {"said": 2}


def test_keys_are_kept_for_more_than_a_day_and_not_for_ever(api: Callable[..., Any], guest: Any, time: Any) -> None:
    post(api(guest), "k")
    time.forward(hours=25)
    assert forget_old_keys() == 0
    time.forward(seconds=timedelta(days=30).total_seconds())
    assert forget_old_keys() == 1


def test_a_key_let_go_at_the_same_moment_is_no_accident(
    api: Callable[..., Any], guest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = idempotency._begin_again

    def gone_meanwhile(*asked: Any) -> Any:
        IdempotencyKey.objects.all().delete()
        return real(*asked)

    assert post(api(guest), "k").status_code == 201
    monkeypatch.setattr(idempotency, "_begin_again", gone_meanwhile)
    response = post(api(guest), "k")
    assert (response.status_code, response.json()["code"]) == (409, "request_in_progress")


def test_a_fresh_key_costs_one_statement(django_assert_num_queries: Any, db: Any) -> None:
    with django_assert_num_queries(1):
        idempotency._begin("user:1", "k", "same")


def test_where_a_key_is_a_choice_it_still_replays(api: Callable[..., Any], guest: Any) -> None:
    client = api(guest)
    assert client.post("/wishes/", {}).status_code == 201
    assert client.post("/wishes/", {}).json() == {"made": 2}
    first = client.post("/wishes/", {}, HTTP_IDEMPOTENCY_KEY="w")
    assert client.post("/wishes/", {}, HTTP_IDEMPOTENCY_KEY="w").json() == first.json() == {"made": 3}
    assert client.post("/wishes/", {}, HTTP_IDEMPOTENCY_KEY="").status_code == 400
