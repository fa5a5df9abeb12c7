"""What tests of the guest's pages share: reading a page as words, and the forms that pages post."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from reservations.models import Reservation
from rooms import queries as rooms
from tests.support import VISA, room_of

HTMX = {"HX-Request": "true"}


def reader(person: Any) -> Client:
    """A browser in which this person is signed in and reads English."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person)
    return client


def flexible_room(host: Any) -> Any:
    """A listed room of the host with flexible terms."""
    return room_of(host, cancellation_policy="flexible")


def text_of(response: Any) -> str:
    """The page as one line of words, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def form_of(room: Any, stay: Any, **changes: Any) -> dict[str, Any]:
    """What the page of the room posts."""
    quote = rooms.quote(room.pk, stay, 2)
    return {
        "room": room.slug,
        "check_in": stay.check_in.isoformat(),
        "check_out": stay.check_out.isoformat(),
        "guests": "2",
        "quote": quote.token,
        "shown_total": str(quote.total.amount_minor),
        **changes,
    }


def payment_form(method: str = VISA, **changes: str) -> dict[str, str]:
    """What the checkout posts."""
    return {"name": "이서윤", "payment_method": method, "phone": "010-1234-5678", **changes}


def checkout_of(held: Reservation) -> str:
    """The address of the checkout."""
    return reverse("reservations:checkout", args=[held.code])
