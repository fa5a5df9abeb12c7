"""The operators' site of rooms: looks and acts through services, writes nothing past them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from airbnb.clock import today_in
from airbnb.db import write
from airbnb.stays import Stay
from rooms import calendar
from rooms.models import Room
from tests.factories.rooms import listed_room

pytestmark = pytest.mark.django_db
LIST = "admin:rooms_room_changelist"


@pytest.fixture
def desk(client: Any, operator: Any) -> Any:
    operator.is_superuser = True
    operator.save()
    client.force_login(operator)
    return client


def act(desk: Any, action: str, *rooms: Room) -> str:
    sent = {"action": action, "_selected_action": [room.pk for room in rooms]}
    return desk.post(reverse(LIST), sent, follow=True).content.decode()


def test_rooms_are_listed_searched_and_shown_with_their_nights(desk: Any, host: Any) -> None:
    room, other = listed_room(host), listed_room(host, city="busan")
    first = today_in("Asia/Seoul") + timedelta(days=5)
    with write():
        calendar.take_nights(room.pk, Stay(first, first + timedelta(days=1)), reservation="BB1")
    page = desk.get(reverse(LIST), {"q": room.code}).content.decode()
    assert room.code in page
    assert other.code not in page
    shown = desk.get(reverse("admin:rooms_room_change", args=[room.pk]))
    assert "BB1" in shown.content.decode()


@pytest.mark.parametrize("name", ["room", "dayrule", "roomview", "roomstay", "roomreview"])
def test_every_list_opens_and_nothing_can_be_added(desk: Any, host: Any, name: str) -> None:
    listed_room(host)
    assert desk.get(reverse(f"admin:rooms_{name}_changelist"), {"q": "x"}).status_code == 200
    assert desk.get(reverse(f"admin:rooms_{name}_add")).status_code == 403


def test_pausing_listing_and_taking_down(desk: Any, host: Any) -> None:
    room, booked = listed_room(host), listed_room(host)
    first = today_in("Asia/Seoul") + timedelta(days=5)
    with write():
        calendar.take_nights(booked.pk, Stay(first, first + timedelta(days=1)), reservation="BB1")
    act(desk, "pause_rooms", room)
    room.refresh_from_db()
    assert room.status == "paused"
    act(desk, "list_rooms", room)
    page = act(desk, "take_down_rooms", room, booked)
    assert "Guests have booked this room" in page
    assert dict(Room.objects.values_list("code", "status")) == {room.code: "archived", booked.code: "listed"}


def test_a_room_cannot_be_written_past_the_services(desk: Any, host: Any) -> None:
    room = listed_room(host)
    sent = desk.post(reverse("admin:rooms_room_change", args=[room.pk]), {"capacity": 1})
    assert sent.status_code == 403
    assert desk.post(reverse("admin:rooms_room_delete", args=[room.pk]), {"post": "yes"}).status_code == 403


def test_others_stay_outside(client: Any, host: Any) -> None:
    client.force_login(host)
    assert client.get(reverse(LIST)).status_code == 302
