"""The switches of the controls: each takes one guard away, in a throw-away database or in this process alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

NIGHTS_NEVER_MEET = """
CREATE SEQUENCE control_apart;
CREATE FUNCTION control_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind = 'reserved' THEN
    NEW.night := NEW.night + 1000 * nextval('control_apart')::int;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER control_apart BEFORE INSERT ON rooms_night FOR EACH ROW EXECUTE FUNCTION control_apart();
"""
NIGHTS_MEET = """
DROP TRIGGER IF EXISTS control_apart ON rooms_night;
DROP FUNCTION IF EXISTS control_apart();
DROP SEQUENCE IF EXISTS control_apart;
"""
KEYS_NEVER_MEET = """
CREATE FUNCTION control_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.key := left(NEW.key, 200) || gen_random_uuid();
  RETURN NEW;
END $$;
CREATE TRIGGER control_keys BEFORE INSERT ON accounts_idempotencykey FOR EACH ROW EXECUTE FUNCTION control_keys();
"""
KEYS_MEET = """
DROP TRIGGER IF EXISTS control_keys ON accounts_idempotencykey;
DROP FUNCTION IF EXISTS control_keys();
"""
PRICES_ARE_FORGOTTEN = """
CREATE FUNCTION control_prices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.price_minor := OLD.price_minor;
  RETURN NEW;
END $$;
CREATE TRIGGER control_prices BEFORE UPDATE ON rooms_dayrule FOR EACH ROW EXECUTE FUNCTION control_prices();
"""
PRICES_ARE_KEPT = """
DROP TRIGGER IF EXISTS control_prices ON rooms_dayrule;
DROP FUNCTION IF EXISTS control_prices();
"""
# The last trigger of their tables, so that everything before it has let the change through.
ANSWERS_ARE_FORGOTTEN = """
CREATE FUNCTION control_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = 'declined' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER zz_control_answers BEFORE UPDATE ON reservations_reservation
  FOR EACH ROW EXECUTE FUNCTION control_answers();
CREATE TRIGGER zz_control_answers BEFORE UPDATE ON reservations_alteration
  FOR EACH ROW EXECUTE FUNCTION control_answers();
"""
ANSWERS_ARE_KEPT = """
DROP TRIGGER IF EXISTS zz_control_answers ON reservations_alteration;
DROP TRIGGER IF EXISTS zz_control_answers ON reservations_reservation;
DROP FUNCTION IF EXISTS control_answers();
"""
# Reservations without the triggers that refuse a second change; nights, money and the diary keep theirs.
STATES_ARE_FREE = "ALTER TABLE reservations_reservation DISABLE TRIGGER reservations_guard;"
STATES_ARE_GUARDED = "ALTER TABLE reservations_reservation ENABLE TRIGGER reservations_guard;"


def by_django(statements: str) -> None:
    """Run them in the tests' own database."""
    with connection.cursor() as cursor:
        cursor.execute(statements)


def by_address(address: str) -> Callable[[str], None]:
    """Run them in the database of a running stack."""

    def run(statements: str) -> None:
        with psycopg.connect(address, autocommit=True) as session:
            session.execute(statements)

    return run


@contextmanager
def off(away: str, back: str, run: Callable[[str], None] = by_django) -> Iterator[None]:
    """The guard is away inside, and back afterwards whatever happened."""
    run(back) if away not in (STATES_ARE_FREE,) else None
    run(away)
    try:
        yield
    finally:
        run(back)


@contextmanager
def nights_off(run: Callable[[str], None] = by_django) -> Iterator[None]:
    """No two callers ever meet at a night: what their primary key decides is decided by nobody."""
    with off(NIGHTS_NEVER_MEET, NIGHTS_MEET, run):
        yield


@contextmanager
def keys_off(run: Callable[[str], None] = by_django) -> Iterator[None]:
    """The same key is another each time it comes."""
    with off(KEYS_NEVER_MEET, KEYS_MEET, run):
        yield


@contextmanager
def prices_off(run: Callable[[str], None] = by_django) -> Iterator[None]:
    """A price that is set a second time is not kept, though its host was told so."""
    with off(PRICES_ARE_FORGOTTEN, PRICES_ARE_KEPT, run):
        yield


@contextmanager
def answers_off(run: Callable[[str], None] = by_django) -> Iterator[None]:
    """A no to a request or to a proposal is not kept, though both sides were told so."""
    with off(ANSWERS_ARE_FORGOTTEN, ANSWERS_ARE_KEPT, run):
        yield


def without_locks(monkeypatch: Any) -> None:
    """Advisory locks and row locks are off, and a change is written whatever the row has become."""
    from django.db.models import QuerySet

    from airbnb import db
    from reservations.models import Reservation

    def blind_change(self: Any, to: str, *, at: Any, actor: Any, why: str = "", **fields: Any) -> None:
        fields |= {"status": str(to), "changed_at": at, "changed_by": actor.kind, "changed_by_id": actor.id}
        fields |= {"version": self.version + 1, "changed_why": why, "changed_under": ""}
        Reservation.objects.filter(pk=self.pk).update(**fields)
        self._adopt(fields)

    monkeypatch.setattr(db, "lock", lambda *names: None)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self._chain())
    monkeypatch.setattr(Reservation, "_change", blind_change)
