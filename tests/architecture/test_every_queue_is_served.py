"""Every queue has a worker: in the local stack, and for whoever follows the instructions for production."""

from __future__ import annotations

import re
from pathlib import Path

from airbnb.celery import QUEUES
from airbnb.embedded.commands import QUEUES as LOCAL

ROOT = Path(__file__).resolve().parents[2]


def test_by_the_local_stack() -> None:
    assert {queue for served in LOCAL.values() for queue in served.split(",")} == set(QUEUES)


def test_by_the_workers_that_the_instructions_start() -> None:
    section = (ROOT / "docs/operations.md").read_text().split("## Processes")[1].split("\n## ")[0]
    lists = [named.split(",") for named in re.findall(r"(?:-Q |`)([a-z]+(?:,[a-z]+)+)`", section)]
    assert len(lists) == 2
    assert {queue for served in lists for queue in served} == set(QUEUES)
    assert all("watch" in served for served in lists), "payments come back while one of them is down"
