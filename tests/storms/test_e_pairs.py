"""Storm E: two who want opposite things of one reservation at the same moment; one wins, and the books are clean."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from airbnb import clock
from payments import charging, messages, refunding, tasks
from payments import gateways as at_the_gateway
from payments.models import Payment, Refund, WebhookMessage
from payments.services import store_message
from reservations import services
from reservations.models import Reservation
from reservations.services import cancellations
from rooms.models import Night
from tests.conftest import make_user
from tests.storms import guards
from tests.storms.report import Storm, crowd, settle_everything, size
from tests.support import (
    ASKS,
    cancel,
    confirmed_reservation,
    fresh,
    held_reservation,
    in_stay_reservation,
    pay_for,
    paying_reservation,
    requested_reservation,
    room_of,
)

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = size(1, 50)
Act = Callable[[], Any]


@dataclass
class Scene:
    """A reservation, who is in it, and the sandbox behind it."""

    reservation: Reservation
    guest: Any
    host: Any
    sandbox: Any

    @property
    def code(self) -> str:
        """Its code."""
        return self.reservation.code

    @property
    def payment(self) -> Payment:
        """Its latest payment."""
        return Payment.objects.of(self.code)[0]

    def charges(self) -> list[dict[str, Any]]:
        """What the gateway took for it and has."""
        found: list[dict[str, Any]] = [each for each in self.sandbox.charges(self.code) if each["captured"]]
        return found


def scene(number: int, sandbox: Any, begin: Callable[..., Reservation]) -> Scene:
    """A guest, a host, a room and a reservation of their own for each round."""
    guest = make_user(f"pair-{number}@example.com")
    host = make_user(f"pair-host-{number}@example.com", host=True)
    return Scene(begin(guest, room_of(host)), guest, host, sandbox)


# ------------------------------------------------------------------------------------------ who comes together
def held_at_its_end(guest: Any, room: Any) -> Reservation:
    """A hold whose time is just over."""
    held = held_reservation(guest, room)
    assert held.hold_expires_at is not None
    left = (held.hold_expires_at - clock.now()).total_seconds()
    return services.backdate(code=held.code, days=0, seconds=int(left))


def with_a_refund(guest: Any, room: Any) -> Reservation:
    """Cancelled, and the refund is not sent yet."""
    from airbnb.events.bus import deliver_pending

    gone = cancel(confirmed_reservation(guest, room), guest)
    deliver_pending()
    return gone


def approved_at_the_bank(guest: Any, room: Any) -> Reservation:
    """The bank has said yes and nobody has told us."""
    return paying_reservation(guest, room)


def asked(guest: Any, room: Any) -> Reservation:
    """The host is asked, and the money is set aside."""
    return requested_reservation(guest, host=room.host)


def asked_and_over(guest: Any, room: Any) -> Reservation:
    """The same, and the time to answer is just over."""
    request = asked(guest, room)
    return services.backdate(code=request.code, days=0, seconds=25 * 3600)


def accepts(it: Scene) -> Act:
    return lambda: services.accept_request(it.code, it.host)


def refuses(it: Scene) -> Act:
    return lambda: services.refuse_request(it.code, it.host)


def request_ends(_it: Scene) -> Act:
    return services.end_requests


def withdraws(it: Scene) -> Act:
    token = services.preview_cancellation(it.code, it.guest).token
    return lambda: services.cancel(it.code, it.guest, token)


def pays(it: Scene) -> Act:
    return lambda: pay_for(fresh(it.reservation))


def expires(_it: Scene) -> Act:
    return services.expire_holds


def lets_go(it: Scene) -> Act:
    return lambda: services.let_go(code=it.code, guest=it.guest)


def guest_cancels(it: Scene) -> Act:
    token = services.preview_cancellation(it.code, it.guest).token
    return lambda: services.cancel(it.code, it.guest, token)


def host_cancels(it: Scene) -> Act:
    token = services.preview_cancellation(it.code, it.host).token
    return lambda: services.cancel(it.code, it.host, token)


def stay_ends(it: Scene) -> Act:
    return services.move_stays


def sends_refund(it: Scene) -> Act:
    refund = Refund.objects.get(payment__reservation=it.code)
    return lambda: refunding.send(str(refund.pk))


def settles_refund(it: Scene) -> Act:
    refund = Refund.objects.get(payment__reservation=it.code)
    return lambda: refunding.settle(str(refund.pk))


def comes_back(it: Scene) -> Act:
    """The guest's return from the bank."""
    payment = str(it.payment.pk)
    return lambda: charging.settle(payment)


def is_told(it: Scene) -> Act:
    """The gateway's message about the same."""
    event = next(each for each in it.sandbox.events() if it.code in str(each))
    store_message("stripe", at_the_gateway.named("stripe").read_stored(event))
    message = WebhookMessage.objects.latest("pk")
    return lambda: messages.work(message.pk)


def timer_asks(_it: Scene) -> Act:
    return tasks.settle_unknown


@dataclass(frozen=True)
class Pair:
    """Two acts over one kind of reservation, and the ends that are allowed: status, charges taken, refunds sent."""

    name: str
    begin: Callable[[Any, Any], Reservation]
    one: Callable[[Scene], Act]
    other: Callable[[Scene], Act]
    ends: tuple[tuple[str, int, int], ...]
    at_the_bank: bool = False


PAID, GONE, BACK = ("confirmed", 1, 0), ("expired", 0, 0), ("cancelled", 1, 1)
REFUSED, WITHDRAWN = ("declined", 0, 0), ("cancelled", 0, 0)
PAIRS = [
    Pair("expire v. pay", held_at_its_end, expires, pays, (PAID, GONE)),
    Pair("let go v. pay", held_reservation, lets_go, pays, (PAID, GONE)),
    Pair("pay v. pay", held_reservation, pays, pays, (PAID,)),
    Pair("expire v. let go", held_at_its_end, expires, lets_go, (GONE,)),
    Pair("cancel v. cancel", confirmed_reservation, guest_cancels, host_cancels, (BACK,)),
    Pair("cancel twice", confirmed_reservation, guest_cancels, guest_cancels, (BACK,)),
    Pair("cancel v. the end of the stay", in_stay_reservation, host_cancels, stay_ends, (BACK,)),
    Pair("refund v. refund", with_a_refund, sends_refund, sends_refund, (BACK,)),
    Pair("refund v. its settling", with_a_refund, sends_refund, settles_refund, (BACK,)),
    Pair("message v. return", approved_at_the_bank, is_told, comes_back, (PAID,), at_the_bank=True),
    Pair("return v. return", approved_at_the_bank, comes_back, comes_back, (PAID,), at_the_bank=True),
    Pair("accept v. accept", asked, accepts, accepts, (PAID,)),
    Pair("accept v. refuse", asked, accepts, refuses, (PAID, REFUSED)),
    Pair("accept v. the end of its time", asked_and_over, accepts, request_ends, (GONE,)),
    Pair("accept (capture) v. cancel", asked, accepts, withdraws, (PAID, WITHDRAWN, BACK)),
    Pair("message v. timer", approved_at_the_bank, is_told, timer_asks, (PAID,), at_the_bank=True),
]


def meet(storm: Storm, pair: Pair, number: int, sandbox: Any, *, swapped: bool) -> None:
    """One round: the one acts a little before the other, in the order asked for, by a lead drawn from the seed."""
    it = scene(number, sandbox, pair.begin)
    if pair.at_the_bank:
        sandbox.answer_bank(it.payment.action_url, "approve")
    first, second = (pair.other(it), pair.one(it)) if swapped else (pair.one(it), pair.other(it))
    lead = storm.random.choice((0, 0, 0.001, 0.003, 0.01))

    def later() -> None:
        threading.Event().wait(lead)
        storm.attempt(pair.name, second)

    crowd(lambda: storm.attempt(pair.name, first), later)
    settle_everything()
    judge(storm, pair, it)


def judge(storm: Storm, pair: Pair, it: Scene) -> None:
    """One of the ends that are allowed, and nights exactly while it lives."""
    now = fresh(it.reservation)
    if now.status == "held":  # whoever came too late to pay and too soon to expire: the timer comes again
        services.expire_holds()
        now = fresh(it.reservation)
    back = Refund.objects.filter(payment__reservation=it.code, status="succeeded").count()
    end = (str(now.status), len(it.charges()), back)
    storm.expect(end in pair.ends, f"{pair.name}: ended as {end}, allowed are {pair.ends}")
    has_nights = Night.objects.filter(reservation=it.code).exists()
    storm.expect(has_nights == now.is_live, f"{pair.name}: nights {has_nights} in {now.status}")


@pytest.mark.parametrize("pair", PAIRS, ids=[each.name for each in PAIRS])
def test_one_of_the_two_wins(pair: Pair, sandbox: Any) -> None:
    storm = Storm(f"E, {pair.name}")
    for number in range(ROUNDS):
        for swapped in (False, True):
            meet(storm, pair, 2 * number + swapped, sandbox, swapped=swapped)
    settle_everything()
    storm.end(sandbox.ledger())
    storm.must_be_green()


def test_the_control_without_locks_and_comparison(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guest and host both look before either has written: without the guards both cancel, and two refunds are due."""
    storm, pair = Storm("E, cancel v. cancel"), next(each for each in PAIRS if each.name == "cancel v. cancel")
    it = scene(0, sandbox, pair.begin)
    acts = (pair.one(it), pair.other(it))
    both_looked, real = threading.Barrier(2), cancellations.refund_for

    def look_together(*given: Any, **named: Any) -> Any:
        found = real(*given, **named)
        both_looked.wait(timeout=20)
        return found

    monkeypatch.setattr(cancellations, "refund_for", look_together)
    guards.without_locks(monkeypatch)
    with guards.off(guards.STATES_ARE_FREE, guards.STATES_ARE_GUARDED):
        crowd(*(lambda act=act: storm.attempt("cancel", act) for act in acts))
    done = Counter(storm.counts)["cancel: done"]
    storm.expect(done <= 1, f"{done} winners")
    storm.end()
    storm.must_be_red("winners", "I5_", "I24_", "IntegrityError")
    assert ASKS
