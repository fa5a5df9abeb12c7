"""What contexts add to the host's board over HTTP: each its own field, joined without one knowing the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

Ask = Callable[[int], Any]


@dataclass(frozen=True, slots=True)
class BoardPart:
    """A field of the board: ``ask`` is called with the host's id and answers what ``output`` shows."""

    ask: Ask
    output: Callable[[], serializers.BaseSerializer[Any]]


_parts: dict[str, BoardPart] = {}


def on_board(name: str, output: Callable[[], serializers.BaseSerializer[Any]]) -> Callable[[Ask], Ask]:
    """Have the board carry this field; runs when the API is put together, once for each name."""

    def register(ask: Ask) -> Ask:
        _parts[name] = BoardPart(ask, output)
        return ask

    return register


def board_fields() -> dict[str, serializers.BaseSerializer[Any]]:
    """The added fields, for the schema."""
    return {name: part.output() for name, part in _parts.items()}


def board_parts(host_id: int) -> dict[str, Any]:
    """The added fields of this host's board, as JSON-plain values."""
    return {name: part.output().to_representation(part.ask(host_id)) for name, part in _parts.items()}
