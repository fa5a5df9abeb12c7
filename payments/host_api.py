"""A host's earnings over HTTP: read only. Bank details are given on the pages, where the password is asked again."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from airbnb.accounts.access import current_user
from airbnb.boards import on_board
from airbnb.rest import CursorPage, MoneyField, Scope, etag_response
from airbnb.templatetags.texts import in_language
from payments import earnings
from payments.models import Payout
from payments.states import PayoutStatus


class RecoveredOutput(serializers.Serializer):
    """Kept back from this payout for the refund of an earlier stay."""

    reservation = serializers.CharField()
    amount = MoneyField(allow_negative=True)


class EarningOutput(serializers.Serializer):
    """One payout of one stay: ``gross`` is what the guest paid, ``payout`` the host's share, ``sent`` what went out."""

    id = serializers.UUIDField()
    reservation = serializers.CharField()
    number = serializers.IntegerField()
    room_title = serializers.SerializerMethodField()
    check_in = serializers.DateField()
    check_out = serializers.DateField()
    gross = MoneyField()
    fees = MoneyField(allow_negative=True)
    tax = MoneyField(allow_negative=True)
    payout = MoneyField()
    sent = MoneyField()
    recovered = RecoveredOutput(many=True)
    status = serializers.ChoiceField(choices=PayoutStatus.values)
    note = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)

    def get_room_title(self, line: earnings.EarningLine) -> str:
        """The room in the reader's language."""
        return str(in_language(line.room_title_i18n))


class OverviewOutput(serializers.Serializer):
    """``due`` is owed now, ``coming`` planned, ``debt`` will be kept back for refunds."""

    due = MoneyField()
    coming = MoneyField()
    debt = MoneyField()
    next_at = serializers.DateTimeField(allow_null=True)


@on_board("money_due", lambda: OverviewOutput(many=True))
def money_due(host_id: int) -> list[earnings.Overview]:
    """On the host's board: what is due, coming and kept back, one entry for each currency; two statements."""
    return earnings.overview_of(host_id)


class EarningPageOutput(serializers.Serializer):
    """A page of earnings with the sums of all of them, one for each currency."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = EarningOutput(many=True)
    overview = OverviewOutput(many=True)


class EarningPage(CursorPage):
    """The latest due first."""

    ordering = ("-due_at", "-id")


class Earnings(APIView):
    """What the caller's own rooms bring."""

    permission_classes = [Scope(read="host")]

    @extend_schema(
        operation_id="host_earnings_list",
        parameters=[OpenApiParameter("cursor", str)],
        responses=EarningPageOutput,
    )
    def get(self, request: Request) -> Response:
        """A page of payouts with how each stands, and what is due, coming and owed."""
        host_id = current_user(request).pk
        pages = EarningPage()
        page: list[Payout] = pages.paginate_queryset(earnings.payouts_of(host_id), request, view=self) or []
        shown: Any = [EarningOutput(earnings.line_of(each)).data for each in page]
        body = pages.get_paginated_response(shown).data
        body["overview"] = OverviewOutput(earnings.overview_of(host_id), many=True).data
        return etag_response(request, body)


urlpatterns = [path("host/earnings/", Earnings.as_view(), name="api-host-earnings")]
