"""Make or refresh ``.venv`` from a hash-locked file; standard library only, before anything is installed.

Run it by path (``python3 -I airbnb/embedded/bootstrap.py requirements-local.lock``), never by module name:
importing the project needs what this installs. Everything it says goes to standard error.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"


def main(arguments: list[str]) -> int:
    """Install the named lock file unless the stamp says it is there; returns the exit code."""
    if sys.version_info < OLDEST:
        print("Python {}.{} or newer is needed: make PYTHON=/path/to/it".format(*OLDEST), file=sys.stderr)
        return 1
    lock_file = PROJECT / arguments[0]
    with (PROJECT / ".venv.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two starts side by side from one clone
        if not is_installed(lock_file):
            return install(lock_file)
    return 0


def is_installed(lock_file: Path) -> bool:
    """True when this very lock was installed last by this very interpreter at this very place."""
    path = stamp_path(lock_file)
    return path.exists() and path.read_text() == fingerprint(lock_file)


def install(lock_file: Path) -> int:
    """Make the environment if it is missing or of another Python, then install; 0 when all went well."""
    stale = VENV.exists() and not _works()
    if (stale or not VENV.exists()) and _run([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        print("could not make .venv (on Debian: apt-get install python3-venv)", file=sys.stderr)
        return 1
    print(f"installing {lock_file.name} into .venv (a minute or two, once)", file=sys.stderr)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    code = _run([*pip, "--require-hashes", "-r", str(lock_file)])
    if code != 0:
        print(f"installing {lock_file.name} failed", file=sys.stderr)
        return code
    for old in VENV.glob(".installed-*"):
        old.unlink()
    for lock in included(lock_file):
        stamp_path(lock).write_text(fingerprint(lock))
    return 0


def included(lock_file: Path) -> list[Path]:
    """The lock files that this one contains: each is made on top of the one before."""
    order = [PROJECT / f"requirements{part}.lock" for part in ("", "-local", "-dev")]
    return order[: order.index(lock_file) + 1]


def stamp_path(lock_file: Path) -> Path:
    """Where the fingerprint of the installed lock is kept: inside the environment, to die with it."""
    return VENV / f".installed-{lock_file.stem}"


def fingerprint(lock_file: Path) -> str:
    """Hash of the lock, the interpreter and the place: an environment cannot be moved."""
    facts = f"{sys.version}\n{sys.base_prefix}\n{VENV}\n".encode()
    return hashlib.sha256(facts + lock_file.read_bytes()).hexdigest()


def _works() -> bool:
    """True when the environment's interpreter runs and is of our version."""
    asked = [str(VENV / "bin" / "python"), "-c", "import sys; print(sys.version)"]
    try:
        return subprocess.run(asked, capture_output=True, text=True).stdout.strip() == sys.version.strip()
    except OSError:
        return False


def _run(argv: list[str]) -> int:
    environment = {**os.environ, "PYTHONNOUSERSITE": "1"}
    return subprocess.run(argv, stdout=sys.stderr, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
