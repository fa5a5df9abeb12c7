"""Terms of cancellation as pages show them: what comes back, until exactly when, and which step holds now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from airbnb import clock
from airbnb.money import Money
from airbnb.stays import Stay
from reservations.cancellation import Agreement, Step, steps_of


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step for ``components/policy.html``; ``kind`` is full, part or none."""

    amount: Money
    until: datetime | None
    note: str
    kind: str
    current: bool


def shown(steps: Sequence[Step], paid: Money, at: datetime) -> list[ShownStep]:
    """The steps in words, with the one that holds at ``at`` marked; steps that are over are left out."""
    ahead = [step for step in steps if step.until is None or step.until >= at]
    return [_shown(step, paid, current=number == 0) for number, step in enumerate(ahead)]


def before_booking(
    *, policy: str, stay: Stay, check_in_from: str, time_zone: str, lines: list[dict[str, Any]], currency: str
) -> list[ShownStep]:
    """The steps of a stay as if it were confirmed at this moment: the page of a room asks by a setting's name."""
    at = clock.now()
    agreement = Agreement(
        policy=policy,
        check_in=stay.check_in,
        check_out=stay.check_out,
        check_in_at=clock.at_local(stay.check_in, check_in_from, time_zone),
        time_zone=time_zone,
        confirmed_at=at,
        lines=tuple(lines),
        currency=currency,
    )
    return shown(steps_of(agreement), agreement.paid, at)


def _shown(step: Step, paid: Money, *, current: bool) -> ShownStep:
    if step.amount == paid:
        return ShownStep(step.amount, step.until, _("Everything you paid."), "full", current)
    if step.amount.is_zero:
        return ShownStep(step.amount, step.until, _("Nothing comes back."), "none", current)
    percent = round(100 * step.amount.amount_minor / paid.amount_minor)
    note = _("%(percent)s%% of what you paid.") % {"percent": percent}
    return ShownStep(step.amount, step.until, note, "part", current)
