"""What goes in and out of the reservations API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from airbnb.rest import MoneyField, StrictSerializer
from reservations.instants import iso
from reservations.offers import in_language
from reservations.queries import TripRow, TripView
from reservations.services import Preview
from reservations.states import OPEN, Status


class HoldInput(StrictSerializer):
    """A stay to hold: ``room`` is its public id; ``quote`` the token of the price that was shown."""

    room = serializers.CharField(max_length=32)
    check_in = serializers.DateField()
    check_out = serializers.DateField()
    guests = serializers.IntegerField(min_value=1, max_value=50)
    quote = serializers.CharField(required=False, max_length=20000)
    message = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class PaymentInput(StrictSerializer):
    """How to pay; ``return_url`` is where a bank's further step comes back to."""

    payment_method = serializers.CharField(max_length=120)
    return_url = serializers.URLField(required=False, max_length=500)


class CancellationInput(StrictSerializer):
    """The token of the preview, and a word why."""

    token = serializers.CharField(max_length=2000)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300)


class RefusalInput(StrictSerializer):
    """A word why, which the guest reads."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=300)


class NothingInput(StrictSerializer):
    """No fields at all."""


class LineOutput(serializers.Serializer):
    """One line of a bill or of a refund."""

    kind = serializers.CharField()
    date = serializers.DateField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # the contract's own word
    amount = MoneyField()


class DueRefundOutput(serializers.Serializer):
    """What is due back, how far it is, and by which rule."""

    amount = MoneyField()
    status = serializers.ChoiceField(choices=["pending", "succeeded", "failed"])
    rule = serializers.CharField()


class EntryOutput(serializers.Serializer):
    """One thing that happened."""

    at = serializers.DateTimeField()
    event = serializers.CharField()
    actor = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    correlation_id = serializers.CharField()
    amount = MoneyField(allow_null=True)


class TripRowOutput(serializers.Serializer):
    """A reservation in a list."""

    code = serializers.CharField()
    status = serializers.ChoiceField(choices=[each.value for each in Status])
    payment_status = serializers.CharField()
    room = serializers.CharField()
    room_title = serializers.CharField()
    room_slug = serializers.CharField()
    check_in = serializers.DateField()
    check_out = serializers.DateField()
    guests = serializers.IntegerField()
    total = MoneyField()
    instant_book = serializers.BooleanField()
    expires_at = serializers.DateTimeField(allow_null=True)
    answer_by = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    refund = DueRefundOutput(allow_null=True)


class TripOutput(TripRowOutput):
    """The whole trip; ``lags``: something has happened that it does not show yet, so ask again in a moment."""

    lags = serializers.BooleanField()
    check_in_at = serializers.DateTimeField()
    check_out_at = serializers.DateTimeField()
    time_zone = serializers.CharField()
    lines = LineOutput(many=True)
    cancellation_policy = serializers.CharField()
    timeline = EntryOutput(many=True)


class TripPageOutput(serializers.Serializer):
    """A page of reservations, with the addresses of its neighbours."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = TripRowOutput(many=True)


class PaidTripOutput(TripOutput):
    """The trip after paying; ``action_url`` where the guest's bank wants a further step."""

    action_url = serializers.URLField(allow_null=True)


class PreviewOutput(serializers.Serializer):
    """What comes back if cancelled now, good until ``expires_at`` with ``token``."""

    refund = MoneyField()
    lines = LineOutput(many=True)
    rule = serializers.CharField()
    deadline = serializers.DateTimeField(allow_null=True)
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


def line_json(line: dict[str, Any]) -> dict[str, Any]:
    """A frozen line with its label in the reader's language."""
    return {
        "kind": line["kind"],
        "date": line["date"],
        "label": in_language(line["label_i18n"]),
        "amount": line["amount"],
    }


def row_json(row: TripRow, *, status: str = "") -> dict[str, Any]:
    """A trip in a list; ``status`` overrides, where the answer of a payment has its own word."""
    refund = row.refund
    return {
        "code": row.code,
        "status": status or row.status,
        "payment_status": row.payment_status,
        "room": row.room_code,
        "room_title": in_language(row.room_title_i18n),
        "room_slug": row.room_slug,
        "check_in": row.check_in.isoformat(),
        "check_out": row.check_out.isoformat(),
        "guests": row.guests,
        "total": row.total.as_json(),
        "instant_book": row.instant,
        "expires_at": iso(row.hold_expires_at) if row.status in OPEN else None,
        "answer_by": iso(row.answer_by) if row.status == Status.REQUESTED and row.answer_by else None,
        "accepted_at": iso(row.accepted_at) if row.accepted_at else None,
        "refund": {"amount": refund.amount.as_json(), "status": refund.status, "rule": refund.rule} if refund else None,
    }


def trip_json(trip: TripView, *, status: str = "") -> dict[str, Any]:
    """The whole trip."""
    return {
        **row_json(trip.row, status=status),
        "lags": trip.lags,
        "check_in_at": iso(trip.row.check_in_at),
        "check_out_at": iso(trip.row.check_out_at),
        "time_zone": trip.row.time_zone,
        "lines": [line_json(line) for line in trip.lines],
        "cancellation_policy": trip.cancellation_policy,
        "timeline": [
            {
                "at": each.at,
                "event": each.event,
                "actor": each.actor,
                "detail": each.detail,
                "correlation_id": each.correlation_id,
                "amount": each.amount.as_json() if each.amount is not None else None,
            }
            for each in trip.timeline
        ],
    }


def preview_json(preview: Preview) -> dict[str, Any]:
    """A preview of a cancellation."""
    return {
        "refund": preview.refund.as_json(),
        "lines": [line_json(line) for line in preview.lines],
        "rule": preview.rule,
        "deadline": iso(preview.deadline) or None,
        "token": preview.token,
        "expires_at": iso(preview.expires_at),
    }
