"""What the state machine expects: dictionaries of who has each night, how each reservation stands and its money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from airbnb.errors import DomainError
from tests.sim.world import World

HOLD, EXTENSION = timedelta(minutes=15), timedelta(minutes=10)
PATIENCE = timedelta(minutes=15)
# How long a host may think, how long before check-in it ends, how much of it there must be, and how long a guest whose
# card failed after the host's yes has to pay with another.
ANSWER_TIME, ANSWERED_BEFORE, AT_LEAST = timedelta(hours=24), timedelta(hours=24), timedelta(hours=1)
ACCEPTED_HOLD = timedelta(hours=12)
MOST_HOLDS, MOST_DECLINED = 3, 5
LIVE = ("held", "paying", "requested", "confirmed", "in_stay")
ENDED = ("declined", "completed", "cancelled")
STANDING = ("confirmed", "in_stay", "completed")
# The host of this room wants to be asked first.
ASKS_FIRST = 2

ANYTHING_TO_FOLLOW = """
    SELECT EXISTS (SELECT FROM events_delivery WHERE status = 'pending' AND queue = 'payments')
        OR EXISTS (SELECT FROM payments_payment
                   WHERE void_wanted AND status IN ('authorized', 'requires_action', 'unknown'))
        OR EXISTS (SELECT FROM payments_refund WHERE status = 'pending')"""


class Booked:
    """One reservation in the model; ``moves`` are the states that it has been in, the present one last."""

    def __init__(self, room: int, guest: int, nights: list[date], until: datetime, check_in_at: datetime) -> None:
        self.room, self.guest, self.nights, self.until, self.check_in_at = room, guest, nights, until, check_in_at
        self.moves = ["held"]
        self.total = self.kept = 0  # what it costs, and what is kept of the guest's money
        self.extended = self.accepted = False
        self.asked_at = self.answer_by = until
        self.refused_intents: list[str] = []

    @property
    def status(self) -> str:
        """Where it stands."""
        return self.moves[-1]

    @property
    def stands_once_paid(self) -> bool:
        """Whether nobody has to be asked any more."""
        return self.room != ASKS_FIRST or self.accepted

    @property
    def declined(self) -> int:
        """Payments that came to nothing."""
        return list(pairwise(self.moves)).count(("paying", "held"))

    @property
    def is_open_request(self) -> bool:
        """Whether the host has been asked and has not answered."""
        return self.status == "requested" and not self.accepted

    def latest_answer(self, at: datetime) -> datetime:
        """Until when a host who is asked now may think."""
        return min(at + ANSWER_TIME, self.check_in_at - ANSWERED_BEFORE)

    def is_over(self, at: datetime) -> bool:
        """A hold whose time has ended, or a request that was not answered in time."""
        return (self.status == "held" and self.until <= at) or (self.is_open_request and self.answer_by <= at)

    def cannot_be_asked(self, at: datetime) -> bool:
        """A hold whose host could not answer any more before the stay."""
        return self.status == "held" and not self.stands_once_paid and self.latest_answer(at) <= at


class Expected(RuleBasedStateMachine):
    """The dictionaries, and what must hold between them and the tables after every step."""

    world: World
    taken: Counter[tuple[str, str]] = Counter()
    refused: Counter[tuple[str, str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world.begin(1)
        self.calendar: dict[tuple[int, date], str] = {}
        self.booked: dict[str, Booked] = {}

    @property
    def now(self) -> datetime:
        """The virtual instant."""
        return self.world.time.now

    def host_of(self, room: int) -> Any:
        """Every second room is of the same host."""
        return self.world.hosts[room % 2]

    def move(self, code: str, *states: str) -> None:
        """It goes through these states; dead ones give their nights back."""
        found = self.booked[code]
        for to in states:
            self.taken[found.status, to] += 1
            found.moves.append(to)
        if found.status not in LIVE:
            for key in [key for key, holder in self.calendar.items() if holder == code]:
                del self.calendar[key]

    def expire_what_is_over(self, codes: list[str]) -> None:
        """Of these, what is over has ended."""
        for code in sorted(set(codes)):
            if code in self.booked and self.booked[code].is_over(self.now):
                self.move(code, "expired")

    def open_holds(self, guest: int) -> list[str]:
        """The holds that this guest has open, over or not."""
        return [code for code, each in self.booked.items() if each.guest == guest and each.status in ("held", "paying")]

    def tried(self, deed: str, code: str, work: Callable[[], Any]) -> str:
        """What the product says to it: "" when it was done, else the code of the refusal."""
        try:
            self.world.do(work)
        except DomainError as no:
            self.refused[deed, self.booked[code].status] += 1
            return no.code
        return ""

    def some(self, data: Any, favourite: str = "") -> str:
        """Any of them: each state that there is has the same chance, the favourite one more."""
        states = sorted({each.status for each in self.booked.values()})
        state = data.draw(st.sampled_from([*states, *(each for each in states * 3 if each == favourite)]))
        return self.one_in(data, lambda each: each.status == state)

    def one_in(self, data: Any, wanted: Callable[[Booked], bool]) -> str:
        """One of those that are so."""
        return str(data.draw(st.sampled_from(sorted(code for code, each in self.booked.items() if wanted(each)))))

    def money_follows(self) -> None:
        """The payments' own listeners run; what they owe is sent, what nobody wants is let go."""
        from airbnb.events.models import Delivery
        from payments import charging
        from payments.models import Payment

        if not _rows(ANYTHING_TO_FOLLOW)[0][0]:
            return
        for pk in Delivery.objects.pending().filter(queue="payments").values_list("pk", flat=True):
            self.world.task("events.deliver", pk)
        unwanted = Payment.objects.filter(void_wanted=True, status__in=("authorized", "requires_action", "unknown"))
        for pk in unwanted.values_list("pk", flat=True):
            self.world.do(lambda pk=pk: charging.settle(str(pk)))
        self.world.task("payments.send_refunds")

    # ------------------------------------------------------------------------------------- what must hold
    @invariant()
    def the_calendar_is_the_models(self) -> None:
        """Night by night: who has it."""
        numbers = {room.pk: number for number, room in enumerate(self.world.rooms)}
        rows = _rows("SELECT room_id, night, kind, reservation FROM rooms_night")
        assert {(numbers[room], night): held or kind for room, night, kind, held in rows} == self.calendar

    @invariant()
    def every_way_is_the_models(self) -> None:
        """Reservation by reservation: every state that it has been in, as its diary tells."""
        rows = _rows("""
            SELECT r.code, r.status, array_agg(t.to_status::text ORDER BY t.version)
            FROM reservations_reservation r JOIN reservations_transition t
              ON t.reservation_id = r.id AND t.from_status <> t.to_status GROUP BY r.id""")
        assert {code: (status, moves) for code, status, moves in rows} == {
            code: (each.status, each.moves) for code, each in self.booked.items()
        }

    @invariant()
    def the_books_are_the_models(self) -> None:
        """What the ledger holds of each guest's money, and what the gateway keeps or has set aside."""
        rows = _rows("""
            SELECT t.reservation, sum(e.amount_minor) FROM payments_ledgerentry e
            JOIN payments_ledgertransaction t ON t.id = e.transaction_id
            JOIN payments_ledgeraccount a ON a.id = e.account_id
            WHERE a.kind = 'gateway_clearing' GROUP BY 1 HAVING sum(e.amount_minor) <> 0""")
        kept = {code: each.kept for code, each in self.booked.items() if each.kept}
        assert dict(rows) == kept
        at_the_gateway: Counter[str] = Counter()
        set_aside: Counter[str] = Counter()
        for intent in self.world.gateway.store.intents.values():
            at_the_gateway[intent.reservation] += intent.captured - intent.refunded
            set_aside[intent.reservation] += intent.amount if intent.status == "requires_capture" else 0
        assert +at_the_gateway == kept
        assert +set_aside == {code: each.total for code, each in self.booked.items() if each.status == "requested"}


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
