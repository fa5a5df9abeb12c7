"""A state machine over calendar and ledger, beside a model of plain dictionaries: the two must never differ."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from airbnb import clock
from airbnb.errors import DomainError
from tests.sim.expected import (
    ANSWERED_BEFORE,
    ASKS_FIRST,
    AT_LEAST,
    ENDED,
    EXTENSION,
    HOLD,
    MOST_DECLINED,
    MOST_HOLDS,
    PATIENCE,
    Booked,
)
from tests.sim.model_requests import Requests
from tests.sim.world import ASKS, DECLINED, RETURN_URL, VISA

BEGUN = ["held", "refused", "asked", "paid", "paid", "over", "cancelled"]
ASKED = ["requested", "requested", "not answered", "lapsed", "taken", "refused by the host", "taken back"]


class Bookings(Requests):
    """Guests and hosts against services, dictionaries beside them."""

    @initialize(data=st.data())
    def some_are_there_already(self, data: Any) -> None:
        """Each guest has a reservation in some state, reached as every other."""
        for guest in range(3):
            code = self._hold(room=guest, guest=guest, ahead=1 + 3 * (guest // 2), length=2)
            begun = data.draw(st.sampled_from([*BEGUN, *(ASKED * (guest == ASKS_FIRST))]))
            if begun != "held":
                self._pay(code, {"refused": DECLINED, "over": DECLINED, "asked": ASKS}.get(begun, VISA))
            if begun == "over":
                self._let_go(code)
            elif begun in ("not answered", "lapsed", "taken"):
                self.say_yes(code, begun)
            elif begun == "refused by the host":
                self.say_no(code)
            elif begun in ("cancelled", "taken back"):
                self._cancel(code, "guest")
        if data.draw(st.booleans()):
            self.wait(minutes=16, timers=False)
        for _moves in range(data.draw(st.integers(0, 2))):
            if any(each.status in ("confirmed", "in_stay") for each in self.booked.values()):
                self.until_the_next_stay_moves()

    @rule(
        room=st.sampled_from([0, 1, ASKS_FIRST, ASKS_FIRST]),
        guest=st.integers(0, 2),
        ahead=st.integers(1, 5),
        length=st.integers(1, 3),
        card=st.sampled_from(["", VISA, VISA, ASKS]),
    )
    def book(self, room: int, guest: int, ahead: int, length: int, card: str) -> None:
        """Take nights, all of them or none, and perhaps pay at once."""
        code = self._hold(room, guest, ahead, length)
        if code and card:
            self._pay(code, card)

    def _hold(self, room: int, guest: int, ahead: int, length: int) -> str:
        """The code of a new hold; empty where there is none."""
        from reservations import services

        stay = self.world.stay(ahead, length)
        asked = {"guest": self.world.guests[guest], "room_id": self.world.rooms[room].pk, "stay": stay, "guests": 2}
        in_the_way = [code for code in {self.calendar.get((room, night)) for night in stay.nights} if code]
        holds = [each for each in in_the_way if each in self.booked and self.booked[each].status == "held"]
        self.expire_what_is_over([*self.open_holds(guest), *holds])
        mine = self.open_holds(guest)
        here = [code for code in mine if self.booked[code].room == room]
        repeated = any(self.booked[c].nights == stay.nights and self.booked[c].status == "held" for c in here)
        free = not any((room, night) in self.calendar for night in stay.nights)
        terms = self.world.rooms[room]
        check_in_at = clock.at_local(stay.check_in, terms.check_in_from, terms.time_zone)
        too_near = room == ASKS_FIRST and check_in_at < self.now + ANSWERED_BEFORE + AT_LEAST
        try:
            made = self.world.do(lambda: services.hold(**asked))
        except DomainError:
            assert not free or here or len(mine) >= MOST_HOLDS or too_near, "refused without a reason"
            return ""
        if repeated:
            assert made.code in here
            return ""
        assert free
        assert not here
        assert not too_near
        assert len(mine) < MOST_HOLDS
        self.booked[made.code] = Booked(room, guest, stay.nights, self.now + HOLD, check_in_at)
        self.booked[made.code].total = made.total_minor
        self.calendar |= {(room, night): made.code for night in stay.nights}
        self.taken["", "held"] += 1
        return str(made.code)

    @precondition(lambda self: self.booked)
    @rule(data=st.data(), card=st.sampled_from([VISA, VISA, DECLINED, ASKS, ASKS]))
    def pay(self, data: Any, card: str) -> None:
        """Pay in whatever state it is."""
        self._pay(self.some(data, "held"), card)

    def _pay(self, code: str, card: str) -> None:
        from reservations import services

        found = self.booked[code]
        asked = {"guest": self.world.guests[found.guest], "payment_method": card, "return_url": RETURN_URL}
        before = found.status
        over = before == "held" and (found.is_over(self.now) or found.cannot_be_asked(self.now))
        no = self.tried("pay", code, lambda: services.pay(code=code, **asked))
        if over:
            assert no == "hold_expired"
            self.move(code, "expired")
        elif before == "held" and found.declined >= MOST_DECLINED:
            assert no == "too_many_attempts"
        elif before == "held":
            assert no == ""
            self._charged(code, card)
        else:
            assert bool(no) == (before in ("expired", "declined", "cancelled"))

    def _charged(self, code: str, card: str) -> None:
        found = self.booked[code]
        intent = list(self.world.gateway.store.intents)[-1]
        self.move(code, "paying")
        if card == VISA:
            self._has_paid(code)
        elif card == DECLINED:
            found.refused_intents.append(intent)
            self.move(code, "held")
        else:
            found.asked_at = self.now

    def _has_paid(self, code: str) -> None:
        """The money is there, or is set aside while the host is asked, if there is still time to ask."""
        found = self.booked[code]
        if found.stands_once_paid:
            found.kept = found.total
            self.move(code, "confirmed")
            return
        found.answer_by = found.latest_answer(self.now)
        self.move(code, "requested" if found.answer_by > self.now else "expired")
        self.money_follows()

    @precondition(lambda self: any(each.status == "paying" for each in self.booked.values()))
    @rule(data=st.data(), answer=st.sampled_from(["approve", "refuse", "nothing"]), late=st.booleans())
    def come_back(self, data: Any, answer: str, late: bool) -> None:
        """The bank answers, or not, and the guest comes back, perhaps when the time of the hold is over."""
        from payments import charging
        from payments.models import Payment

        code = self.one_in(data, lambda each: each.status == "paying")
        found = self.booked[code]
        if late:
            self.world.time.now = max(self.now, found.until)
        payment = Payment.objects.get(reservation=code, status="requires_action")
        if answer != "nothing":
            approve = answer == "approve"
            self.world.do(lambda: self.world.gateway.answer_bank(payment.gateway_ref, approve=approve))
        self.world.do(lambda: charging.settle(str(payment.pk)))
        if answer == "approve":
            self._has_paid(code)
        elif answer == "refuse" or self.now - found.asked_at > PATIENCE:
            if answer == "refuse":
                found.refused_intents.append(payment.gateway_ref)
            self.move(code, "held" if found.until > self.now else "expired")

    @precondition(lambda self: any(each.refused_intents for each in self.booked.values()))
    @rule(data=st.data(), dead=st.booleans())
    def pay_late(self, data: Any, dead: bool) -> None:
        """A payment that was refused is paid at the gateway after all; what was only set aside is let go again."""
        from payments import charging
        from payments.models import Payment
        from reservations.models import Reservation

        dead = dead and any(each.refused_intents and each.status == "expired" for each in self.booked.values())
        code = self.one_in(data, lambda each: bool(each.refused_intents) and (not dead or each.status == "expired"))
        found = self.booked[code]
        intent = self.world.gateway.store.intents[found.refused_intents.pop()]
        self.world.do(lambda: self.world.gateway.approve(intent))
        self.world.do(lambda: charging.settle(str(Payment.objects.get(gateway_ref=intent.id).pk)))
        self.money_follows()
        free = not any((found.room, night) in self.calendar for night in found.nights)
        in_time = Reservation.objects.get(code=code).check_in_at > self.now
        if intent.manual or not found.stands_once_paid:
            return
        if found.status == "held":
            found.kept = found.total
            self.move(code, "paying", "confirmed")
        elif found.status == "expired" and free and in_time:
            found.kept = found.total
            self.move(code, "confirmed")
            self.calendar |= {(found.room, night): code for night in found.nights}

    @precondition(lambda self: self.booked)
    @rule(data=st.data())
    def let_go(self, data: Any) -> None:
        """Give the hold back."""
        self._let_go(self.some(data, "held"))

    def _let_go(self, code: str) -> None:
        from reservations import services

        found = self.booked[code]
        no = self.tried("let_go", code, lambda: services.let_go(code=code, guest=self.world.guests[found.guest]))
        assert bool(no) == (found.status not in ("held", "expired"))
        if found.status == "held":
            self.move(code, "expired")

    @precondition(lambda self: self.booked)
    @rule(data=st.data())
    def extend(self, data: Any) -> None:
        """Ask for more time."""
        self._extend(self.some(data))

    def _extend(self, code: str) -> None:
        from reservations import services

        found = self.booked[code]
        no = self.tried("extend", code, lambda: services.extend_hold(code=code, guest=self.world.guests[found.guest]))
        assert bool(no) == (found.status != "held" or found.is_over(self.now) or found.extended)
        if not no:
            found.extended, found.until = True, found.until + EXTENSION

    @precondition(lambda self: self.booked)
    @rule(data=st.data(), by=st.sampled_from(["guest", "guest", "host"]))
    def cancel(self, data: Any, by: str) -> None:
        """Cancel, or take a request back, whatever state it is in; a host's nights stay closed."""
        self._cancel(self.some(data, "in_stay"), by)

    def _cancel(self, code: str, by: str) -> None:
        from reservations import services

        found = self.booked[code]
        actor = self.world.guests[found.guest] if by == "guest" else self.host_of(found.room)
        shown: list[Any] = []

        def do_it() -> None:
            shown.append(services.preview_cancellation(code, actor))
            services.cancel(code, actor, shown[0].token, "plans have changed")

        no = self.tried("cancel", code, do_it)
        withdrawn = by == "guest" and found.is_open_request and not found.is_over(self.now)
        assert bool(no) == (found.status not in ("confirmed", "in_stay") and not withdrawn)
        if no:
            return
        back = shown[0].refund.amount_minor
        assert 0 <= back <= found.kept
        assert by == "guest" or back == found.kept or found.status == "in_stay"
        found.kept -= back
        closed = [key for key, holder in self.calendar.items() if holder == code] if by == "host" else []
        self.move(code, "cancelled")
        self.calendar |= dict.fromkeys(closed, "blocked")
        self.money_follows()

    @precondition(lambda self: any(each.status != "held" for each in self.booked.values()))
    @rule(data=st.data())
    def try_what_is_forbidden(self, data: Any) -> None:
        """Everything that nobody may do with it in its state, one after the other."""
        code = self.one_in(data, lambda each: each.status != "held")
        before = self.booked[code].status
        if before != "expired":
            self._let_go(code)
        self._extend(code)
        if before in ("expired", *ENDED):
            self._pay(code, VISA)
        if before not in ("confirmed", "in_stay"):
            self._cancel(code, "host")
        if before != "requested" or self.booked[code].accepted:
            self.say_yes(code, "taken")
            self.say_no(code)
        assert self.booked[code].status == before

    @rule(room=st.integers(0, 2), ahead=st.integers(1, 5), close=st.booleans())
    def block(self, room: int, ahead: int, close: bool) -> None:
        """The host closes a night, or opens it."""
        from rooms.services import days

        nights, host = self.world.stay(ahead, 1), self.host_of(room)
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
            self.run_timers()

    @precondition(lambda self: any(each.status in ("confirmed", "in_stay") for each in self.booked.values()))
    @rule()
    def until_the_next_stay_moves(self) -> None:
        """The next check-in or check-out comes."""
        from reservations.models import Reservation

        begins = Reservation.objects.filter(status="confirmed").values_list("check_in_at", flat=True)
        ends = Reservation.objects.filter(status="in_stay").values_list("check_out_at", flat=True)
        self.world.time.now = max(self.now, min([*begins, *ends]))
        self.run_timers()

    def run_timers(self) -> None:
        """What is over ends; stays begin and end."""
        from reservations.models import Reservation

        super().run_timers()
        for code, begins, ends in Reservation.objects.values_list("code", "check_in_at", "check_out_at"):
            if self.booked[code].status == "confirmed" and begins <= self.now:
                self.move(code, "in_stay")
            if self.booked[code].status == "in_stay" and ends <= self.now:
                self.move(code, "completed")
        self.world.task("reservations.move_stays")
