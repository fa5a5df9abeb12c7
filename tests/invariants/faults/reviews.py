"""Faults of reviews."""

from __future__ import annotations

from tests.invariants.faults.planting import fault

WINDOW = "reservation = '{completed}'"

FAULTS = [
    fault(
        "I30_reviews_are_of_completed_stays",
        "a review of a stay that was cancelled",
        "UPDATE reviews_reviewwindow SET reservation = '{cancelled}' WHERE " + WINDOW,
    ),
    fault(
        "I30_authors_are_parties",
        "a review by somebody who was not there",
        "UPDATE reviews_review SET author_id = {operator} WHERE id = '{review}'",
    ),
    fault(
        "I30_each_side_writes_once",
        "two reviews of one side",
        "UPDATE reviews_review SET direction = 'guest_to_host', author_id = {guest}, subject_id = {host}"
        " WHERE direction = 'host_to_guest'",
        drop=("reviews_review.review_once_per_side",),
    ),
    fault(
        "I30_both_sides_are_published_together",
        "one side public, the other blind",
        "UPDATE reviews_review SET state = 'blind', published_at = NULL WHERE direction = 'host_to_guest'",
    ),
    fault(
        "I30_nothing_stays_blind_for_long",
        "a window that was never closed",
        "UPDATE reviews_reviewwindow SET closes_at = now() - interval '1 hour' WHERE reservation = '{blind}'",
    ),
]
