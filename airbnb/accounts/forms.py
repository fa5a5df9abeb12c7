"""Forms of accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from airbnb.accounts.models import ApiToken, User


class SignUpForm(forms.Form):
    """What sign-up asks beside address and password; allauth mixes it into its own form."""

    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ("name", "email", "password1")

    def signup(self, request: Any, user: User) -> None:
        """Keep the name, and the language in which the person signed up."""
        from django.utils.translation import get_language

        user.name = self.cleaned_data["name"].strip()
        user.language = "en" if (get_language() or "ko").startswith("en") else "ko"
        user.save(update_fields=["name", "language"])


class ProfileForm(forms.ModelForm[User]):
    """What a person may change about themselves."""

    class Meta:
        model = User
        fields = ("name", "phone", "language")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name", "required": True}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
        }

    def clean_name(self) -> str:
        """A name is what others see; it cannot be empty."""
        name: str = self.cleaned_data["name"].strip()
        if not name:
            raise forms.ValidationError(_("Enter the name that others will see"))
        return name


class TokenForm(forms.Form):
    """A new API token: what it is for, and what it may do."""

    name = forms.CharField(label=_("What is it for?"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"), choices=ApiToken.Scope.choices, widget=forms.CheckboxSelectMultiple
    )


def shown_name(user: User) -> str:
    """How allauth's pages and mails call somebody."""
    return user.shown_name
