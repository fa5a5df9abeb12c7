"""Facts of a reservation as events, and notifications told the way a reaction tells them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from airbnb import clock
from airbnb.codes import new_id
from airbnb.events import bus
from notifications import services
from notifications.models import ChannelDelivery, Notification


def _line(kind: str, ko: str, en: str, minor: int) -> dict[str, Any]:
    return {"kind": kind, "label_i18n": {"ko": ko, "en": en}, "amount": {"amount": minor, "currency": "KRW"}}


# Everything that any text may name; dates are invented.
PARAMS: dict[str, Any] = {
    "code": "BBTOLD0001",
    "room": {"ko": "느티채", "en": "Zelkova House"},
    "room_slug": "zelkova-house",
    "cover": {"960": "/media/zelkova-960.webp"},
    "check_in": "2027-04-09",
    "check_out": "2027-04-11",
    "guests": 2,
    "total_minor": 317_600,
    "currency": "KRW",
    "time_zone": "Asia/Seoul",
    "guest": "서윤",
    "host": "하준",
    "author": "하준",
    "until": "2027-04-01T05:32:00+00:00",
    "answer_by": "2027-04-02T05:32:00+00:00",
    "check_in_at": "2027-04-09T06:00:00+00:00",
    "check_out_at": "2027-04-11T02:00:00+00:00",
    "closes": "2027-04-25T02:00:00+00:00",
    "payout_minor": 290_000,
    "message": "밤 늦게 도착해요",
    "refund_minor": 250_000,
    "rule": "flexible",
    "refund_lines": [_line("night", "1박", "1 night", 250_000)],
    "lines": [_line("night", "2박", "2 nights", 287_600), _line("cleaning", "청소비", "Cleaning", 30_000)],
    "steps": [
        {"until": "2027-04-08T06:00:00+00:00", "amount_minor": 317_600},
        {"until": None, "amount_minor": 30_000},
    ],
    "reason": "사정이 생겼어요",
    "amount_minor": 317_600,
    "difference_minor": 134_400,
    "alteration": "ALTOLD0001",
    "new": {"check_in": "2027-04-09", "check_out": "2027-04-12", "guests": 3, "total_minor": 452_000},
    "sent_on": "2027-04-01",
    "bank": {"ko": "신한은행", "en": "Shinhan Bank"},
    "last4": "6789",
    "kept_minor": 30_000,
    "failure": "account_closed",
    "in_force_from": "2027-04-02T05:32:00+00:00",
    "review_id": "01890000-0000-7000-8000-000000000001",
}
BASE: dict[str, Any] = {
    "reservation": "BBTOLD0001",
    "revision": 1,
    "room_id": 7,
    "room_code": "RTOLD00001",
    "room_title_i18n": {"ko": "느티채", "en": "Zelkova House"},
    "room_slug": "zelkova-house",
    "cover": {},
    "check_in": "2027-04-09",
    "check_out": "2027-04-11",
    "guests": 2,
    "total_minor": 317_600,
    "currency": "KRW",
    "time_zone": "Asia/Seoul",
}


def reacting(event_id: UUID | None = None, correlation_id: str = "c-1") -> Any:
    """Inside, code runs as a reaction to an event with this id."""
    return bus.reacting_to(bus.Envelope(event_id or new_id(), clock.now(), correlation_id, None))


def told(user: Any, kind: str = "reservation_confirmed", role: str = "guest", **params: Any) -> Notification:
    """One notification with its deliveries."""
    with reacting():
        made = services.tell(
            recipient_id=user.pk, kind=kind, role=role, params={**PARAMS, **params}, reservation="BBTOLD0001"
        )
    assert made is not None
    return made


def delivery_of(notification: Notification, channel: str) -> ChannelDelivery:
    """Its row for one channel."""
    return ChannelDelivery.objects.get(notification=notification, channel=channel)
