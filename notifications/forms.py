"""The form of wishes: one switch for each topic and channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from notifications.models import ChannelName
from notifications.queries import Wish


class WishesForm(forms.Form):
    """Switches by topic and channel; those that cannot be switched off are shown, but disabled."""

    def __init__(self, wishes: Sequence[Wish], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wishes = wishes
        for wish in wishes:
            self.fields[_name(wish)] = forms.BooleanField(
                label=ChannelName(wish.channel).label, required=False, initial=wish.is_on, disabled=wish.fixed
            )

    def topics(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The switches grouped under the words of their topic."""
        groups: dict[str, tuple[Any, list[forms.BoundField]]] = {}
        for wish in self.wishes:
            groups.setdefault(wish.topic, (wish.label, []))[1].append(self[_name(wish)])
        return list(groups.values())

    def has_kakaotalk(self) -> bool:
        """Whether that is one of the ways here."""
        return any(wish.channel == ChannelName.KAKAOTALK for wish in self.wishes)

    def values(self) -> dict[tuple[str, str], bool]:
        """What was chosen, as the service takes it."""
        return {(wish.topic, wish.channel): self.cleaned_data[_name(wish)] for wish in self.wishes}


def _name(wish: Wish) -> str:
    return f"{wish.topic}_{wish.channel}"
