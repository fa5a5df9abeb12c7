"""How a fault is planted: raw SQL, with triggers off and the constraints in its way dropped, then all is undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction


@dataclass(frozen=True)
class Fault:
    """``sql`` breaks one row, as no code of ours would; ``name`` is the invariant that must say so.

    Places in braces are facts of the world (``{confirmed}`` is a code). ``drop`` names constraints and indexes, as
    ``table.name``, that would refuse the row. ``also`` are invariants that this row cannot help breaking.
    """

    name: str
    what: str
    sql: tuple[str, ...]
    drop: tuple[str, ...] = ()
    also: frozenset[str] = field(default_factory=frozenset)


def fault(name: str, what: str, *sql: str, drop: tuple[str, ...] = (), also: tuple[str, ...] = ()) -> Fault:
    """A fault, written short."""
    return Fault(name, what, sql, drop, frozenset(also))


@contextmanager
def planted(one: Fault, facts: dict[str, Any]) -> Iterator[None]:
    """The database with this fault in it, and afterwards as before. Needs a transaction."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the commit is checked before
            for each in one.drop:
                table, name = each.split(".")
                cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s", [name])
                is_constraint = cursor.fetchone() is not None
                cursor.execute(
                    f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE" if is_constraint else f"DROP INDEX {name}"
                )
            cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger stands in the way
            for statement in one.sql:
                cursor.execute(statement.format(**facts))
                assert cursor.rowcount == 1, f"{cursor.rowcount} rows instead of one: {statement}"
            cursor.execute("SET LOCAL session_replication_role = origin")
        yield
        transaction.set_rollback(True)


def again(table: str, where: str, **changes: str) -> str:
    """SQL that puts a copy of one row beside it, with these columns changed (values are SQL)."""
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    values = [changes.get(name, name) for name in columns]
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table} WHERE {where}"
