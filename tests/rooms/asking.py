"""What the tests of the API share: a complete room, dates from today, and the shape of a refusal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airbnb.clock import today_in

NEW = {
    "title": "Zelkova House",
    "description": "A quiet house.",
    "kind": "hanok",
    "city": "경주",
    "address": "1 Hwangnam-dong",
    "lat": 35.8363,
    "lng": 129.2098,
    "capacity": 4,
    "bedrooms": 2,
    "beds": 2,
    "bathrooms": 1,
    "base_price": {"amount": 128000, "currency": "KRW"},
    "currency": "KRW",
    "cleaning_fee": {"amount": 30000, "currency": "KRW"},
    "min_nights": 1,
    "max_nights": 14,
    "instant_book": True,
    "cancellation_policy": "flexible",
    "time_zone": "Asia/Seoul",
    "amenities": ["wifi", "kitchen"],
    "status": "listed",
}


def day(ahead: int) -> str:
    return (today_in("Asia/Seoul") + timedelta(days=ahead)).isoformat()


def dates(first: int = 10, last: int = 13, **more: Any) -> dict[str, Any]:
    return {"check_in": day(first), "check_out": day(last), **more}


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["correlation_id"]
    return body
