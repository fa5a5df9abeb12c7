"""A host's statement as a table for spreadsheets (pure)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from airbnb.money import MINOR_DIGITS, Money
from airbnb.templatetags.texts import in_language
from payments.earnings import EarningLine

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(lines: Iterable[EarningLine], heads: list[str]) -> str:
    """The lines with their heads; texts that would be formulas are disarmed, sums are plain numbers."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    for line in lines:
        writer.writerow(_row(line))
    return "\ufeff" + out.getvalue()


def _row(line: EarningLine) -> list[str]:
    zone = ZoneInfo(line.time_zone)
    kept = sum(each.amount.amount_minor for each in line.recovered)
    return [
        safe(line.reservation),
        str(line.number),
        safe(in_language(line.room_title_i18n)),
        line.check_in.isoformat(),
        line.check_out.isoformat(),
        line.payout.currency,
        *(number(each) for each in (line.gross, line.fees, line.tax, line.payout)),
        number(Money(kept, line.payout.currency)),
        number(line.sent),
        line.due_at.astimezone(zone).date().isoformat(),
        line.sent_at.astimezone(zone).date().isoformat() if line.sent_at else "",
        safe(str(line.label)),
    ]


def safe(text: str) -> str:
    """A cell that is text and nothing else."""
    return f"'{text}" if text.startswith(FORMULA) else text


def number(sum_: Money) -> str:
    """A sum in whole units with a point, as spreadsheets read it."""
    digits = MINOR_DIGITS[sum_.currency]
    if not digits:
        return str(sum_.amount_minor)
    sign, minor = "-" if sum_.amount_minor < 0 else "", abs(sum_.amount_minor)
    return f"{sign}{minor // 10**digits}.{minor % 10**digits:0{digits}d}"
