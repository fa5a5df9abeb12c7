"""Who may import whom: the linter's contracts hold, and each of them can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("airbnb", "rooms", "reservations", "payments", "reviews", "notifications")

if find_spec("importlinter") is None and not os.environ.get("CI"):
    pytest.skip("import-linter is a quality tool; `make check` installs it", allow_module_level=True)

# Where a forbidden import is planted, what it is, and the contract that must report it.
PLANTED = [
    ("airbnb/stays.py", "import rooms.queries", "1. "),
    ("airbnb/events/tasks.py", "from reservations import queries", "1. "),
    ("reservations/services/planted.py", "from rooms.models import Room", "2a."),
    ("notifications/planted.py", "from reservations.models import Reservation", "2b."),
    ("reservations/planted.py", "from payments.models import Payment", "2c."),
    ("notifications/planted.py", "from reviews.models import Review", "2d."),
    ("reviews/planted.py", "from notifications.models import Notification", "2e."),
    ("payments/events.py", "from reservations.models import Reservation", "2f."),
    ("rooms/planted.py", "from reservations import queries", "3. "),
    ("payments/planted.py", "from reviews import queries", "3. "),
    ("reservations/planted.py", "from notifications import queries", "3b."),
    ("rooms/planted.py", "from airbnb.embedded import stack", "4. "),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter over a copy of the source."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_contracts_hold(source: Path) -> None:
    done = lint(source)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_planted_violation_is_reported(source: Path, tmp_path: Path) -> None:
    """All are planted at once, in a copy; each contract must then be broken, and for the planted line."""
    folder = tmp_path / "planted"
    shutil.copytree(source, folder)
    for file, line, _contract in PLANTED:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((path.read_text("utf-8") if path.exists() else "") + f"\n{line}\n", "utf-8")
    done = lint(folder)
    assert done.returncode != 0
    for file, line, contract in PLANTED:
        broken = [row for row in done.stdout.splitlines() if row.startswith(contract) and "BROKEN" in row]
        assert broken, f"contract {contract} did not report {line!r} in {file}\n{done.stdout}"
        module = file.removesuffix(".py").replace("/", ".")
        assert module in done.stdout, f"{module} is not named\n{done.stdout}"


def test_every_contract_has_a_planted_violation() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    for contract in contracts:
        assert any(contract["name"].startswith(prefix.strip()) for _, _, prefix in PLANTED), contract["name"]
