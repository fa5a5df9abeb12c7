"""``make bench-invariants RESERVATIONS=100000``: make them, check everything, print the time of each invariant.

Exits 1 when an invariant finds something or all of them together take longer than five seconds.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

SCRATCH = TemporaryDirectory(prefix="binbang-bench-")
os.environ.update(
    DATA_DIR=SCRATCH.name, EMAIL_URL="memorymail://", RATE_LIMITS="off", LOG_LEVEL="ERROR", ENVIRONMENT="development",
    MESSENGER_FILE_PATH=f"{SCRATCH.name}/messenger.jsonl", DJANGO_SETTINGS_MODULE="airbnb.settings",
    SECRET_KEY="a-key-for-measurements-that-protects-nothing-at-all-01",
)  # fmt: skip

LIMIT_S = 5.0
SHARES = {"completed": 0.60, "cancelled": 0.12, "expired": 0.065, "confirmed": 0.20}


def main(wanted: int) -> int:
    """Generate, check and tell; the exit code."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    total = generate(wanted)
    print(f"{total} reservations made in {time.perf_counter() - begun:.1f} s; {counts()}", flush=True)
    return measure()


def generate(wanted: int) -> int:
    """About ``wanted`` reservations; returns how many there are."""
    from django.db import connection, transaction

    from benchmarks.invariants.cloning import Cloner, people_and_rooms
    from reservations.models import Reservation

    originals, guest, room = make_originals()
    rooms = max(wanted // 100, 10)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        people_and_rooms(guest=guest, room=room, rooms=rooms)
        for kind in kinds(originals, wanted, rooms):
            Cloner(kind, rooms).run()
        cursor.execute(
            "UPDATE rooms_roomview v SET review_count = c.n, rating_sum = c.s FROM (SELECT room_id, count(*) AS n,"
            " sum(rating) AS s FROM rooms_roomreview WHERE NOT deleted GROUP BY room_id) AS c"
            " WHERE c.room_id = v.room_id"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    redraw()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return Reservation.objects.count()


def make_originals() -> tuple[dict[str, str], int, int]:
    """One reservation of each kind, by services and against a payment sandbox; codes by kind, a guest, a room."""
    from django.test import override_settings
    from django.utils import translation

    from tests.sandbox_process import SandboxProcess

    sandbox = SandboxProcess()
    sandbox.start()
    try:
        ours = {"STRIPE_API_BASE": sandbox.url, "STRIPE_SECRET_KEY": sandbox.secret_key}
        with override_settings(**ours), translation.override("en"):
            return _originals()
    finally:
        sandbox.stop()


def _originals() -> tuple[dict[str, str], int, int]:
    from airbnb.events.bus import deliver_pending
    from notifications import services as letters
    from payments import tasks
    from reviews.services import write_review
    from tests import support
    from tests.conftest import make_user
    from tests.factories.reservations import some_stay
    from tests.factories.rooms import listed_room

    guest, host = make_user("guest@example.com"), make_user("host@example.com", host=True)
    room, soon = listed_room(host), some_stay(2, ahead=40)
    completed = support.completed_reservation(guest, room, stay=some_stay(2, ahead=10))
    deliver_pending()
    write_review(author_id=guest.pk, reservation=completed.code, rating=5, text="조용했어요")
    write_review(author_id=host.pk, reservation=completed.code, rating=5, text="Tidy")
    codes = {
        "completed": completed.code,
        "cancelled": support.cancelled_reservation(guest, room, stay=some_stay(2, ahead=60)).code,
        "expired": support.expired_reservation(guest, room, stay=some_stay(2, ahead=70)).code,
        "in_stay": support.in_stay_reservation(guest, listed_room(host), stay=some_stay(5, ahead=5)).code,
        "confirmed": support.confirmed_reservation(guest, room, stay=soon).code,
        "held": support.held_reservation(guest, room, stay=some_stay(2, ahead=20)).code,
    }
    deliver_pending()
    tasks.send_refunds()
    deliver_pending()
    letters.send_due()
    return codes, guest.pk, room.pk


def kinds(originals: dict[str, str], wanted: int, rooms: int) -> list[Any]:
    """How many copies of each, and where in time: what is over lies in the past, three days a slot and room."""
    from benchmarks.invariants.cloning import Kind

    copies = {name: int(wanted * share) for name, share in SHARES.items()}
    copies |= {"in_stay": rooms, "held": min(rooms, wanted // 200)}
    past = {"completed": f"-3 * (i / {rooms}) - 1", "cancelled": f"-3 * (i / {rooms}) - 90"}
    past["expired"] = f"-3 * (i / {rooms}) - 90"
    ahead = {"confirmed": f"3 * (i / {rooms})", "in_stay": "0", "held": "0"}
    return [Kind(originals[name], count, (past | ahead)[name], past=name in past) for name, count in copies.items()]


def redraw() -> None:
    """The search's calendars, from the nights."""
    from airbnb.db import write
    from rooms.models import Room, SearchIndex

    with write():
        SearchIndex.objects.redraw(list(Room.objects.values_list("pk", flat=True)))


def counts() -> str:
    """Rows by table, for the record."""
    from django.db import connection

    tables = ("payments_payment", "payments_ledgerentry", "rooms_night", "reservations_transition")
    tables = (*tables, "events_storedevent", "events_delivery", "notifications_notification", "reviews_review")
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")
            found.append(f"{cursor.fetchone()[0]} {table.split('_')[1]}")
    return ", ".join(found)


def measure() -> int:
    """Each invariant alone, twice; the faster counts."""
    from airbnb import clock
    from airbnb.invariants import all_invariants, look

    at = clock.now()
    times: dict[str, float] = {}
    broken: list[str] = []
    for invariant in all_invariants():
        seconds, finding = min((_timed(partial(look, invariant, at)) for _ in range(2)), key=lambda pair: pair[0])
        times[invariant.name] = seconds
        if finding is not None:
            broken.append(f"BROKEN {invariant.name}: {finding.count} rows, first {finding.rows[0]}")
    for name, seconds in sorted(times.items(), key=lambda pair: -pair[1]):
        print(f"{seconds * 1000:8.0f} ms  {name}")
    print(*broken, sep="\n")
    total = sum(times.values())
    verdict = "good" if not broken and total <= LIMIT_S else "BAD"
    print(
        f"{len(times)} invariants in {total:.2f} s (limit {LIMIT_S:.0f} s), {len(broken)} broken, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}: {verdict}"
    )
    return 0 if verdict == "good" else 1


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
