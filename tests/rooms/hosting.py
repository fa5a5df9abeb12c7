"""What the tests of the host's pages share: a filled-in editor, and addresses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from airbnb import db
from airbnb.clock import today_in
from airbnb.stays import Stay
from rooms import calendar
from rooms.models import Room

FORM = {
    "title_ko": "달빛 마루",
    "title_en": "Moonlight Floor",
    "kind": "hanok",
    "city": "경주",
    "area": "Hwangnam-dong",
    "address": "경북 경주시 황남동 00-0",
    "capacity": "4",
    "bedrooms": "2",
    "beds": "2",
    "bathrooms": "1",
    "amenities": ["wifi", "ondol"],
    "base_price": "₩128,000",
    "weekend_price": "148,000",
    "cleaning_fee": "30000",
    "extra_guest_fee": "",
    "included_guests": "0",
    "min_nights": "2",
    "max_nights": "14",
    "notice_days": "1",
    "window_days": "180",
    "check_in_from": "16:00",
    "check_out_until": "11:30",
    "time_zone": "Asia/Seoul",
    "cancellation_policy": "moderate",
    "description_ko": "마당에 느티나무가 있어요.",
    "description_en": "",
    "house_rules_ko": "",
    "house_rules_en": "No smoking",
    "arrival_guide_ko": "",
    "arrival_guide_en": "",
}


def page(name: str, *args: Any) -> str:
    return reverse(f"rooms_host:{name}", args=args)


def every_page(room: Room) -> list[str]:
    return [page(name, room.slug) for name in ("edit", "photos", "calendar", "deletion")]


def soon(days: int) -> date:
    return today_in("Asia/Seoul") + timedelta(days=days)


def reserve(room: Room, nights: Stay, code: str = "BBTESTCODE") -> None:
    with db.write():
        calendar.take_nights(room.pk, nights, reservation=code)
