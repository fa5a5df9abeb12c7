"""Cancellation policies as rooms offer them: codes, names, and how long before check-in everything is still back.

The refund itself is worked out where reservations live; here is only what a listing says in advance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from airbnb.clock import at_local
from rooms.texts import Texts, texts


@dataclass(frozen=True, slots=True)
class Policy:
    """``full_refund_hours`` before check-in the whole sum is back; None means never by the policy itself."""

    code: str
    name_i18n: Texts
    about_i18n: Texts
    full_refund_hours: int | None


_ALL = (
    Policy(
        "flexible",
        texts("유연하게", "Flexible"),
        texts("체크인 24시간 전까지 전액 환불", "Everything back until 24 hours before check-in"),
        24,
    ),
    Policy(
        "moderate",
        texts("보통", "Moderate"),
        texts("체크인 5일 전까지 전액 환불", "Everything back until 5 days before check-in"),
        5 * 24,
    ),
    Policy(
        "limited",
        texts("제한적으로", "Limited"),
        texts("체크인 14일 전까지 전액 환불", "Everything back until 14 days before check-in"),
        14 * 24,
    ),
    Policy(
        "firm",
        texts("엄격하게", "Firm"),
        texts("체크인 30일 전까지 전액 환불", "Everything back until 30 days before check-in"),
        30 * 24,
    ),
    Policy(
        "non-refundable",
        texts("환불 안 됨", "Non-refundable"),
        texts("값이 싼 대신 숙박료를 돌려받지 못해요", "Cheaper, and the nights are not refunded"),
        None,
    ),
    Policy(
        "korea-standard",
        texts("한국 소비자 기준", "Korean standard"),
        texts("공정거래위원회 숙박업 기준을 따라요", "Follows the Korean Fair Trade Commission's lodging standard"),
        10 * 24,
    ),
)

POLICIES: dict[str, Policy] = {each.code: each for each in _ALL}


def full_refund_until(policy: str, check_in: date, check_in_from: str, zone: str) -> datetime | None:
    """The last instant (UTC) at which cancelling brings everything back by the policy (domain.md, section 6)."""
    hours = POLICIES[policy].full_refund_hours
    return None if hours is None else at_local(check_in, check_in_from, zone) - timedelta(hours=hours)
