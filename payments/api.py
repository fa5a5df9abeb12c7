"""Payments over HTTP: read only. Money moves by paying and cancelling reservations."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from airbnb.accounts.models import User
from airbnb.errors import NotFound
from airbnb.rest import CursorPage, MoneyField, Scope, etag_response
from payments import host_api, queries
from payments.models import Payment
from payments.states import PaymentStatus, RefundStatus


class RefundOutput(serializers.Serializer):
    """Money on its way back, or back; ``cause`` is what it came of."""

    id = serializers.UUIDField()
    amount = MoneyField()
    status = serializers.ChoiceField(choices=RefundStatus.values)
    cause = serializers.CharField(help_text="cancelled, altered, or refused: money of no use to the reservation")
    created_at = serializers.DateTimeField()


class PaymentOutput(serializers.Serializer):
    """One payment of a reservation; ``captured`` was taken, ``refunded`` of it has gone back.

    ``purpose`` is booking, or "alteration:<code>" for the difference of a change: all of a reservation together are
    what was paid for it.
    """

    id = serializers.UUIDField()
    reservation = serializers.CharField()
    purpose = serializers.CharField()
    status = serializers.ChoiceField(choices=PaymentStatus.values)
    amount = MoneyField()
    captured = MoneyField()
    refunded = MoneyField()
    refunds = RefundOutput(many=True)
    gateway = serializers.CharField()
    card = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class PaymentPage(CursorPage):
    """Newest first."""

    ordering = ("-created_at", "-id")


class PaymentPageOutput(serializers.Serializer):
    """A page of payments, with the addresses of its neighbours."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = PaymentOutput(many=True)


class PaymentList(APIView):
    """The payments of the caller's own reservations, as guest or host."""

    permission_classes = [Scope(read="read")]

    @extend_schema(
        operation_id="payments_list",
        parameters=[OpenApiParameter("reservation", str), OpenApiParameter("cursor", str)],
        responses=PaymentPageOutput,
    )
    def get(self, request: Request) -> Response:
        """A page of payments; of one ``reservation`` if asked, of which a stranger sees none."""
        found = queries.payments_seen_by(_caller(request))
        if reservation := request.query_params.get("reservation"):
            found = found.filter(reservation=reservation)
        pages = PaymentPage()
        page: list[Payment] = pages.paginate_queryset(found, request, view=self) or []
        shown = [_shown(queries.facts_of(each)) for each in page]
        return etag_response(request, pages.get_paginated_response(shown).data)


class PaymentDetail(APIView):
    """One payment."""

    permission_classes = [Scope(read="read")]

    @extend_schema(operation_id="payments_retrieve", responses=PaymentOutput)
    def get(self, request: Request, payment_id: str) -> Response:
        """The payment, for its reservation's guest and host; 404 for everyone else."""
        facts = queries.payment_seen_by(payment_id, _caller(request))
        if facts is None:
            raise NotFound()
        return etag_response(request, _shown(facts))


def _caller(request: Request) -> int:
    assert isinstance(request.user, User)
    return request.user.pk


def _shown(facts: queries.PaymentFacts) -> Any:
    return PaymentOutput(facts).data


urlpatterns = [
    *host_api.urlpatterns,
    path("payments/", PaymentList.as_view(), name="api-payments"),
    path("payments/<str:payment_id>/", PaymentDetail.as_view(), name="api-payment"),
]
