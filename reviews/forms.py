"""Forms of reviews: stars and words into numbers and clean texts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.scores import NOTE_LIMIT, SCORES, STEPS, TEXT_LIMIT, Direction

SCORE = "score_"


def _stars(label: Any, *, required: bool) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=list(STEPS.items()),
        coerce=int,
        required=required,
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose from 1 to 5 stars"), "invalid_choice": _("Choose from 1 to 5 stars")},
    )


class ReviewForm(forms.Form):
    """A review in one direction: the overall stars, those of its parts, the text, and a note to the other alone."""

    def __init__(self, direction: Direction, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.direction = direction
        to_host = direction is Direction.GUEST_TO_HOST
        self.fields["rating"] = _stars(_("Overall"), required=True)
        for name, label in SCORES[direction].items():
            self.fields[SCORE + name] = _stars(label, required=False)
        self.fields["text"] = forms.CharField(
            label=_("Tell the next guest") if to_host else _("Tell other hosts"),
            help_text=_("What was good and what was not, together, helps most")
            if to_host
            else _("Both reviews become public together"),
            max_length=TEXT_LIMIT,
            widget=forms.Textarea(attrs={"rows": 6 if to_host else 4}),
            error_messages={"required": _("Write a few words")},
        )
        self.fields["private_note"] = forms.CharField(
            label=_("For the host alone") if to_host else _("For the guest alone"),
            required=False,
            max_length=NOTE_LIMIT,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def rate_rows(self) -> list[forms.BoundField]:
        """The star fields in the order they are asked."""
        return [self["rating"], *(self[SCORE + name] for name in SCORES[self.direction])]

    def values(self) -> dict[str, Any]:
        """The cleaned fields as the services take them."""
        data = self.cleaned_data
        scores = {name: data[SCORE + name] for name in SCORES[self.direction] if data[SCORE + name] is not None}
        return {
            "rating": data["rating"],
            "scores": scores,
            "text": data["text"],
            "private_note": data["private_note"],
        }


def initial_of(rating: int, scores: dict[str, int], text: str, private_note: str) -> dict[str, Any]:
    """A stored review as the form's first values."""
    return {"rating": rating, "text": text, "private_note": private_note} | {
        SCORE + name: value for name, value in scores.items()
    }


class AnswerForm(forms.Form):
    """The public answer to a review."""

    text = forms.CharField(
        label=_("Your answer"),
        help_text=_("Everyone can read it. Thank them, and say what has changed"),
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write a few words")},
    )
