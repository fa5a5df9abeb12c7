"""The check in service: every five minutes, kept in tables, shown to operators and to the monitoring."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from structlog.testing import capture_logs

from airbnb.celery import BEAT, queue_of
from airbnb.invariants import Invariant, all_invariants, running
from airbnb.invariants.models import CheckRun, StandingFinding
from airbnb.invariants.tasks import check_all
from tests.factories.rooms import listed_room

pytestmark = pytest.mark.django_db


def break_search(by: int) -> None:
    """The search shows another price than the room's; by zero it is whole again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rooms_searchindex s SET base_price_minor = r.base_price_minor + %s"
            " FROM rooms_room r WHERE r.id = s.room_id",
            [by],
        )


def test_it_runs_every_five_minutes_on_a_queue_of_its_own() -> None:
    assert BEAT[check_all.name] == 300
    assert queue_of(check_all.name) == "checks"
    assert check_all.time_limit > check_all.soft_time_limit > running.BUDGET_S


def test_a_healthy_database(host: Any) -> None:
    listed_room(host)
    assert check_all() == 0
    run = CheckRun.objects.get()
    assert (run.checked, run.broken, run.unanswered) == (len(all_invariants()), 0, 0)
    assert run.finished_at is not None
    assert not StandingFinding.objects.exists()


def test_a_new_finding_is_logged_once_and_closed_when_it_is_gone(host: Any) -> None:
    listed_room(host)
    break_search(1)
    with capture_logs() as logs:
        assert check_all() == 1
        assert check_all() == 1
    assert [each["invariant"] for each in logs if each["event"] == "invariant_broken"] == [
        "I29_search_terms_are_the_rooms"
    ]
    finding = StandingFinding.objects.get()
    assert (finding.count, finding.gone_at, len(finding.rows)) == (1, None, 1)
    assert finding.last_seen_at > finding.first_seen_at
    break_search(0)
    assert check_all() == 0
    finding.refresh_from_db()
    assert finding.gone_at is not None
    break_search(2)
    with capture_logs() as logs:
        check_all()
    assert [each["log_level"] for each in logs if each["event"] == "invariant_broken"] == ["error"], "broken anew"
    assert StandingFinding.objects.count() == 2


def test_a_question_that_cannot_be_answered_stops_no_other(monkeypatch: pytest.MonkeyPatch, host: Any) -> None:
    listed_room(host)
    broken = Invariant("I99_nonsense", "never", "SELECT * FROM no_such_table")
    slow = Invariant("I98_slow", "never", "SELECT pg_sleep(5)")
    monkeypatch.setattr(running, "all_invariants", lambda: [broken, slow, *all_invariants()])
    monkeypatch.setattr(running, "STATEMENT_LIMIT_S", 0.3)
    assert check_all() == 0
    run = CheckRun.objects.get()
    assert (run.checked, run.unanswered) == (len(all_invariants()) + 2, 2)
    assert set(StandingFinding.objects.values_list("name", "count")) == {("I99_nonsense", -1), ("I98_slow", -1)}


def test_what_was_not_asked_is_not_closed(monkeypatch: pytest.MonkeyPatch, host: Any) -> None:
    listed_room(host)
    break_search(1)
    check_all()
    monkeypatch.setattr(running, "BUDGET_S", -1.0)
    assert check_all() == 0
    assert StandingFinding.objects.get().gone_at is None
    assert CheckRun.objects.latest("pk").unanswered == len(all_invariants())


def test_one_run_at_a_time_and_a_dead_one_stops_nobody(time: Any) -> None:
    from airbnb import clock

    CheckRun.objects.create(begun_at=clock.now())
    assert check_all() == -1
    time.forward(minutes=4)
    assert check_all() == 0
    time.forward(days=15)
    check_all()
    assert CheckRun.objects.count() == 1, "runs are kept for two weeks"


def test_operators_and_the_monitoring_see_it(client: Any, operator: Any, host: Any) -> None:
    listed_room(host)
    break_search(1)
    check_all()
    said = client.get("/metrics").content.decode()
    assert 'binbang_invariant_broken_rows{invariant="I29_search_terms_are_the_rooms"} 1.0' in said
    assert "binbang_invariants_broken 1.0" in said
    assert "binbang_invariants_checked_timestamp_seconds" in said
    client.force_login(operator)
    finding = StandingFinding.objects.get()
    assert "I29_search_terms" in client.get("/admin/invariants/standingfinding/?stands=yes").content.decode()
    assert "I29_search_terms" not in client.get("/admin/invariants/standingfinding/?stands=no").content.decode()
    shown = client.get(f"/admin/invariants/standingfinding/{finding.pk}/change/").content.decode()
    assert finding.rows[0]["code"] in shown
    assert client.get("/admin/invariants/checkrun/").status_code == 200
    client.force_login(host)
    assert client.get("/admin/invariants/checkrun/").status_code in (302, 403, 404)
