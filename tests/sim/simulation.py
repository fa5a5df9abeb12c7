"""One simulated afternoon: everybody acts in an order that a seed decides, and everything that can go wrong may."""

from __future__ import annotations

import random
import traceback
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from airbnb.errors import DomainError
from tests.sim.background import StillBusy
from tests.sim.crashing import Executioner
from tests.sim.gateway import FAULTS
from tests.sim.world import World

STEPS = 40
# Shares: of steps whose process is killed, of gateway calls during which somebody else acts.
KILLED, MEANWHILE = 0.2, 0.25
# A kill falls on one of so many points of a step; beyond its last one, the step comes through.
POINTS = 70
# How bad the gateway's weather is; a seed picks one.
WEATHER = (0.0, 0.1, 0.35)
# Virtual hours until everything must have come to rest, once nothing goes wrong any more.
REST_S = 6 * 3600
# One seed in so many has mailboxes: sending costs time, and the sweep kills it everywhere.
WITH_MAIL = 10
# One seed in so many is followed until its last stay is over and its hosts are paid.
TO_THE_END = 6
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
        self.world.gateway.faults, self.world.gateway.boundary = self._fault, self._meanwhile
        self.world.gateway.lateness = lambda: self.rng.uniform(1, 60)
        try:
            for self._step in range(1, steps + 1):
                self._act()
            self._heal()
            self.verdict.wrong += self.world.verdict() + self._broken_promises()
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
        step = self.rng.choices(self._steps, self._weights)[0]
        killed_at = self.rng.randint(1, POINTS) if self.rng.random() < KILLED else 0
        executioner = Executioner(killed_at)
        crossing = self.world.broker.boundary
        self.world.broker.boundary = executioner.point
        told = "?"
        try:
            with executioner.watching():
                told = self._done(step, executioner)
        finally:
            self.world.broker.boundary = crossing
        if executioner.dead:
            told = f"KILLED at {executioner.points[-1]}"
        name = step.__name__
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

    def _fault(self, operation: str) -> str:
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
        self.world.gateway.faults, self.world.gateway.boundary = (lambda operation: "none"), (lambda name: None)

    # ------------------------------------------------------------------------------------------- the end
    def _heal(self) -> None:
        """Nothing goes wrong any more, and nobody acts but the background and an operator with failed refunds."""
        self._calm()
        self._step += 1
        world = self.world
        world.time.advance(61)
        for message in [each for each in world.gateway.store.messages if self.rng.random() < 0.5]:
            world.hand_over(message)
        self.note("everything heals")
        world.do(world.gateway.arrive)
        world.background.until_quiet(REST_S)
        self._settle_failed_refunds()
        for hours in OPEN_ENDS:  # open holds and requests end, the bank's pages are given up
            world.background.tick(hours * 3600)
            world.background.until_quiet(REST_S)
        self._settle_failed_refunds()

        if self.verdict.seed % TO_THE_END == 0:
            for _days in range(4):
                world.background.tick(5 * 24 * 3600)
                world.background.until_quiet(REST_S)

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
