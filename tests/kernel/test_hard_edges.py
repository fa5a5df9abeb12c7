"""Requests that no page makes, a database that refuses, and the operators' sign-in."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/rooms/%00/", "/trips/%00/", "/api/v1/rooms/%00/"])
def test_no_page_has_a_nul_in_its_address(client: Any, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/rooms/?q=%00", "/api/v1/rooms/?q=%00", "/api/v1/payments/?reservation=%00"])
def test_a_nul_in_a_query_is_a_bad_request(client: Any, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 400
    if path.startswith("/api/"):
        assert response["Content-Type"] == "application/problem+json"


def test_a_busy_database_is_a_503_that_says_when_to_try_again(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr("rooms.queries.home_page", refuse)
    response = client.get("/")
    assert response.status_code == 503
    assert response["Retry-After"] == "2"


def test_operators_sign_in_where_everybody_does(client: Any, guest: Any, operator: Any) -> None:
    """Django's own form of the admin knows no limit of tries."""
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))
    client.force_login(guest)
    assert client.get("/admin/", follow=True).status_code in {403, 404}
    client.force_login(operator)
    assert client.get("/admin/").status_code == 200
