"""The room's count and mean follow its published reviews, up and down, and a rebuild finds the same."""

from __future__ import annotations

from typing import Any

import pytest

from airbnb.events import projections
from airbnb.invariants import check
from reviews import queries, services
from reviews.invariants import INVARIANTS
from reviews.models import Review, ReviewWindow
from reviews.services import write_review
from rooms.models import RoomView
from tests.factories.rooms import listed_room
from tests.support import completed_reservation

pytestmark = pytest.mark.django_db


def counted(room: Any) -> tuple[int, int]:
    view = RoomView.objects.get(room_id=room.pk)
    return view.review_count, view.rating_sum


def test_up_down_and_the_same_again_after_a_rebuild(sandbox: Any, guest: Any, host: Any, deliver: Any) -> None:
    room = listed_room(host)
    code = completed_reservation(guest, room).code
    mine = write_review(author_id=guest.pk, reservation=code, rating=4, text="조용했어요")
    deliver()
    assert counted(room) == (0, 0), "blind"
    write_review(author_id=host.pk, reservation=code, rating=5, text="Tidy")
    deliver()
    assert counted(room) == (1, 4)
    assert queries.rating_of_room(room.pk).count == 1
    projections.rebuild("rooms.RoomView")
    assert counted(room) == (1, 4)
    services.delete_review(author_id=guest.pk, review_id=mine.pk)
    deliver()
    assert counted(room) == (0, 0)
    projections.rebuild("rooms.RoomView")
    assert counted(room) == (0, 0)
    assert check(INVARIANTS) == []


def test_writing_does_not_wait_for_the_workers(sandbox: Any, guest: Any, host: Any, deliver: Any) -> None:
    code = completed_reservation(guest, listed_room(host)).code
    assert not ReviewWindow.objects.exists(), "nothing was delivered yet"
    review = write_review(author_id=guest.pk, reservation=code, rating=5, text="좋았어요")
    closes = review.window.closes_at
    deliver()
    assert ReviewWindow.objects.get().closes_at == closes, "the event opens the very same window"


def test_before_the_check_out_there_is_nothing_to_review(sandbox: Any, guest: Any, host: Any) -> None:
    from tests.support import confirmed_reservation

    code = confirmed_reservation(guest, listed_room(host)).code
    with pytest.raises(services.StayNotCompleted):
        write_review(author_id=guest.pk, reservation=code, rating=5, text="좋았어요")


def test_a_stay_moved_in_time_takes_its_window_with_it(sandbox: Any, guest: Any, host: Any, deliver: Any) -> None:
    from reservations.services import backdate

    code = completed_reservation(guest, listed_room(host)).code
    write_review(author_id=guest.pk, reservation=code, rating=5, text="좋았어요")
    deliver()
    before = ReviewWindow.objects.get().closes_at
    backdate(code=code, days=20, seconds=0)
    deliver()
    assert (before - ReviewWindow.objects.get().closes_at).days == 20
    assert services.publish_due() == 1


@pytest.mark.parametrize(
    ("break_it", "name"),
    [
        (lambda: Review.objects.update(direction="host_to_guest"), "I30_authors_are_parties"),
        (lambda: ReviewWindow.objects.update(reservation="BBNOTHING"), "I30_reviews_are_of_completed_stays"),
        (
            lambda: ReviewWindow.objects.update(closes_at="2020-01-01T00:00:00+00:00"),
            "I30_nothing_stays_blind_for_long",
        ),
    ],
)
def test_a_planted_fault_is_found(sandbox: Any, guest: Any, host: Any, break_it: Any, name: str) -> None:
    code = completed_reservation(guest, listed_room(host)).code
    write_review(author_id=guest.pk, reservation=code, rating=5, text="좋았어요")
    assert check(INVARIANTS) == []
    break_it()
    assert [finding.invariant.name for finding in check(INVARIANTS)] == [name]
