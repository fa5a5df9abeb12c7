"""Forms of the guest's side: taking dates, and paying for them."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from airbnb.accounts.models import User
from airbnb.stays import Stay
from payments import queries as payments
from reservations.queries import TripView

MIN_PHONE_DIGITS = 8
MAX_PHONE_DIGITS = 15  # ITU-T E.164
KOREAN_MOBILE_DIGITS = 11
MAX_WORD = 500


class HoldForm(forms.Form):
    """What the page of a room sends: the room, the stay, and the quote that was shown."""

    room = forms.CharField(max_length=160)
    check_in = forms.DateField(
        error_messages={"required": _("Choose a check-in day"), "invalid": _("Enter a date, such as 2027-03-19")}
    )
    check_out = forms.DateField(
        error_messages={"required": _("Choose a check-out day"), "invalid": _("Enter a date, such as 2027-03-19")}
    )
    guests = forms.IntegerField(
        min_value=1,
        max_value=50,
        required=False,
        error_messages={
            "min_value": _("At least one guest must stay"),
            "max_value": _("At most %(limit_value)d guests"),
            "invalid": _("Enter the number of guests"),
        },
    )
    quote = forms.CharField(max_length=20_000, required=False)
    shown_total = forms.IntegerField(required=False)

    def clean(self) -> dict[str, Any]:
        """The dates are in order."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        check_in, check_out = cleaned.get("check_in"), cleaned.get("check_out")
        if check_in and check_out and check_out <= check_in:
            self.add_error("check_out", _("Check-out must be after check-in"))
        return cleaned

    @property
    def stay(self) -> Stay:
        """The nights of a valid form."""
        return Stay(self.cleaned_data["check_in"], self.cleaned_data["check_out"])

    @property
    def party(self) -> int:
        """How many stay; one where nothing was said."""
        return self.cleaned_data.get("guests") or 1


def offer_ways(field: forms.Field, currency: str, *, authorize: bool = False) -> payments.WaysToPay:
    """Let a field offer what can be paid with in this currency, or set aside with ``authorize``; returns that."""
    ways = payments.ways_to_pay(currency, authorize=authorize)
    if ways.choices:
        field.widget = forms.RadioSelect(choices=ways.choices)
        field.initial = ways.choices[0][0]
    else:
        field.widget = forms.TextInput(attrs={"class": "input", "autocomplete": "off"})
    return ways


def usable_method(method: str) -> str:
    """A name that a gateway could have given; raises ValidationError."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", method):
        raise forms.ValidationError(_("Choose how you will pay"))
    return method


class PayForm(forms.Form):
    """Who stays and how it is paid; pressing the button is the agreement. ``attempt`` names one press of it.

    A program may send ``payment_method`` alone: the name is then the account's.
    """

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
        error_messages={"required": _("Enter the name of who stays")},
    )
    phone = forms.CharField(
        label=_("Mobile phone"),
        help_text=_("For the day you arrive: how to get in"),
        max_length=24,
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    message = forms.CharField(
        label=_("A word to the host"),
        help_text=_("When you arrive, for instance"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
        error_messages={"max_length": _("At most %(limit_value)d letters. This has %(show_value)d")},
    )
    payment_method = forms.CharField(
        label=_("How will you pay?"), max_length=120, error_messages={"required": _("Choose how you will pay")}
    )
    attempt = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, view: TripView, guest: User) -> None:
        initial = {
            "name": view.contact_name or guest.name,
            "phone": view.contact_phone or guest.phone,
            "message": view.message,
            "attempt": uuid4().hex,
        }
        if data is not None and "name" not in data:
            data = {**data.dict(), "name": initial["name"] or guest.shown_name}
        super().__init__(data, initial=initial)
        row = view.row
        asks = not row.instant and row.accepted_at is None
        self.ways = offer_ways(self.fields["payment_method"], row.total.currency, authorize=asks)

    def clean_payment_method(self) -> str:
        """A name that a gateway could have given."""
        return usable_method(self.cleaned_data["payment_method"])

    def clean_phone(self) -> str:
        """Digits with the signs people put between them; a Korean mobile number has eleven."""
        phone: str = self.cleaned_data["phone"].strip()
        if not phone:
            return ""
        digits = re.sub(r"[\s().-]", "", phone)
        if not re.fullmatch(r"\+?\d+", digits):
            raise forms.ValidationError(_("Enter a telephone number in digits"))
        count = len(digits.lstrip("+"))
        if digits.startswith("01") and count != KOREAN_MOBILE_DIGITS:
            raise forms.ValidationError(gettext("Enter 11 digits. This has %(count)s") % {"count": count})
        if not MIN_PHONE_DIGITS <= count <= MAX_PHONE_DIGITS:
            raise forms.ValidationError(gettext("Enter 8 to 15 digits. This has %(count)s") % {"count": count})
        return phone

    def renew_attempt(self) -> None:
        """A new key for a new press, everything else as it was typed."""
        self.data = {**dict(self.data.items()), "attempt": uuid4().hex}


class ChangeForm(forms.Form):
    """Other dates or guests for a booking; ``difference`` is the sum that was shown before it is proposed."""

    WANTED = ("check_in", "check_out", "guests")

    check_in = forms.DateField(
        label=_("Check-in"),
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose a check-in day"), "invalid": _("Enter a date, such as 2027-03-19")},
    )
    check_out = forms.DateField(
        label=_("Check-out"),
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose a check-out day"), "invalid": _("Enter a date, such as 2027-03-19")},
    )
    guests = forms.IntegerField(
        label=_("Guests"),
        min_value=1,
        max_value=50,
        error_messages={
            "required": _("Enter the number of guests"),
            "min_value": _("At least one guest must stay"),
            "max_value": _("At most %(limit_value)d guests"),
            "invalid": _("Enter the number of guests"),
        },
    )
    message = forms.CharField(required=False)
    difference = forms.IntegerField(required=False)

    def clean(self) -> dict[str, Any]:
        """The dates are in order."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        check_in, check_out = cleaned.get("check_in"), cleaned.get("check_out")
        if check_in and check_out and check_out <= check_in:
            self.add_error("check_out", _("Check-out must be after check-in"))
        return cleaned

    def clean_message(self) -> str:
        """Not longer than its field says, which counts a new line as one letter and not as two."""
        message: str = self.cleaned_data["message"].replace("\r\n", "\n")
        if len(message) > MAX_WORD:
            counts = {"limit_value": MAX_WORD, "show_value": len(message)}
            raise forms.ValidationError(gettext("At most %(limit_value)d letters. This has %(show_value)d") % counts)
        return message

    @property
    def wanted(self) -> dict[str, Any] | None:
        """The stay that is asked for, whatever else may be wrong; None while it is not known."""
        if not self.is_bound or any(name in self.errors for name in self.WANTED):
            return None
        return {name: self.cleaned_data[name] for name in self.WANTED}


class PayDifferenceForm(forms.Form):
    """How the difference of a change is paid; ``attempt`` names one press of the button."""

    payment_method = forms.CharField(
        label=_("How will you pay?"), max_length=120, error_messages={"required": _("Choose how you will pay")}
    )
    attempt = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, currency: str) -> None:
        super().__init__(data, initial={"attempt": uuid4().hex})
        self.ways = offer_ways(self.fields["payment_method"], currency)

    def clean_payment_method(self) -> str:
        """A name that a gateway could have given."""
        return usable_method(self.cleaned_data["payment_method"])
