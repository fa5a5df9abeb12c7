"""The bus: stored with the business transaction, each listener once, failures counted and parked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from airbnb import clock, correlation
from airbnb.accounts.models import User
from airbnb.db import NoTransaction
from airbnb.events import bus, projections
from airbnb.events.bus import Event, envelope, publish, when
from airbnb.events.delivering import deliver
from airbnb.events.models import MAX_ATTEMPTS, Delivery, StoredEvent
from airbnb.events.redelivering import redeliver
from airbnb.events.tasks import sweep

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class LampLit(Event):
    room: str
    watts: int = 40


SEEN: list[tuple[str, str]] = []
FAILURES: list[Exception] = []


def listen(event: LampLit) -> None:
    if FAILURES:
        raise FAILURES[0]
    SEEN.append((event.room, str(envelope().id)))
    User.objects.create_user(f"{event.room}-{envelope().id}@example.com")


@pytest.fixture(autouse=True)
def listener() -> Iterator[str]:
    SEEN.clear()
    FAILURES.clear()
    when(LampLit)(listen)
    name = f"{__name__}.listen"
    yield name
    bus.forget(name)


def light(room: str = "R1") -> StoredEvent:
    with transaction.atomic():
        return StoredEvent.objects.get(pk=publish(LampLit(room=room)))


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused() -> None:
    with pytest.raises(NoTransaction):
        publish(LampLit(room="R1"))
    assert not StoredEvent.objects.exists()


def test_a_rolled_back_fact_leaves_no_event_and_no_receipt() -> None:
    def publish_and_fail() -> None:
        with transaction.atomic():
            publish(LampLit(room="R1"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        publish_and_fail()
    assert not StoredEvent.objects.exists()
    assert not Delivery.objects.exists()


def test_each_listener_reacts_once_however_often_it_is_delivered() -> None:
    light()
    receipt = Delivery.objects.get()
    assert deliver(receipt.pk)
    assert not deliver(receipt.pk)
    assert len(SEEN) == 1
    receipt.refresh_from_db()
    assert (receipt.status, receipt.attempts) == ("done", 1)


@pytest.mark.django_db(transaction=True)
def test_a_delivery_costs_three_statements_beside_its_reaction(django_assert_num_queries: Any) -> None:
    """The attempt, the receipt with its event, and that it is done; in one transaction but for the first."""
    light()
    receipt = Delivery.objects.get()
    bus.LISTENERS[receipt.listener] = bus.Listener(receipt.listener, "tests", lambda _event: None, LampLit)
    with django_assert_num_queries(5):  # with BEGIN and COMMIT
        assert deliver(receipt.pk)


def test_effect_and_receipt_are_one_transaction() -> None:
    """A reaction that writes and then fails leaves nothing behind; the attempt still counts."""
    light()

    def write_then_fail(event: LampLit) -> None:
        User.objects.create_user("half@example.com")
        raise ValueError("broke in the middle")

    receipt = Delivery.objects.get()
    bus.LISTENERS[receipt.listener] = bus.Listener(receipt.listener, "tests", write_then_fail, LampLit)
    assert not deliver(receipt.pk)
    receipt.refresh_from_db()
    assert not User.objects.filter(email="half@example.com").exists()
    assert (receipt.status, receipt.attempts) == ("pending", 1)
    assert "broke in the middle" in receipt.last_error


def test_a_failing_reaction_is_given_up_and_can_be_delivered_again() -> None:
    light()
    receipt = Delivery.objects.get()
    FAILURES.append(ValueError("always"))
    for _ in range(MAX_ATTEMPTS):
        assert not deliver(receipt.pk)
    receipt.refresh_from_db()
    assert receipt.status == "dead"
    assert not deliver(receipt.pk), "a dead letter is not tried by itself"
    FAILURES.clear()
    assert redeliver(Delivery.objects.all()) == 1
    assert deliver(receipt.pk)
    assert redeliver(Delivery.objects.all()) == 0, "what is done is never run twice"
    assert len(SEEN) == 1


def test_the_wait_grows_with_the_attempts() -> None:
    light()
    receipt = Delivery.objects.get()
    FAILURES.append(ValueError("always"))
    waits = []
    for _ in range(4):
        deliver(receipt.pk)
        receipt.refresh_from_db()
        waits.append((receipt.next_attempt_at - clock.now()).total_seconds())
    assert waits == sorted(waits)
    assert waits[0] < 10 < 200 < waits[3]


def test_the_sweep_claims_what_is_due_and_only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[int, str]] = []
    monkeypatch.setattr("airbnb.events.tasks.wake", woken.extend)
    light()
    assert sweep() == 0, "a fresh receipt has its own message on the way"
    with clock.shifted(timedelta(seconds=30)):
        assert sweep() == 1
        assert sweep() == 0, "claimed with a lease"
    assert [pk for pk, _ in woken] == [Delivery.objects.get().pk]


def test_a_listener_of_another_release_waits_in_the_table_uncounted(listener: str) -> None:
    light()
    bus.forget(listener)
    receipt = Delivery.objects.get()
    assert not deliver(receipt.pk)
    receipt.refresh_from_db()
    assert (receipt.status, receipt.attempts) == ("pending", 0)
    when(LampLit)(listen)
    assert deliver(receipt.pk)


def test_same_transaction_reactions_undo_the_fact_when_they_fail() -> None:
    def refuse(event: LampLit) -> None:
        if event.watts > 100:
            raise ValueError("too bright")

    when(LampLit, same_transaction=True)(refuse)
    with pytest.raises(ValueError), transaction.atomic():
        publish(LampLit(room="R1", watts=500))
    assert not StoredEvent.objects.exists()
    light()
    assert StoredEvent.objects.count() == 1


def test_correlation_and_cause_run_from_request_to_last_event(deliver) -> None:  # type: ignore[no-untyped-def]
    @dataclass(frozen=True, kw_only=True)
    class LampNoticed(Event):
        room: str

    def notice(event: LampLit) -> None:
        publish(LampNoticed(room=event.room))

    when(LampLit)(notice)
    try:
        with correlation.use("from-the-request"):
            first = light()
        deliver()
        second = StoredEvent.objects.get(name="LampNoticed")
        assert second.correlation_id == first.correlation_id == "from-the-request"
        assert second.causation_id == first.pk
    finally:
        bus.forget(f"{notice.__module__}.{notice.__qualname__}")


def test_the_previous_and_the_next_release_are_read() -> None:
    assert LampLit.read({"room": "R1"}) == LampLit(room="R1", watts=40)
    assert LampLit.read({"room": "R1", "watts": 5, "hue": "warm"}) == LampLit(room="R1", watts=5)


def test_a_rebuild_replays_every_event_in_order() -> None:
    for room in ("R1", "R2", "R3"):
        light(room)
    projection = projections.Projection("tests.Lamps", clear=SEEN.clear, listeners=[listen])
    projections.register(projection)
    try:
        assert projections.rebuild("tests.Lamps") == 3
        assert [room for room, _ in SEEN] == ["R1", "R2", "R3"]
    finally:
        projections.REGISTER.pop("tests.Lamps")
        projections._by_listener.pop(bus.name_of(listen))


def test_a_reaction_that_takes_its_process_with_it_is_given_up() -> None:
    """Nobody was left to note the failures: the attempts, counted beforehand, are enough."""
    light()
    Delivery.objects.update(attempts=MAX_ATTEMPTS)
    receipt = Delivery.objects.get()
    assert not deliver(receipt.pk)
    receipt.refresh_from_db()
    assert receipt.status == "dead"
    assert SEEN == []


def test_messages_that_waited_too_long_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    from airbnb.events import tasks

    sent: list[dict[str, object]] = []
    monkeypatch.setattr(tasks.deliver_one, "apply_async", lambda **options: sent.append(options))
    tasks.wake([(7, "rooms")])
    assert sent == [{"args": [7], "queue": "rooms", "retry": False, "expires": tasks.LEASE.total_seconds()}]


def test_a_reaction_keeps_its_name_when_it_moves_inside_its_package() -> None:
    def react(event: LampLit) -> None: ...

    react.__qualname__ = "show"
    for module in ("shops.projections", "shops.projections.lamps", "shops.projections.inside.lamps"):
        react.__module__ = module
        assert bus.name_of(react) == "shops.projections.show"
    react.__module__ = "shops.services.lamps"
    assert bus.name_of(react) == "shops.services.lamps.show"
    assert "reservations.projections.show_confirmed" in bus.LISTENERS


def test_two_reactions_of_one_name_in_one_package_are_refused() -> None:
    def show(event: LampLit) -> None: ...

    show.__qualname__, show.__module__ = "show", "shops.projections.lamps"
    when(LampLit)(show)
    try:
        show.__module__ = "shops.projections.bulbs"
        with pytest.raises(ValueError, match="both have a reaction"):
            when(LampLit)(show)
    finally:
        bus.forget("shops.projections.show")
