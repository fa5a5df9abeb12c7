"""What must never be true of messages from gateways and of what gateways told (I17, I32)."""

from __future__ import annotations

from airbnb.invariants import Invariant

# A run of 13 to 19 digits that begins like a card number, or a secret key of a gateway, of ours or of a caller.
_SECRET = r"\m[3-6][0-9]{12,18}\M|\m(sk|rk)_(live|test)_|whsec_|Bearer [A-Za-z0-9]"  # noqa: S105  (a pattern that looks for them)

INVARIANTS: list[Invariant] = [
    Invariant(
        "I17_messages_are_worked_on",
        "no message of a gateway waits longer than fifteen minutes beyond its next attempt",
        """SELECT id, kind, next_attempt_at FROM payments_webhookmessage
           WHERE state = 'waiting' AND next_attempt_at < now() - interval '15 minutes'""",
    ),
    Invariant(
        "I17_messages_are_kept_once",
        "a message of a gateway is kept, and so has its effect, once",
        """SELECT gateway, event_id, count(*) FROM payments_webhookmessage
           GROUP BY gateway, event_id HAVING count(*) > 1""",
    ),
    Invariant(
        "I17_given_up_messages_decide_nothing",
        "no message that was given up is about a payment, a refund or a payout of ours that is still undecided",
        """SELECT m.id, m.kind, m.last_error, o.id AS about FROM payments_webhookmessage m
           JOIN (SELECT id::text, gateway_ref FROM payments_payment
                   WHERE status IN ('processing', 'unknown', 'requires_action')
                      OR (status = 'authorized' AND (capture_wanted OR void_wanted))
                 UNION ALL SELECT id::text, gateway_ref FROM payments_refund WHERE status = 'pending'
                 UNION ALL SELECT id::text, '' FROM payments_payout WHERE status IN ('sending', 'unknown')) AS o
             ON position(o.id in m.payload::text) > 0
             OR (o.gateway_ref <> '' AND position(o.gateway_ref in m.payload::text) > 0)
           WHERE m.state = 'parked'""",
    ),
    Invariant(
        "I32_no_secrets_in_what_is_kept",
        "no card number, no gateway key and no bearer token stands in what gateways said or in errors",
        f"""SELECT 'call' AS what, id::text FROM payments_gatewaycall
              WHERE intended_at > recent() AND answer::text ~ '{_SECRET}'
            UNION ALL SELECT 'message', id::text FROM payments_webhookmessage
              WHERE received_at > recent() AND payload::text ~ '{_SECRET}'
            UNION ALL SELECT 'method', id::text FROM payments_payment
              WHERE created_at > recent() AND method ~ '{_SECRET}'
            UNION ALL SELECT 'receipt', id::text FROM events_delivery
              WHERE last_error <> '' AND last_error ~ '{_SECRET}'
            UNION ALL SELECT 'letter', id::text FROM notifications_channeldelivery
              WHERE last_error <> '' AND last_error ~ '{_SECRET}'""",  # noqa: S608  (the pattern above)
    ),
]
