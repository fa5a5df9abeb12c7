"""The published schema says what the API does: pages, keys and refusals."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(client: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/api/v1/schema/", headers={"Accept": "application/json"}).json()
    return answer


@pytest.mark.parametrize("path", ["reservations", "payments", "notifications", "reviews"])
def test_lists_are_pages_in_the_schema_as_in_the_answer(schema: Any, api: Any, guest: Any, path: str) -> None:
    told = schema["paths"][f"/api/v1/{path}/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    page = schema["components"]["schemas"][told["$ref"].rsplit("/", 1)[-1]]
    assert set(page["properties"]) == set(api(guest).get(f"/api/v1/{path}/").json()) == {"next", "previous", "results"}


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("reservations/", {"201", "400", "404", "409", "422"}),
        ("reservations/{code}/payment/", {"200", "202", "400", "402", "404", "409", "422", "503"}),
        ("reservations/{code}/cancellation/", {"200", "400", "404", "409", "422"}),
    ],
)
def test_posts_on_bookings_say_their_key_and_their_refusals(schema: Any, path: str, statuses: set[str]) -> None:
    post = schema["paths"][f"/api/v1/{path}"]["post"]
    assert set(post["responses"]) == statuses
    assert [each["required"] for each in post["parameters"] if each["name"] == "Idempotency-Key"] == [True]
    for status in statuses - {"200", "201", "202"}:
        assert "application/problem+json" in post["responses"][status]["content"]
