"""The state machine's requests to book: hosts say yes or no, or nothing; the money is taken, or is not."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.sim.expected import ACCEPTED_HOLD, MOST_HOLDS, STANDING, Expected

# How taking what was set aside goes: well; it lapsed meanwhile; or nobody knows.
CAPTURES = ("taken", "lapsed", "lapsed", "not answered")


class Requests(Expected):
    """Accepting, refusing and waiting, whatever state the reservation is in."""

    @precondition(lambda self: self.booked)
    @rule(data=st.data(), capture=st.sampled_from(CAPTURES))
    def accept(self, data: Any, capture: str) -> None:
        """The host says yes."""
        self.say_yes(self.some(data, "requested"), capture)

    def say_yes(self, code: str, capture: str) -> None:
        """Its host says yes, and the money is taken or not."""
        from reservations import services

        found = self.booked[code]
        asked, over = found.is_open_request, found.is_over(self.now) and found.status == "requested"
        if asked and not over:
            self._make_ready(code, capture)
        no = self.tried("accept", code, lambda: services.accept_request(code, self.host_of(found.room)))
        self.world.gateway.faults = lambda operation: "none"
        if over:
            assert no == "request_over"
            self.move(code, "expired")
        elif asked:
            found.accepted = True
            self._captured(code, capture)
            assert no == ("request_closed" if found.status == "expired" else "")
        elif found.accepted and found.status in (*STANDING, "requested", "held", "paying"):
            assert no == ""
        else:
            assert no == "request_closed"
        self.money_follows()

    @precondition(lambda self: any(each.status == "requested" and each.accepted for each in self.booked.values()))
    @rule(data=st.data(), capture=st.sampled_from(CAPTURES))
    def find_out(self, data: Any, capture: str) -> None:
        """The background asks what became of the money."""
        from payments import charging
        from payments.models import Payment

        code = self.one_in(data, lambda each: each.status == "requested" and each.accepted)
        payment = Payment.objects.get(reservation=code, status="authorized", void_wanted=False)
        self._make_ready(code, capture)
        self.world.do(lambda: charging.settle(str(payment.pk)))
        self.world.gateway.faults = lambda operation: "none"
        self._captured(code, capture)
        self.money_follows()

    @precondition(lambda self: self.booked)
    @rule(data=st.data())
    def refuse(self, data: Any) -> None:
        """The host says no."""
        self.say_no(self.some(data))

    def say_no(self, code: str) -> None:
        """Its host says no."""
        from reservations import services

        found = self.booked[code]
        asked, over = found.is_open_request, found.is_over(self.now) and found.status == "requested"
        no = self.tried("refuse", code, lambda: services.refuse_request(code, self.host_of(found.room), "not now"))
        if over:
            assert no == "request_over"
            self.move(code, "expired")
        elif asked:
            assert no == ""
            self.move(code, "declined")
        else:
            assert no == ("" if found.status == "declined" else "request_closed")
        self.money_follows()

    @precondition(lambda self: any(each.is_open_request for each in self.booked.values()))
    @rule(data=st.data(), noticed=st.sampled_from(["by timers", "by a yes", "by a no", "not yet"]))
    def until_the_host_is_late(self, data: Any, noticed: str) -> None:
        """The time to answer is over; the timers notice, or the host, or nobody yet."""
        code = self.one_in(data, lambda each: each.is_open_request)
        self.world.time.now = max(self.now, self.booked[code].answer_by)
        if noticed == "by timers":
            self.run_timers()
        elif noticed == "by a yes":
            self.say_yes(code, "taken")
        elif noticed == "by a no":
            self.say_no(code)

    def run_timers(self) -> None:
        """What is over ends."""
        self.expire_what_is_over(list(self.booked))
        self.world.task("reservations.expire_holds")
        self.world.task("reservations.end_requests")
        self.money_follows()

    # ------------------------------------------------------------------------------------------- the money
    def _make_ready(self, code: str, capture: str) -> None:
        """The gateway will do so when it is asked to take what it has set aside."""
        gateway = self.world.gateway
        for intent in gateway.store.intents.values():
            if capture == "lapsed" and intent.reservation == code and intent.status == "requires_capture":
                intent.status, intent.cancelled = "canceled", "expired"
        if capture == "not answered":
            gateway.faults = lambda operation: "drop_before" if operation == "capture" else "none"

    def _captured(self, code: str, capture: str) -> None:
        """What the outcome does to an accepted request."""
        found = self.booked[code]
        if capture == "taken":
            found.kept = found.total
            self.move(code, "confirmed")
        elif capture == "lapsed":
            mine = self.open_holds(found.guest)
            until = min(self.now + ACCEPTED_HOLD, found.check_in_at)
            here = any(self.booked[each].room == found.room for each in mine)
            if until <= self.now or here or len(mine) >= MOST_HOLDS:
                self.move(code, "expired")
            else:
                found.until = until
                self.move(code, "held")
