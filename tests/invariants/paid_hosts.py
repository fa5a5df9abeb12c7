"""The part of the world in which hosts are paid: sent, taken back and recovered, set off, waiting, failed."""

from __future__ import annotations

from typing import Any

from airbnb.events.bus import deliver_pending
from payments import paying_out, tasks
from tests import support
from tests.conftest import make_user
from tests.payments.paying_hosts import CLOSED, debts_of, due_stay, line_of, lines_of, payee_of, run_timers


def build(guest: Any, sandbox: Any) -> dict[str, Any]:
    """Hosts of each kind; returns the facts by which faults name their rows."""
    host = make_user("world-paid@example.com", host=True)
    payee_of(host)
    first = due_stay(guest, host, nights=6)
    run_timers()
    support.cancel(support.fresh(first), guest)
    deliver_pending()
    tasks.send_refunds()
    second = due_stay(guest, host, nights=6)
    long = due_stay(guest, host, nights=65, max_nights=90)
    waiting = due_stay(guest, make_user("world-no-bank@example.com", host=True))
    closed = make_user("world-closed@example.com", host=True)
    payee_of(closed, CLOSED)
    deliver_pending()  # or the news of it would have what failed sent once more
    failed = due_stay(guest, closed)
    run_timers()
    assert [line_of(each).status for each in (second, waiting, failed)] == ["sent", "held", "failed"]
    returned = _came_back(guest, sandbox)
    return {
        "paid_host": host.pk,
        "payout": line_of(second).pk,
        "payout_stay": second.code,
        "to_come": lines_of(long)[1].pk,
        "waiting": line_of(waiting).pk,
        "failed_payout": line_of(failed).pk,
        "returned_payout": line_of(returned).pk,
        "debt": debts_of(host)[0].pk,
    }


def _came_back(guest: Any, sandbox: Any) -> Any:
    """A payout that had arrived, and was taken back at the gateway."""
    host = make_user("world-returned@example.com", host=True)
    payee_of(host)
    deliver_pending()
    stay = due_stay(guest, host)
    run_timers()
    sandbox.reverse(line_of(stay).gateway_ref)
    paying_out.settle(str(line_of(stay).pk))
    assert line_of(stay).failure_code == "transfer_reversed"
    return stay
