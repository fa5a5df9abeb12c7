"""Forms of the host's pages: from strings to what the services of rooms take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.forms.boundfield import BoundWidget
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from airbnb.errors import DomainError, Invalid
from airbnb.stays import Stay
from airbnb.templatetags.money import SYMBOLS
from rooms import cities
from rooms.amenities import AMENITIES, GROUPS
from rooms.form_fields import CURRENCY, DayField, HourField, ManyFilesField, SumField, number
from rooms.kinds import KINDS
from rooms.models import Room
from rooms.models.room import MOST_GUESTS, MOST_NIGHTS, MOST_WINDOW_DAYS
from rooms.policies import POLICIES
from rooms.services.days import KEEP, DayChange
from rooms.texts import LANGUAGES, in_language, language_now

TEXTS = ("title", "description", "house_rules", "arrival_guide")
SUMS = ("base_price", "weekend_price", "cleaning_fee", "extra_guest_fee")
ZONES = (
    "Asia/Seoul",
    "Asia/Tokyo",
    "Asia/Taipei",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "UTC",
)
PLAIN = (
    "kind",
    "city",
    "area",
    "address",
    "lat",
    "lng",
    "capacity",
    "bedrooms",
    "beds",
    "bathrooms",
    "amenities",
    "included_guests",
    "min_nights",
    "max_nights",
    "notice_days",
    "window_days",
    "check_in_from",
    "check_out_until",
    "time_zone",
    "cancellation_policy",
)


def _text(label: Any, language: str, most: int, rows: int = 0, help_text: Any = "") -> forms.CharField:
    attrs: dict[str, Any] = {"lang": language} | ({"rows": rows} if rows else {})
    widget = forms.Textarea(attrs) if rows else forms.TextInput(attrs)
    return forms.CharField(label=label, max_length=most, required=False, widget=widget, help_text=help_text)


class RoomForm(forms.Form):
    """Everything about a room that its host writes; what was typed stays, whatever is wrong with it."""

    title_ko = _text(_("Name in Korean"), "ko", 80)
    title_en = _text(_("Name in English"), "en", 80)
    kind = forms.ChoiceField(label=_("What is it?"))
    description_ko = _text(_("About it, in Korean"), "ko", 4000, 6)
    description_en = _text(_("About it, in English"), "en", 4000, 6)
    city = forms.CharField(label=_("City"), max_length=60, widget=forms.TextInput({"list": "cities"}))
    area = forms.CharField(label=_("Neighbourhood"), max_length=60, required=False)
    address = forms.CharField(
        label=_("Address"),
        max_length=200,
        required=False,
        help_text=_("Only guests with a confirmed booking see it"),
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )
    lat = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    lng = forms.FloatField(label=_("Longitude"), required=False, min_value=-180, max_value=180)
    capacity = number(_("Guests at most"), 1, MOST_GUESTS, 2)
    bedrooms = number(_("Bedrooms"), 0, 50, 1)
    beds = number(_("Beds"), 0, 100, 1)
    bathrooms = number(_("Bathrooms"), 0, 50, 1)
    amenities = forms.MultipleChoiceField(
        label=_("Amenities"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("This is not in the catalogue")},
    )
    base_price = SumField(label=_("A night"))
    weekend_price = SumField(label=_("Friday and Saturday night"), required=False)
    cleaning_fee = SumField(label=_("Cleaning, once a stay"), required=False)
    extra_guest_fee = SumField(label=_("Each extra guest, a night"), required=False)
    included_guests = number(
        _("Guests in the price"), 0, MOST_GUESTS, 0, _("Beyond these, the extra guest’s sum counts. 0: all are in")
    )
    min_nights = number(_("Nights at least"), 1, MOST_NIGHTS, 1)
    max_nights = number(_("Nights at most"), 1, MOST_NIGHTS, 31)
    notice_days = number(_("Days of notice"), 0, 60, 1, _("0 lets guests book for the same day"))
    window_days = number(_("Days ahead that can be booked"), 1, MOST_WINDOW_DAYS, 365)
    check_in_from = HourField(label=_("Check-in from"), initial="15:00")
    check_out_until = HourField(label=_("Check-out until"), initial="11:00")
    time_zone = forms.ChoiceField(label=_("Time zone"), initial="Asia/Seoul")
    house_rules_ko = _text(_("House rules, in Korean"), "ko", 4000, 5)
    house_rules_en = _text(_("House rules, in English"), "en", 4000, 5)
    arrival_guide_ko = _text(
        _("Arriving, in Korean"), "ko", 4000, 5, _("How to get there and in. Guests see it once they have booked")
    )
    arrival_guide_en = _text(_("Arriving, in English"), "en", 4000, 5)
    cancellation_policy = forms.ChoiceField(label=_("If a guest cancels"), widget=forms.RadioSelect, initial="moderate")
    instant_book = forms.TypedChoiceField(
        label=_("How guests book"),
        required=False,
        widget=forms.RadioSelect,
        initial=True,
        coerce=lambda text: text == "True",
        empty_value=None,
        choices=[
            ("True", _("At once: a booking stands as soon as it is paid")),
            ("False", _("On request: you answer within 24 hours, and the guest pays only if you accept")),
        ],
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    status = forms.ChoiceField(
        required=False, widget=forms.HiddenInput, choices=[(each, each) for each in ("", "draft", "listed", "paused")]
    )

    def __init__(self, data: QueryDict | None = None, *, room: Room | None = None) -> None:
        self.room = room
        super().__init__(data, initial=initial_of(room) if room else None)
        self.currency = room.currency if room else CURRENCY
        for name in SUMS:
            self.fields[name].currency = self.currency  # type: ignore[attr-defined]
        zones = [*ZONES, room.time_zone] if room and room.time_zone not in ZONES else [*ZONES]
        self._choose("kind", [(code, in_language(name)) for code, name in KINDS.items()])
        self._choose("amenities", [(each.code, in_language(each.name_i18n)) for each in AMENITIES.values()])
        self._choose("cancellation_policy", [(code, policy_words(code)) for code in POLICIES])
        self._choose("time_zone", [(zone, zone.replace("_", " ")) for zone in zones])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def sign(self) -> str:
        """The sign of the room's currency."""
        return SYMBOLS[self.currency]

    @property
    def city_names(self) -> list[str]:
        """Known cities in the reader's language, offered while typing."""
        return [in_language(city.name_i18n) for city in cities.CITIES.values()]

    def amenity_groups(self) -> Iterator[tuple[str, list[BoundWidget]]]:
        """The boxes of the amenities by the group they belong to."""
        boxes = {str(box.data["value"]): box for box in self["amenities"].subwidgets}
        for group, name in GROUPS.items():
            yield in_language(name), [boxes[each.code] for each in AMENITIES.values() if each.group == group]

    def clean(self) -> dict[str, Any]:
        """A room needs a name in one language at least."""
        given = super().clean() or {}
        if (
            not given.get("title_ko")
            and not given.get("title_en")
            and not self.errors.keys() & {"title_ko", "title_en"}
        ):
            self.add_error(f"title_{language_now()}", _("Give the room a name"))
        return given

    def values(self) -> dict[str, Any]:
        """The fields as ``register_room`` and ``edit_room`` take them."""
        given = self.cleaned_data
        values = {name: given[name] for name in PLAIN}
        values["area"] = area_key(cities.city_key(given["city"]), given["area"])
        values |= {name: given[name] for name in ("base_price", "weekend_price")}
        zero = given["base_price"] * 0
        values |= {name: given[name] or zero for name in ("cleaning_fee", "extra_guest_fee")}
        for name in TEXTS:
            values[f"{name}_i18n"] = {code: given[f"{name}_{code}"] for code in LANGUAGES}
        if given["instant_book"] is not None:
            values["instant_book"] = given["instant_book"]
        return values | ({"status": given["status"]} if given["status"] else {})

    def take(self, error: DomainError) -> None:
        """Show what a service refused: next to its field where it has one, else above the form."""
        if not isinstance(error, Invalid):
            self.add_error(None, refused_words(error))
            return
        for name, texts in error.errors.items():
            field = f"{name}_{language_now()}" if name in TEXTS else name
            self.add_error(field if field in self.fields else None, [str(text) for text in texts])

    def start_from(self, version: int) -> None:
        """What was typed now counts as an edit of this version: the host has been told that there is a newer one."""
        data = QueryDict(mutable=True)
        for name in self.data:
            data.setlist(name, self.data.getlist(name))  # type: ignore[attr-defined]
        data["version"] = str(version)
        self.data = data


def initial_of(room: Room) -> dict[str, Any]:
    """What the form shows of a room."""
    values: dict[str, Any] = {name: getattr(room, name) for name in PLAIN if name != "city"}
    values |= {"city": room.city_given, "version": room.version, "instant_book": room.instant_book}
    values["area"] = in_language(cities.area_name(room.city, room.area))
    values |= {name: getattr(room, f"{name}_minor") for name in SUMS}
    for name in TEXTS:
        written = getattr(room, f"{name}_i18n")
        values |= {f"{name}_{code}": written.get(code, "") for code in LANGUAGES}
    return values


def area_key(city: str, written: str) -> str:
    """The code of a known neighbourhood by any of its names, else what was written."""
    known = cities.CITIES.get(city)
    wanted = written.strip().casefold()
    for code, names in (known.areas if known else {}).items():
        if wanted in {code, *(name.casefold() for name in names.values())}:
            return code
    return written.strip()


def policy_words(code: str) -> str:
    """A policy's name with what it gives back."""
    policy = POLICIES[code]
    return f"{in_language(policy.name_i18n)} · {in_language(policy.about_i18n)}"


def refused_words(error: DomainError) -> str:
    """A refusal in words, with what is missing or in the way."""
    missing = {"base_price": _("a price"), "photos": _("a photograph that is ready"), "title": _("a name")}
    names = [str(missing.get(name, name)) for name in error.facts.get("missing", ())]
    return f"{error}: {', '.join(names)}" if names else str(error)


class DaysForm(forms.Form):
    """What a host sets for a run of nights: closed or open, a price, a least stay."""

    first = DayField(label=_("First night"))
    last = DayField(label=_("Last night"), required=False, help_text=_("Empty: this one night"))
    availability = forms.ChoiceField(
        label=_("Bookings"),
        widget=forms.RadioSelect,
        initial="keep",
        required=False,
        choices=[("keep", _("Leave as it is")), ("close", _("Close these nights")), ("open", _("Open these nights"))],
    )
    note = forms.CharField(label=_("Why closed"), max_length=200, required=False, help_text=_("Only you see this"))
    price = SumField(label=_("Price of each night"), required=False)
    min_nights = forms.IntegerField(
        label=_("Least nights when arriving then"), required=False, min_value=1, max_value=MOST_NIGHTS
    )
    usual = forms.BooleanField(label=_("Back to the room’s ordinary price and least nights"), required=False)

    def __init__(self, data: QueryDict | None = None, *, currency: str = CURRENCY, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["price"].currency = currency  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The nights must be in order, and something must change."""
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last night is before the first"))
        own = given.get("price") is not None or given.get("min_nights")
        if not self.errors and not own and not given.get("usual") and given.get("availability") in ("", "keep"):
            self.add_error("availability", _("Say what should change for these nights"))
        if given.get("usual") and own:
            self.add_error("usual", _("Either the ordinary terms or new ones"))
        return given

    def change(self) -> DayChange:
        """The change as the service takes it."""
        given = self.cleaned_data
        first: date = given["first"]
        unset = None if given["usual"] else KEEP
        return DayChange(
            Stay(first, (given["last"] or first) + timedelta(days=1)),
            blocked={"close": True, "open": False}.get(given["availability"]),
            price=unset if given["price"] is None else given["price"],
            min_nights=given["min_nights"] or unset,
            note=given["note"],
        )

    def take(self, error: DomainError) -> None:
        """Show what the service refused beside the field it is about."""
        if not isinstance(error, Invalid):
            self.add_error("first", str(error))
            return
        for name, texts in error.errors.items():
            field = {"to": "last"}.get(name.removeprefix("0."), name.removeprefix("0."))
            self.add_error(field if field in self.fields else None, [str(text) for text in texts])


class PhotosForm(forms.Form):
    """Photographs to upload, several at once."""

    photos = ManyFilesField(label=_("Add photographs"), help_text=_("JPEG, PNG or WebP, up to 10 MB each"))


class PhotoTextForm(forms.Form):
    """What is to be seen on a photograph, for those who cannot see it."""

    alt_ko = _text(_("What is to be seen, in Korean"), "ko", 200)
    alt_en = _text(_("What is to be seen, in English"), "en", 200)

    def texts(self) -> dict[str, str]:
        """Both languages."""
        return {code: self.cleaned_data[f"alt_{code}"].strip() for code in LANGUAGES}
