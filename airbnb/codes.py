"""Names for things: short codes that people can read out, and time-ordered ids."""

from __future__ import annotations

import os
import secrets
import time
from uuid import UUID

# Crockford's base 32: no I, L, O, U, so nothing is misread on the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_code(prefix: str = "", length: int = 9) -> str:
    """A random public code, e.g. ``BB7Q2M9XKT1``; nine letters carry 45 bits."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562, section 5.7): sorts by time of making, random beyond the millisecond."""
    millis = time.time_ns() // 1_000_000
    raw = bytearray(millis.to_bytes(6, "big") + os.urandom(10))
    raw[6] = 0x70 | (raw[6] & 0x0F)
    raw[8] = 0x80 | (raw[8] & 0x3F)
    return UUID(bytes=bytes(raw))
