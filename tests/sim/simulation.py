"""One simulated afternoon: everybody acts in an order that a seed decides, and everything that can go wrong may."""

from __future__ import annotations

import random
import traceback
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from airbnb.errors import DomainError
from airbnb.events import drift, projections
from tests.sim.background import StillBusy
from tests.sim.crashing import Executioner
from tests.sim.gateway import FAULTS, MemoryGateway
from tests.sim.judging import still_waiting
from tests.sim.processes import NAMES
from tests.sim.world import World

STEPS = 40
# What a step says that found nothing to do; then another is drawn, so many at most.
IDLE = ""
DRAWN = 6
# Shares: of steps whose process is killed, of gateway calls during which somebody else acts.
KILLED, MEANWHILE = 0.2, 0.25
# A kill falls on one of so many points of a step; beyond its last one, the step comes through.
POINTS = 70
# How bad the gateways' weather is; a seed picks one. In some it is the window's gateway that takes the payments first.
WEATHER = (0.0, 0.1, 0.35)
BY_WINDOW = 0.4
# Virtual hours until everything must have come to rest, once nothing goes wrong any more.
REST_S = 6 * 3600
# One seed in so many has mailboxes: sending costs time, and the sweep kills it everywhere.
WITH_MAIL = 10
# One seed in so many is followed until its last stay is over and its hosts are paid.
TO_THE_END = 6
# In one seed of so many every view is compared with its events: that tells all of them anew.
COMPARED = 5
OPEN_ENDS = (1, 3, 25)


@dataclass
class Verdict:
    """What a seed came to: its trace, and what is wrong."""

    seed: int
    trace: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """For whoever has to find out why: replay with ``make sim SEED=n``."""
        return "\n".join([f"seed {self.seed}: {len(self.wrong)} wrong", *self.wrong, "what happened:", *self.trace])


class Simulation:
    """The scheduler. ``journal`` keeps what was acknowledged to somebody: none of it may be lost."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.verdict = world, Verdict(seed)
        world.begin(seed)
        self.rng: random.Random = world.rng
        self.journal: list[tuple[str, str, Any]] = []
        self.weather = self.rng.choice(WEATHER)
        # Gateways that are wholly down, and how each call to them goes.
        self.down: dict[str, str] = {}
        self._inside = 0
        self._step = 0

    def run(self, steps: int = STEPS) -> Verdict:
        """So many steps, then healing, then the verdict."""
        from tests.sim.steps import TABLE

        self._steps, self._weights = list(TABLE), list(TABLE.values())
        with self.world.without_mail() if self.verdict.seed % WITH_MAIL else nullcontext():
            self._run(steps)
        return self.verdict

    def _run(self, steps: int) -> None:
        from payments import services

        if self.rng.random() < BY_WINDOW:
            name = self.world.window.name
            self.world.do(lambda: services.choose_gateway(currency="KRW", gateway=name))
        for gateway in self.world.gateways:
            gateway.faults = lambda operation, gateway=gateway: self._fault(gateway, operation)
            gateway.boundary, gateway.lateness = self._meanwhile, lambda: self.rng.uniform(1, 60)
        try:
            for self._step in range(1, steps + 1):
                self._act()
            self._heal()
            self.verdict.wrong += self.world.verdict() + self._broken_promises() + self._drifted()
        except StillBusy as busy:
            self.verdict.wrong.append(str(busy))
        except Exception:
            self.verdict.wrong.append(traceback.format_exc())
        finally:
            self._calm()

    def note(self, text: str) -> None:
        """A line of the trace."""
        self.verdict.trace.append(f"{self._step:>3} {self.world.time.now:%m-%d %H:%M:%S} {'  ' * self._inside}{text}")

    # ------------------------------------------------------------------------------------------- stepping
    def _act(self) -> None:
        """One of the processes takes a step, and may be killed at it."""
        killed_at = self.rng.randint(1, POINTS) if self.rng.random() < KILLED else 0
        executioner = Executioner(killed_at)
        broker, processes = self.world.broker, self.world.processes
        before = broker.boundary, processes.current
        broker.boundary = processes.redis.boundary = executioner.point
        processes.current = self.rng.choice([each for each in NAMES if not self._inside or each != before[1]])
        name, told = "", IDLE
        try:
            with executioner.watching():
                for step in self.rng.choices(self._steps, self._weights, k=DRAWN):
                    name = step.__name__
                    if told := self._done(step, executioner):
                        break
                self._probe()
        finally:
            if executioner.dead:
                processes.killed(processes.current)
            broker.boundary = processes.redis.boundary = before[0]
            processes.current = before[1]
        if executioner.dead:
            told = f"KILLED at {executioner.points[-1]}"
        self.verdict.done[name] = self.verdict.done.get(name, 0) + 1
        self.note(f"{name}: {told}")

    def _done(self, step: Any, executioner: Executioner) -> str:
        outer, self._executioner = getattr(self, "_executioner", None), executioner
        try:
            return str(step(self))
        except DomainError as refused:
            return f"refused, {refused.code}"
        finally:
            self._executioner = outer

    def _probe(self) -> None:
        """Beside what it does a process probes the gateway that rests, once somebody found that it is time."""
        from payments import watching

        waiting = sorted(set(self.world.processes.to_probe))
        self.world.processes.to_probe.clear()
        for name in waiting:
            self.note(f"  probed: {name} {self.world.do(lambda name=name: watching.probe(name)).state}")

    def _fault(self, gateway: MemoryGateway, operation: str) -> str:
        if gateway.name in self.down:
            return self.down[gateway.name]
        if self.rng.random() >= self.weather:
            return "none"
        fault = self.rng.choice(FAULTS[1:])
        self.note(f"  the gateway: {fault} in {operation}")
        return fault

    def _meanwhile(self, name: str) -> None:
        """On the way to the gateway and back no transaction is open: others act, and processes die."""
        self._executioner.point(name)
        if self._inside < 1 and self.rng.random() < MEANWHILE:
            self._inside += 1
            outer = self._executioner
            try:
                self._act()
            finally:
                self._inside -= 1
                self._executioner = outer

    def _calm(self) -> None:
        self.down.clear()
        self.world.processes.redis.away = False
        for gateway in self.world.gateways:
            gateway.faults, gateway.boundary = (lambda operation: "none"), (lambda name: None)

    # ------------------------------------------------------------------------------------------- the end
    def _heal(self) -> None:
        """Nothing goes wrong any more, and nobody acts but the background and an operator with failed refunds."""
        self._calm()
        self._step += 1
        world = self.world
        world.time.advance(61)
        for gateway in world.gateways:
            for message in [each for each in gateway.store.messages if self.rng.random() < 0.5]:
                world.hand_over(gateway, message)
            world.do(gateway.arrive)
            self._let_run(gateway)
        self.note("everything heals")
        world.do(world.processes.all_ask)  # what one of them alone knows is heard of
        world.background.until_quiet(REST_S)
        self.verdict.wrong += still_waiting(world.time.now)
        self.verdict.wrong += [f"lets nothing pass: {each}" for each in world.do(world.processes.all_ask)]
        self._settle_failed_refunds()
        for hours in OPEN_ENDS:  # open holds and requests end, the bank's pages are given up
            world.background.tick(hours * 3600)
            world.background.until_quiet(REST_S)
        self._settle_failed_refunds()

        if self.verdict.seed % TO_THE_END == 0:
            for _days in range(4):
                world.background.tick(5 * 24 * 3600)
                world.background.until_quiet(REST_S)

    def _let_run(self, gateway: MemoryGateway) -> None:
        """An operator leaves the gateway to its breaker again."""
        from payments import services

        asked = {"gateway": gateway.name, "forced": "", "operator": self.world.operator}
        self.world.do(lambda: services.force_gateway(**asked, reason="all is well"))

    def _drifted(self) -> list[str]:
        """Where a view is not what its events say, in all of its parts."""
        if self.verdict.seed % COMPARED:
            return []
        found = [self.world.do(lambda name=name: drift.compare(name)) for name in projections.REGISTER]
        return [f"{each.view} is not what its events say of {each.keys}" for each in found if each.keys]

    def _settle_failed_refunds(self) -> None:
        from payments import services
        from payments.models import Refund

        for pk in Refund.objects.filter(status="failed").order_by("pk").values_list("pk", flat=True):
            self.world.do(lambda pk=pk: services.try_refund_again(str(pk)))
        self.world.background.until_quiet(REST_S)

    def _broken_promises(self) -> list[str]:
        """Every acknowledged operation is there, once."""
        from airbnb.events.models import StoredEvent
        from reservations.models import Reservation

        stays = {each.code: each for each in Reservation.objects.all()}
        wrong = []
        for what, code, given in self.journal:
            stay = stays.get(code)
            if stay is None:
                wrong.append(f"acknowledged and gone: {what} {code}")
                continue
            events = StoredEvent.objects.filter(payload__reservation=code)
            if what == "hold" and events.filter(name="ReservationCreated").count() != 1:
                wrong.append(f"{code} was held, and not told once")
            if what == "confirmed" and not events.filter(name="ReservationConfirmed").exists():
                wrong.append(f"{code} was confirmed to its guest and is {stay.status}")
            if what == "applied" and events.filter(name="ReservationAltered", payload__alteration=given).count() != 1:
                wrong.append(f"{code} was altered by {given}, and that was not told once")
            if what == "cancelled" and (stay.status, stay.refund_due_minor) != ("cancelled", given):
                wrong.append(f"{code} was cancelled with {given} due; it is {stay.status}, {stay.refund_due_minor}")
        return wrong
