"""What must never be true of accounts and the keys they sent (I7, I32)."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS = [
    Invariant(
        "I7_keys_are_used_once",
        "a caller's idempotency key stands for one request",
        """SELECT caller, key, count(*), count(DISTINCT fingerprint) AS requests FROM accounts_idempotencykey
           GROUP BY caller, key HAVING count(*) > 1""",
    ),
    Invariant(
        "I32_tokens_are_kept_as_digests",
        "of an API token only its digest is kept, and never twice the same",
        """SELECT id, prefix FROM accounts_apitoken WHERE digest !~ '^[0-9a-f]{64}$' OR length(prefix) > 9""",
    ),
]
