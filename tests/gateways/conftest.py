"""Every adapter beside its own sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateways.harness import HARNESSES, Till


@pytest.fixture(params=sorted(HARNESSES))
def till(request: pytest.FixtureRequest, sandbox: Any) -> Till:
    """The contract's view of one gateway."""
    return Till(HARNESSES[request.param](sandbox), sandbox)


@pytest.fixture
def toss_till(sandbox: Any) -> Till:
    """Toss Payments alone."""
    return Till(HARNESSES["toss"](sandbox), sandbox)
