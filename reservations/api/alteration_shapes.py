"""What goes in and out of the API of alterations."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from airbnb.money import Money
from airbnb.rest import MoneyField, StrictSerializer
from airbnb.stays import Stay
from reservations.instants import iso
from reservations.models.alteration import ALTERATION_STATUSES
from reservations.queries.alterations import AlterationView
from reservations.serializers import LineOutput, line_json
from reservations.services import AlterationPreview


class ChangeInput(StrictSerializer):
    """What is to be different; what is left out stays as it is."""

    check_in = serializers.DateField(required=False)
    check_out = serializers.DateField(required=False)
    guests = serializers.IntegerField(required=False, min_value=1, max_value=50)


class AlterationInput(ChangeInput):
    """A proposal; ``difference`` is the sum that was shown, in minor units: 409 if it is another by now."""

    message = serializers.CharField(required=False, allow_blank=True, max_length=500)
    difference = serializers.IntegerField(required=False)


class AcceptanceInput(StrictSerializer):
    """A guest who has to pay says how; ``return_url`` is where a bank's further step comes back to."""

    payment_method = serializers.CharField(required=False, max_length=120)
    return_url = serializers.URLField(required=False, max_length=500)


class AlterationTermsOutput(serializers.Serializer):
    """One side of the comparison."""

    check_in = serializers.DateField()
    check_out = serializers.DateField()
    guests = serializers.IntegerField()
    lines = LineOutput(many=True)
    total = MoneyField()


class AlterationPreviewOutput(serializers.Serializer):
    """What a change would cost; nothing is kept yet."""

    reservation = serializers.CharField()
    old = AlterationTermsOutput()
    new = AlterationTermsOutput()
    difference = MoneyField()
    discount_lost = serializers.BooleanField()
    expires_at = serializers.DateTimeField()


class AlterationOutput(AlterationPreviewOutput):
    """A proposal and where it stands; ``difference`` is new less old, and is charged or given back.

    ``action_url``, in a proposal that is read by itself: where the guest's bank wants to be asked.
    """

    id = serializers.CharField()
    status = serializers.ChoiceField(choices=ALTERATION_STATUSES)
    proposed_by = serializers.ChoiceField(choices=["guest", "host"])
    message = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    action_url = serializers.URLField(allow_null=True)


class AlterationsOutput(serializers.Serializer):
    """All proposals for a reservation, newest first."""

    results = AlterationOutput(many=True)


class DecidedOutput(AlterationOutput):
    """After a yes or a payment: ``outcome`` is applied, accepted, paying or requires_action (at ``action_url``)."""

    outcome = serializers.CharField()


def alteration_json(view: AlterationView) -> dict[str, Any]:
    """A proposal."""
    return {
        "id": view.code,
        "reservation": view.reservation,
        "status": view.status,
        "proposed_by": view.proposed_by,
        "message": view.message,
        "old": _terms(view.old.stay, view.old.guests, view.old.lines, view.old.total),
        "new": _terms(view.new.stay, view.new.guests, view.new.lines, view.new.total),
        "difference": view.difference.as_json(),
        "discount_lost": view.discount_lost,
        "created_at": iso(view.created_at),
        "expires_at": iso(view.expires_at),
        "decided_at": iso(view.decided_at) or None,
        "action_url": view.action_url or None,
    }


def preview_json(shown: AlterationPreview) -> dict[str, Any]:
    """A change that nobody has proposed yet."""
    new = [line.as_json() for line in shown.quote.lines]
    return {
        "reservation": shown.reservation,
        "old": _terms(shown.old_stay, shown.old_guests, shown.old_lines, shown.old_total),
        "new": _terms(shown.quote.stay, shown.quote.guests, new, shown.quote.total),
        "difference": shown.difference.as_json(),
        "discount_lost": shown.quote.discount_lost,
        "expires_at": iso(shown.expires_at),
    }


def _terms(stay: Stay, guests: int, lines: list[dict[str, Any]], total: Money) -> dict[str, Any]:
    return {
        "check_in": stay.check_in.isoformat(),
        "check_out": stay.check_out.isoformat(),
        "guests": guests,
        "lines": [line_json(line) for line in lines],
        "total": total.as_json(),
    }
