"""The form in which hosts give their bank details."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from payments.banks import BANKS


def _banks() -> list[tuple[str, str]]:
    language = "en" if (get_language() or "ko").startswith("en") else "ko"
    return [("", str(_("Choose a bank"))), *((code, names[language]) for code, names in BANKS.items())]


class PayeeForm(forms.Form):
    """Bank, number and holder. The number is passed on to the gateway and not kept."""

    bank = forms.ChoiceField(label=_("Bank"), choices=_banks)
    account_number = forms.CharField(
        label=_("Account number"),
        help_text=_("Digits; spaces and hyphens do not matter."),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    holder = forms.CharField(
        label=_("Account holder"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )

    def clean_account_number(self) -> str:
        """The digits alone."""
        digits: str = re.sub(r"[\s-]", "", self.cleaned_data["account_number"])
        if not re.fullmatch(r"[0-9]{6,20}", digits):
            raise forms.ValidationError(_("Enter the account number in digits"))
        return digits

    def clean_holder(self) -> str:
        """The name without what no name has."""
        name: Any = self.cleaned_data["holder"].replace("\0", "").strip()
        return str(name)
