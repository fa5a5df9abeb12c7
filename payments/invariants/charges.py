"""What must never be true of payments and the calls they took (I9, I13 to I15, I31)."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
    Invariant(
        "I9_captured_within_amount",
        "no payment that counts captured other than its amount, none gave back more than it owes",
        """SELECT id::text, reservation, captured_minor, amount_minor FROM payments_payment
           WHERE (captured_minor NOT IN (0, amount_minor) AND NOT surplus) OR promised_minor > captured_minor
              OR refunded_minor > promised_minor""",
    ),
    Invariant(
        "I9_sums_are_the_gateways",
        "no payment is kept apart because the gateway's sum is not ours",
        "SELECT id::text, reservation, quarantined FROM payments_payment WHERE quarantined <> ''",
    ),
    Invariant(
        "I13_outcomes_are_asked_for",
        "no payment stays undecided, and no refund unsent, for ten minutes beyond its next look",
        """SELECT id::text, reservation, next_look_at FROM payments_payment
           WHERE (status IN ('processing', 'unknown', 'requires_action')
                  OR (status = 'authorized' AND (capture_wanted OR void_wanted)))
             AND next_look_at < now() - interval '10 minutes'
           UNION ALL
           SELECT id::text, source, next_attempt_at FROM payments_refund
           WHERE status = 'pending' AND next_attempt_at < now() - interval '10 minutes'""",
    ),
    Invariant(
        "I13_outcomes_are_found_out",
        "two hours after it was sent, the outcome of a payment is known",
        """SELECT id::text, reservation, status, created_at FROM payments_payment
           WHERE status IN ('processing', 'unknown') AND quarantined = ''
             AND created_at < now() - interval '2 hours'""",
    ),
    Invariant(
        "I14_one_charge_a_payment",
        "a payment is charged by one call alone, captured by one, voided by one",
        """SELECT payment_id::text, operation, count(*) FROM payments_gatewaycall
           WHERE operation <> 'refund' AND (operation = 'charge' OR state = 'succeeded')
           GROUP BY payment_id, operation HAVING count(*) > 1""",
    ),
    Invariant(
        "I14_one_sending_a_refund",
        "a refund was sent by one call alone, and one that is done by exactly one",
        """SELECT r.id::text, r.status, s.count FROM payments_refund r
           LEFT JOIN (SELECT split_part(key, ':', 2) AS refund, count(*) FROM payments_gatewaycall
                      WHERE operation = 'refund' AND state = 'succeeded' GROUP BY 1) AS s ON s.refund = r.id::text
           WHERE s.count > 1 OR (r.status = 'succeeded' AND s.count IS NULL)""",
    ),
    Invariant(
        "I14_books_are_the_gateways",
        "the latest comparison with each gateway's books found no difference",
        """SELECT gateway, until, jsonb_array_length(differences) AS differences FROM (
             SELECT DISTINCT ON (gateway) * FROM payments_bookscomparison
             WHERE finished_at IS NOT NULL ORDER BY gateway, until DESC) AS latest
           WHERE differences <> '[]'""",
    ),
    Invariant(
        "I15_money_set_aside_is_decided_on",
        "twelve hours before money set aside would lapse it is captured or let go",
        """SELECT id::text, reservation, capture_before FROM payments_payment
           WHERE status = 'authorized' AND NOT void_wanted AND NOT capture_wanted
             AND capture_before < now() + interval '12 hours' - interval '15 minutes'""",
    ),
    Invariant(
        "I31_nobody_waits_for_ever",
        "an undecided payment, an unsent refund and a message are looked at again within hours",
        """SELECT id::text, 'payment' AS what, next_look_at AS at FROM payments_payment
           WHERE status IN ('processing', 'unknown', 'requires_action') AND next_look_at > now() + interval '10 minutes'
           UNION ALL SELECT id::text, 'refund', next_attempt_at FROM payments_refund
           WHERE status = 'pending' AND next_attempt_at > now() + interval '2 hours'
           UNION ALL SELECT id::text, 'message', next_attempt_at FROM payments_webhookmessage
           WHERE state = 'waiting' AND next_attempt_at > now() + interval '2 hours'""",
    ),
]
