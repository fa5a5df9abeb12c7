"""Event names and fields are a contract: they match a golden file, and only grow."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

from airbnb.events.bus import EVENTS

GOLDEN = Path(__file__).with_name("events.json")


def contract() -> dict[str, dict[str, str]]:
    """Every event of the contexts with its fields and their types."""
    return {
        name: {field.name: str(field.type) for field in dataclasses.fields(event)}
        for name, event in sorted(EVENTS.items())
        if not event.__module__.startswith("tests.")
    }


def test_events_match_the_golden_file() -> None:
    """A change must be meant: run with WRITE_GOLDEN=1 to write the new contract, and read the difference."""
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(contract(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    kept = json.loads(GOLDEN.read_text("utf-8"))
    assert contract() == kept


def test_the_customers_events_are_there() -> None:
    wanted = {
        "RoomRegistered", "RoomModified", "RoomDeleted", "RoomReserved", "RoomCancelled", "ReservationCreated",
        "ReservationConfirmed", "ReservationCancelRequested", "ReservationCancelled", "PaymentApproved",
        "PaymentCancelled", "ReviewCreated", "ReviewModified", "ReviewDeleted",
    }  # fmt: skip
    assert wanted <= set(contract())
    assert not {"RoomSearched", "RoomSelected"} & set(contract()), "user-interface events are no events"


def test_fields_are_plain_json() -> None:
    for name, fields in contract().items():
        for field, kind in fields.items():
            words = set(kind.replace("[", " ").replace("]", " ").replace(",", " ").replace("|", " ").split())
            plain = {"str", "int", "bool", "None", "list", "dict", "Any", "float"}
            assert words <= plain, f"{name}.{field}: {kind}"
