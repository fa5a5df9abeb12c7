"""What must never be true of reviews (reliability numbering: I30)."""

from __future__ import annotations

from airbnb.invariants import Invariant

INVARIANTS: list[Invariant] = [
    Invariant(
        "I30_reviews_are_of_completed_stays",
        "only a completed stay has a review window, with its own guest and host",
        """SELECT w.reservation, r.status FROM reviews_reviewwindow w
           LEFT JOIN reservations_reservation r ON r.code = w.reservation
           WHERE r.id IS NULL OR r.status <> 'completed' OR r.guest_id <> w.guest_id OR r.host_id <> w.host_id""",
    ),
    Invariant(
        "I30_authors_are_parties",
        "a review is written by one person of the stay about the other, in the direction it says",
        """SELECT v.id, v.direction FROM reviews_review v JOIN reviews_reviewwindow w ON w.id = v.window_id
           WHERE (v.direction = 'guest_to_host' AND (v.author_id <> w.guest_id OR v.subject_id <> w.host_id))
              OR (v.direction = 'host_to_guest' AND (v.author_id <> w.host_id OR v.subject_id <> w.guest_id))""",
    ),
    Invariant(
        "I30_each_side_writes_once",
        "a stay has one review from each side",
        """SELECT window_id, direction, count(*) FROM reviews_review GROUP BY 1, 2 HAVING count(*) > 1""",
    ),
    Invariant(
        "I30_both_sides_are_published_together",
        "no stay has a public review beside a blind one",
        """SELECT w.reservation FROM reviews_reviewwindow w JOIN reviews_review a ON a.window_id = w.id
           JOIN reviews_review b ON b.window_id = w.id
           WHERE a.state = 'published' AND b.state = 'blind'""",
    ),
    Invariant(
        "I30_nothing_stays_blind_for_long",
        "ten minutes after a window's end nothing in it is blind any more",
        """SELECT w.reservation, w.closes_at FROM reviews_reviewwindow w JOIN reviews_review v ON v.window_id = w.id
           WHERE v.state = 'blind' AND w.closes_at < now() - interval '10 minutes'""",
    ),
]
