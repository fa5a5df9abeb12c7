"""Compares the guests' journal with rows, ledger, read models, the gateway's books and the mail (pure)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from email import message_from_string
from pathlib import Path
from typing import Any

from benchmarks.chaos.journal import Journal

STANDING = ("confirmed", "in_stay", "completed")
RULER = "-" * 79
COMPARED = re.compile(r"^(\S+): (\d+) compared, (\d+) differ", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """Something that must never be: ``what`` in a word, and where."""

    what: str
    where: str


def judge(
    journal: Journal, facts: dict[str, Any], books: dict[str, Any], mails: Counter[str], kills: int
) -> list[Finding]:
    """Everything that was lost or doubled. ``mails`` counts the mails by Message-ID, ``kills`` deaths of workers."""
    found = [*_lost(journal, facts), *_money(facts, books), *_told(facts), *_views(facts)]
    found += _mailed(facts, mails, kills)
    return found


def _lost(journal: Journal, facts: dict[str, Any]) -> list[Finding]:
    """What was acknowledged must be on record, as it was said.

    Guests insist until they are answered, and nobody but them cancels: what is cancelled was told as cancelled.
    """
    rows: dict[str, Any] = facts["reservations"]
    found = [Finding("lost reservation", each.code) for each in journal.entries if each.code not in rows]
    cancelled = {each.code for each in journal.of("cancelled")}
    for each in journal.of("confirmed"):
        status = rows.get(each.code, {}).get("status")
        if status not in STANDING and each.code not in cancelled:
            found.append(Finding("lost confirmation", f"{each.code} is {status}"))
        elif rows.get(each.code, {}).get("total") != each.amount:
            found.append(Finding("another sum than said", each.code))
    for each in journal.of("cancelled"):
        row = rows.get(each.code, {})
        if (row.get("status"), row.get("refund")) != ("cancelled", each.amount):
            found.append(Finding("lost cancellation", f"{each.code} is {row}"))
    return found


def _money(facts: dict[str, Any], books: dict[str, Any]) -> list[Finding]:
    """Each standing reservation is paid once, each other one not at all, and the gateway agrees to the won."""
    charges: dict[str, list[dict[str, Any]]] = {}
    for charge in books["charges"]:
        charges.setdefault(charge["metadata"].get("reservation", ""), []).append(charge)
    found = []
    for code, row in facts["reservations"].items():
        mine = charges.get(code, [])
        kept = [each["captured"] - each["refunded"] for each in mine]
        wanted = row["total"] if row["status"] in STANDING else 0
        if row["status"] == "cancelled":
            wanted = row["captured"] - row["refund"]
        if sum(kept) != wanted:
            found.append(Finding("money differs", f"{code} {row['status']}: kept {kept}, wanted {wanted}"))
        if sum(1 for each in kept if each > 0) > 1:
            found.append(Finding("charged twice", code))
        there = {what: sum(each[what] for each in mine) for what in ("captured", "refunded")}
        if there != row["booked"]:
            found.append(Finding("books differ", f"{code}: the ledger says {row['booked']}, the gateway {there}"))
    for code in charges.keys() - facts["reservations"].keys():
        if any(each["captured"] > each["refunded"] for each in charges[code]):
            found.append(Finding("charged without a reservation", code))
    return found


def _told(facts: dict[str, Any]) -> list[Finding]:
    """Guest and host of each confirmed reservation have exactly one notification of it."""
    found = []
    for code, row in facts["reservations"].items():
        if not row["confirmed"]:
            continue
        told = facts["told"].get(code, {})
        for role in ("guest", "host"):
            if len(told.get(role, [])) != 1:
                found.append(Finding("told not once", f"{code} {role}: {told.get(role, [])}"))
    return found


def _views(facts: dict[str, Any]) -> list[Finding]:
    """Every read model says what its events say, and each was compared."""
    views: dict[str, tuple[int, int]] = facts["views"]
    found = [Finding("view differs", f"{name}: {differ} of {of}") for name, (of, differ) in views.items() if differ]
    found += [Finding("view not compared", name) for name in facts["registered"] if name not in views]
    return found if any(of for of, _ in views.values()) else [*found, Finding("view not compared", "any part of any")]


def _mailed(facts: dict[str, Any], mails: Counter[str], kills: int) -> list[Finding]:
    """Each mail on record as sent went out, and the confirmation to each party whatever is on record.

    One that went out again is allowed for each killed worker.
    """
    confirmations = (key for told in facts["told"].values() for keys in told.values() for key in keys)
    found = [Finding("lost mail", key) for key in sorted({*facts["mailed"], *confirmations}) if not mails[key]]
    again = sum(count - 1 for count in mails.values() if count > 1)
    if again > kills:
        found.append(Finding("doubled mail", f"{again} went out again, {kills} workers were killed"))
    return found


def views_in(said: str) -> dict[str, tuple[int, int]]:
    """What ``compare_views`` printed: how many parts of each read model were compared, and how many differ."""
    return {name: (int(of), int(differ)) for name, of, differ in COMPARED.findall(said)}


def mails_in(folder: Path) -> Counter[str]:
    """How often each Message-ID (without its domain) stands in the mail folder of the local stack."""
    counted: Counter[str] = Counter()
    for path in folder.glob("*.log"):
        for text in path.read_text(errors="replace").split(RULER):
            key = message_from_string(text.strip()).get("Message-ID", "")
            if key:
                counted[key.strip("<>").partition("@")[0]] += 1
    return counted
