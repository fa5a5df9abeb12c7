"""Killed at any statement, commit, message or gateway crossing, nothing is lost and nothing is doubled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from airbnb.celery import BEAT
from airbnb.events import delivering
from notifications import models as notifications
from payments import tasks as payments
from payments.models import inbox, payment, payout, refund
from tests.sim.planting import gateway_called_before_the_intent_is_committed, publish_after_commit
from tests.sim.world import World
from tests.sweep.operations import OPERATIONS
from tests.sweep.sweeping import RECOVERY_S, Operation, Sweep, sweep

pytestmark = pytest.mark.django_db(transaction=True)
BY_NAME = {each.name: each for each in OPERATIONS}
# How many points of an operation are taken here: all crossings, and some statements. `make sweep` takes everything.
MOST = {each.name: 20 for each in OPERATIONS} | {
    "webhook": 48,
    "decline": 50,
    "deliver": 40,
    "refund": 28,
    "expire": 27,
}
OF_A_CONTROL = 13
ALTOGETHER = sum(MOST.values()) + 2 * OF_A_CONTROL


@pytest.fixture
def world() -> Iterator[World]:
    with World().installed() as made:
        made.cast(guests=1)
        yield made


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_killed_anywhere_the_background_alone_puts_it_right(world: World, operation: Operation) -> None:
    report = sweep(world, operation, MOST[operation.name])
    print(f"{report}, of {ALTOGETHER} kills in this file at most")
    assert report.violations == []
    assert 10 <= report.swept <= MOST[operation.name]


def test_all_of_it_is_at_most_four_hundred_kills() -> None:
    assert ALTOGETHER <= 400


def test_a_gateway_called_before_its_intent_is_committed_is_found(world: World) -> None:
    """The control: with the order turned round, the sweep must find money without a reservation."""
    report = sweep(world, BY_NAME["pay"], OF_A_CONTROL, gateway_called_before_the_intent_is_committed())
    assert any("the gateway has" in each for each in report.violations), report


def test_events_published_after_the_commit_are_found(world: World) -> None:
    """The other control: a fact that is told after its transaction can be lost between the two."""
    report = sweep(world, BY_NAME["cancel"], OF_A_CONTROL, publish_after_commit(), stop_at_first=True)
    assert report.violations


def test_a_process_killed_at_its_last_line_has_had_its_time(world: World) -> None:
    """Time passes inside the operation: recovery goes on from there, not from its beginning."""
    prepared = Sweep(world, BY_NAME["expire"])
    _took, wrong = prepared.crash_at_line(prepared.lines())
    assert wrong == []


@pytest.mark.parametrize("name", ["pay", "cancel", "refund"])
def test_the_simulated_kill_leaves_what_a_killed_process_leaves(world: World, name: str) -> None:
    prepared = Sweep(world, BY_NAME[name])
    points = prepared.points()
    for at in range(1, len(points) + 1, max(1, len(points) // 4)):
        assert prepared.state_after_kill(at) == prepared.state_after_real_kill(at), points[at - 1]


@pytest.mark.parametrize(
    ("timer", "wait"),
    [
        ("events.sweep", delivering.LEASE),
        ("payments.settle_unknown", payments.LEASE),
        ("payments.settle_unknown", payments.charging.FIRST_LOOK),
        ("payments.settle_unknown", payment.LOOK_AT_ACTION),
        ("payments.send_refunds", refund.LEASE),
        ("payments.send_payouts", payout.LEASE),
        ("payments.work_webhooks", inbox.LEASE),
        ("notifications.send_due", notifications.LEASE),
    ],
)
def test_what_a_killed_process_had_in_hand_is_taken_up_within_a_minute(timer: str, wait: timedelta) -> None:
    """At the worst it comes up again just after its timer has been."""
    assert wait.total_seconds() + BEAT[timer] <= RECOVERY_S
