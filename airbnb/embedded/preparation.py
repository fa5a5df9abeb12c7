"""What need not be done again at a second start, decided from facts and not from a guess."""

from __future__ import annotations

import hashlib
from pathlib import Path

from airbnb.embedded.postgres import Postgres

DATABASE = "binbang"


def migration_stamp(project: Path, postgres: Postgres | None) -> str | None:
    """One hash over every migration file, the installed packages and the rows of ``django_migrations``.

    The same stamp as after the last ``migrate`` means that it has nothing to do. None for a database that is
    not ours to ask: then it always runs.
    """
    if postgres is None:
        return None
    facts = hashlib.sha256(_applied(postgres).encode())
    for path in sorted(project.glob("**/migrations/*.py")):
        if ".venv" not in path.parts:
            facts.update(path.relative_to(project).as_posix().encode() + path.read_bytes())
    facts.update((project / "requirements.lock").read_bytes())
    return facts.hexdigest()


def compiled_messages_are_fresh(project: Path) -> bool:
    """True when every catalogue has a compiled one that is not older than itself."""
    for source in (project / "locale").glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            return False
    return True


def _applied(postgres: Postgres) -> str:
    if not postgres.query("SELECT to_regclass('django_migrations')", DATABASE).strip():
        return ""
    return postgres.query("SELECT app, name FROM django_migrations ORDER BY app, name", DATABASE)
