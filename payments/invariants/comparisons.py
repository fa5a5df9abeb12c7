"""What must never be true of how we compare with gateways: that it stops, and nobody sees it (I14)."""

from __future__ import annotations

from airbnb.invariants import Invariant
from payments import gateways


def _never_compared() -> str:
    """Of the gateways with a key, those that took payments and whose books nobody has gone through for two days.

    Not in the first two days of an installation, whose payments (demo data) may be older than itself.
    """
    names = ", ".join(f"('{name}')" for name in gateways.in_use()) or "(NULL)"
    return f"""SELECT g.name AS gateway, (SELECT max(c.finished_at) FROM payments_bookscomparison c
                                       WHERE c.gateway = g.name) AS last
               FROM (VALUES {names}) AS g (name)
               WHERE (SELECT min(applied) FROM django_migrations WHERE app = 'payments') < now() - interval '48 hours'
                 AND EXISTS (SELECT 1 FROM payments_payment p WHERE p.gateway = g.name AND p.captured_minor > 0
                               AND p.created_at < now() - interval '48 hours')
                 AND NOT EXISTS (SELECT 1 FROM payments_bookscomparison c WHERE c.gateway = g.name
                                   AND c.finished_at > now() - interval '48 hours')"""  # noqa: S608  (our own names)


INVARIANTS: list[Invariant] = [
    Invariant(
        "I14_gateways_are_compared",
        "the books of every gateway in use were compared to the end within two days",
        _never_compared,
    ),
    Invariant(
        "I14_what_was_sent_is_asked_about",
        "a refund or payout that was done of late is asked about every day",
        """SELECT id::text, 'refund' AS what, next_attempt_at FROM payments_refund
           WHERE status = 'succeeded' AND done_at > now() - interval '30 days'
             AND next_attempt_at < now() - interval '2 days'
           UNION ALL SELECT id::text, 'payout', next_attempt_at FROM payments_payout
           WHERE status = 'sent' AND sent_at > now() - interval '30 days'
             AND next_attempt_at < now() - interval '2 days'""",
    ),
]
