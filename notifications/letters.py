"""The letter of a notification: what a mail holds beyond the words, so that sums and terms are in the mail itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.utils.translation import gettext as _

from airbnb.money import Money
from airbnb.templatetags.dates import moment
from airbnb.templatetags.money import money
from airbnb.templatetags.texts import in_language
from notifications.wording import sum_of, words

# Kinds whose mail shows the stay's two days, and those that show the bill.
_WITH_STAY = frozenset(
    {
        "reservation_confirmed",
        "reservation_requested",
        "request_reminder",
        "request_unpaid",
        "reservation_altered",
        "reservation_cancelled",
        "payments_unavailable",
        "payments_available",
        "payment_failed",
        "refund_sent",
        "refund_failed",
    }
)


@dataclass(frozen=True)
class BillLine:
    """One line of a bill."""

    label: str
    amount: Money


@dataclass(frozen=True)
class Letter:
    """Everything an e-mail says, in one language; ``url`` is absolute, times are in the room's zone."""

    subject: str
    preheader: str
    heading: str
    lead: str
    url: str
    button: str
    greeting: str = ""
    room: str = ""
    code: str = ""
    check_in: date | None = None
    check_out: date | None = None
    check_in_time: str = ""
    check_out_time: str = ""
    lines: tuple[BillLine, ...] = ()
    total: Money | None = None
    total_label: str = ""
    notes_head: str = ""
    notes: tuple[str, ...] = field(default=())
    is_critical: bool = True
    picture: str = ""


def letter(kind: str, role: str, params: Mapping[str, Any], *, is_critical: bool) -> Letter:
    """The letter in the active language."""
    said = words(kind, role, params)
    lines, total, total_label = _bill(kind, role, params)
    head, notes = _notes(kind, role, params)
    stay = _stay(params) if kind in _WITH_STAY else {}
    return Letter(
        subject=said.title,
        preheader=said.text,
        heading=said.title,
        lead=said.text,
        url=settings.BASE_URL + said.url,
        button=said.button,
        room=in_language(params.get("room", {})),
        code=str(params.get("code", "")),
        lines=lines,
        total=total,
        total_label=total_label,
        notes_head=head,
        notes=notes,
        is_critical=is_critical,
        picture=_picture(params) if kind == "reservation_confirmed" and role == "guest" else "",
        **stay,
    )


def _picture(params: Mapping[str, Any]) -> str:
    return (
        urljoin(settings.BASE_URL + "/", str((params.get("cover") or {}).get("960", ""))) if params.get("cover") else ""
    )


def _stay(params: Mapping[str, Any]) -> dict[str, Any]:
    if "check_in" not in params:
        return {}
    zone = params.get("time_zone")
    stay: dict[str, Any] = {
        "check_in": date.fromisoformat(params["check_in"]),
        "check_out": date.fromisoformat(params["check_out"]),
    }
    for name in ("check_in", "check_out"):
        at = params.get(f"{name}_at")
        stay[f"{name}_time"] = moment(at, zone).split()[-1] if at else ""
    return stay


def _bill(kind: str, role: str, params: Mapping[str, Any]) -> tuple[tuple[BillLine, ...], Money | None, str]:
    if kind == "reservation_cancelled" and params.get("variant") == "request":
        return (), None, ""
    if kind == "reservation_cancelled":
        return _lines(params.get("refund_lines", ())), sum_of(params, "refund"), _("Refund")
    if kind == "reservation_confirmed" and role == "host":
        paid, payout = sum_of(params, "total"), sum_of(params, "payout")
        lines = (BillLine(_("Paid by the guest"), paid), BillLine(_("Fees"), payout - paid))
        return lines, payout, _("You receive")
    if kind == "reservation_altered" and role == "guest" and params.get("difference_minor"):
        total, difference = sum_of(params, "total"), sum_of(params, "difference")
        label = _("Paid for the change") if difference.amount_minor > 0 else _("Comes back to you")
        lines = (BillLine(_("The stay as it was"), total - difference), BillLine(label, difference))
        return lines, total, _("Total, all fees in")
    if params.get("lines"):
        return _lines(params["lines"]), sum_of(params, "total"), _("Total, all fees in")
    return (), None, ""


def _lines(lines: Any) -> tuple[BillLine, ...]:
    return tuple(BillLine(_label(line), Money.from_json(line["amount"])) for line in lines)


def _label(line: Mapping[str, Any]) -> str:
    return in_language(line.get("label_i18n") or {}) or str(line.get("label", line.get("kind", "")))


def _notes(kind: str, role: str, params: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Paragraphs below the bill: the cancellation terms for the guest, the guest's message for the host."""
    if kind == "reservation_confirmed" and role == "guest" and params.get("steps"):
        return _("If you cancel, you get back"), tuple(_step(step, params) for step in params["steps"])
    if kind in ("reservation_confirmed", "reservation_requested") and role == "host" and params.get("message"):
        return _("What the guest wrote"), (str(params["message"]),)
    if kind == "reservation_cancelled" and role == "host" and params.get("reason"):
        return _("The reason given"), (str(params["reason"]),)
    if kind == "reservation_declined" and params.get("reason"):
        return _("What the host wrote"), (str(params["reason"]),)
    return "", ()


def _step(step: Mapping[str, Any], params: Mapping[str, Any]) -> str:
    amount = money(Money(int(step["amount_minor"]), params["currency"]))
    if step.get("until"):
        until = moment(step["until"], params["time_zone"])
        return _("until %(until)s: %(amount)s") % {"until": until, "amount": amount}
    return _("after that: %(amount)s") % {"amount": amount}
