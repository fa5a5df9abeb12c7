"""What happens around guests and hosts: the gateways, operators, workers, timers and time, one step each."""

from __future__ import annotations

from tests.sim.background import TIMERS, run_task
from tests.sim.choosing import pick
from tests.sim.simulation import IDLE, Simulation


# ----------------------------------------------------------------------------------- gateway and operators
def webhook(sim: Simulation) -> str:
    """A message of a gateway arrives: any of them, perhaps not for the first time."""
    untold = [(gateway, message) for gateway in sim.world.gateways for message in gateway.store.messages]
    if not untold:
        return IDLE
    gateway, message = sim.rng.choice(untold)
    sim.world.hand_over(gateway, message)
    if sim.rng.random() < 0.7 and message in gateway.store.messages:
        gateway.store.messages.remove(message)
    return f"{message['type']} {message['id']}"


def refund_comes_back(sim: Simulation) -> str:
    """A guest's bank returns a refund."""
    refunds = [(gateway, record) for gateway in sim.world.gateways for record in gateway.store.refunds.values()]
    sent = [(gateway, record) for gateway, record in refunds if record.status == "succeeded"]
    if not sent:
        return IDLE
    gateway, record = sim.rng.choice(sent)
    sim.world.do(lambda: gateway.fail_refund(record))
    return record.id


def rise(sim: Simulation) -> str:
    """A gateway that was down is back."""
    if not sim.down:
        return IDLE
    name = sim.rng.choice(sorted(sim.down))
    del sim.down[name]
    return name


def force(sim: Simulation) -> str:
    """An operator takes a gateway out, lets every call through, or leaves it to its breaker."""
    from payments import services, watching

    gateway, forced = sim.rng.choice(sim.world.gateways).name, sim.rng.choice(("open", "closed", "", ""))
    asked = {"gateway": gateway, "forced": forced, "operator": sim.world.operator}
    sim.world.do(lambda: services.force_gateway(**asked, reason="as I say"))
    sim.world.do(lambda: watching.obey(gateway))
    return f"{gateway} {forced or 'left to itself'}"


def choose_gateway(sim: Simulation) -> str:
    """An operator lets another gateway take the payments from now on."""
    from payments import services

    name = sim.rng.choice(sim.world.gateways).name
    sim.world.do(lambda: services.choose_gateway(currency="KRW", gateway=name))
    return name


def send_refund_again(sim: Simulation) -> str:
    """An operator has a failed refund sent again."""
    from payments import services
    from payments.models import Refund

    refund = pick(sim, Refund.objects.filter(status="failed"))
    if refund is None:
        return IDLE
    sim.world.do(lambda: services.try_refund_again(str(refund.pk)))
    return str(refund.pk)


# ---------------------------------------------------------------------------------- workers, beat, time
def deliver_one(sim: Simulation) -> str:
    """A worker takes any receipt, due or not."""
    from airbnb.events.models import Delivery

    receipt = pick(sim, Delivery.objects.pending())
    if receipt is None:
        return IDLE
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
    return ", ".join(done) or IDLE


def lose_redis(sim: Simulation) -> str:
    """Redis is flushed: messages and what it knew of the breakers; or it does not answer to these for a while."""
    redis = sim.world.processes.redis
    if redis.away or sim.rng.random() < 0.3:
        redis.away = not redis.away
        return "away" if redis.away else "back"
    lost = len(sim.world.broker.messages)
    sim.world.broker.messages.clear()
    redis.flush()
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
