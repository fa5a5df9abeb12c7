"""What the storms over HTTP share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stack import RunningStack
from tests.storms.web import web_processes


@pytest.fixture(scope="package")
def addresses(stack: RunningStack) -> Iterator[list[str]]:
    """Four web processes over the running stack's data, for as long as there are storms."""
    with web_processes(stack) as found:
        yield found
