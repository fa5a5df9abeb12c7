"""A broker that hangs (it takes connections and never answers) costs who waits for an answer one short attempt."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from statistics import median
from threading import Thread
from typing import Any

import pytest

from airbnb import broker
from airbnb.celery import PUBLISHING, app
from airbnb.events.models import Delivery
from airbnb.events.tasks import deliver_one, wake
from payments import tasks as payments
from payments.models import WebhookMessage
from tests.payments.test_webhooks import send
from tests.reservations.test_api import LIST, post, stay_body
from tests.support import room_of

BOUND_S = 3.0  # generous: one attempt takes 0.3 s, old time limits 30 s; `make bench-live` judges the 0.5 s promised


class Deaf:
    """A server that accepts whoever comes and then says nothing; ``heard`` counts those who came."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.url = f"redis://127.0.0.1:{self._socket.getsockname()[1]}/0"
        self._open: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    @property
    def heard(self) -> int:
        return len(self._open)

    def _accept(self) -> None:
        while True:
            try:
                self._open.append(self._socket.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._socket.close()
        for each in self._open:
            each.close()


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deaf]:
    """The broker of this process hangs; its rest outlasts every test, however slow the machine is."""
    server = Deaf()
    was = app.conf.broker_write_url
    app.conf.broker_write_url = server.url
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    monkeypatch.setattr(broker, "rest", broker.Rest())
    monkeypatch.setattr(broker, "REST_S", 60.0)
    yield server
    app.conf.broker_write_url = was
    server.close()


def message(number: int) -> bytes:
    """A message of the gateway."""
    about = {"object": {"id": f"pi_{number}", "object": "payment_intent"}}
    return json.dumps({"id": f"evt_{number}", "type": "payment_intent.succeeded", "data": about}).encode()


@pytest.mark.django_db(transaction=True)
def test_a_message_of_a_gateway_is_answered_and_kept(sandbox: Any, deaf: Deaf) -> None:
    broker.rest.begin()
    assert send(message(0)).status_code == 200, "the first of a process loads what it needs, which is not measured"
    broker.rest.end()
    took = []
    for number in range(1, 21):
        begun = time.monotonic()
        assert send(message(number)).status_code == 200
        took.append(time.monotonic() - begun)
    print(f"\nanswered while the broker hangs: first {took[0]:.2f} s, then {median(took[1:]):.2f} s at the median")
    assert max(took) < BOUND_S
    assert deaf.heard == 1, "the first of twenty tried, once, and the others left it alone"
    assert WebhookMessage.objects.filter(state="waiting").count() == 21, "the timer works on them"


@pytest.mark.django_db(transaction=True)
def test_a_booking_is_answered_and_its_deliveries_kept(api: Any, guest: Any, deaf: Deaf) -> None:
    room = room_of()
    client, body = api(guest), stay_body(room)
    broker.rest.end()
    before, begun = deaf.heard, time.monotonic()
    answer = post(client, LIST, body)
    assert time.monotonic() - begun < BOUND_S
    assert answer.status_code == 201, answer.content
    assert deaf.heard - before == 1
    assert Delivery.objects.pending().filter(event__name="ReservationCreated").exists(), "the sweep sends them"


@pytest.mark.django_db(transaction=True)
def test_the_two_kinds_of_messages_share_one_rest(deaf: Deaf) -> None:
    wake([(1, "rooms"), (2, "rooms")])
    payments.work_soon(1)
    payments.look_soon("p")
    payments.send_soon("r")
    assert deaf.heard == 1


def test_the_control_without_the_rest_each_tries(deaf: Deaf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "REST_S", 0.0)
    for number in (1, 2):
        payments.work_soon(number)
    assert deaf.heard == 2


def test_after_the_rest_one_tries_and_the_others_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(broker.time, "monotonic", lambda: now[0])
    rest = broker.Rest()
    assert rest.may_try()
    rest.begin()
    assert not rest.may_try()
    now[0] += broker.REST_S
    assert [rest.may_try(), rest.may_try(), rest.may_try()] == [True, False, False]
    rest.end()
    assert [rest.may_try(), rest.may_try()] == [True, True]


def test_a_broker_that_is_back_is_used_at_once(deaf: Deaf, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not broker.send(deliver_one, [1], queue="rooms")
    sent: list[Any] = []
    monkeypatch.setattr(deliver_one, "apply_async", lambda **options: sent.append(options["args"]))
    assert not broker.send(deliver_one, [2], queue="rooms"), "left alone"
    broker.rest.end()
    assert broker.send(deliver_one, [3], queue="rooms")
    assert sent == [[3]]


def test_who_sends_is_impatient_and_who_listens_is_not() -> None:
    def patience(connection: Any) -> tuple[float, float]:
        options = connection.transport_options
        return options["socket_connect_timeout"], options["socket_timeout"]

    assert patience(app.connection_for_write()) == (0.3, 0.3)
    assert patience(app.connection_for_read()) == (1, 30)
    assert app.connection_for_write().transport_options["visibility_timeout"] == 900
    assert max(PUBLISHING.values()) < 0.5
