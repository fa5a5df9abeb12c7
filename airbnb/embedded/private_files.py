"""Generated secrets: made once, kept in a file that only its owner may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept_secret(path: Path, prefix: str = "") -> str:
    """The secret in ``path``; if missing, made (``prefix`` + 43 URL-safe characters) and stored as 0600."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        value = prefix + secrets.token_urlsafe(32)
        write_private(path, value + "\n")
        return value


def write_private(path: Path, text: str) -> None:
    """Replace ``path`` by a 0600 file with ``text`` in one step, so that a reader never sees half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)
