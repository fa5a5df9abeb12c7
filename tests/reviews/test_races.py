"""Twenty posts at once make one review; two sides at once publish once."""

from __future__ import annotations

from threading import Barrier
from typing import Any

import pytest

from airbnb.events.models import StoredEvent
from reviews import services
from reviews.models import Review
from tests.factories.reviews import review_by, review_window
from tests.support import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_parallel_posts_make_one_review(guest: Any, host: Any) -> None:
    window = review_window(guest, host)
    results = at_once(*[lambda: review_by(guest, window)] * 20)
    written = [each for each in results if isinstance(each, Review)]
    refused = [each for each in results if isinstance(each, services.ReviewExists)]
    assert (len(written), len(refused)) == (1, 19), results
    assert Review.objects.count() == 1
    assert StoredEvent.objects.filter(name="ReviewCreated").count() == 1


def test_without_its_guards_the_race_is_real(guest: Any, host: Any, monkeypatch: Any) -> None:
    """The control: with the lock off, only the database's constraint still stands between us and two reviews."""
    window = review_window(guest, host)
    monkeypatch.setattr(services, "_lock", lambda reservation: None)
    inside = Barrier(2)
    valid = services.require_valid

    def wait_for_the_other(*given: Any) -> None:
        valid(*given)
        inside.wait(timeout=20)

    monkeypatch.setattr(services, "require_valid", wait_for_the_other)
    results = at_once(*[lambda: review_by(guest, window)] * 2)
    assert any("review_once_per_side" in str(each) for each in results)
    assert Review.objects.count() == 1


def test_both_sides_at_once_publish_once_and_both(guest: Any, host: Any) -> None:
    for _turn in range(5):
        window = review_window(guest, host)
        at_once(lambda w=window: review_by(guest, w), lambda w=window: review_by(host, w))
        assert set(window.reviews.values_list("state", flat=True)) == {"published"}
        published = StoredEvent.objects.filter(name="ReviewsPublished", payload__reservation=window.reservation)
        assert published.count() == 1


def test_a_failed_publication_leaves_no_review_behind(guest: Any, host: Any, monkeypatch: Any) -> None:
    """Both or none: when publishing fails, the second review is not in either."""
    window = review_window(guest, host)
    review_by(guest, window)
    monkeypatch.setattr(services, "_told", lambda reviews: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        review_by(host, window)
    assert list(window.reviews.values_list("state", flat=True)) == ["blind"]
    assert not StoredEvent.objects.filter(name="ReviewsPublished").exists()
