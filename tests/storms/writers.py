"""Everybody who writes to a few rooms' calendars: guests, their host in several windows, workers, and time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from threading import Event
from typing import Any

from django.db import connection
from django.db.models import Q

from airbnb import db
from airbnb.events.bus import deliver_pending
from airbnb.money import Money
from airbnb.stays import Stay
from payments import charging, tasks
from payments.models import Payment
from reservations import services
from reservations.models import Alteration, Reservation
from rooms import services as letting
from rooms.services.days import DayChange
from tests.conftest import make_user
from tests.factories.reservations import some_stay
from tests.storms.journal import Journal, terms_of
from tests.storms.report import Storm
from tests.support import RETURN_URL, VISA, cancel, room_of

Step = Callable[[Random], None]
WINDOW = 20  # all stays begin within this many days
PAUSE_S = 0.05
TIMERS: dict[str, tuple[Callable[[], Any], Callable[[], int]]] = {
    "hold": (lambda: Reservation.objects.filter(status="held"), services.expire_holds),
    "request": (
        lambda: Reservation.objects.filter(status="requested", accepted_at__isnull=True),
        services.end_requests,
    ),
    "proposal": (lambda: Alteration.objects.filter(status__in=("proposed", "accepted")), services.expire_alterations),
}
CARD = {"payment_method": VISA, "return_url": RETURN_URL}


class Writers:
    """Rooms of one host, every second on request; what each does next is thrown with their own dice."""

    def __init__(self, storm: Storm, *, guests: int, rooms: int) -> None:
        self.storm, self.journal = storm, Journal()
        self.host = make_user("all-host@example.com", host=True)
        self.rooms = [room_of(self.host, instant_book=number % 2 == 0) for number in range(rooms)]
        self.guests = [make_user(f"all-{number}@example.com") for number in range(guests)]
        self.first = some_stay(1, ahead=40).check_in

    def steps(self) -> list[Step]:
        """One for each who acts at once."""
        behind = (*self.calendar(), self.closes(), self.pauses(), self.workers, self.time)
        return [*self.people(), *map(_now_and_then, behind)]

    def people(self) -> list[Step]:
        """Guests and host alone."""
        return [*(self.guest(each) for each in self.guests), self.tends(self.host)]

    def calendar(self) -> list[Step]:
        """Two windows of the host, in each of which the prices of other days are set."""
        return [self.prices(0), self.prices(1)]

    # ---------------------------------------------------------------------------------------------- guests
    def guest(self, me: Any) -> Step:
        """Holds and pays, or gives the hold back; now and then looks after what stands."""
        mine: list[Any] = []
        tend = self.tends(me)

        def act(dice: Random) -> None:
            if len(mine) < 2:
                self._hold(me, mine, dice)
            else:
                dice.choice((self._pay, self._pay, self._pay, self._let_go))(mine.pop(0), me)
            tend(dice)

        return act

    def _hold(self, me: Any, mine: list[Any], dice: Random) -> None:
        begin = self.first + timedelta(days=dice.randrange(WINDOW))
        stay, room = Stay(begin, begin + timedelta(days=dice.randint(1, 4))), dice.choice(self.rooms)
        held = self.storm.attempt("hold", lambda: services.hold(guest=me, room_id=room.pk, stay=stay, guests=1))
        if held is not None and held.code not in {each.code for each in mine}:
            mine.append(held)
            self.journal.terms[held.code] = terms_of(held)
            self.journal.stay(held.code, "held")

    def _pay(self, held: Any, me: Any) -> None:
        outcome = self.storm.attempt("pay", lambda: services.pay(code=held.code, guest=me, **CARD))
        if outcome is not None and outcome.status in ("confirmed", "requested"):
            self.journal.stay(held.code, outcome.status)

    def _let_go(self, held: Any, me: Any) -> None:
        if self.storm.attempt("let go", lambda: services.let_go(code=held.code, guest=me)) is not None:
            self.journal.stay(held.code, "expired")

    # ------------------------------------------------------------------------------------------ either side
    def tends(self, who: Any) -> Step:
        """Looks at one of their stays: answers what is asked, or thinks of something else."""

        def act(dice: Random) -> None:
            mine = Reservation.objects.filter(Q(guest=who) | Q(host=who), status__in=("requested", "confirmed"))
            stay = _one_of(mine, dice)
            if stay is None:
                return
            proposal = stay.alterations.open().first()
            if stay.status == "requested":
                self._about_request(stay, who, dice)
            elif proposal is not None:
                self._about_proposal(stay, proposal, who, dice)
            else:
                # What a host cancels stays closed, and closed days have one writer here: only guests cancel.
                own = (self._propose,) if who == self.host else (self._propose, self._propose, self._cancel)
                dice.choice(own)(stay, who, dice)

        return act

    def _about_request(self, stay: Any, who: Any, dice: Random) -> None:
        if who != self.host:
            if dice.random() < 0.3:
                self._cancel(stay, who, dice, kind="withdraw request")
        elif dice.random() < 0.5:
            if self.storm.attempt("refuse", lambda: services.refuse_request(stay.code, who)) is not None:
                self.journal.stay(stay.code, "declined")
        else:
            answer = self.storm.attempt("accept", lambda: services.accept_request(stay.code, who))
            if answer is not None and answer.status in ("confirmed", "accepted"):
                self.journal.stay(stay.code, answer.status)

    def _propose(self, stay: Any, who: Any, dice: Random) -> None:
        begin, length = stay.check_in + timedelta(days=dice.randint(-1, 1)), dice.randint(1, 5)
        wanted = {"check_in": begin, "check_out": begin + timedelta(days=length), "guests": dice.randint(1, 2)}
        made = self.storm.attempt("propose", lambda: services.propose_alteration(code=stay.code, actor=who, **wanted))
        if made is not None:
            self.journal.terms[made.code] = terms_of(made)
            self.journal.proposal(made.code, "proposed")

    def _about_proposal(self, stay: Any, found: Alteration, who: Any, dice: Random) -> None:
        """A yes, a no, money, or back with it; now and then by the side that may not."""
        asked = {"code": stay.code, "alteration": found.code}
        deeds: dict[str, Callable[[], Any]] = {
            "take back": lambda: services.withdraw_alteration(**asked, actor=who),
            "agree": lambda: services.accept_alteration(**asked, actor=who, **CARD),
            "decline": lambda: services.decline_alteration(**asked, actor=who),
        }
        mine = found.proposed_by == ("host" if who == self.host else "guest")
        chances = [8, 1, 1] if mine else [1, 12, 5]
        if who != self.host and found.status == "accepted":
            deeds["pay difference"], chances = (
                lambda: services.pay_alteration(**asked, guest=who, **CARD),
                [1, 0, 0, 12],
            )
        kind = dice.choices(list(deeds), chances)[0]
        told = self.storm.attempt(kind, deeds[kind])
        if told is None or (kind != "decline" and told.status == "declined"):  # the card was, not the proposal
            return
        if told.status in ("accepted", "applied", "declined", "withdrawn"):
            self.journal.proposal(found.code, str(told.status))

    def _cancel(self, stay: Any, who: Any, _dice: Random, kind: str = "cancel") -> None:
        gone = self.storm.attempt(kind, lambda: cancel(stay, who))
        if gone is not None:
            self.journal.refunds[stay.code] = gone.refund_due_minor
            self.journal.stay(stay.code, "cancelled")

    # -------------------------------------------------------------------------------------- the host's calendar
    def prices(self, mine: int) -> Step:
        """The only writer of some days' prices: the same few, again and again."""

        def act(dice: Random) -> None:
            room, day = dice.choice(self.rooms[:2]), self.first + timedelta(days=mine + 2 * dice.randrange(3))
            price = dice.randint(50, 400) * 1000
            if self._change(room, "price", DayChange(Stay(day, day + timedelta(days=1)), price=Money(price))):
                self.journal.prices[room.pk, day] = price

        return act

    def closes(self) -> Step:
        """Closes days that guests want, and opens them again."""

        def act(dice: Random) -> None:
            room, day = dice.choice(self.rooms), self.first + timedelta(days=dice.randrange(WINDOW))
            closed = dice.random() < 0.5
            if self._change(room, "block", DayChange(Stay(day, day + timedelta(days=1)), blocked=closed)):
                self.journal.closed[room.pk, day] = closed

        return act

    def _change(self, room: Any, kind: str, change: DayChange) -> bool:
        done = self.storm.attempt(
            kind, lambda: letting.set_days(room_id=room.pk, host_id=self.host.pk, changes=[change]) or True
        )
        return bool(done)

    def pauses(self) -> Step:
        """Takes a room out of the search and puts it in again."""

        def act(dice: Random) -> None:
            room, again = self.rooms[-1], dice.random() < 0.7
            verb = letting.publish_room if again else letting.pause_room
            if self.storm.attempt("pause", lambda: verb(room_id=room.pk, host_id=self.host.pk)) is not None:
                self.journal.rooms[room.pk] = "listed" if again else "paused"

        return act

    # ------------------------------------------------------------------------------------- workers and time
    def workers(self, dice: Random) -> None:
        """Deliver, ask about payments, send refunds, while everybody writes."""
        self.storm.attempt("work", lambda: (deliver_pending(limit=50), tasks.send_refunds()))
        undecided = Q(status__in=("processing", "unknown")) | Q(void_wanted=True) | Q(capture_wanted=True)
        payment = _one_of(Payment.objects.filter(undecided).exclude(status__in=("captured", "voided")), dice)
        if payment is not None:
            self.storm.attempt("work", lambda: charging.settle(str(payment.pk)))

    def time(self, dice: Random) -> None:
        """The time of a hold, a request or a proposal is over, and the timer notices."""
        what = dice.choice(list(TIMERS))
        waiting, timer = TIMERS[what]
        found = _one_of(waiting(), dice) if dice.random() < 0.5 else None
        if found is not None:
            self.storm.attempt("run out", lambda: _run_out(found, waiting().filter(pk=found.pk)))
        if self.storm.attempt("timer", timer):
            self.storm.happened(f"{what} ran out")


def _run_out(found: Any, still: Any) -> None:
    """If it waits still, it has waited for longer than anybody may; what stands is not moved in time."""
    code = found.reservation.code if isinstance(found, Alteration) else found.code
    with db.write():
        db.reservation_lock(code)
        found = still.select_for_update(of=("self",)).first()
        if isinstance(found, Reservation):
            services.backdate(code=code, days=0, seconds=25 * 3600)
        elif found is not None:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL binbang.backdating = 'on'")
            found.move_back(timedelta(hours=25), 0)


def _now_and_then(step: Step) -> Step:
    """With a pause before each time: whoever needs others to have done something first leaves them the processor."""

    def act(dice: Random) -> None:
        Event().wait(PAUSE_S)
        step(dice)

    return act


def _one_of(rows: Any, dice: Random) -> Any:
    """Any of the rows, or None."""
    found = list(rows.order_by("pk"))
    return dice.choice(found) if found else None
