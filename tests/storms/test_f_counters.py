"""Storm F: limits and counters, a hundred at once: exact, never one too many."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.test import Client
from django.urls import reverse

from airbnb.accounts.models import User
from airbnb.events.bus import deliver_pending
from airbnb.events.delivering import deliver
from airbnb.events.models import Delivery
from airbnb.stays import Stay
from reservations import services
from reservations.models import Reservation
from reservations.services import holds
from reviews.models import Review
from reviews.services import write_review
from rooms.models import RoomView
from tests.conftest import make_user
from tests.factories.reservations import some_stay
from tests.storms.report import Storm, crowd, size
from tests.support import completed_reservation, room_of

pytestmark = pytest.mark.django_db(transaction=True)

MANY = size(20, 100)
MOST_HOLDS = 3
SIGN_INS = 5


def hold_everywhere(storm: Storm, many: int) -> None:
    """One guest wants ``many`` rooms at the same moment."""
    guest, host = make_user("eager@example.com"), make_user("eager-host@example.com", host=True)
    rooms, stay = [room_of(host) for _ in range(many)], some_stay(2)

    def taking(room: Any) -> Callable[[], None]:
        return lambda: storm.attempt("hold", lambda: services.hold(guest=guest, room_id=room.pk, stay=stay, guests=1))

    crowd(*(taking(room) for room in rooms))
    held = Reservation.objects.filter(guest=guest, status="held").count()
    storm.expect(held == MOST_HOLDS, f"{held} open holds instead of {MOST_HOLDS}")
    storm.expect(storm.counts["hold: done"] == held, "somebody was told of a hold that is not there")


def test_a_guest_has_three_holds_at_most() -> None:
    storm = Storm("F, holds")
    hold_everywhere(storm, MANY)
    storm.expect(storm.counts["hold: too_many_holds"] == MANY - MOST_HOLDS, "refused for another reason")
    storm.end()
    storm.must_be_green()


def test_the_control_without_the_lock_of_a_guests_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    storm, together, real = Storm("F, holds"), threading.Barrier(6), holds._standing

    def look_together(*given: Any) -> Any:
        found = real(*given)
        together.wait(timeout=30)
        return found

    monkeypatch.setattr(holds.db, "lock", lambda *names: None)
    monkeypatch.setattr(holds, "_standing", look_together)
    hold_everywhere(storm, 6)
    storm.must_be_red("open holds instead of")


def test_reviews_are_counted_exactly(sandbox: Any) -> None:
    """Everybody reviews a room at once, and all the receipts are delivered at once and more than once."""
    storm, guests = Storm("F, reviews"), size(4, 25)
    host = make_user("reviewed@example.com", host=True)
    room, stays = room_of(host), []
    first = some_stay(1, ahead=20).check_in
    for number in range(guests):
        begin = first + timedelta(days=3 * number)
        guest = make_user(f"reviewer-{number}@example.com")
        stays.append(completed_reservation(guest, room, stay=Stay(begin, begin + timedelta(days=1))))
    deliver_pending()

    def writing(stay: Any, author: Any, stars: int) -> Callable[[], None]:
        facts = {"author_id": author.pk, "reservation": stay.code, "rating": stars, "text": "조용했어요"}
        return lambda: storm.attempt("review", lambda: write_review(**facts))

    jobs = [writing(stay, stay.guest, 1 + n % 5) for n, stay in enumerate(stays) for _twice in range(2)]
    crowd(*jobs, *(writing(stay, host, 5) for stay in stays))
    storm.expect(storm.counts["review: done"] == 2 * guests, f"{storm.counts['review: done']} reviews were written")
    deliver_by_many()
    public = Review.objects.filter(direction="guest_to_host", state="published")
    view = RoomView.objects.get(room_id=room.pk)
    wanted = (guests, sum(public.values_list("rating", flat=True)))
    told = (view.review_count, view.rating_sum)
    storm.expect(told == wanted, f"the room shows {told}, its reviews are {wanted}")
    storm.end()
    storm.must_be_green()


def deliver_by_many(workers: int = 4) -> None:
    """Every worker tries every receipt; each may take effect once."""
    for _round in range(3):
        waiting = list(Delivery.objects.pending().values_list("pk", flat=True))
        if not waiting:
            return
        crowd(*[partial(deliver_each, waiting)] * workers)


def deliver_each(receipts: list[int]) -> None:
    """One worker's turn."""
    for receipt in receipts:
        deliver(receipt)


def guess(storm: Storm, client: Client, number: int) -> None:
    """One wrong password."""
    credentials = {"login": "victim@example.com", "password": f"wrong-{number}"}
    storm.attempt("guess", lambda: client.post(reverse("account_login"), credentials))


def guessing(storm: Storm, monkeypatch: pytest.MonkeyPatch, many: int) -> int:
    """How many of ``many`` guesses at the same moment, each from an address of its own, came as far as the password."""
    make_user("victim@example.com")
    tried, lock, real = [], threading.Lock(), User.check_password

    def counted(self: Any, raw: str) -> bool:
        with lock:
            tried.append(raw)
        return real(self, raw)

    monkeypatch.setattr(User, "check_password", counted)
    clients = [Client(REMOTE_ADDR=f"10.1.{n // 200}.{n % 200 + 1}") for n in range(many)]
    crowd(*((lambda n=n, client=client: guess(storm, client, n)) for n, client in enumerate(clients)))
    return len(set(tried))


def test_a_password_is_guessed_five_times_at_most(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ACCOUNT_RATE_LIMITS = {}  # allauth's own, which the tests switch off otherwise
    storm = Storm("F, sign-ins")
    tried = guessing(storm, monkeypatch, MANY)
    storm.expect(tried == SIGN_INS, f"{tried} passwords were tried instead of {SIGN_INS}")
    storm.must_be_green()


def test_the_control_without_the_lock_of_the_throttle(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ACCOUNT_RATE_LIMITS = {}
    storm, many = Storm("F, sign-ins"), 10
    together, real = threading.Barrier(many), ratelimit.apply_rate

    @contextmanager
    def nobody_waits(_key: str) -> Iterator[bool]:
        yield True

    def look_together(*given: Any, **named: Any) -> Any:
        found = real(*given, **named)
        together.wait(timeout=30)
        return found

    monkeypatch.setattr(ratelimit, "cache_lock", nobody_waits)
    monkeypatch.setattr(ratelimit, "apply_rate", look_together)
    tried = guessing(storm, monkeypatch, many)
    storm.expect(tried <= SIGN_INS, f"{tried} passwords were tried instead of {SIGN_INS}")
    storm.must_be_red("passwords were tried")
