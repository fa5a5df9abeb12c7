"""Faults of accounts and keys."""

from __future__ import annotations

from tests.invariants.faults.planting import fault

FAULTS = [
    fault(
        "I7_keys_are_used_once",
        "one key, two requests",
        "INSERT INTO accounts_idempotencykey (caller, key, fingerprint, headers, begun_at)"
        " SELECT caller, key, repeat('1', 64), headers, begun_at FROM accounts_idempotencykey WHERE id = {key}",
        drop=("accounts_idempotencykey.idempotency_key_once_per_caller",),
    ),
    fault(
        "I32_tokens_are_kept_as_digests",
        "a token kept as it is",
        "UPDATE accounts_apitoken SET digest = 'bb_as-it-was-shown' WHERE id = (SELECT min(id) FROM accounts_apitoken)",
    ),
]
