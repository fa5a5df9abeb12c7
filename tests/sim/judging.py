"""What must hold when all is quiet: the invariants, the gateways' books, and that everybody was told once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from airbnb import clock, invariants
from payments import tasks
from tests.sim.books import Intent, Transfer
from tests.sim.gateway import MemoryGateway

# Each row is a violation; the names are those of the rules they stand for.
RULES = {
    "no delivery is given up": "SELECT listener, last_error FROM events_delivery WHERE status = 'dead'",
    "no delivery waits": "SELECT listener, last_error FROM events_delivery WHERE status = 'pending'",
    "no message is parked": "SELECT kind, last_error FROM payments_webhookmessage WHERE state = 'parked'",
    "every change of state was told, once": """
        SELECT r.code, t.from_status, t.to_status, t.count, e.count AS told
        FROM (SELECT reservation_id, from_status, to_status, count(*) FROM reservations_transition
              WHERE from_status <> to_status GROUP BY 1, 2, 3) AS t
        JOIN reservations_reservation r ON r.id = t.reservation_id
        JOIN (VALUES ('', 'held', 'ReservationCreated'), ('paying', 'confirmed', 'ReservationConfirmed'),
                     ('confirmed', 'cancelled', 'ReservationCancelled'),
                     ('in_stay', 'cancelled', 'ReservationCancelled'),
                     ('requested', 'confirmed', 'ReservationConfirmed'),
                     ('requested', 'declined', 'ReservationDeclined'),
                     ('confirmed', 'in_stay', 'StayStarted'), ('in_stay', 'completed', 'StayCompleted'),
                     ('held', 'paying', 'PaymentBegun')) AS n (before, after, name)
          ON (n.before, n.after) = (t.from_status, t.to_status)
        LEFT JOIN LATERAL (SELECT count(*) FROM events_storedevent s
                           WHERE s.name = n.name AND s.payload->>'reservation' = r.code) AS e ON true
        WHERE CASE WHEN n.name = 'ReservationConfirmed' THEN e.count < t.count ELSE e.count <> t.count END""",
    "everybody concerned was told, once": """
        SELECT e.name, e.payload->>'reservation' AS reservation, who.id AS user_id, count(n.id) AS told
        FROM events_storedevent e
        CROSS JOIN LATERAL (VALUES ((e.payload->>'guest_id')::bigint), ((e.payload->>'host_id')::bigint)) AS who(id)
        LEFT JOIN notifications_notification n ON n.event_id = e.id AND n.recipient_id = who.id
        WHERE e.name IN ('ReservationConfirmed', 'ReservationCancelled')
           OR (e.name IN ('ReservationRequested', 'ReservationDeclined', 'HoldExtended')
               AND who.id = (e.payload->>'guest_id')::bigint)
        GROUP BY 1, 2, 3, e.id HAVING count(n.id) <> 1""",
    "every rest of a gateway was told, once, and so was its end": """
        WITH turns AS (
            SELECT gateway_id AS gateway, epoch, rests,
                   lag(rests, 1, false) OVER (PARTITION BY gateway_id ORDER BY epoch) AS rested
            FROM payments_gatewaychange)
        SELECT t.gateway, t.rests, t.count, e.count AS told
        FROM (SELECT gateway, rests, count(*) FROM turns WHERE rests <> rested GROUP BY 1, 2) AS t
        FULL JOIN (SELECT payload->>'gateway' AS gateway, name = 'PaymentsUnavailable' AS rests, count(*)
                   FROM events_storedevent WHERE name IN ('PaymentsUnavailable', 'PaymentsAvailable')
                   GROUP BY 1, 2) AS e USING (gateway, rests)
        WHERE t.count IS DISTINCT FROM e.count""",
    "who waited for a gateway was told of its return once": """
        WITH told AS (
            SELECT payload->>'reservation' AS code, (payload->>'revision')::int AS revision,
                   (payload->>'payments_back')::bool AS back, (payload->>'pay_later')::bool AS waits
            FROM events_storedevent WHERE name = 'HoldExtended'),
        turns AS (
            SELECT *, lag(back) OVER (PARTITION BY code ORDER BY revision) AS was_back FROM told WHERE back OR waits)
        SELECT code, revision FROM turns WHERE back AND was_back IS DISTINCT FROM false""",
    "no gateway rests": """
        SELECT gateway, state, forced FROM payments_gatewaystate WHERE coalesce(nullif(forced, ''), state) = 'open'""",
    "every message went out": """
        SELECT id, channel, status FROM notifications_channeldelivery WHERE status <> 'sent'""",
}


LETTERS = "I27_what_a_booking_needs_is_written"


def broken_rules(at: datetime, *, mailboxes: bool = True) -> list[str]:
    """Every broken invariant and rule, with its first rows; empty when all hold at this instant of virtual time.

    Where nobody has a mailbox nobody can be written to: that rule is left to the seeds that have them.
    """
    with clock.frozen(at):
        tasks.compare_books()  # its period is longer than the simulation's patience; what it finds is judged below
        broken = [each for each in invariants.check() if mailboxes or each.invariant.name != LETTERS]
        found = [f"{each.invariant.name}: {each.rows}" for each in broken]
    for name, sql in RULES.items():
        with connection.cursor() as cursor:
            cursor.execute(sql)
            if rows := cursor.fetchmany(3):
                found.append(f"{name}: {rows}")
    return found


def still_waiting(at: datetime) -> list[str]:
    """Who waits for a gateway although all of them are back, and was not told so."""
    rows = _table(
        "SELECT code, hold_expires_at FROM reservations_reservation WHERE status = 'held' AND pay_later"
        " AND hold_expires_at > %s",
        at,
    )
    return [f"still waits for a gateway that is back: {row}" for row in rows]


def books_differ(gateways: Iterable[MemoryGateway]) -> list[str]:
    """Where our books and a gateway's disagree: missing, extra, doubled, or another sum."""
    found = []
    ours = {(row["gateway"], row["gateway_ref"]): row for row in _table(_PAYMENTS) if row["gateway_ref"]}
    intents = [(gateway.name, intent) for gateway in gateways for intent in gateway.store.intents.values()]
    for name, intent in intents:
        row = ours.pop((name, intent.id), None)
        if row is None:
            if intent.captured or intent.status == "requires_capture":
                found.append(f"the gateway has what we have not: {name} {intent}")
            continue
        if (row["captured_minor"], row["refunded_minor"]) != (intent.captured, intent.refunded):
            found.append(f"sums differ: {intent} and {row}")
    found += [f"we have what the gateway has not: {row}" for row in ours.values()]
    transfers = [each for gateway in gateways for each in gateway.store.transfers.values()]
    return found + _stays_and_money([intent for _name, intent in intents]) + _transfers(transfers)


_PAYMENTS = """
    SELECT gateway, gateway_ref, reservation, status, captured_minor, refunded_minor, surplus FROM payments_payment"""
_STAYS = """
    SELECT code, status, total_minor, captured_minor - returned_minor AS paid_minor, refund_due_minor
    FROM reservations_reservation"""
_PAYOUTS = "SELECT id::text, send_minor AS sent_minor FROM payments_payout WHERE status = 'sent'"
LIVE = ("held", "paying", "requested", "confirmed", "in_stay")


def _stays_and_money(intents: list[Intent]) -> list[str]:
    """What the gateways keep of every reservation's money is what the reservation is worth."""
    found = []
    stays = {row["code"]: row for row in _table(_STAYS)}
    kept: dict[str, int] = {}
    for intent in intents:
        kept[intent.reservation] = kept.get(intent.reservation, 0) + intent.captured - intent.refunded
        state = stays[intent.reservation]["status"] if intent.reservation in stays else "gone"
        if intent.status in ("requires_capture", "requires_action", "confirmable") and state not in LIVE:
            found.append(f"nobody lets go of {intent} for a reservation that is {state}")
    for code, row in stays.items():
        due = {
            "confirmed": row["total_minor"],
            "in_stay": row["total_minor"],
            "completed": row["total_minor"],
            "cancelled": row["paid_minor"] - row["refund_due_minor"],
        }.get(row["status"], 0)
        if kept.get(code, 0) != due:
            found.append(f"{code} is {row['status']} and worth {due}, the gateway keeps {kept.get(code, 0)}")
    return found


def _transfers(transfers: list[Transfer]) -> list[str]:
    """Every payout that is sent went out once, and nothing else did."""
    ours = {row["id"]: row["sent_minor"] for row in _table(_PAYOUTS)}
    theirs = [(each.payout_id, each.amount) for each in transfers]
    found = [f"transfer {each} is not ours, or another sum" for each in theirs if ours.get(each[0]) != each[1]]
    found += [f"payout {each} was not sent once" for each in ours if [known for known, _sum in theirs].count(each) != 1]
    return found


def _table(sql: str, *params: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
