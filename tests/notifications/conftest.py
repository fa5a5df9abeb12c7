"""Tests of notifications: the messenger needs a telephone number, as a real one does."""

from __future__ import annotations

from typing import Any

import pytest

from notifications.channels.kakaotalk import FileAdapter


class NumbersOnly(FileAdapter):
    """The file adapter with a real provider's need."""

    needs_phone = True


@pytest.fixture(autouse=True)
def _numbers_only(settings: Any) -> None:
    settings.MESSENGER_ADAPTER = f"{__name__}.NumbersOnly"
