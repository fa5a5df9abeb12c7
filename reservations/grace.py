"""Giving back what no terms give (pure): how much of each line of a bill is left, and what that leaves of a refund.

Lines have the shape in which reservations keep them. One is told from another by its kind, nights by their dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Line = dict[str, Any]
Key = tuple[str, str]


def key_of(line: Line) -> Key:
    """What tells one line of a bill from another."""
    return line["kind"], line.get("date") or ""


def minor_of(line: Line) -> int:
    """A line's sum in minor units."""
    return int(line["amount"]["amount"])


def sum_of(lines: Iterable[Line]) -> int:
    """What lines sum to, in minor units."""
    return sum(minor_of(line) for line in lines)


def left_of(bill: Sequence[Line], *gone: Iterable[Line]) -> list[int]:
    """For each line of a bill what has not gone back, in minor units: nothing of a line that lessens the bill."""
    back = _by_key(line for lines in gone for line in lines)
    return [max(0, minor_of(line) - max(0, back.get(key_of(line), 0))) for line in bill]


def less_what_went(refund: Sequence[Line], bill: Sequence[Line], graced: Sequence[Line], left: int) -> list[Line]:
    """A refund's lines without what has gone back of the same lines already, and in sum never more than ``left``.

    What went back beyond the terms is no advance on what they give: only what is no longer there is left out.
    """
    rest = dict(zip(map(key_of, bill), left_of(bill, graced), strict=True))
    lines = [(line, min(minor_of(line), rest.get(key_of(line), minor_of(line)))) for line in refund]
    lines = [(line, minor_of(line) if minor_of(line) < 0 else minor) for line, minor in lines]
    over = sum(minor for _line, minor in lines) - max(0, left)
    kept: list[Line] = []
    for line, minor in reversed(lines):
        cut = min(max(0, over), max(0, minor))
        over -= cut
        if minor - cut:
            kept.append(with_sum(line, minor - cut))
    kept.reverse()
    return kept if sum_of(kept) > 0 else []


def cut_to(refund: Sequence[Line], minor: int) -> list[Line]:
    """A refund's lines in so far as they sum to ``minor``, from the first on; all of them where they sum to less."""
    return less_what_went(refund, refund, [], minor)


def less_what_changed(graced: Sequence[Line], bill: Sequence[Line], minor: int) -> list[Line]:
    """What was given beyond the terms, without ``minor`` of it that a change of the stay gives back by itself.

    A change to a lower price owes the whole difference. So much of it as had gone back by grace already does not go
    back twice, and is the change's from then on: first what was given of lines that the new bill has not, then the
    latest.
    """
    there = {key_of(line) for line in bill}
    rest = {number: minor_of(line) for number, line in enumerate(graced)}
    for number in sorted(rest, key=lambda n: (key_of(graced[n]) in there, -n)):
        taken = min(minor, rest[number])
        rest[number] -= taken
        minor -= taken
    return [with_sum(line, rest[number]) for number, line in enumerate(graced) if rest[number]]


def with_sum(line: Line, minor: int) -> Line:
    """The same line with another sum."""
    return {**line, "amount": {**line["amount"], "amount": minor}}


def _by_key(lines: Iterable[Line]) -> dict[Key, int]:
    sums: dict[Key, int] = {}
    for line in lines:
        sums[key_of(line)] = sums.get(key_of(line), 0) + minor_of(line)
    return sums
