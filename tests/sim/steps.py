"""What can happen in a simulation, and how often: each step does one thing and says what came of it.

A step gets the simulation, takes its chances from ``sim.rng``, and writes to ``sim.journal`` what somebody was told
to be done; where there is nothing to do it returns ``IDLE``, and another is drawn. To add an actor, write the step and
give it a line in :data:`TABLE`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airbnb.errors import DomainError
from airbnb.money import Money
from tests.sim.choosing import one_of, pick
from tests.sim.simulation import IDLE, Simulation
from tests.sim.surroundings import (
    a_moment,
    a_while,
    choose_gateway,
    deliver_one,
    force,
    lose_redis,
    refund_comes_back,
    rise,
    send_refund_again,
    timer,
    webhook,
    work,
)
from tests.sim.window import LEFT, WINDOW
from tests.sim.world import ASKS, DECLINED, RETURN_URL, VISA

# Stays fall into so few days that guests and hosts are often in each other's way.
FIRST_DAYS, NIGHTS = (1, 9), (1, 3)


# ------------------------------------------------------------------------------------------------ guests
def hold(sim: Simulation) -> str:
    """A guest holds nights, at the price of a quote or without one."""
    from reservations import services
    from rooms import queries

    world, rng = sim.world, sim.rng
    guest, room = rng.choice(world.guests), rng.choice(world.rooms)
    stay = world.stay(rng.randint(*FIRST_DAYS), rng.randint(*NIGHTS))
    token = None
    if rng.random() < 0.5:
        token = world.do(lambda: queries.quote(room.pk, stay, 2).token)
        if rng.random() < 0.2:
            sim.note(f"  meanwhile, {change_price(sim)}")
    made = world.do(lambda: services.hold(guest=guest, room_id=room.pk, stay=stay, guests=2, quote_token=token))
    sim.journal.append(("hold", made.code, None))
    return f"{made.code} {stay}"


def pay(sim: Simulation) -> str:
    """A guest pays one of their holds, perhaps a second time."""
    from reservations import services

    stay = one_of(sim, "held", "held", "paying")
    if stay is None:
        return IDLE
    method = way_to_pay(sim, authorize=not stay.stands_once_paid)
    asked = {"code": stay.code, "guest": stay.guest, "payment_method": method, "return_url": RETURN_URL}
    told = sim.world.do(lambda: services.pay(**asked))
    if told.status == "confirmed":
        sim.journal.append(("confirmed", stay.code, None))
    return f"{stay.code} by {method}: {told.status}"


def way_to_pay(sim: Simulation, *, authorize: bool = False) -> str:
    """A card, or the window where that is how one pays now."""
    from payments import queries

    card = sim.rng.choices([VISA, DECLINED, ASKS], [70, 12, 18])[0]
    gateway = sim.world.do(lambda: queries.ways_to_pay("KRW", authorize=authorize)).gateway
    return WINDOW if gateway == sim.world.window.name else card


def fall(sim: Simulation) -> str:
    """The gateway of the day goes down altogether while guests try to pay, so that its breaker opens."""
    from payments import queries

    name = sim.world.do(lambda: queries.gateway_of("KRW"))
    sim.down[name] = sim.rng.choice(("unreachable", "drop_before", "drop_after"))
    tried = [_tried(sim) for _n in range(sim.rng.randint(2, 5))]
    return f"{name} is down, {sim.down.get(name)}: {'; '.join(tried)}"


def _tried(sim: Simulation) -> str:
    try:
        return pay(sim)
    except DomainError as refused:
        return f"refused, {refused.code}"


def bank(sim: Simulation) -> str:
    """The guest decides at their bank, or in the window."""
    asked = [(gateway, intent) for gateway in sim.world.gateways for intent in gateway.store.intents.values()]
    waiting = [(gateway, intent) for gateway, intent in asked if intent.status == "requires_action"]
    if not waiting:
        return IDLE
    (gateway, intent), approve = sim.rng.choice(waiting), sim.rng.random() < 0.75
    sim.world.do(lambda: gateway.answer_bank(intent.id, approve=approve))
    return f"{intent.reservation} {'approved' if approve else 'refused'}"


def come_back(sim: Simulation) -> str:
    """The guest's browser comes back from the bank, with or without its work done, or is reloaded."""
    from payments import charging
    from payments.models import Payment

    payment = pick(sim, Payment.objects.exclude(status__in=("captured", "refunded", "declined")))
    if payment is None:
        return IDLE
    told = LEFT if sim.rng.random() < 0.15 else {}
    return f"{payment.reservation}: {sim.world.do(lambda: charging.come_back(str(payment.pk), told)).status}"


def let_go(sim: Simulation) -> str:
    """A guest gives a hold back."""
    from reservations import services

    stay = one_of(sim, "held", "paying")
    if stay is None:
        return IDLE
    sim.world.do(lambda: services.let_go(code=stay.code, guest=stay.guest))
    return stay.code


def extend(sim: Simulation) -> str:
    """A guest asks for ten minutes more."""
    from reservations import services

    stay = one_of(sim, "held")
    if stay is None:
        return IDLE
    sim.world.do(lambda: services.extend_hold(code=stay.code, guest=stay.guest))
    return stay.code


def cancel(sim: Simulation) -> str:
    """Guest, host or operator cancels: the refund is looked at, then it is done."""
    from reservations import services

    stay = one_of(sim, "confirmed", "confirmed", "in_stay", "requested")
    if stay is None:
        return IDLE
    actor = sim.rng.choices([stay.guest, stay.host, sim.world.operator], [60, 30, 10])[0]
    shown = sim.world.do(lambda: services.preview_cancellation(stay.code, actor))
    done = sim.world.do(lambda: services.cancel(stay.code, actor, shown.token, "plans have changed"))
    sim.journal.append(("cancelled", stay.code, done.refund_due_minor))
    return f"{stay.code} by {shown.by}, {shown.refund} back"


# ------------------------------------------------------------------------------------------- either side
def propose(sim: Simulation) -> str:
    """Guest or host proposes other dates or another party."""
    from reservations import services

    stay = one_of(sim, "confirmed", "confirmed", "in_stay")
    if stay is None:
        return IDLE
    actor, wanted = sim.rng.choice([stay.guest, stay.host]), sim.world.stay(sim.rng.randint(*FIRST_DAYS), 1)
    asked = {"code": stay.code, "actor": actor, "check_in": wanted.check_in, "guests": sim.rng.choice([1, 2, 3])}
    asked["check_out"] = sim.world.stay(sim.rng.randint(*FIRST_DAYS) + sim.rng.randint(*NIGHTS), 1).check_out
    made = sim.world.do(lambda: services.propose_alteration(**asked))
    sim.journal.append(("proposed", stay.code, made.code))
    return f"{made.code} of {stay.code}: {made.check_in} to {made.check_out}, {made.difference_minor}"


def answer(sim: Simulation) -> str:
    """Guest or host says yes or no to an alteration, takes it back, or pays for it."""
    from reservations import services
    from reservations.models import Alteration

    found = pick(sim, Alteration.objects.open().select_related("reservation__guest", "reservation__host"))
    if found is None:
        return IDLE
    stay = found.reservation
    named = {"code": stay.code, "alteration": found.code}
    actor = sim.rng.choice([stay.guest, stay.host])
    paid = {"payment_method": way_to_pay(sim), "return_url": RETURN_URL}
    deeds: dict[str, Callable[[], Any]] = {
        "accept": lambda: services.accept_alteration(**named, actor=actor, **paid),
        "pay": lambda: services.pay_alteration(**named, guest=stay.guest, **paid),
        "decline": lambda: services.decline_alteration(**named, actor=actor),
        "withdraw": lambda: services.withdraw_alteration(**named, actor=actor),
    }
    deed = sim.rng.choices(list(deeds), [50, 30, 10, 10])[0]
    told = sim.world.do(deeds[deed])
    if told.status == "applied":
        sim.journal.append(("applied", stay.code, found.code))
    return f"{deed} {found.code} of {stay.code}: {told.status}"


# ------------------------------------------------------------------------------------------------- hosts
def answer_request(sim: Simulation) -> str:
    """A host accepts a request, or refuses it."""
    from reservations import services

    stay = one_of(sim, "requested")
    if stay is None:
        return IDLE
    if sim.rng.random() < 0.3:
        sim.world.do(lambda: services.refuse_request(stay.code, stay.host, "not this time"))
        return f"{stay.code} refused"
    told = sim.world.do(lambda: services.accept_request(stay.code, stay.host))
    if told.status == "confirmed":
        sim.journal.append(("confirmed", stay.code, None))
    return f"{stay.code} accepted: {told.status}"


def block(sim: Simulation) -> str:
    """A host closes nights, or opens them again."""
    from rooms.services import days

    room, nights = sim.rng.choice(sim.world.rooms), sim.world.stay(sim.rng.randint(*FIRST_DAYS), 1)
    change = days.block_nights if sim.rng.random() < 0.5 else days.unblock_nights
    sim.world.do(lambda: change(room_id=room.pk, host_id=room.host_id, nights=nights))
    return f"{change.__name__} {nights}"


def change_bank(sim: Simulation) -> str:
    """A host gives another bank account."""
    host = sim.rng.choice(sim.world.hosts)
    number = str(sim.rng.randrange(10**11, 10**12))
    sim.world.do(lambda: sim.world.bank_account(host, number))
    return f"{host.name} {number[-4:]}"


def change_price(sim: Simulation) -> str:
    """A host changes the price of some nights."""
    from rooms.services import days

    room, nights = sim.rng.choice(sim.world.rooms), sim.world.stay(sim.rng.randint(*FIRST_DAYS), 2)
    price = Money(sim.rng.randrange(80, 200) * 1000, "KRW")
    change = days.DayChange(nights, price=price)
    sim.world.do(lambda: days.set_days(room_id=room.pk, host_id=room.host_id, changes=[change]))
    return f"{price} for {nights}"


TABLE: dict[Callable[[Simulation], str], int] = {
    hold: 18,
    pay: 24,
    bank: 8,
    come_back: 8,
    let_go: 3,
    extend: 2,
    cancel: 9,
    answer_request: 8,
    propose: 5,
    answer: 7,
    block: 3,
    change_price: 2,
    change_bank: 1,
    webhook: 9,
    refund_comes_back: 2,
    send_refund_again: 2,
    fall: 4,
    rise: 3,
    force: 1,
    choose_gateway: 2,
    deliver_one: 9,
    work: 8,
    lose_redis: 3,
    timer: 10,
    a_moment: 4,
    a_while: 8,
}
