"""``make bench-invariants RESERVATIONS=100000``: make them, check everything once in both forms, and judge the times.

Exits 1 when an invariant finds something or goes without an answer, or when a form takes longer than its limit
(``timing``); then it prints what each invariant takes. With 0 reservations it measures the database that is there.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from tempfile import TemporaryDirectory
from typing import Any

SCRATCH = TemporaryDirectory(prefix="binbang-bench-")
os.environ.update(
    DATA_DIR=SCRATCH.name, EMAIL_URL="memorymail://", RATE_LIMITS="off", LOG_LEVEL="ERROR", ENVIRONMENT="development",
    MESSENGER_FILE_PATH=f"{SCRATCH.name}/messenger.jsonl", DJANGO_SETTINGS_MODULE="airbnb.settings",
    SECRET_KEY="a-key-for-measurements-that-protects-nothing-at-all-01",
)  # fmt: skip

SHOWN = 25
SHARES = {"completed": 0.60, "cancelled": 0.12, "expired": 0.065, "confirmed": 0.20}


def main(wanted: int) -> int:
    """Generate, check and tell; the exit code."""
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.invariants.timing import in_service, whole

    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    if wanted:
        total = generate(wanted)
        print(f"{total} reservations made in {time.perf_counter() - begun:.1f} s; {counts()}", flush=True)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}")
    forms = []
    for form in (in_service, whole):
        forms.append(form())
        print(forms[-1], *(f"    BROKEN {each}" for each in forms[-1].wrong), sep="\n", flush=True)
    tell_each()
    good = all(each.good for each in forms)
    print("bench-invariants: PASSED" if good else "bench-invariants: FAILED", flush=True)
    return 0 if good else 1


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
    renew_holds()
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
    """How many copies of each, and when: three days a slot and room; stays ahead were booked over two months."""
    from benchmarks.invariants.cloning import Kind

    copies = {name: int(wanted * share) for name, share in SHARES.items()}
    copies |= {"in_stay": rooms, "held": min(rooms, wanted // 200)}
    past = {"completed": f"-3 * (i / {rooms}) - 1", "cancelled": f"-3 * (i / {rooms}) - 9"}
    past["expired"] = f"-3 * (i / {rooms}) - 9"
    ahead = {"confirmed": f"3 * (i / {rooms})", "in_stay": "0", "held": "0"}
    made = past | {"confirmed": "-(i % 60)", "in_stay": "-(i % 20)", "held": "0"}
    return [Kind(originals[name], count, (past | ahead)[name], made[name]) for name, count in copies.items()]


def redraw() -> None:
    """The search's calendars, from the nights."""
    from airbnb.db import write
    from rooms.models import Room, SearchIndex

    with write():
        SearchIndex.objects.redraw(list(Room.objects.values_list("pk", flat=True)))


def renew_holds() -> None:
    """Making so many takes longer than a hold stands, and no worker is there to end one: each has its time anew."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("reservations_reservation", "reservations_trip"):
            cursor.execute(f"UPDATE {table} SET hold_expires_at = now() + interval '15 minutes' WHERE status = 'held'")


def counts() -> str:
    """Rows by table, for the record."""
    from django.db import connection

    tables: tuple[str, ...] = ("payments_payment", "payments_ledgerentry", "rooms_night", "reservations_transition")
    tables = (*tables, "events_storedevent", "events_delivery", "notifications_notification", "reviews_review")
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")
            found.append(f"{cursor.fetchone()[0]} {table.split('_')[1]}")
    return ", ".join(found)


def tell_each() -> None:
    """What each invariant takes alone, warm, and over all rows: for whoever looks for the slow one. No verdict."""
    from airbnb import clock
    from airbnb.invariants import all_invariants, asking, look

    at, times = clock.now(), {}
    for invariant in all_invariants():
        with asking():
            begun = time.perf_counter()
            look(invariant, at)
            times[invariant.name] = time.perf_counter() - begun
    for name, seconds in sorted(times.items(), key=lambda pair: -pair[1])[:SHOWN]:
        print(f"{seconds * 1000:8.0f} ms  {name}")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
