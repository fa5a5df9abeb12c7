"""What ``make bench-invariants`` times is the check itself, and its verdict depends on time, answers and findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airbnb import invariants
from airbnb.invariants import Invariant, all_invariants, running
from airbnb.invariants.models import CheckRun
from airbnb.management.commands import check_invariants
from benchmarks.invariants import timing
from benchmarks.invariants.timing import Timed, in_service, whole
from tests.factories.rooms import listed_room

pytestmark = pytest.mark.django_db
BROKEN = Invariant("I99_broken", "never", "SELECT 1 AS one")
SLOW = Invariant("I98_slow", "never", "SELECT 1 WHERE pg_sleep(0.4) IS NULL")
both_forms = pytest.mark.parametrize("form", [in_service, whole])


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[[Invariant], None]:
    """One invariant more, wherever they are asked for."""

    def planted(extra: Invariant) -> None:
        for module in (invariants, running, check_invariants):
            monkeypatch.setattr(module, "all_invariants", lambda: [extra, *all_invariants()])

    return planted


@both_forms
def test_a_healthy_database_is_good(host: Any, form: Callable[[], Timed]) -> None:
    listed_room(host)
    timed = form()
    assert timed.good, timed
    assert timed.checked == len(all_invariants())
    assert 0 < timed.seconds <= timed.limit_s


def test_the_service_form_is_a_run_of_the_service() -> None:
    in_service()
    assert CheckRun.objects.count() == 1


@both_forms
def test_something_broken_is_bad(form: Callable[[], Timed], plant: Callable[[Invariant], None]) -> None:
    plant(BROKEN)
    timed = form()
    assert not timed.good
    assert len(timed.wrong) == 1
    assert "I99_broken" in timed.wrong[0]


@both_forms
def test_a_slow_one_is_bad(
    form: Callable[[], Timed], plant: Callable[[Invariant], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(SLOW)
    monkeypatch.setattr(timing, "SERVICE_LIMIT_S", 0.3)
    monkeypatch.setattr(timing, "WHOLE_LIMIT_S", 0.3)
    timed = form()
    assert (timed.good, timed.wrong) == (False, [])
    assert timed.seconds > timed.limit_s


def test_one_without_an_answer_is_bad(plant: Callable[[Invariant], None], monkeypatch: pytest.MonkeyPatch) -> None:
    plant(SLOW)
    monkeypatch.setattr(running, "STATEMENT_LIMIT_S", 0.1)
    assert "I98_slow" in in_service().wrong[0]


def test_one_that_was_not_asked_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BUDGET_S", -1.0)
    timed = in_service()
    assert not timed.good
    assert timed.wrong == [f"{len(all_invariants())} without an answer"]
