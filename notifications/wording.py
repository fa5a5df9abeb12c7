"""Turn a notification's kind, role and params into words of the active language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import ngettext

from airbnb.money import Money
from airbnb.templatetags.dates import day, moment, stay_length, stay_range
from airbnb.templatetags.money import money
from airbnb.templatetags.texts import in_language
from notifications.texts import RULES, TEXTS, Text

# Cards show a refund within five working days; a week by the calendar covers them.
REFUND_ARRIVES = timedelta(days=7)


@dataclass(frozen=True)
class Words:
    """What a reader sees in a list: the fact, what it means, and where to go from there."""

    title: str
    text: str
    url: str
    button: str


def words(kind: str, role: str, params: Mapping[str, Any]) -> Words:
    """The words of a notification in the active language."""
    text = text_of(kind, role, str(params.get("variant", "")))
    known = values(params)
    return Words(
        title=str(text.title) % known,
        text=str(text.body) % known,
        url=link(text.route, params),
        button=str(text.button),
    )


def text_of(kind: str, role: str, variant: str = "") -> Text:
    """The text for this reader; a variant without words of its own uses the plain one. KeyError for none."""
    texts = TEXTS[role]
    return texts.get(f"{kind}:{variant}") or texts[kind]


def values(params: Mapping[str, Any]) -> dict[str, str]:
    """Everything that texts may name, as far as the params have it, written in the active language."""
    zone = params.get("time_zone") or settings.TIME_ZONE
    known = {
        "room": in_language(params.get("room", {})),
        "code": str(params.get("code", "")),
        "guest": str(params.get("guest", "")),
        "host": str(params.get("host", "")),
        "author": str(params.get("author", "")),
        "bank": in_language(params.get("bank", {})),
        "last4": str(params.get("last4", "")),
        "failure": str(params.get("failure", "")),
        "reason": str(params.get("reason", "")),
    }
    if "check_in" in params:
        days = params["check_in"], params["check_out"]
        known["dates"] = f"{stay_range(*days)}, {stay_length(*days)}"
    if "guests" in params:
        count = int(params["guests"])
        known["people"] = ngettext("%(n)s guest", "%(n)s guests", count) % {"n": count}
    if "new" in params:
        known |= _changed(params)
    known |= {name: moment(params[name], zone) for name in MOMENTS if params.get(name)}
    known |= {name: money(sum_of(params, name)) for name in SUMS if f"{name}_minor" in params}
    if "rule" in params:
        known["rule"] = str(RULES.get(params["rule"], params["rule"]))
    if "sent_on" in params:
        known["arrives"] = day(date.fromisoformat(params["sent_on"]) + REFUND_ARRIVES)
    return known


def _changed(params: Mapping[str, Any]) -> dict[str, str]:
    """What a proposed change would make of the stay."""
    new = params["new"]
    told = values({name: new[name] for name in ("check_in", "check_out", "guests")})
    total = Money(int(new["total_minor"]), params.get("currency", "KRW"))
    return {"new_dates": told["dates"], "new_people": told["people"], "new_total": money(total)}


MOMENTS = ("until", "answer_by", "check_in_at", "check_out_at", "closes", "in_force_from")
SUMS = ("total", "payout", "refund", "amount", "kept", "difference")


def sum_of(params: Mapping[str, Any], name: str) -> Money:
    """A sum of the params, kept as ``<name>_minor`` with the one ``currency``."""
    return Money(int(params[f"{name}_minor"]), params.get("currency", "KRW"))


def link(route: str, params: Mapping[str, Any]) -> str:
    """The address, without the host, that belongs to a text's route."""
    code = params.get("code", "")
    if route == "room":
        return reverse("rooms:room", args=[params["room_slug"]]) if params.get("room_slug") else reverse("rooms:search")
    if route == "review":
        return reverse("reviews:review", args=[params["review_id"]])
    if route in ("alteration", "host_alteration"):
        space = "reservations" if route == "alteration" else "reservations_host"
        return reverse(f"{space}:alteration", args=[code, params["alteration"]])
    name, needs_code = ROUTES[route]
    return reverse(name, args=[code] if needs_code else [])


ROUTES: dict[str, tuple[str, bool]] = {
    "checkout": ("reservations:checkout", True),
    "trip": ("reservations:trip", True),
    "search": ("rooms:search", False),
    "trip_review": ("reviews:trip_review", True),
    "reviews": ("reviews:list", False),
    "host_reservation": ("reservations_host:reservation", True),
    "host_earnings": ("payments_host:earnings", False),
    "host_bank_account": ("payments_host:bank_account", False),
    "host_review": ("reviews_host:host_review", True),
    "host_reviews": ("reviews_host:host_reviews", False),
    "failed_refunds": ("admin:payments_refund_changelist", False),
    "payouts": ("admin:payments_payout_changelist", False),
}
