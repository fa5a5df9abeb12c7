"""The database as it stood: kept beside itself and put back within milliseconds, numbers of sequences included."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.db import connection

# Written by migrations, the same for good.
FIXED = {"django_migrations", "django_content_type", "auth_permission", "django_site"}
# A table keeps what was deleted from it until it is vacuumed; now and then it is emptied by force instead.
TRUNCATE_EVERY = 40
_REAL_TIME = r"20[012]\d-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*\+00"


class Snapshot:
    """One state of all tables under a name; a second one of that name replaces the first."""

    def __init__(self, name: str) -> None:
        self._restored = 0
        tables = _tables()
        filled = [table for table in tables if _rows(f'SELECT 1 FROM "{table}" LIMIT 1')]
        _run(f"DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")
        _run("; ".join(f'CREATE UNLOGGED TABLE {name}."{table}" AS TABLE public."{table}"' for table in filled))
        fills = [
            f'INSERT INTO "{table}" ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {name}."{table}"'
            for table in filled
            for columns in [_columns(table)]
        ]
        fills += [f"SELECT setval('{sequence}', {value}, {called})" for sequence, value, called in _sequences()]
        self._deletes = [f'DELETE FROM "{table}"' for table in tables]
        self._truncate = ["TRUNCATE " + ", ".join(f'"{table}"' for table in tables)]
        self._fills = fills

    def restore(self) -> None:
        """All tables as they were; triggers and foreign keys sleep meanwhile."""
        self._restored += 1
        empty = self._truncate if self._restored % TRUNCATE_EVERY == 0 else self._deletes
        steps = ["BEGIN", "SET LOCAL session_replication_role = replica", *empty, *self._fills, "COMMIT"]
        _run("; ".join(steps))


def dump() -> dict[str, list[str]]:
    """Every row of every table as text, in order: two equal dumps are two equal databases.

    Instants that the server filled in itself are left out: they are real time, which differs.
    """
    return {
        name: sorted(rows)
        for name in _tables()
        if (rows := [_virtual(row) for (row,) in _rows(f'SELECT t::text FROM "{name}" t')])
    }


def digest() -> list[tuple[Any, ...]]:
    """The same in short, by one statement: equal for equal databases."""
    return _rows(" UNION ALL ".join(_DIGEST.format(table=table) for table in _tables()) + " ORDER BY 1")


_DIGEST = f"""
    SELECT '{{table}}', md5(string_agg(row, '|' ORDER BY row))
    FROM (SELECT regexp_replace(t::text, '{_REAL_TIME}', '(now)', 'g') AS row FROM "{{table}}" AS t) AS rows"""


@cache
def _tables() -> list[str]:
    tables = _rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [table for (table,) in tables if table not in FIXED]


def _virtual(row: str) -> str:
    return re.sub(_REAL_TIME, "(now)", row)


def _columns(table: str) -> str:
    rows = _rows(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND is_generated = 'NEVER' ORDER BY ordinal_position",
        table,
    )
    return ", ".join(f'"{name}"' for (name,) in rows)


def _sequences() -> list[tuple[Any, ...]]:
    rows = _rows(
        "SELECT schemaname || '.' || sequencename, coalesce(last_value, start_value), last_value IS NOT NULL"
        " FROM pg_sequences WHERE schemaname = 'public'"
    )
    return [(name, value, str(called).lower()) for name, value, called in rows]


def _rows(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall()


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
