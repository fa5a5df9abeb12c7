"""Bills beside each other (pure): what each line of a new one is more, or less, than that of the old one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def difference_of(old: Iterable[dict[str, Any]], new: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """New less old, line by line (a night by its date, the rest by kind), without those that stay as they are.

    Lines are as reservations keep them; the answer has the same shape, and its amounts sum to new less old.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for sign, lines in ((-1, old), (1, new)):
        for line in lines:
            key = line["kind"], line.get("date") or ""
            minor = found[key]["amount"]["amount"] if key in found else 0
            amount = {**line["amount"], "amount": minor + sign * line["amount"]["amount"]}
            found[key] = {**line, "amount": amount}
    return [line for line in found.values() if line["amount"]["amount"]]


def turned(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same lines with the other sign."""
    return [{**line, "amount": {**line["amount"], "amount": -line["amount"]["amount"]}} for line in lines]
