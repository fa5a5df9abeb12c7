"""Forms of the guest's side: the search, and the dates on the page of a room."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from airbnb.clock import today_in
from rooms import cities
from rooms.amenities import AMENITIES
from rooms.form_fields import NearDateField
from rooms.kinds import KINDS
from rooms.queries.search import SORTS, SearchFilters
from rooms.texts import in_language

# Rooms are in Korea: what is "today" for a search that names no room.
HOME_ZONE = "Asia/Seoul"
MOST_GUESTS = 50
SORT_NAMES = {
    "recommended": _("Recommended"),
    "price": _("Lowest total"),
    "price_desc": _("Highest total"),
    "rating": _("Best reviewed"),
    "newest": _("Newest"),
}


class DayField(NearDateField):
    """A day as the browser's own picker sends it, ``YYYY-MM-DD``."""

    def __init__(self, **given: Any) -> None:
        messages = {"invalid": _("Enter a date, such as 2027-03-19")}
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input"})
        super().__init__(input_formats=["%Y-%m-%d"], widget=widget, error_messages=messages, **given)


class GuestsField(forms.IntegerField):
    """How many people stay."""

    def __init__(self, **given: Any) -> None:
        messages = {
            "invalid": _("Enter the number of guests in digits"),
            "min_value": _("At least one guest must stay"),
            "max_value": _("Enter at most %(limit_value)s guests"),
        }
        widget = forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"})
        super().__init__(min_value=1, max_value=MOST_GUESTS, widget=widget, error_messages=messages, **given)


class WonField(forms.IntegerField):
    """A sum in won as people write it: ``150,000`` and ``₩150000`` are the same."""

    def __init__(self, **given: Any) -> None:
        messages = {
            "invalid": _("Enter a sum in won, such as 150,000"),
            "min_value": _("Enter a sum that is not below zero"),
        }
        widget = forms.TextInput(attrs={"class": "input", "inputmode": "numeric", "autocomplete": "off"})
        super().__init__(min_value=0, max_value=10**12, widget=widget, error_messages=messages, **given)

    def to_python(self, value: Any) -> int | None:
        """The sum without its sign and its commas."""
        return super().to_python(str(value).replace(",", "").replace("₩", "").strip() if value else value)


class ManyField(forms.MultipleChoiceField):
    """Several choices, as repeated parameters or in one with commas (``amenities=wifi,parking``)."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> list[str]:
        """The chosen codes, each once."""
        parts = [part.strip() for each in super().to_python(value) for part in each.split(",")]
        return list(dict.fromkeys(part for part in parts if part))


class StayFields(forms.Form):
    """Dates and guests: both dates or none, in order, not in the past."""

    check_in = DayField(label=_("Check-in"), required=False)
    check_out = DayField(label=_("Check-out"), required=False)
    guests = GuestsField(label=_("Guests"), required=False)

    zone = HOME_ZONE

    def clean_check_in(self) -> date | None:
        """A day that has not passed where the room is."""
        day: date | None = self.cleaned_data["check_in"]
        if day and day < today_in(self.zone):
            raise forms.ValidationError(_("This day has passed. Choose a day from today on"), code="past")
        return day

    def _check_order(self, cleaned: dict[str, Any]) -> None:
        check_in, check_out = cleaned.get("check_in"), cleaned.get("check_out")
        if check_in and check_out and check_out <= check_in:
            self.add_error("check_out", _("Check-out must be after check-in"))


class SearchForm(StayFields):
    """What is looked for; without a value a field asks for nothing."""

    q = forms.CharField(
        label=_("Where"), required=False, max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    city = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    price_min = WonField(label=_("At least"), required=False)
    price_max = WonField(label=_("At most"), required=False)
    kind = ManyField(label=_("What sort of place"), required=False, choices=[(code, code) for code in KINDS])
    amenities = ManyField(label=_("It must have"), required=False, choices=[(code, code) for code in AMENITIES])
    instant = forms.BooleanField(label=_("Confirmed at once"), required=False)
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[(code, SORT_NAMES[code]) for code in SORTS if code in SORT_NAMES]
    )

    def __init__(self, asked: QueryDict) -> None:
        super().__init__(_named_place(asked))
        self.fields["kind"].choices = [(code, in_language(name)) for code, name in KINDS.items()]  # type: ignore[attr-defined]
        self.fields["amenities"].choices = [  # type: ignore[attr-defined]
            (code, in_language(each.name_i18n)) for code, each in AMENITIES.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Both dates or none; a highest price that is not below the lowest."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_order(cleaned)
        if cleaned.get("check_in") and not cleaned.get("check_out") and "check_out" not in self.errors:
            self.add_error("check_out", _("Choose a check-out day as well"))
        if cleaned.get("check_out") and not cleaned.get("check_in") and "check_in" not in self.errors:
            self.add_error("check_in", _("Choose a check-in day as well"))
        low, high = cleaned.get("price_min"), cleaned.get("price_max")
        if low is not None and high is not None and high < low:
            self.add_error("price_max", _("Enter a sum that is not below the lowest"))
        return cleaned

    def filters(self) -> SearchFilters:
        """The search; a place written by one of its known names is looked up as that city."""
        asked = self.cleaned_data
        q, city = asked["q"].strip(), asked["city"].strip()
        if q and not city and cities.city_key(q) in cities.CITIES:
            q, city = "", cities.city_key(q)
        return SearchFilters(
            q=q,
            city=city,
            check_in=asked["check_in"],
            check_out=asked["check_out"],
            guests=asked["guests"] or 1,
            price_min=asked["price_min"],
            price_max=asked["price_max"],
            kind=tuple(asked["kind"]),
            amenities=tuple(asked["amenities"]),
            instant=asked["instant"],
            sort=asked["sort"] or "recommended",
        )


def _named_place(asked: QueryDict) -> QueryDict:
    """A city asked for by its code alone is shown by its name where one writes the place."""
    city = str(asked.get("city") or "")
    if city and not asked.get("q"):
        asked = asked.copy()
        asked["q"] = in_language(cities.city_name(cities.city_key(city), city))
        del asked["city"]
    return asked


class StayForm(StayFields):
    """Dates and guests on the page of one room; the first date alone is a choice half made, not a mistake."""

    def __init__(self, asked: QueryDict, *, zone: str) -> None:
        self.zone = zone
        super().__init__(asked)

    def clean(self) -> dict[str, Any]:
        """A check-out alone says nothing; both have to be in order."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_order(cleaned)
        if cleaned.get("check_out") and not cleaned.get("check_in") and "check_in" not in self.errors:
            self.add_error("check_in", _("Choose a check-in day as well"))
        return cleaned

    @property
    def party(self) -> int:
        """How many stay, one where nothing usable was said."""
        return self.cleaned_data.get("guests") or 1
