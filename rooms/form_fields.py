"""Form fields of the host's pages: sums of money, days, hours, and several files at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from airbnb.money import MINOR_DIGITS, Money

CURRENCY = "KRW"
MOST_MAJOR = 10**9


class SumField(forms.CharField):
    """A sum as people write it ("128,000", "₩128,000", "12.50"), cleaned to Money of ``currency`` or None."""

    default_error_messages = {
        "not_a_sum": _("Write a sum in digits, as 128,000"),
        "too_fine": _("This currency has no smaller part"),
        "out_of_range": _("From 0 to 1,000,000,000"),
    }

    def __init__(self, *, currency: str = CURRENCY, **kwargs: Any) -> None:
        self.currency = currency
        kwargs.setdefault("widget", forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}))
        kwargs.setdefault("max_length", 20)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Minor units are written as a sum; what somebody typed stays as it was typed."""
        if isinstance(value, Money):
            value = value.amount_minor
        if not isinstance(value, int):
            return value
        digits = MINOR_DIGITS[self.currency]
        return f"{Decimal(value).scaleb(-digits):,.{digits}f}"

    def clean(self, value: Any) -> Money | None:
        """Money, or None for an empty optional field."""
        text = super().clean(value).replace(",", "").replace(" ", "").lstrip("₩$€¥").removesuffix("원")
        if not text:
            return None
        try:
            major = Decimal(text)
        except InvalidOperation:
            raise self._wrong("not_a_sum") from None
        if not major.is_finite():
            raise self._wrong("not_a_sum")
        if not 0 <= major <= MOST_MAJOR:
            raise self._wrong("out_of_range")
        minor = major.scaleb(MINOR_DIGITS[self.currency])
        if minor != minor.to_integral_value():
            raise self._wrong("too_fine")
        return Money(int(minor), self.currency)

    def _wrong(self, code: str) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages[code], code=code)


class NearDateField(forms.DateField):
    """A date of this age: far ones would only make arithmetic overflow."""

    def to_python(self, value: Any) -> date | None:
        """A date between 2000 and 2100."""
        day = super().to_python(value)
        if day is not None and not 2000 <= day.year <= 2100:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class DayField(NearDateField):
    """A day by the browser's own date field."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        super().__init__(input_formats=["%Y-%m-%d"], widget=widget, **kwargs)


class HourField(forms.TimeField):
    """A time of day by the browser's own field."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput({"type": "time"}, format="%H:%M")
        super().__init__(input_formats=["%H:%M", "%H:%M:%S"], widget=widget, **kwargs)


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One file or several; cleaned to a list."""

    def __init__(self, **kwargs: Any) -> None:
        widget = _ManyFiles({"accept": "image/jpeg,image/png,image/webp"})
        super().__init__(widget=widget, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Each file as it came; what a photograph must be is judged by the service."""
        files = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(each, initial) for each in files or [None]]


def number(label: Any, least: int, most: int, initial: int, help_text: Any = "") -> forms.IntegerField:
    """A whole number within limits, with the keys of a telephone."""
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        initial=initial,
        help_text=help_text,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )
