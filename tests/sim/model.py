"""A state machine over calendar and ledger, beside a model of plain dictionaries: the two must never differ."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from airbnb.errors import DomainError
from tests.sim.world import ASKS, DECLINED, RETURN_URL, VISA, World

HOLD, EXTENSION = timedelta(minutes=15), timedelta(minutes=10)
PATIENCE = timedelta(minutes=15)
LIVE = ("held", "paying", "confirmed", "in_stay")


class Booked:
    """One reservation in the model."""

    def __init__(self, room: int, guest: int, nights: list[date], until: datetime, total: int) -> None:
        self.room, self.guest, self.nights, self.until, self.total = room, guest, nights, until, total
        self.status, self.extended, self.declined = "held", False, 0
        self.kept = 0  # of the guest's money
        self.asked_at: datetime | None = None
        self.refused_intents: list[str] = []


class Bookings(RuleBasedStateMachine):
    """Guests and hosts against services, dictionaries beside them."""

    world: World
    taken: Counter[tuple[str, str]] = Counter()
    refused: Counter[tuple[str, str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world.begin(1)
        self.calendar: dict[tuple[int, date], str] = {}
        self.booked: dict[str, Booked] = {}

    # ---------------------------------------------------------------------------------------- the model
    def _move(self, code: str, to: str) -> None:
        found = self.booked[code]
        self.taken[found.status, to] += 1
        found.status = to
        if to in ("expired", "completed", "cancelled"):
            for key in [key for key, holder in self.calendar.items() if holder == code]:
                del self.calendar[key]

    def _over(self, found: Booked) -> bool:
        return found.status == "held" and found.until <= self.world.time.now

    def _expire(self, codes: list[str]) -> None:
        for code in codes:
            self._move(code, "expired")

    def _back_to_the_hold(self, code: str) -> None:
        found = self.booked[code]
        self._move(code, "held" if found.until > self.world.time.now else "expired")

    def _tried(self, deed: str, code: str, work: Any) -> str:
        """What the product says to it: "" when it was done, else the code of the refusal."""
        try:
            self.world.do(work)
        except DomainError as no:
            self.refused[deed, self.booked[code].status] += 1
            return no.code
        return ""

    def _some(self, data: Any) -> str:
        """Any of them; those that live are drawn more often."""
        codes = sorted(self.booked)
        return data.draw(
            st.sampled_from([*codes, *(c for c in codes if self.booked[c].status in LIVE for _n in range(4))])
        )

    # ---------------------------------------------------------------------------------------- the rules
    @initialize(data=st.data())
    def some_are_there_already(self, data: Any) -> None:
        """Each guest has a reservation in some state, reached as every other."""
        for guest in range(3):
            self.hold(room=guest % 2, guest=guest, ahead=1 + 3 * (guest // 2), length=2)
            code = list(self.booked)[-1]
            begun = data.draw(st.sampled_from(["held", "refused", "asked", "paid", "paid", "over"]))
            if begun != "held":
                self._pay(code, {"refused": DECLINED, "over": DECLINED, "asked": ASKS}.get(begun, VISA))
            if begun == "over":
                self._let_go(code)
        if data.draw(st.booleans()):
            self.wait(minutes=16, timers=False)
        for _moves in range(data.draw(st.integers(0, 2))):
            if any(each.status in ("confirmed", "in_stay") for each in self.booked.values()):
                self.until_the_next_stay_moves()

    @rule(room=st.integers(0, 1), guest=st.integers(0, 2), ahead=st.integers(1, 5), length=st.integers(1, 3))
    def hold(self, room: int, guest: int, ahead: int, length: int) -> None:
        """Take nights: all of them, or none."""
        from reservations import services

        stay = self.world.stay(ahead, length)
        asked = {"guest": self.world.guests[guest], "room_id": self.world.rooms[room].pk, "stay": stay, "guests": 2}
        mine = [code for code, each in self.booked.items() if each.guest == guest and each.status in ("held", "paying")]
        in_the_way = [code for code in {self.calendar.get((room, night)) for night in stay.nights} if code]
        stale = {code for code in [*mine, *in_the_way] if code in self.booked and self._over(self.booked[code])}
        self._expire(sorted(stale))
        mine = [code for code in mine if code not in stale]
        here = [code for code in mine if self.booked[code].room == room]
        repeated = any(self.booked[c].nights == stay.nights and self.booked[c].status == "held" for c in here)
        free = not any((room, night) in self.calendar for night in stay.nights)
        try:
            made = self.world.do(lambda: services.hold(**asked))
        except DomainError:
            assert not free or here or len(mine) >= 3, "refused without a reason"
            return
        if repeated:
            assert made.code in here
            return
        assert free
        assert not here
        assert len(mine) < 3
        self.booked[made.code] = Booked(room, guest, stay.nights, self.world.time.now + HOLD, made.total_minor)
        self.calendar |= {(room, night): made.code for night in stay.nights}
        self.taken["", "held"] += 1

    @precondition(lambda self: self.booked)
    @rule(data=st.data(), card=st.sampled_from([VISA, VISA, DECLINED, ASKS, ASKS]))
    def pay(self, data: Any, card: str) -> None:
        """Pay in whatever state it is."""
        self._pay(self._some(data), card)

    def _pay(self, code: str, card: str) -> None:
        from reservations import services

        found = self.booked[code]
        asked = {"guest": self.world.guests[found.guest], "payment_method": card, "return_url": RETURN_URL}
        before, over = found.status, self._over(found)
        no = self._tried("pay", code, lambda: services.pay(code=code, **asked))
        if over:
            assert no == "hold_expired"
            self._move(code, "expired")
        elif before == "held" and found.declined >= 5:
            assert no == "too_many_attempts"
        elif before == "held":
            assert no == ""
            self._charged(code, card)
        else:
            assert bool(no) == (before in ("expired", "cancelled"))

    def _charged(self, code: str, card: str) -> None:
        found = self.booked[code]
        intent = list(self.world.gateway.store.intents)[-1]
        if card == VISA:
            found.kept = found.total
            self._move(code, "confirmed")
        elif card == DECLINED:
            found.declined += 1
            found.refused_intents.append(intent)
            self._move(code, "held")
        else:
            found.asked_at = self.world.time.now
            self._move(code, "paying")

    @precondition(lambda self: any(each.status == "paying" for each in self.booked.values()))
    @rule(data=st.data(), answer=st.sampled_from(["approve", "refuse", "nothing"]))
    def come_back(self, data: Any, answer: str) -> None:
        """The bank answers, or not, and the guest comes back."""
        from payments import charging
        from payments.models import Payment

        code = data.draw(st.sampled_from(sorted(c for c, each in self.booked.items() if each.status == "paying")))
        found = self.booked[code]
        payment = Payment.objects.get(reservation=code, status="requires_action")
        if answer != "nothing":
            approve = answer == "approve"
            self.world.do(lambda: self.world.gateway.answer_bank(payment.gateway_ref, approve=approve))
        self.world.do(lambda: charging.settle(str(payment.pk)))
        assert found.asked_at is not None
        if answer == "approve":
            found.kept = found.total
            self._move(code, "confirmed")
        elif answer == "refuse":
            found.declined += 1
            found.refused_intents.append(payment.gateway_ref)
            self._back_to_the_hold(code)
        elif self.world.time.now - found.asked_at > PATIENCE:
            self._back_to_the_hold(code)

    @precondition(lambda self: any(each.refused_intents for each in self.booked.values()))
    @rule(data=st.data())
    def pay_late(self, data: Any) -> None:
        """A payment that was refused is paid at the gateway after all."""
        from payments import charging
        from payments.models import Payment
        from reservations.models import Reservation

        code = data.draw(st.sampled_from(sorted(c for c, each in self.booked.items() if each.refused_intents)))
        found = self.booked[code]
        intent = found.refused_intents.pop()
        self.world.do(lambda: self.world.gateway.approve(self.world.gateway.store.intents[intent]))
        self.world.do(lambda: charging.settle(str(Payment.objects.get(gateway_ref=intent).pk)))
        self._give_back()
        free = not any((found.room, night) in self.calendar for night in found.nights)
        in_time = Reservation.objects.get(code=code).check_in_at > self.world.time.now
        if found.status == "held":
            found.kept = found.total
            self._move(code, "confirmed")
        elif found.status == "expired" and free and in_time:
            found.kept = found.total
            self._move(code, "confirmed")
            self.calendar |= {(found.room, night): code for night in found.nights}

    @precondition(lambda self: self.booked)
    @rule(data=st.data())
    def let_go(self, data: Any) -> None:
        """Give the hold back."""
        self._let_go(self._some(data))

    def _let_go(self, code: str) -> None:
        from reservations import services

        found = self.booked[code]
        no = self._tried("let_go", code, lambda: services.let_go(code=code, guest=self.world.guests[found.guest]))
        assert bool(no) == (found.status not in ("held", "expired"))
        if found.status == "held":
            self._move(code, "expired")

    @precondition(lambda self: self.booked)
    @rule(data=st.data())
    def extend(self, data: Any) -> None:
        """Ask for more time."""
        from reservations import services

        code = self._some(data)
        found = self.booked[code]
        no = self._tried("extend", code, lambda: services.extend_hold(code=code, guest=self.world.guests[found.guest]))
        assert bool(no) == (found.status != "held" or self._over(found) or found.extended)
        if not no:
            found.extended, found.until = True, found.until + EXTENSION

    @precondition(lambda self: self.booked)
    @rule(data=st.data(), by=st.sampled_from(["guest", "guest", "host"]))
    def cancel(self, data: Any, by: str) -> None:
        """Cancel, whatever state it is in; a host's nights stay closed."""
        self._cancel(self._some(data), by)

    def _cancel(self, code: str, by: str) -> None:
        from reservations import services

        found = self.booked[code]
        actor = self.world.guests[found.guest] if by == "guest" else self.world.hosts[found.room]
        shown: list[Any] = []

        def do_it() -> None:
            shown.append(services.preview_cancellation(code, actor))
            services.cancel(code, actor, shown[0].token, "plans have changed")

        no = self._tried("cancel", code, do_it)
        assert bool(no) == (found.status not in ("confirmed", "in_stay"))
        if no:
            return
        back = shown[0].refund.amount_minor
        assert 0 <= back <= found.total
        assert by == "guest" or back == found.total or found.status == "in_stay"
        found.kept = found.total - back
        closed = [key for key, holder in self.calendar.items() if holder == code] if by == "host" else []
        self._move(code, "cancelled")
        self.calendar |= dict.fromkeys(closed, "blocked")
        self._give_back()

    @rule(room=st.integers(0, 1), ahead=st.integers(1, 5), close=st.booleans())
    def block(self, room: int, ahead: int, close: bool) -> None:
        """The host closes a night, or opens it."""
        from rooms.services import days

        nights, host = self.world.stay(ahead, 1), self.world.hosts[room]
        key = (room, nights.nights[0])
        holder = self.calendar.get(key, "")
        change = days.block_nights if close else days.unblock_nights
        try:
            self.world.do(lambda: change(room_id=self.world.rooms[room].pk, host_id=host.pk, nights=nights))
        except DomainError:
            assert close
            assert holder not in ("", "blocked")
            return
        if close:
            assert holder in ("", "blocked")
            self.calendar[key] = "blocked"
        elif holder == "blocked":
            del self.calendar[key]

    @rule(minutes=st.sampled_from([4, 11, 16]), timers=st.booleans())
    def wait(self, minutes: int, timers: bool) -> None:
        """Time goes by; the timers notice, or are late."""
        self.world.time.advance(minutes * 60)
        if timers:
            self._timers()

    @precondition(lambda self: any(each.status in ("confirmed", "in_stay") for each in self.booked.values()))
    @rule()
    def until_the_next_stay_moves(self) -> None:
        """The next check-in or check-out comes."""
        from reservations.models import Reservation

        begins = Reservation.objects.filter(status="confirmed").values_list("check_in_at", flat=True)
        ends = Reservation.objects.filter(status="in_stay").values_list("check_out_at", flat=True)
        self.world.time.now = max(self.world.time.now, min([*begins, *ends]))
        self._timers()

    def _timers(self) -> None:
        from reservations.models import Reservation

        self._expire(sorted(code for code, each in self.booked.items() if self._over(each)))
        now = self.world.time.now
        for code, begins, ends in Reservation.objects.values_list("code", "check_in_at", "check_out_at"):
            if self.booked[code].status == "confirmed" and begins <= now:
                self._move(code, "in_stay")
            if self.booked[code].status == "in_stay" and ends <= now:
                self._move(code, "completed")
        self.world.task("reservations.expire_holds")
        self.world.task("reservations.move_stays")

    def _give_back(self) -> None:
        """The payments' own listeners run, and what they owe is sent."""
        from airbnb.events.models import Delivery

        for pk in Delivery.objects.pending().filter(queue="payments").values_list("pk", flat=True):
            self.world.task("events.deliver", pk)
        self.world.task("payments.send_refunds")

    # ------------------------------------------------------------------------------------- what must hold
    @invariant()
    def the_calendar_is_the_models(self) -> None:
        """Night by night: who has it."""
        from rooms.models import Night

        numbers = {room.pk: number for number, room in enumerate(self.world.rooms)}
        rows = Night.objects.values_list("room_id", "night", "kind", "reservation")
        found = {(numbers[room], night): held or kind for room, night, kind, held in rows}
        assert found == self.calendar

    @invariant()
    def every_state_is_the_models(self) -> None:
        """Reservation by reservation."""
        from reservations.models import Reservation

        found = dict(Reservation.objects.values_list("code", "status"))
        assert found == {code: each.status for code, each in self.booked.items()}

    @invariant()
    def the_books_are_the_models(self) -> None:
        """What the ledger holds of each guest's money, and what the gateway keeps."""
        from django.db.models import Sum

        from payments.models import LedgerEntry

        of = LedgerEntry.objects.filter(account__kind="gateway_clearing").values_list("transaction__reservation")
        found = {code: amount for code, amount in of.annotate(sum=Sum("amount_minor")) if amount}
        kept = {code: each.kept for code, each in self.booked.items() if each.kept}
        assert found == kept
        at_the_gateway: Counter[str] = Counter()
        for intent in self.world.gateway.store.intents.values():
            at_the_gateway[intent.reservation] += intent.captured - intent.refunded
        assert {code: amount for code, amount in at_the_gateway.items() if amount} == kept
