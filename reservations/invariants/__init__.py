"""What must never be true of reservations; one module for each side of them."""

from __future__ import annotations

from airbnb.invariants import Invariant
from reservations.invariants import alterations, diary, money, nights

INVARIANTS: list[Invariant] = [
    *nights.INVARIANTS,
    *diary.INVARIANTS,
    *money.INVARIANTS,
    *alterations.INVARIANTS,
]
