"""From what a host gives to what a room stores: languages, money and place, and the rules between fields."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from airbnb.errors import Invalid, Text
from airbnb.money import MINOR_DIGITS, Money
from rooms import amenities, cities
from rooms.kinds import KINDS
from rooms.models import Room
from rooms.models.room import MOST_GUESTS, MOST_NIGHTS, MOST_WINDOW_DAYS
from rooms.policies import POLICIES
from rooms.texts import LANGUAGES, written_in

TEXTS = ("title", "description", "house_rules", "arrival_guide")
SUMS = ("base_price", "weekend_price", "cleaning_fee", "extra_guest_fee")
# Free nights could not be paid for. A base price of 0 only says "not yet": no such room is ever listed.
NEVER_FREE = ("weekend_price",)
PLAIN = (
    "kind",
    "area",
    "address",
    "lat",
    "lng",
    "capacity",
    "bedrooms",
    "beds",
    "bathrooms",
    "included_guests",
    "min_nights",
    "max_nights",
    "notice_days",
    "window_days",
    "check_in_from",
    "check_out_until",
    "time_zone",
    "cancellation_policy",
    "instant_book",
    "status",
)
MOST_MINOR = 10**12
Errors = dict[str, list[Text]]


def columns(given: dict[str, Any], language: str, before: Room | None = None) -> dict[str, Any]:
    """The columns to set for the fields a host gave.

    ``title`` and the other texts may come as one text, stored under ``language``, or as ``title_i18n`` with both.
    Sums come as Money. Raises Invalid with the fields that cannot be.
    """
    wanted = {name: given[name] for name in PLAIN if name in given}
    wanted |= _texts(given, language, before) | _place(given)
    if "amenities" in given:
        wanted["amenities"] = list(given["amenities"])
    errors: Errors = {}
    wanted |= _sums(given, before, errors)
    _refuse_unknown(given, errors)
    _check(_merged(wanted, before), errors)
    if errors:
        raise Invalid(errors)
    if "amenities" in wanted:
        wanted["amenities"] = amenities.in_order(wanted["amenities"])
    return wanted


def _texts(given: dict[str, Any], language: str, before: Room | None) -> dict[str, Any]:
    wanted = {}
    for name in TEXTS:
        column = f"{name}_i18n"
        old = getattr(before, column) if before else {}
        if column in given:
            pairs = {code: str(text).strip() for code, text in given[column].items() if code in LANGUAGES}
            wanted[column] = {code: text for code, text in {**old, **pairs}.items() if text}
        elif name in given:
            wanted[column] = written_in(str(given[name]).strip(), language, old)
    return wanted


def _place(given: dict[str, Any]) -> dict[str, Any]:
    if "city" not in given:
        return {}
    name = " ".join(str(given["city"]).split())
    return {"city": cities.city_key(name), "city_given": name}


def _sums(given: dict[str, Any], before: Room | None, errors: Errors) -> dict[str, Any]:
    """Minor units of each sum; all must be in the room's one currency."""
    base = given.get("base_price")
    asked = given.get("currency")
    # The sums that are not given, and every price by date, stay as they are: another currency would reinterpret them.
    if before and asked and asked != before.currency:
        errors["currency"] = [_("The currency of a room stays as it was registered")]
    currency = before.currency if before else asked or (base.currency if base else "KRW")
    wanted: dict[str, Any] = {"currency": currency}
    for name in SUMS:
        if name not in given:
            continue
        value: Money | None = given[name]
        wanted[f"{name}_minor"] = None if value is None else value.amount_minor
        if value is not None and value.currency != currency:
            errors[name] = [_("All sums of a room are in one currency")]
        elif value is not None and (wrong := refused_sum(value, nightly=name in NEVER_FREE)):
            errors[name] = [wrong]
    if currency not in MINOR_DIGITS:
        errors["currency"] = [_("This currency is not known")]
    return wanted


def refused_sum(value: Money, *, nightly: bool) -> Text | None:
    """Why this cannot be what something costs; None when it can. A ``nightly`` sum is one minor unit at least."""
    if value.amount_minor < 0:
        return _("This cannot be negative")
    if nightly and not value.amount_minor:
        return _("A night cannot be free")
    return _("This is more than can be handled") if value.amount_minor > MOST_MINOR else None


def _refuse_unknown(given: dict[str, Any], errors: Errors) -> None:
    known = {*PLAIN, *SUMS, *TEXTS, *(f"{name}_i18n" for name in TEXTS), "city", "amenities", "currency"}
    for name in sorted(set(given) - known):
        errors[name] = [_("This field is not known")]


def _merged(wanted: dict[str, Any], before: Room | None) -> dict[str, Any]:
    """Every column as it would be, so that rules between fields see those that were not given too."""
    row = before or Room()
    every = {field.attname: getattr(row, field.attname) for field in Room._meta.concrete_fields}
    return every | wanted


def _check(row: dict[str, Any], errors: Errors) -> None:
    choices: dict[str, tuple[Any, Text]] = {
        "kind": (KINDS, _("This kind is not known")),
        "cancellation_policy": (POLICIES, _("This policy is not known")),
        "status": (Room.Status.values, _("This status is not known")),
        "time_zone": (available_timezones(), _("This time zone is not known")),
    }
    for name, (known, text) in choices.items():
        if row[name] not in known:
            errors.setdefault(name, []).append(text)
    if strange := amenities.unknown(row["amenities"]):
        errors["amenities"] = [format_lazy("{}: {}", _("Not in the catalogue"), ", ".join(map(str, strange)))]
    if not row["city"]:
        errors["city"] = [_("Say in which city it is")]
    if not row["title_i18n"]:
        errors["title"] = [_("Give the room a name")]
    _check_numbers(row, errors)


def _check_numbers(row: dict[str, Any], errors: Errors) -> None:
    ranges = {
        "capacity": (1, MOST_GUESTS),
        "bedrooms": (0, 50),
        "beds": (0, 100),
        "bathrooms": (0, 50),
        "included_guests": (0, MOST_GUESTS),
        "min_nights": (1, MOST_NIGHTS),
        "max_nights": (1, MOST_NIGHTS),
        "notice_days": (0, 60),
        "window_days": (1, MOST_WINDOW_DAYS),
        "lat": (-90, 90),
        "lng": (-180, 180),
    }
    for name, (least, most) in ranges.items():
        value = row[name]
        if value is None and name in ("lat", "lng"):
            continue
        if value is None or not least <= value <= most:
            errors.setdefault(name, []).append(format_lazy(_("From {} to {}"), least, most))
    if row["base_price_minor"] is None:
        errors.setdefault("base_price", []).append(_("Say what a night costs"))
    _check_pairs(row, errors)


def _check_pairs(row: dict[str, Any], errors: Errors) -> None:
    if not errors.keys() & {"min_nights", "max_nights"} and row["min_nights"] > row["max_nights"]:
        errors["min_nights"] = [_("The least nights cannot be more than the most")]
    if not errors.keys() & {"capacity", "included_guests"} and row["included_guests"] > row["capacity"]:
        errors["included_guests"] = [_("More guests than the room sleeps")]
    if (row["lat"] is None) != (row["lng"] is None):
        errors.setdefault("lat", []).append(_("Give both latitude and longitude, or neither"))
