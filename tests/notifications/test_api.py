"""Notifications over HTTP: the contract's shape, one's own only, reading, paging."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from notifications import services
from tests.factories.notifications import told

pytestmark = pytest.mark.django_db
URL = "/api/v1/notifications/"


def test_the_list_has_the_contracts_shape(api: Any, guest: Any) -> None:
    notification = told(guest)
    (one,) = api(guest).get(URL).json()["results"]
    assert set(one) == {
        "id", "kind", "reservation", "title", "text", "created_at", "read_at", "correlation_id", "channels",
    }  # fmt: skip
    assert (one["id"], one["kind"], one["reservation"]) == (str(notification.pk), "reservation_confirmed", "BBTOLD0001")
    assert one["title"] == "Your stay at Zelkova House is booked"
    assert one["read_at"] is None
    assert one["correlation_id"] == "c-1"
    assert {each["channel"]: each["status"] for each in one["channels"]} == {"in_app": "sent", "email": "pending"}


def test_it_speaks_the_recipients_language(api: Any, guest: Any) -> None:
    guest.language = "ko"
    guest.save(update_fields=["language"])
    told(guest)
    (one,) = api(guest).get(URL).json()["results"]
    assert "느티채" in one["title"]
    assert "확정" in one["title"]


def test_ones_own_and_nobody_elses(api: Any, guest: Any, host: Any, stranger: Any) -> None:
    notification = told(guest)
    assert api(stranger).get(URL).json()["results"] == []
    assert api(stranger, scopes=("read",)).post(f"{URL}{notification.pk}/reading/").status_code == 404
    assert api().get(URL).status_code == 401
    assert api().post(f"{URL}{notification.pk}/reading/").status_code == 401
    assert api(guest, scopes=("book",)).get(URL).status_code == 403
    notification.refresh_from_db()
    assert notification.read_at is None


def test_reading(api: Any, guest: Any) -> None:
    notification, client = told(guest), api(guest)
    first = client.post(f"{URL}{notification.pk}/reading/")
    assert first.status_code == 200
    assert first.json()["read_at"] is not None
    assert client.post(f"{URL}{notification.pk}/reading/").json()["read_at"] == first.json()["read_at"]
    assert client.get(f"{URL}?unread=true").json()["results"] == []
    assert client.post(f"{URL}{uuid4()}/reading/").status_code == 404
    assert client.get(f"{URL}{notification.pk}/reading/").status_code == 405
    assert client.post(URL, {}).status_code == 405
    assert client.post(f"{URL}nothing/reading/").status_code == 404


def test_paging_and_filtering(api: Any, guest: Any, django_assert_max_num_queries: Any) -> None:
    for _turn in range(5):
        told(guest)
    client = api(guest)
    first = client.get(f"{URL}?page_size=2").json()
    assert len(first["results"]) == 2
    assert first["previous"] is None
    second = client.get(first["next"]).json()
    assert {each["id"] for each in first["results"]}.isdisjoint(each["id"] for each in second["results"])
    assert len(client.get(f"{URL}?reservation=BBTOLD0001&page_size=500").json()["results"]) == 5
    assert client.get(f"{URL}?reservation=BBOTHER").json()["results"] == []
    assert client.get(f"{URL}?reservation=%00").status_code == 400
    assert client.get(f"{URL}?cursor=nonsense").status_code == 404
    with django_assert_max_num_queries(6):
        client.get(URL)


def test_a_channel_that_failed_is_visible(api: Any, guest: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.notifications.test_sending.NobodyListens"
    told(guest)
    services.send_due()
    (one,) = api(guest).get(URL).json()["results"]
    assert {"channel": "email", "status": "failed"} in one["channels"]
