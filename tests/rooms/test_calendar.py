"""Nights are taken by one alone, all or none, and given back whole."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from airbnb.db import write
from airbnb.stays import Stay
from rooms import calendar, queries
from rooms.models import Night, SearchIndex
from tests.factories.rooms import listed_room

pytestmark = pytest.mark.django_db


def stay(ahead: int = 10, nights: int = 3) -> Stay:
    first = date.today() + timedelta(days=ahead)  # noqa: DTZ011 - any date well ahead will do
    return Stay(first, first + timedelta(days=nights))


def test_taking_marks_every_night_and_the_search_calendar(host: Any) -> None:
    room, wanted = listed_room(host), stay()
    with write():
        calendar.take_nights(room.pk, wanted, reservation="BB1")
    assert list(Night.objects.held_by("BB1").values_list("night", flat=True)) == wanted.nights
    index = SearchIndex.objects.get(pk=room.pk)
    taken = {index.starts_on + timedelta(days=n) for n, bit in enumerate(index.calendar) if bit == "1"}
    assert taken == set(wanted.nights)
    assert not queries.free(room.pk, wanted)
