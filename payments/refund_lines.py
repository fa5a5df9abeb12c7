"""What a refund is for, line by line, shared out over the payments that it comes from (pure).

Lines have the shape in which events carry bills: an ``amount`` with minor units and currency, and words beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Line = dict[str, Any]


def sum_of(lines: Iterable[Line]) -> int:
    """What the lines sum to, in minor units."""
    return sum(int(line["amount"]["amount"]) for line in lines)


def turned(lines: Iterable[Line]) -> list[Line]:
    """The same lines with the other sign: what a bill is less is what goes back."""
    return [_with(line, -line["amount"]["amount"]) for line in lines]


def shared_out(lines: Sequence[Line], parts: Sequence[int]) -> list[list[Line]]:
    """For each part its lines, which sum to it; a line at a border is cut in two.

    What lessens the refund (a discount, a line that costs more now) goes with the first part. ValueError unless the
    parts are above zero and sum to what the lines do.
    """
    if any(part <= 0 for part in parts) or sum(parts) != sum_of(lines):
        raise ValueError("the parts are not what the lines sum to")
    less = [line for line in lines if line["amount"]["amount"] < 0]
    rooms = [*parts]
    rooms[0] -= sum_of(less)
    shared: list[list[Line]] = [[*less], *([] for _each in parts[1:])]
    number = 0
    for line in lines:
        left = line["amount"]["amount"]
        while left > 0:
            taken = min(left, rooms[number])
            if taken:
                shared[number].append(_with(line, taken))
            rooms[number] -= taken
            left -= taken
            number += left > 0
    return shared


def _with(line: Line, minor: int) -> Line:
    return {**line, "amount": {**line["amount"], "amount": minor}}
