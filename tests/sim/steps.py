"""What can happen in a simulation, and how often: each step does one thing and says what came of it.

A step gets the simulation, takes its chances from ``sim.rng``, and writes to ``sim.journal`` what somebody was told
to be done. To add an actor, write the step and give it a line in :data:`TABLE`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from airbnb.money import Money
from tests.sim.background import TIMERS, run_task
from tests.sim.simulation import Simulation
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
        return "nothing to pay"
    method = sim.rng.choices([VISA, DECLINED, ASKS], [70, 12, 18])[0]
    asked = {"code": stay.code, "guest": stay.guest, "payment_method": method, "return_url": RETURN_URL}
    told = sim.world.do(lambda: services.pay(**asked))
    if told.status == "confirmed":
        sim.journal.append(("confirmed", stay.code, None))
    return f"{stay.code} by {method}: {told.status}"


def bank(sim: Simulation) -> str:
    """The guest decides at their bank."""
    waiting = [each for each in sim.world.gateway.store.intents.values() if each.status == "requires_action"]
    if not waiting:
        return "nobody is asked"
    intent, approve = sim.rng.choice(waiting), sim.rng.random() < 0.75
    sim.world.do(lambda: sim.world.gateway.answer_bank(intent.id, approve=approve))
    return f"{intent.reservation} {'approved' if approve else 'refused'}"


def come_back(sim: Simulation) -> str:
    """The guest's browser comes back from the bank, or is reloaded."""
    from payments import charging
    from payments.models import Payment

    payment = pick(sim, Payment.objects.exclude(status__in=("captured", "refunded", "declined")))
    if payment is None:
        return "nothing to ask"
    return f"{payment.reservation}: {sim.world.do(lambda: charging.settle(str(payment.pk))).status}"


def let_go(sim: Simulation) -> str:
    """A guest gives a hold back."""
    from reservations import services

    stay = one_of(sim, "held", "paying")
    if stay is None:
        return "nothing held"
    sim.world.do(lambda: services.let_go(code=stay.code, guest=stay.guest))
    return stay.code


def extend(sim: Simulation) -> str:
    """A guest asks for ten minutes more."""
    from reservations import services

    stay = one_of(sim, "held")
    if stay is None:
        return "nothing held"
    sim.world.do(lambda: services.extend_hold(code=stay.code, guest=stay.guest))
    return stay.code


def cancel(sim: Simulation) -> str:
    """Guest, host or operator cancels: the refund is looked at, then it is done."""
    from reservations import services

    stay = one_of(sim, "confirmed", "confirmed", "in_stay", "requested")
    if stay is None:
        return "nothing stands"
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
        return "nothing stands"
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
        return "nothing proposed"
    stay = found.reservation
    named = {"code": stay.code, "alteration": found.code}
    actor = sim.rng.choice([stay.guest, stay.host])
    paid = {"payment_method": sim.rng.choices([VISA, DECLINED, ASKS], [70, 12, 18])[0], "return_url": RETURN_URL}
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
        return "nobody has asked"
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


# ----------------------------------------------------------------------------------- gateway and operators
def webhook(sim: Simulation) -> str:
    """A message of the gateway arrives: any of them, perhaps not for the first time."""
    messages = sim.world.gateway.store.messages
    if not messages:
        return "nothing to tell"
    message = sim.rng.choice(messages)
    sim.world.hand_over(message)
    if sim.rng.random() < 0.7 and message in messages:
        messages.remove(message)
    return f"{message['type']} {message['id']}"


def refund_comes_back(sim: Simulation) -> str:
    """A guest's bank returns a refund."""
    sent = [each for each in sim.world.gateway.store.refunds.values() if each.status == "succeeded"]
    if not sent:
        return "none was sent"
    record = sim.rng.choice(sent)
    sim.world.do(lambda: sim.world.gateway.fail_refund(record))
    return record.id


def send_refund_again(sim: Simulation) -> str:
    """An operator has a failed refund sent again."""
    from payments import services
    from payments.models import Refund

    refund = pick(sim, Refund.objects.filter(status="failed"))
    if refund is None:
        return "none has failed"
    sim.world.do(lambda: services.try_refund_again(str(refund.pk)))
    return str(refund.pk)


# ---------------------------------------------------------------------------------- workers, beat, time
def deliver_one(sim: Simulation) -> str:
    """A worker takes any receipt, due or not."""
    from airbnb.events.models import Delivery

    receipt = pick(sim, Delivery.objects.pending())
    if receipt is None:
        return "none"
    return f"{receipt.listener}: {sim.world.task('events.deliver', receipt.pk)}"


def work(sim: Simulation) -> str:
    """Workers take some messages in any order."""
    done = []
    for _n in range(sim.rng.randint(1, 12)):
        found = sim.world.broker.take(sim.world.time.now, sim.rng.randrange)
        if found is None:
            break
        done.append(found[0])
        sim.world.do(lambda found=found: run_task(found[0], *found[1]))
    return ", ".join(done) or "no message"


def lose_messages(sim: Simulation) -> str:
    """Redis is flushed."""
    lost = len(sim.world.broker.messages)
    sim.world.broker.messages.clear()
    return f"{lost} messages"


def timer(sim: Simulation) -> str:
    """One of the timers, whether it is its time or not."""
    name = sim.rng.choice(TIMERS)
    return f"{name}: {sim.world.task(name)}"


def a_moment(sim: Simulation) -> str:
    """Half a minute or so with everything running as it should."""
    seconds = sim.rng.choice((5, 15, 30, 65))
    sim.world.background.tick(seconds)
    return f"{seconds} s"


def a_while(sim: Simulation) -> str:
    """Time goes by, and nothing runs."""
    minutes = sim.rng.choices((2, 6, 16, 180, 26 * 60), (30, 30, 20, 15, 5))[0]
    sim.world.time.advance(minutes * 60)
    return f"{minutes} min"


def one_of(sim: Simulation, *states: str) -> Any:
    """A reservation in one of these states, those named twice with twice the chance; None without one."""
    from reservations.models import Reservation

    return pick(sim, Reservation.objects.select_related("guest", "host").filter(status=sim.rng.choice(states)))


def pick(sim: Simulation, rows: Any) -> Any:
    """Any of the rows, or None."""
    found: Sequence[Any] = list(rows.order_by("pk"))
    return sim.rng.choice(found) if found else None


TABLE: dict[Callable[[Simulation], str], int] = {
    hold: 15,
    pay: 18,
    bank: 6,
    come_back: 6,
    let_go: 3,
    extend: 2,
    cancel: 8,
    answer_request: 8,
    propose: 5,
    answer: 7,
    block: 3,
    change_price: 2,
    change_bank: 1,
    webhook: 10,
    refund_comes_back: 2,
    send_refund_again: 2,
    deliver_one: 12,
    work: 8,
    lose_messages: 3,
    timer: 12,
    a_moment: 4,
    a_while: 8,
}
