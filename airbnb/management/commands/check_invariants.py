"""``check_invariants [--json] [--days N]``: exit 0 when everything that must never be true is not."""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from airbnb import clock
from airbnb.invariants import all_invariants, check


class Command(BaseCommand):
    """Run every invariant of every context."""

    help = "Check the global invariants; exits 1 and names the rows when one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        """How to print, and how far to look back."""
        parser.add_argument("--json", action="store_true", dest="as_json")
        parser.add_argument("--days", type=int, help="of what is only ever added, look at the last N days alone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, print, and exit 1 on a finding."""
        begun = time.perf_counter()
        invariants = all_invariants()
        since = clock.now() - timedelta(days=options["days"]) if options["days"] else None
        findings = check(invariants, since=since)
        seconds = round(time.perf_counter() - begun, 3)
        broken = [
            {"name": f.invariant.name, "says": f.invariant.says, "count": f.count, "rows": f.rows} for f in findings
        ]
        if options["as_json"]:
            report = {"ok": not broken, "checked": len(invariants), "seconds": seconds, "broken": broken}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self._tell(len(invariants), broken, seconds)
        if broken:
            sys.exit(1)

    def _tell(self, checked: int, broken: list[dict[str, Any]], seconds: float) -> None:
        for each in broken:
            self.stdout.write(self.style.ERROR(f"BROKEN {each['name']}: {each['count']} rows. {each['says']}"))
            for row in each["rows"]:
                self.stdout.write(f"    {row}")
        self.stdout.write(f"{checked} invariants checked in {seconds} s, {len(broken)} broken")
