"""Fixtures for everyone: real servers, a fixed cast, the payment sandbox, and a clock that can be moved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# How long an example takes says something of the machine, which may be busy, and nothing of the code.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")


@pytest.fixture(autouse=True)
def _own_transaction_is_tolerated(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test's own transaction does not count as one that the code under test holds open."""
    from airbnb import db

    names = set(request.fixturenames)
    if names & {"db", "transactional_db"} or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("_django_db_helper")
        token = db.tolerated_depth.set(db.depth())
        yield
        db.tolerated_depth.reset(token)
    else:
        yield


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """No test finds another's cached answers, or a broker that is left alone because another's did not answer."""
    from django.core.cache import cache

    from airbnb import broker

    cache.clear()
    broker.rest.end()


@pytest.fixture(autouse=True)
def _broker_answers() -> None:
    """No test leaves the broker alone because of another's."""
    from airbnb import broker

    broker.rest.end()


@pytest.fixture(autouse=True)
def _english(settings: Any) -> Iterator[None]:
    """Texts in tests are English unless a test asks otherwise."""
    from django.utils import translation

    with translation.override("en"):
        yield


# ------------------------------------------------------------------------------------------------- the cast
def make_user(email: str, **fields: Any) -> Any:
    """An account with the password ``pass-word-1`` and a verified address."""
    from airbnb.accounts.services import create_user

    return create_user(email, "pass-word-1", **fields)


@pytest.fixture
def guest(db: None) -> Any:
    """Somebody who books."""
    return make_user("guest@example.com", name="서윤", language="en")


@pytest.fixture
def host(db: None) -> Any:
    """Somebody who lets rooms."""
    return make_user("host@example.com", name="하준", host=True, language="en")


@pytest.fixture
def stranger(db: None) -> Any:
    """Somebody else, who lets rooms too, but not these."""
    return make_user("stranger@example.com", name="Alex", host=True, language="en")


@pytest.fixture
def operator(db: None) -> Any:
    """Somebody who keeps order."""
    return make_user("operator@example.com", name="도윤", operator=True, language="en")


@pytest.fixture
def api() -> Callable[..., Any]:
    """``api(user, scopes=…)``: an API client with a bearer token (none for ``api()``)."""
    from rest_framework.test import APIClient

    from airbnb.accounts.services import create_token

    def client_of(user: Any = None, scopes: tuple[str, ...] = ("read", "book", "host"), **headers: str) -> APIClient:
        client = APIClient(headers={"Accept-Language": "en", **headers})
        if user is not None:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {create_token(user, scopes)}")
        return client

    return client_of


# ------------------------------------------------------------------------------------- bus, clock, payments
@pytest.fixture
def deliver() -> Callable[..., int]:
    """Run all deliveries that wait, and those that they cause."""
    from airbnb.events.bus import deliver_pending

    return deliver_pending


class MovableClock:
    """The test's hand on the clock: ``at(instant)`` stops it, ``forward(…)`` moves it on."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def at(self, moment: datetime) -> datetime:
        """Stop the clock at this instant."""
        from airbnb import clock

        return self._stack.enter_context(clock.frozen(moment))

    def forward(self, **by: float) -> None:
        """Move on by ``timedelta(**by)``."""
        from airbnb import clock

        self._stack.enter_context(clock.shifted(timedelta(**by)))


@pytest.fixture
def time() -> Iterator[MovableClock]:
    """The movable clock; undone after the test."""
    with ExitStack() as stack:
        yield MovableClock(stack)


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Any]:
    """One payment sandbox for this worker's whole run."""
    from tests.sandbox_process import SandboxProcess

    process = SandboxProcess()
    process.start()
    yield process
    process.stop()


@pytest.fixture
def sandbox(sandbox_process: Any, settings: Any) -> Any:
    """The payment sandbox, emptied, with the settings pointing at it."""
    sandbox_process.reset()
    settings.STRIPE_API_BASE = sandbox_process.url
    settings.STRIPE_SECRET_KEY = sandbox_process.secret_key
    settings.STRIPE_WEBHOOK_SECRETS = [sandbox_process.webhook_secret]
    settings.TOSS_API_BASE = sandbox_process.toss_url
    settings.TOSS_SECRET_KEY = sandbox_process.toss_key
    settings.TOSS_WEBHOOK_SECRETS = [sandbox_process.toss_secret]
    return sandbox_process


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    """Uploaded files go to the test's own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(scope="session")
def stack() -> Iterator[Any]:
    """The whole product as ``make run`` starts it, empty; tests that use it stay on one worker."""
    from tests.stack import RunningStack

    running = RunningStack()
    if "TEST_STACK" in os.environ:
        running.attach(os.environ["TEST_STACK"])
    else:
        running.start()
    yield running
    running.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share the running stack stay together."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("stack"))
