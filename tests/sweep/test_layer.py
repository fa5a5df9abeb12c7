"""The lines that the crash sweep counts are those of the whole service layer, whatever its modules are called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from payments import paying_out
from tests.sweep import layer
from tests.sweep.layer import LEFT_OUT, MODULES, PACKAGES, ROOT, left_out_by, service_layer

# Who speaks to a gateway, or reacts to a fact.
ACTS = re.compile(r"forbid_transaction\(|^\s*@when\b", re.MULTILINE)


def acting(package: str) -> set[str]:
    return {str(path) for path in (ROOT / package).rglob("*.py") if ACTS.search(path.read_text())}


@pytest.mark.parametrize("package", PACKAGES[:5])
def test_whoever_calls_a_gateway_or_reacts_counts(package: str) -> None:
    found = acting(package)
    assert found, "the pattern finds nobody"
    assert found <= service_layer()


def test_every_module_that_reaches_a_gateway_counts() -> None:
    adapters = {str(path) for path in (ROOT / "payments/gateways").glob("*.py")}
    assert len(adapters) > 10
    assert adapters <= service_layer()


def test_what_is_counted_is_what_python_says_it_runs() -> None:
    """The tracer compares with the file names of the code itself."""
    assert paying_out.__file__ in service_layer()


def test_no_name_is_without_a_module() -> None:
    assert [each for each in MODULES if not (ROOT / each).is_file()] == []
    assert [each for each in PACKAGES if not (ROOT / each / "__init__.py").is_file()] == []
    used = {
        word
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for word in left_out_by(path.relative_to(ROOT / package))
    }
    assert used == LEFT_OUT


def test_doors_and_tables_do_not_count() -> None:
    names = {Path(each).relative_to(ROOT).as_posix() for each in service_layer()}
    assert not names & {
        "payments/views.py",
        "payments/payout_admin.py",
        "payments/models/payment.py",
        "rooms/api/days.py",
    }


def test_the_control_a_module_that_is_left_out_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer, "LEFT_OUT", LEFT_OUT | {"out"})
    service_layer.cache_clear()
    try:
        assert acting("payments") - service_layer() == {paying_out.__file__}
    finally:
        service_layer.cache_clear()
