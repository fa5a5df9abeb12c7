"""The one invariant that a row cannot break: it takes a second session."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from airbnb import clock
from airbnb.invariants import check

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_session_that_idles_in_a_transaction_is_found() -> None:
    """Planted by a second session that begins and then does nothing; ten seconds later by the clock it is found."""
    other = psycopg.connect(**connection.get_connection_params())
    try:
        other.execute("SELECT 1")
        assert check() == []
        with clock.shifted(timedelta(seconds=10)):
            assert [each.invariant.name for each in check()] == ["I31_nobody_idles_in_a_transaction"]
        other.rollback()
        with clock.shifted(timedelta(seconds=10)):
            assert check() == []
    finally:
        other.close()
