"""Events are never lost and take effect once: killed workers, an emptied broker, many workers, failing neighbours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from airbnb import clock
from airbnb.accounts.models import User
from airbnb.celery import LONGEST_ETA_S, app
from airbnb.events import bus
from airbnb.events.models import Delivery
from airbnb.events.tasks import deliver_one, sweep
from reservations import queries
from tests.kernel import dying_worker
from tests.kernel.dying_worker import BellRung
from tests.support import confirmed_reservation, room_of

ROOT = Path(__file__).resolve().parents[2]
SUPPORTING = ("rooms", "reviews", "notifications")


@pytest.fixture
def listener() -> Iterator[str]:
    name = dying_worker.subscribe()
    yield name
    bus.forget(name)


def ring(count: int = 1) -> list[int]:
    """So many events; the receipts of their one listener."""
    with transaction.atomic():
        for number in range(count):
            bus.publish(BellRung(bell=f"bell-{number}"))
    return list(Delivery.objects.filter(listener__endswith="count_ring").order_by("pk").values_list("pk", flat=True))


def worker(where: str, pks: list[int]) -> subprocess.Popen[bytes]:
    """A process of its own on the test's database."""
    url = settings.DATABASES["default"]
    address = (
        f"postgres://{url['USER']}:{url['PASSWORD']}@{url['HOST']}:{url['PORT']}/{connection.settings_dict['NAME']}"
    )
    environment = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "airbnb.settings"}
    begin = "import sys, django; django.setup(); from tests.kernel.dying_worker import main; main(*sys.argv[1:])"
    command = [sys.executable, "-c", begin, where, *map(str, pks)]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def effects() -> int:
    return User.objects.filter(name__startswith="bell-").count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["inside", "before_commit", "after_commit"])
def test_a_worker_killed_at_any_line_leaves_one_effect(listener: str, where: str) -> None:
    (pk,) = ring()
    assert worker(where, [pk]).wait(60) == -signal.SIGKILL
    committed = where == "after_commit"
    assert effects() == int(committed)
    receipt = Delivery.objects.get(pk=pk)
    assert (receipt.status, receipt.attempts) == ("done" if committed else "pending", 1)
    with clock.shifted(timedelta(seconds=61)):
        assert sweep() == int(not committed), "the lease is over, and the sweep finds what is left"
    deliver_one(pk)
    deliver_one(pk)
    assert effects() == 1


@pytest.mark.django_db(transaction=True)
def test_one_worker_six_workers_and_one_again(listener: str) -> None:
    pks = ring(60)
    first = worker("never", pks[:10])
    assert first.wait(90) == 0
    many = [worker("never", pks if number % 2 else pks[::-1]) for number in range(6)]
    assert [each.wait(120) for each in many] == [0] * 6
    for pk in pks:
        deliver_one(pk)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"done"}
    assert effects() == 60, "each once, though six workers wanted each"


@pytest.mark.django_db(transaction=True)
def test_an_emptied_broker_loses_nothing(listener: str) -> None:
    broker = redis.Redis.from_url(settings.REDIS_URL)
    pks = ring(20)
    assert broker.llen("events") >= 20, "wake-ups are outstanding"
    broker.flushall()
    assert broker.llen("events") == 0
    with clock.shifted(timedelta(seconds=15)):
        assert sweep() == 20
    assert broker.llen("events") == 20, "each was sent again"
    broker.flushall()
    for pk in pks:
        deliver_one(pk)
    assert effects() == 20


@pytest.mark.django_db
def test_a_listener_and_a_task_of_another_release_are_kept(listener: str) -> None:
    (pk,) = ring()
    bus.forget(listener)
    assert not deliver_one(pk)
    receipt = Delivery.objects.get(pk=pk)
    assert (receipt.status, receipt.attempts) == ("pending", 0), "left for the release that knows it, uncounted"
    # A message whose task nobody here knows is dropped by Celery; its receipt stands in the table and is sent again.
    with clock.shifted(timedelta(seconds=90)):
        assert sweep() == 1
    dying_worker.subscribe()
    assert deliver_one(pk)
    assert effects() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
def test_booking_goes_on_while_the_supporting_listeners_fail(
    guest: Any, host: Any, deliver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(event: Any) -> None:
        raise RuntimeError("injected")

    for name, known in list(bus.LISTENERS.items()):
        if known.queue in SUPPORTING:
            monkeypatch.setitem(bus.LISTENERS, name, bus.Listener(name, known.queue, fail, known.event))
    booked = confirmed_reservation(guest, room_of(host))
    deliver()
    assert queries.trip_of(booked.code, guest.pk).row.status == "confirmed"
    failed = Delivery.objects.pending()
    assert set(failed.values_list("queue", flat=True)) <= set(SUPPORTING)
    assert failed.exists()
    monkeypatch.undo()
    deliver()
    assert not Delivery.objects.unfinished().exists(), "everything caught up"


@pytest.mark.django_db
def test_dead_letters_are_chosen_by_event_listener_queue_and_date(
    listener: str, client: Client, operator: Any, capsys: Any
) -> None:
    ring(3)
    Delivery.objects.update(status="dead", attempts=12, last_error="Traceback\nValueError: broken bell")
    first, second, third = Delivery.objects.order_by("pk")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    for options, count in (
        ({"until": yesterday}, 0),
        ({"listener": "nobody"}, 0),
        ({"delivery": str(first.pk)}, 1),
        ({"event": str(second.event_id)}, 1),
        ({"name": "BellRung", "queue": "events", "since": yesterday}, 1),
    ):
        call_command("redeliver", *[word for name, value in options.items() for word in (f"--{name}", value)])
        assert f"{count} deliver" in capsys.readouterr().out
    assert not Delivery.objects.dead().exists()
    Delivery.objects.filter(pk=third.pk).update(status="dead", attempts=12)
    client.force_login(operator)
    listed = client.get(reverse("admin:events_delivery_changelist"), {"status__exact": "dead"}).content.decode()
    assert "ValueError: broken bell" in listed
    chosen = {"action": "deliver_again", "_selected_action": [str(third.event_id)]}
    client.post(reverse("admin:events_storedevent_changelist"), chosen)
    third.refresh_from_db()
    assert (third.status, third.attempts) == ("pending", 0)


def test_the_settings_that_keep_work_from_being_lost() -> None:
    conf = app.conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.accept_content == ["json"]
    longest = [task.time_limit or conf.task_time_limit for task in app.tasks.values() if task.acks_late is not False]
    assert conf.broker_transport_options["visibility_timeout"] > max([conf.task_time_limit, *longest])
    assert conf.broker_transport_options["visibility_timeout"] > LONGEST_ETA_S


def test_nothing_is_sent_for_more_than_five_minutes_ahead() -> None:
    with pytest.raises(ValueError, match="belongs in a table"):
        deliver_one.apply_async(args=[1], countdown=LONGEST_ETA_S + 1)
    with pytest.raises(ValueError, match="belongs in a table"):
        deliver_one.apply_async(args=[1], eta=datetime.now(UTC) + timedelta(hours=1))
