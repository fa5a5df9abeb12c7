"""The database as this product uses it: Django's own backend with limits, and a pool that outlives a restart."""

from __future__ import annotations

from typing import Any

WAIT_FOR_A_CONNECTION_S = 5


def limits(*, statement_ms: int, idle_ms: int, pool: int) -> dict[str, Any]:
    """What settings add to the address: limits of docs/operations.md, and at most ``pool`` connections, 0 for no pool.

    A connection that could not be made is tried for again as long as a request waits for one, and then with the next
    request. (The pool's default goes on for five minutes, ever more rarely, so that after an outage of one minute the
    site would stay away for another one.)
    """
    limited = f"-c statement_timeout={statement_ms} -c lock_timeout=3000"
    options: dict[str, Any] = {"options": f"{limited} -c idle_in_transaction_session_timeout={idle_ms}"}
    if pool:
        wait = WAIT_FOR_A_CONNECTION_S
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": wait, "reconnect_timeout": wait}
    return {"ENGINE": "airbnb.postgres", "CONN_MAX_AGE": 0, "OPTIONS": options}
