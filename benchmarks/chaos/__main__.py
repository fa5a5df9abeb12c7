"""``make chaos MINUTES=5 [SEED=n]``: kills everything under load, then compares journal, rows, gateway and mail."""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from benchmarks.chaos.faults import Breaker
from benchmarks.chaos.journal import Journal, Look
from benchmarks.chaos.judging import Finding, judge, mails_in, views_in
from benchmarks.chaos.load import Guest, Reader
from tests.stack import RunningStack, room_facts

HEALED_WITHIN_S = 120
READS_ANSWERED = 0.99
# A run that did less in a minute than this proves nothing.
LEAST_A_MINUTE = {"faults": 5, "attempts": 100, "confirmed": 30}
LEAST_KINDS = 10
REPORTS = Path(__file__).resolve().parents[2] / ".data" / "reports"

FACTS = """
import json
from collections import defaultdict
from django.db.models import Sum
from airbnb.events.models import Delivery
from airbnb.events.projections import REGISTER
from notifications.models import ChannelDelivery, Notification
from payments.ledger import GATEWAY_CLEARING
from payments.models import LedgerEntry, Payment, Refund
from reservations.models import Reservation
booked = defaultdict(lambda: {"captured": 0, "refunded": 0})
at_gateways = LedgerEntry.objects.filter(account__kind=GATEWAY_CLEARING)
for code, source, sum in at_gateways.values_list("transaction__reservation", "transaction__source_type").annotate(
    sum=Sum("amount_minor")
):
    if source == "capture":
        booked[code]["captured"] += sum
    elif source.startswith("refund_"):
        booked[code]["refunded"] -= sum
told = defaultdict(lambda: defaultdict(list))
confirmations = Notification.objects.filter(kind="reservation_confirmed")
for pk, code, role in confirmations.values_list("pk", "reservation", "role"):
    told[code][role].append(f"{pk}.email")
print(json.dumps({
    "reservations": {r.code: {"status": r.status, "total": r.total_minor, "captured": r.captured_minor,
        "refund": r.refund_due_minor, "confirmed": r.confirmed_at is not None, "booked": booked[r.code]}
        for r in Reservation.objects.all()},
    "told": told,
    "mailed": [f"{pk}.email" for pk in ChannelDelivery.objects.filter(channel="email", status="sent")
        .values_list("notification_id", flat=True)],
    "registered": [name for name, each in REGISTER.items() if each.parts is not None],
    "waiting": {
        "deliveries": Delivery.objects.pending().count(),
        "dead": Delivery.objects.dead().count(),
        "mails": ChannelDelivery.objects.open().count(),
        "payments": Payment.objects.filter(status__in=("processing", "unknown")).count(),
        "voids": Payment.objects.filter(status="authorized", void_wanted=True).count(),
        "refunds": Refund.objects.filter(status="pending").count(),
        "paying": Reservation.objects.filter(status="paying").count(),
    },
}))
"""


def main() -> int:
    """Run, judge, print; the exit code is the verdict."""
    options = _options()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    dice, journal = random.Random(seed), Journal()
    stack = RunningStack()
    print(f"chaos: seed {seed}, {options.minutes} min, {options.guests} guests", flush=True)
    stack.start()
    try:
        breaker = Breaker(stack, journal, dice)
        _storm(stack, breaker, journal, dice, options)
        healed = _await_healing(stack)
        findings, facts = _judge(stack, journal, breaker)
    finally:
        stack.stop()
    return _report(seed, options, journal, findings, facts, healed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--guests", type=int, default=6)
    parser.add_argument("--every", type=float, nargs=2, default=(4.0, 9.0), help="seconds between two faults")
    return parser.parse_args()


def _storm(
    stack: RunningStack, breaker: Breaker, journal: Journal, dice: random.Random, options: argparse.Namespace
) -> None:
    hosts = [stack.person(host=True) for _host in range(3)]
    rooms = [host.post("rooms/", room_facts(title=f"방 {n}")).json()["id"] for host in hosts for n in range(16)]
    guests = [
        Guest(stack.url, stack.person().token, rooms, journal, dice.randrange(2**31))
        for _guest in range(options.guests)
    ]
    readers = [Reader(stack.url, ["/", "/rooms/", f"/api/v1/rooms/{rooms[0]}/"], journal)]
    loading, breaking = threading.Event(), threading.Event()
    loads: list[Guest | Reader] = [*guests, *readers]
    crew = [threading.Thread(target=each.run, args=(loading,), daemon=True) for each in loads]
    crew.append(
        threading.Thread(target=breaker.run, args=(breaking,), kwargs={"every": tuple(options.every)}, daemon=True)
    )
    journal.begun = time.monotonic()
    for each in crew:
        each.start()
    _wait(options.minutes * 60, journal)
    breaking.set()
    crew[-1].join(30)
    breaker.heal()
    loading.set()
    for each in crew:
        each.join(200)


def _wait(seconds: float, journal: Journal) -> None:
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        time.sleep(min(30, left))
        counts = journal.counts
        print(
            f"  {journal.second():6.0f} s: {len(journal.faults)} faults, {counts['attempts']} attempts, "
            f"{counts['acknowledged confirmed']} confirmed, {counts['acknowledged cancelled']} cancelled",
            flush=True,
        )


def _facts(stack: RunningStack) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(stack.manage("shell", "--no-imports", "-c", FACTS).splitlines()[-1])
    return told


def _await_healing(stack: RunningStack) -> float | None:
    """Seconds until nothing waits and every invariant holds; None when that took too long."""
    begun = time.monotonic()
    while time.monotonic() - begun < HEALED_WITHIN_S:
        try:
            quiet = not any(_facts(stack)["waiting"].values())
            if quiet and '"ok": true' in stack.manage("check_invariants", "--json"):
                return round(time.monotonic() - begun, 1)
        except AssertionError as problem:
            print("  not yet:", str(problem).strip().splitlines()[-1][:200], flush=True)
        time.sleep(2)
    return None


def _judge(stack: RunningStack, journal: Journal, breaker: Breaker) -> tuple[list[Finding], dict[str, Any]]:
    facts = _facts(stack) | {"views": views_in(stack.manage("compare_views", fails=True, seconds=600))}
    books = httpx.get(f"{stack.env['PAYMENT_SANDBOX_URL']}/_ledger", timeout=30).json()
    mails = mails_in(Path(stack.env["EMAIL_FILE_PATH"]))
    return judge(journal, facts, books, mails, breaker.worker_kills), facts


def _report(
    seed: int,
    options: argparse.Namespace,
    journal: Journal,
    findings: list[Finding],
    facts: dict[str, Any],
    healed: float | None,
) -> int:
    kinds = Counter(kind for _second, kind in journal.faults)
    print(f"faults: {len(journal.faults)} of {len(kinds)} kinds")
    for kind, count in kinds.most_common():
        print(f"  {count:3} × {kind}")
    for what, count in sorted(journal.counts.items()):
        print(f"  {count:6} {what}")
    print(f"waiting at the end: {facts['waiting']}")
    print(
        "read models compared with their events:", ", ".join(f"{name} {of}" for name, (of, _) in facts["views"].items())
    )
    reads = _answered(journal.reads())
    print(
        f"reads that were answered: {reads:.2%} of {len(journal.reads())}; with the {len(journal.outages)} outages of"
        f" the only database ({sum(e - b for b, e in journal.outages):.1f} s): {_answered(journal.looks):.2%}"
    )
    for what, count in Counter(each.what for each in journal.reads() if not each.fine).most_common(12):
        print(f"  {count:6} not read: {what}")
    too_little = _too_little(journal, options.minutes)
    print(f"healed within {healed} s" if healed is not None else f"NOT healed within {HEALED_WITHIN_S} s")
    for each in findings[:50]:
        print(f"  {each.what}: {each.where}")
    gave_up = journal.counts["gave up waiting"]
    passed = not (findings or gave_up or too_little) and healed is not None and reads >= READS_ANSWERED
    for short in too_little:
        print(f"  too little to prove anything: {short}")
    print(f"chaos: seed {seed}: {len(findings)} findings, {gave_up} requests without an answer")
    print("chaos: PASSED" if passed else "chaos: FAILED", flush=True)
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = {"seed": seed, "minutes": options.minutes, "passed": passed, "healed_s": healed, **journal.as_json()}
    (REPORTS / f"chaos-{seed}.json").write_text(json.dumps(report | {"facts": facts}, indent=1))
    return 0 if passed else 1


def _answered(reads: list[Look]) -> float:
    return sum(each.fine for each in reads) / len(reads) if reads else 0.0


def _too_little(journal: Journal, minutes: float) -> list[str]:
    kinds = len({kind for _second, kind in journal.faults})
    done = {
        "faults": len(journal.faults),
        "attempts": journal.counts["attempts"],
        "confirmed": len(journal.of("confirmed")),
    }
    short = [f"{done[what]} {what}" for what, least in LEAST_A_MINUTE.items() if done[what] < least * minutes]
    return short + ([f"{kinds} kinds of faults"] if kinds < LEAST_KINDS else [])


if __name__ == "__main__":
    sys.exit(main())
