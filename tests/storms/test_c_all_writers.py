"""Storm C: everybody who writes to a calendar at once, and a journal of what each of them was told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from threading import Lock
from typing import Any

import pytest

from airbnb.money import Money
from airbnb.stays import Stay
from reservations import services
from reservations.models import Reservation
from reservations.states import LIVE
from rooms import services as letting
from rooms.models import DayRule, Night, Room
from rooms.services.days import DayChange
from tests.conftest import make_user
from tests.factories.reservations import some_stay
from tests.storms import guards
from tests.storms.report import Storm, crowd, seconds, settle_everything, size, until_the_end
from tests.support import RETURN_URL, VISA, cancel, room_of

pytestmark = pytest.mark.django_db(transaction=True)

GUESTS = size(6, 10)
ROOMS = size(4, 10)
LENGTH_S = seconds(6, 120)
LEAST_ATTEMPTS = size(20, 1000)
WINDOW = 20
Step = Callable[[Random], None]


@dataclass
class Journal:
    """What people were told that is done; at the end it must be so. Each day's price and each block has one writer."""

    prices: dict[tuple[int, date], int] = field(default_factory=dict)
    blocks: dict[tuple[int, date], bool] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    statuses: dict[int, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def compare(self, storm: Storm) -> None:
        """Every promise against its row."""
        for (room, day), price in self.prices.items():
            rule = DayRule.objects.filter(room_id=room, day=day, kind=DayRule.Kind.DATE).first()
            told = rule.price_minor if rule is not None else None
            storm.expect(told == price, f"lost update: room {room} on {day} costs {told}, its host was told {price}")
        for (room, day), closed in self.blocks.items():
            is_closed = Night.objects.filter(room_id=room, night=day, kind=Night.Kind.BLOCKED).exists()
            storm.expect(is_closed == closed, f"lost update: room {room} on {day} closed is {is_closed}, not {closed}")
        for code, state in self.held.items():
            now = Reservation.objects.get(code=code).status
            storm.expect(now in FOLLOWS[state], f"lost update: {code} was told to be {state} and is {now}")
        for room, status in self.statuses.items():
            now = Room.objects.get(pk=room).status
            storm.expect(now == status, f"lost update: room {room} was told to be {status} and is {now}")


# What may have become of a reservation since its people were told of a state.
FOLLOWS = {
    "held": {*LIVE, "expired", "cancelled"},
    "expired": {"expired"},
    "confirmed": {"confirmed", "cancelled"},
    "cancelled": {"cancelled"},
}


class World:
    """The rooms, their host, the guests, and what they do."""

    def __init__(self, storm: Storm) -> None:
        self.storm, self.journal = storm, Journal()
        self.host = make_user("all-host@example.com", host=True)
        self.rooms = [room_of(self.host) for _ in range(ROOMS)]
        self.guests = [make_user(f"all-{number}@example.com") for number in range(GUESTS)]
        self.first = some_stay(1, ahead=40).check_in

    def guest(self, me: Any) -> Step:
        """Holds, pays, lets go, cancels, asks for other dates."""
        mine: list[Any] = []

        def act(dice: Random) -> None:
            if len(mine) < 2:
                self._hold(me, mine, dice)
                return
            one = mine.pop(0)
            done = dice.choice((self._pay, self._pay, self._let_go, self._run_out))(one, me)
            if done is not None and done.status == "confirmed":
                dice.choice((self._cancel, self._alter, self._nothing))(done, me)

        return act

    def _hold(self, me: Any, mine: list[Any], dice: Random) -> None:
        begin = self.first + timedelta(days=dice.randrange(WINDOW))
        stay, room = Stay(begin, begin + timedelta(days=dice.randint(1, 4))), dice.choice(self.rooms)
        held = self.storm.attempt("hold", lambda: services.hold(guest=me, room_id=room.pk, stay=stay, guests=1))
        if held is not None and held.code not in {each.code for each in mine}:
            mine.append(held)
            self._told(held.code, "held")

    def _pay(self, held: Any, me: Any) -> Any:
        outcome = self.storm.attempt(
            "pay",
            lambda: services.pay(code=held.code, guest=me, payment_method=VISA, return_url=RETURN_URL),
        )
        if outcome is None or outcome.status != "confirmed":
            return None
        self._told(held.code, "confirmed")
        return outcome.reservation

    def _let_go(self, held: Any, me: Any) -> Any:
        if self.storm.attempt("let go", lambda: services.let_go(code=held.code, guest=me)) is not None:
            self._told(held.code, "expired")

    def _run_out(self, held: Any, me: Any) -> Any:
        """Its time is over, and the timer notices."""
        self.storm.attempt("run out", lambda: services.backdate(code=held.code, days=0, seconds=3600))
        self.storm.attempt("expire", services.expire_holds)

    def _cancel(self, standing: Any, me: Any) -> None:
        if self.storm.attempt("cancel", lambda: cancel(standing, me)) is not None:
            self._told(standing.code, "cancelled")

    def _alter(self, standing: Any, me: Any) -> None:
        later = standing.check_out + timedelta(days=1)
        proposed = self.storm.attempt(
            "propose", lambda: services.propose_alteration(code=standing.code, actor=me, check_out=later)
        )
        if proposed is not None:
            self.storm.attempt(
                "withdraw",
                lambda: services.withdraw_alteration(code=standing.code, alteration=proposed.code, actor=me),
            )

    def _nothing(self, standing: Any, me: Any) -> None:
        """Most stays just stand."""

    def prices(self, mine: int) -> Step:
        """The only writer of some days' prices: the same few, again and again."""

        def act(dice: Random) -> None:
            room, day = dice.choice(self.rooms[:2]), self.first + timedelta(days=mine + 2 * dice.randrange(3))
            price = dice.randint(50, 400) * 1000
            change = DayChange(Stay(day, day + timedelta(days=1)), price=Money(price))
            if self._change(room, "price", change):
                self.journal.prices[room.pk, day] = price

        return act

    def blocks(self) -> Step:
        """Closes and opens days of its own at the edge of what guests want, so that both meet."""

        def act(dice: Random) -> None:
            room, day = dice.choice(self.rooms), self.first + timedelta(days=dice.randrange(WINDOW))
            closed = dice.random() < 0.6
            if self._change(room, "block", DayChange(Stay(day, day + timedelta(days=1)), blocked=closed)):
                self.journal.blocks[room.pk, day] = closed

        return act

    def _change(self, room: Any, kind: str, change: DayChange) -> bool:
        done = self.storm.attempt(
            kind, lambda: letting.set_days(room_id=room.pk, host_id=self.host.pk, changes=[change]) or True
        )
        return bool(done)

    def pauses(self) -> Step:
        """Takes rooms out of the search and puts them in again."""

        def act(dice: Random) -> None:
            room, again = self.rooms[-1], dice.random() < 0.7
            verb = letting.publish_room if again else letting.pause_room
            if self.storm.attempt("pause", lambda: verb(room_id=room.pk, host_id=self.host.pk)) is not None:
                self.journal.statuses[room.pk] = "listed" if again else "paused"

        return act

    def _told(self, code: str, state: str) -> None:
        with self.journal.lock:
            self.journal.held[code] = state


def blow(storm: Storm, length: float, sandbox: Any, guests: int = GUESTS) -> None:
    """All of them for a while, then the background, then the comparison."""
    world = World(storm)
    steps = [world.guest(each) for each in world.guests[:guests]]
    steps += [world.prices(0), world.prices(1), world.blocks(), world.pauses()]
    with until_the_end(length) as going:

        def acting(step: Step, dice: Random) -> Callable[[], None]:
            def act() -> None:
                while going():
                    step(dice)

            return act

        crowd(*(acting(step, Random(storm.seed + n)) for n, step in enumerate(steps)))
    settle_everything()
    world.journal.compare(storm)
    storm.end(sandbox.ledger())


def test_nothing_is_lost_and_everything_holds(sandbox: Any) -> None:
    storm = Storm("C")
    blow(storm, LENGTH_S, sandbox)
    storm.expect(storm.attempts >= LEAST_ATTEMPTS, f"only {storm.attempts} attempts")
    for kind in ("hold", "pay", "price", "block", "pause"):
        storm.expect(storm.counts[f"{kind}: done"] > 0, f"nobody ever came through with {kind}")
    storm.must_be_green()


def test_the_control_with_prices_that_are_not_kept(sandbox: Any) -> None:
    storm = Storm("C")
    with guards.prices_off():
        blow(storm, 3, sandbox, guests=1)
    storm.must_be_red("lost update")
