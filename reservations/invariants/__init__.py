"""What must never be true of reservations; one module for each side of them."""

from __future__ import annotations

from airbnb.invariants import Invariant
from reservations.invariants import alterations, diary, money, nights, requests

INVARIANTS: list[Invariant] = [
    *nights.INVARIANTS,
    *diary.INVARIANTS,
    *money.INVARIANTS,
    *alterations.INVARIANTS,
    *requests.INVARIANTS,
]
