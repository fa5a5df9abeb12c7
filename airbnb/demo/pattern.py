"""Sample values for the pattern sheet: every component in every state, on one page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from airbnb.money import Money

ZONE = "Asia/Seoul"
CHECK_IN, CHECK_OUT = date(2026, 10, 23), date(2026, 10, 26)
STATES = ("held", "awaiting", "requested", "confirmed", "staying", "completed", "cancelled", "refunded", "expired")
ROLES = (
    ("paper", _("ground")),
    ("paper-up", _("cards, fields")),
    ("paper-down", _("wells")),
    ("ink", _("text")),
    ("ink-2", _("supporting text")),
    ("ink-3", _("hints")),
    ("line", _("rules")),
    ("line-ctl", _("edges of controls")),
    ("jjok", _("the accent")),
    ("jjok-soft", _("selection")),
    ("ok", _("good")),
    ("wait", _("waiting")),
    ("stop", _("stopped")),
)


class SampleForm(forms.Form):
    """One field of each kind, some of them wrong."""

    name = forms.CharField(label=_("Name"), help_text=_("As on your ID"), max_length=40)
    phone = forms.RegexField(
        r"^\d{11}$", label=_("Phone"), error_messages={"invalid": _("Enter 11 digits. This has fewer.")}
    )
    price = forms.IntegerField(label=_("Price"), min_value=1000)
    order = forms.ChoiceField(label=_("Order"), choices=[("best", _("Recommended")), ("low", _("Lowest total"))])
    kind = forms.ChoiceField(
        label=_("How will you pay?"),
        choices=[("card", _("Card")), ("bank", _("Bank transfer"))],
        widget=forms.RadioSelect,
    )
    secret = forms.CharField(label=_("Password"), widget=forms.PasswordInput)
    message = forms.CharField(label=_("Message"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agree = forms.BooleanField(label=_("I accept the house rules"))


def sample_form() -> SampleForm:
    """A form somebody sent with a phone number that is too short."""
    return SampleForm({"name": "Maya", "phone": "01012", "price": "128000", "order": "low", "kind": "card"})


def sample_months() -> list[list[dict[str, Any]]]:
    """Two months with every state of a day."""
    closed = {6: "booked", 7: "booked", 10: "blocked", 11: "blocked", 5: "out-only", 14: "short-stay"}
    reasons = {"booked": _("booked"), "blocked": _("closed by the host"), "out-only": _("check-out only")}
    picked = {CHECK_IN: "start", CHECK_IN + timedelta(1): "range", CHECK_IN + timedelta(2): "range", CHECK_OUT: "end"}
    months = []
    for month, length in ((10, 31), (11, 30)):
        days = []
        for number in range(1, length + 1):
            on = date(2026, month, number)
            state = closed.get(number, "") if month == 11 else "past" if number < 14 else ""
            price = Money(148000 if on.weekday() in (4, 5) else 128000)
            reason = reasons.get(state, "")
            selected = picked.get(on, "")
            days.append(
                {"date": on, "state": state, "price": price, "reason": reason, "selected": selected, "least": 2}
            )
        months.append(days)
    return months


def sample_card(number: int) -> dict[str, Any]:
    """A room as a list shows it."""
    return {
        "title": "황남 느티채",
        "lang": "ko",
        "url": "#",
        "photo": None,
        "place": "경주 황남동",
        "kind": "한옥 독채",
        "total": Money(452940) if number else None,
        "per_night": Money(150980),
        "nights": 3 if number else 0,
        "rating": 4.92 if number else None,
        "review_count": 128,
        "note": "",
    }


def sample_bill() -> dict[str, Any]:
    """The worked example of the design: three nights in Gyeongju."""
    lines = [
        {
            "label_i18n": {"ko": "₩148,000 × 2박 (금·토)", "en": "₩148,000 × 2 nights (Fri, Sat)"},
            "amount": Money(296000),
        },
        {"label_i18n": {"ko": "₩128,000 × 1박 (일)", "en": "₩128,000 × 1 night (Sun)"}, "amount": Money(128000)},
        {"label_i18n": {"ko": "3박부터 5% 할인", "en": "5% off from 3 nights"}, "amount": Money(-21200)},
        {"label_i18n": {"ko": "청소비", "en": "Cleaning"}, "amount": Money(30000)},
        {"label_i18n": {"ko": "서비스 수수료", "en": "Service fee"}, "amount": Money(20140)},
    ]
    return {"lines": lines, "total": Money(452940)}


def sample_policy() -> list[dict[str, Any]]:
    """Three steps of a cancellation, the second one current."""
    return [
        {"amount": Money(452940), "until": datetime(2026, 10, 18, 6, tzinfo=UTC), "note": _("Everything.")},
        {
            "amount": Money(231400),
            "until": datetime(2026, 10, 22, 6, tzinfo=UTC),
            "note": _("Half of the nights and all of the cleaning."),
            "current": True,
        },
        {"amount": Money(30000), "until": None, "note": _("The cleaning only.")},
    ]


def sample_timeline() -> list[dict[str, Any]]:
    """A trip which is paid and not yet begun."""
    return [
        {"state": "did", "title": _("Booked"), "at": datetime(2026, 10, 2, 12, 4, tzinfo=UTC)},
        {"state": "did", "title": _("Paid"), "at": datetime(2026, 10, 2, 12, 5, tzinfo=UTC), "note": "₩452,940"},
        {"state": "now", "title": _("Getting ready"), "note": _("The address opens on the day you arrive.")},
        {"state": "next", "title": _("Check in"), "at": datetime(2026, 10, 23, 6, tzinfo=UTC)},
        {"state": "next", "title": _("Check out"), "at": datetime(2026, 10, 26, 2, tzinfo=UTC)},
    ]


def sample_page() -> Page[int]:
    """The fourth of ten pages."""
    return Paginator(list(range(100)), 10).page(4)


def sample_context() -> dict[str, Any]:
    """Everything ``components/pattern.html`` shows."""
    return {
        "roles": ROLES,
        "states": STATES,
        "form": sample_form(),
        "months": sample_months(),
        "cards": [sample_card(number) for number in range(3)],
        "bill": sample_bill(),
        "policy": sample_policy(),
        "timeline": sample_timeline(),
        "page": sample_page(),
        "tabs": [
            {"label": _("Coming"), "url": "#", "current": True, "count": 2},
            {"label": _("Been"), "url": "#", "count": 7},
        ],
        "check_in": CHECK_IN,
        "check_out": CHECK_OUT,
        "long_out": date(2026, 11, 10),
        "zone": ZONE,
        "until": timezone.now() + timedelta(minutes=12, seconds=38),
    }
