"""``make breaker``: a gateway that fails, is silent, is slow, drips or flaps under mixed load; and the breaker off.

Every wait is bounded. With a minute a fault the whole takes a quarter of an hour; its latencies mean something only on
a machine with nothing else to do, its recovery and its findings on any.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from benchmarks.breaker.load import LOOKING, PAYING, Guest, Seen
from tests.stack import PASSWORD, RunningStack, room_facts

REPORTS = Path(__file__).resolve().parents[2] / ".data" / "reports"
FLAP_S = 5.0
# The black hole keeps what fell in far longer than any deadline of ours, but not for good: a gateway that worked on a
# key for ten minutes would say "still at it" just as long, and nobody could settle the payment of that key.
FAULTS: dict[str, dict[str, Any]] = {
    "errors": {"mode": "error"},
    "black hole": {"mode": "timeout", "latency_ms": 20_000},
    "10 s latency": {"mode": "slow", "latency_ms": 10_000},
    "drip": {"mode": "drip", "latency_ms": 1_000},
    "flapping": {"mode": "error"},
    "some errors": {"mode": "error", "rate": 0.3},
}
BOOKING_P95_S, SLOWDOWN, FIRST_PAYMENT_S, SETTLED_S, BURST, CONTROL_P95_S = 0.5, 1.2, 15.0, 60.0, 2.0, 5.0
LEAVING_S = 60.0
# Pages of a few milliseconds may not fail the run by noise of the machine.
LEAST_DIFFERENCE_S = 0.02


@dataclass
class Phase:
    """What was measured while one fault lasted and after it; times in seconds."""

    fault: str
    answers: int
    per_second: float
    booking_p50: float
    booking_p95: float
    booking_max: float
    looking_p95: float
    first_payment: float | None
    settled: float | None
    peak_before: int
    peak_after: int

    def misses(self, baseline_looking: float) -> list[str]:
        """Which promises were not kept."""
        allowed = max(baseline_looking * SLOWDOWN, baseline_looking + LEAST_DIFFERENCE_S)
        found = []
        if self.booking_p95 > BOOKING_P95_S:
            found.append(f"booking page p95 {self.booking_p95:.3f} s > {BOOKING_P95_S}")
        if self.looking_p95 > allowed:
            found.append(f"other pages p95 {self.looking_p95:.3f} s > {allowed:.3f}")
        if self.first_payment is None or self.first_payment > FIRST_PAYMENT_S:
            found.append(f"first payment after {self.first_payment} s")
        if self.settled is None or self.settled > SETTLED_S:
            found.append(f"waiting payments settled after {self.settled} s")
        if self.peak_after > max(BURST * self.peak_before, 4):
            found.append(f"a burst: {self.peak_after} calls in 10 s, {self.peak_before} before")
        return [f"{self.fault}: {each}" for each in found]


def percentile(sorted_values: list[float], share: float) -> float:
    """The value below which this share lies; 0 without values."""
    return (
        round(sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))], 4) if sorted_values else 0.0
    )


class Run:
    """One stack under load; ``environment`` may switch its breaker off."""

    def __init__(self, options: argparse.Namespace, seed: int, **environment: str) -> None:
        self.options, self.dice, self.seen = options, random.Random(seed), Seen()
        self.stack = RunningStack(**environment)
        self.over = threading.Event()
        self.crew: list[threading.Thread] = []

    def begin(self) -> None:
        """Start the stack, its rooms and its guests, and let everything get warm."""
        self.stack.start()
        hosts = [self.stack.person(host=True) for _host in range(3)]
        made = [host.post("rooms/", room_facts(title=f"방 {n}")).json() for host in hosts for n in range(12)]
        rooms = [(each["id"], each["slug"]) for each in made]
        guests = []
        for _guest in range(self.options.users):
            person = self.stack.person()
            guest = Guest(self.stack.url, person.email, PASSWORD, person.token, self.seen, self.dice.randrange(2**31))
            guest.rooms = rooms
            guest.sign_in()
            guests.append(guest)
        think = (self.options.think * 0.5, self.options.think * 1.5)
        self.crew = [threading.Thread(target=each.run, args=(self.over, think), daemon=True) for each in guests]
        for each in self.crew:
            each.start()
        time.sleep(self.options.warm)

    def end(self) -> None:
        """Stop the guests and what was started; a guest who still waits for an answer is left behind."""
        self.rest()
        self.stack.stop()

    def rest(self) -> None:
        """Let the guests go home, within a minute for all of them."""
        self.over.set()
        ends = time.monotonic() + LEAVING_S
        for each in self.crew:
            each.join(max(0.0, ends - time.monotonic()))

    def baseline(self) -> tuple[float, float, int, float]:
        """Without a fault: p95 of booking pages and of others, most calls in ten seconds, answers a second."""
        begun, clock = time.monotonic(), time.time()
        time.sleep(self.options.seconds)
        ended = time.monotonic()
        rate = self._peak(clock)
        return (
            percentile(self.seen.between(begun, ended, PAYING), 0.95),
            percentile(self.seen.between(begun, ended, LOOKING), 0.95),
            rate,
            self.seen.per_second(begun, ended),
        )

    def phase(self, name: str, usual: int) -> Phase:
        """Let the gateway be sick for so long, heal it, and watch until all is well again."""
        begun = time.monotonic()
        self._be_sick(name, begun + self.options.seconds)
        healed, clock = time.monotonic(), time.time()
        self._faults(mode="none")
        undecided = self._undecided()
        settled = self._until_settled(undecided, healed)
        while time.monotonic() < healed + self.options.recovery:
            time.sleep(0.5)
        paid = [at - healed for at in self.seen.paid if at > healed]
        booking, looking = (self.seen.between(begun, healed, kinds) for kinds in (PAYING, LOOKING))
        return Phase(
            fault=name,
            answers=len(booking) + len(looking),
            per_second=self.seen.per_second(begun, healed),
            booking_p50=percentile(booking, 0.5),
            booking_p95=percentile(booking, 0.95),
            booking_max=booking[-1] if booking else 0.0,
            looking_p95=percentile(looking, 0.95),
            first_payment=round(min(paid), 2) if paid else None,
            settled=settled,
            peak_before=usual,
            peak_after=self._peak(clock),
        )

    def _be_sick(self, name: str, ends: float) -> None:
        sick = True
        while (left := ends - time.monotonic()) > 0:
            self._faults(**(FAULTS[name] if sick else {"mode": "none"}))
            time.sleep(min(left, FLAP_S if name == "flapping" else left))
            sick = not sick or name != "flapping"

    def _faults(self, **settings: Any) -> None:
        httpx.post(f"{self.stack.env['PAYMENT_SANDBOX_URL']}/_faults", json=settings, timeout=10).raise_for_status()

    def _until_settled(self, undecided: list[str], healed: float) -> float | None:
        while time.monotonic() < healed + SETTLED_S + 5:
            if not self._ask(STILL, [undecided])[0][0]:
                return round(time.monotonic() - healed, 2)
            time.sleep(0.5)
        return None

    def _undecided(self) -> list[str]:
        return [str(row[0]) for row in self._ask(UNDECIDED, [])]

    def _peak(self, since: float) -> int:
        """The most calls of any kind that came to the gateway within ten seconds, from this instant (POSIX) on."""
        came = httpx.get(f"{self.stack.env['PAYMENT_SANDBOX_URL']}/_came", timeout=10).raise_for_status().json()["at"]
        came = sorted(at for at in came if at >= since)
        return max((bisect_left(came, at + 10) - number for number, at in enumerate(came)), default=0)

    def _ask(self, statement: str, values: list[Any]) -> list[Any]:
        with psycopg.connect(self.stack.env["DATABASE_URL"]) as connection:
            return connection.execute(statement, values).fetchall()

    def _invariants(self) -> list[str]:
        try:
            said = self.stack.manage("check_invariants", "--json", fails=True)
        except subprocess.TimeoutExpired:
            return ["invariants: not checked in time"]
        return [] if '"ok": true' in said else [f"invariants: {said[-2000:]}"]

    def judge(self) -> list[str]:
        """What must never be, in the answers, the rows and the gateway's books."""
        found = [f"unpromised answer: {each}" for each in self.seen.bad()[:20]] + self.seen.wrong[:20]
        found += self._invariants()
        charged: dict[str, int] = {}
        for each in self.stack.ledger()["charges"]:
            code = each["metadata"].get("reservation", "")
            charged[code] = charged.get(code, 0) + (each["amount"] > each.get("amount_refunded", 0))
        found += [f"charged twice: {code}" for code, count in charged.items() if count > 1]
        found += [f"stands unpaid: {row[0]}" for row in self._ask(UNPAID, []) if not charged.get(row[0])]
        return found


UNDECIDED = "SELECT id FROM payments_payment WHERE status IN ('processing', 'unknown')"
STILL = "SELECT count(*) FROM payments_payment WHERE id = ANY(%s::uuid[]) AND status IN ('processing', 'unknown')"
UNPAID = "SELECT code FROM reservations_reservation WHERE status = 'confirmed'"


def main() -> int:
    """Measure, judge, print; the exit code is the verdict."""
    options = _options()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    print(f"breaker: seed {seed}, {options.users} users, {options.seconds:g} s a fault", flush=True)
    baseline, phases, findings = _guarded(options, seed)
    control = None if options.no_control else _control(options, seed)
    if control is None:
        findings.append("no control was run")
    elif control.booking_p95 <= CONTROL_P95_S:
        findings.append(f"the control is too good: p95 {control.booking_p95:.2f} s, so this run proves nothing")
    report = {
        "seed": seed,
        "options": vars(options),
        "baseline": dict(zip(("booking_p95", "looking_p95", "peak_10s", "per_second"), baseline, strict=True)),
        "phases": [asdict(each) for each in phases],
        "control": asdict(control) if control else None,
        "findings": findings,
        "passed": not findings,
    }
    REPORTS.mkdir(parents=True, exist_ok=True)
    path = REPORTS / f"breaker-{seed}.json"
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False))
    for each in findings:
        print(f"  {each}")
    print(f"breaker: seed {seed}: {'FAILED' if findings else 'PASSED'}; {path}", flush=True)
    return 1 if findings else 0


def _guarded(options: argparse.Namespace, seed: int) -> tuple[tuple[float, float, int, float], list[Phase], list[str]]:
    run = Run(options, seed)
    try:
        run.begin()
        baseline = run.baseline()
        print(
            f"  no fault        booking p95 {baseline[0]:.3f} s, other pages p95 {baseline[1]:.3f} s, "
            f"at most {baseline[2]} calls of the gateway in 10 s, {baseline[3]} answers a second",
            flush=True,
        )
        phases = []
        for name in options.faults:
            phases.append(run.phase(name, baseline[2]))
            _show(phases[-1])
        run.rest()
        findings = [miss for each in phases for miss in each.misses(baseline[1])] + run.judge()
        print(f"  {len(run.seen.rows)} answers, {len(run.seen.paid)} paid, {run.seen.kept_told} told to pay later")
    finally:
        run.end()
    return baseline, phases, findings


def _control(options: argparse.Namespace, seed: int) -> Phase:
    """The same guests with the breaker, the bulkhead and the deadline off: it must be bad."""
    run = Run(options, seed, GATEWAY_BREAKER="off")
    try:
        run.begin()
        phase = run.phase("10 s latency", 0)
    finally:
        run.end()
    print("  breaker off: ", end="")
    _show(phase)
    return phase


def _show(phase: Phase) -> None:
    print(
        f"  {phase.fault:14}  booking p50 {phase.booking_p50:.3f} p95 {phase.booking_p95:.3f}"
        f" max {phase.booking_max:.2f} s, other pages p95 {phase.looking_p95:.3f} s, {phase.answers} answers,"
        f" {phase.per_second} a second;\n"
        f"  {'':14}  first payment after {phase.first_payment} s, settled after {phase.settled} s,"
        f" at most {phase.peak_after} calls of the gateway in 10 s",
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each fault lasts")
    parser.add_argument("--recovery", type=float, default=40.0, help="how long to watch after each")
    parser.add_argument("--warm", type=float, default=10.0)
    parser.add_argument("--users", type=int, default=20, help="as many as two cores serve without waiting")
    parser.add_argument("--think", type=float, default=2.0, help="mean seconds between two pages of a guest")
    parser.add_argument("--faults", nargs="+", choices=list(FAULTS), default=list(FAULTS))
    parser.add_argument("--seed", type=int)
    parser.add_argument("--no-control", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
