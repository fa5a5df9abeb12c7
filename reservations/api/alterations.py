"""Other dates or guests over HTTP: propose, look, accept (and pay), refuse, withdraw."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from airbnb.accounts.models import User
from airbnb.idempotency import KEY_PARAMETER, idempotent
from airbnb.rest import etag_response, refusals, valid
from reservations import services
from reservations.api.alteration_shapes import (
    AcceptanceInput,
    AlterationInput,
    AlterationOutput,
    AlterationPreviewOutput,
    AlterationsOutput,
    ChangeInput,
    DecidedOutput,
    alteration_json,
    preview_json,
)
from reservations.api.reservations import OfParty
from reservations.instants import iso
from reservations.queries.alterations import alteration_of, alterations_of
from reservations.serializers import PaymentInput

CHANGES = [
    OpenApiParameter("check_in", OpenApiTypes.DATE),
    OpenApiParameter("check_out", OpenApiTypes.DATE),
    OpenApiParameter("guests", OpenApiTypes.INT),
]


class OfTheTwo(OfParty):
    """For guest and host alone: an operator decides nothing here."""

    def _side(self, request: Request, guest_id: int, host_id: int) -> str | None:
        side = super()._side(request, guest_id, host_id)
        return None if side == "operator" else side


class Alterations(OfTheTwo):
    """The proposals for one reservation."""

    @extend_schema(operation_id="reservation_alterations_list", responses=AlterationsOutput)
    def get(self, request: Request, code: str) -> Response:
        """All of them, newest first."""
        found = alterations_of(code, _caller(request).pk)
        return etag_response(request, {"results": [alteration_json(each) for each in found]})

    @extend_schema(
        request=AlterationInput,
        responses={201: AlterationOutput, **refusals(400, 404, 409, 422)},
        parameters=[KEY_PARAMETER],
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Propose; 409 nights_taken, stay_refused, alteration_open, not_alterable or quote_changed."""
        asked = valid(AlterationInput, request)
        made = services.propose_alteration(
            code=code,
            actor=_caller(request),
            check_in=asked.get("check_in"),
            check_out=asked.get("check_out"),
            guests=asked.get("guests"),
            message=asked.get("message", ""),
            difference_minor=asked.get("difference"),
        )
        response = Response(_json(request, code, made.code), status=201)
        response["Location"] = reverse("api-reservation-alteration", args=[code, made.code])
        return response


class AlterationPreviewed(OfTheTwo):
    """What a change would cost, before anybody proposes it."""

    @extend_schema(parameters=CHANGES, responses={200: AlterationPreviewOutput, **refusals(404, 409, 422)})
    def get(self, request: Request, code: str) -> Response:
        """Old, new and the difference, line by line. Nothing is written and no night is kept."""
        given = ChangeInput(data=request.query_params.dict())
        given.is_valid(raise_exception=True)
        wanted = {name: given.validated_data.get(name) for name in ("check_in", "check_out", "guests")}
        shown = services.preview_alteration(code=code, actor=_caller(request), **wanted)
        response = Response(preview_json(shown))
        response["Cache-Control"] = "no-store"
        return response


class AlterationDetail(OfTheTwo):
    """One proposal."""

    @extend_schema(responses=AlterationOutput)
    def get(self, request: Request, code: str, alteration: str) -> Response:
        """Where it stands."""
        return etag_response(request, _json(request, code, alteration))


class AlterationAcceptance(OfTheTwo):
    """The other side's yes."""

    @extend_schema(
        request=AcceptanceInput,
        responses={200: DecidedOutput, 202: DecidedOutput, **refusals(400, 402, 404, 409, 422, 503)},
        parameters=[KEY_PARAMETER],
    )
    @idempotent
    def post(self, request: Request, code: str, alteration: str) -> Response:
        """200 applied, or accepted where the guest has yet to pay; a guest who has to pay sends a payment method."""
        asked = valid(AcceptanceInput, request)
        outcome = services.accept_alteration(
            code=code,
            alteration=alteration,
            actor=_caller(request),
            payment_method=asked.get("payment_method", ""),
            return_url=asked.get("return_url") or return_url(code, alteration),
        )
        return _decided(request, code, outcome)


class AlterationPayment(OfTheTwo):
    """Paying the difference that the host has agreed to."""

    guest_only = True

    @extend_schema(
        request=PaymentInput,
        responses={200: DecidedOutput, 202: DecidedOutput, **refusals(400, 402, 404, 409, 422, 503)},
        parameters=[KEY_PARAMETER],
    )
    @idempotent
    def post(self, request: Request, code: str, alteration: str) -> Response:
        """200 applied; 202 paying or requires_action; 402 declined, with the stay as it was."""
        asked = valid(PaymentInput, request)
        outcome = services.pay_alteration(
            code=code,
            alteration=alteration,
            guest=_caller(request),
            payment_method=asked["payment_method"],
            return_url=asked.get("return_url") or return_url(code, alteration),
        )
        return _decided(request, code, outcome)


class AlterationRefusal(OfTheTwo):
    """The other side's no."""

    @extend_schema(
        request=None, responses={200: AlterationOutput, **refusals(400, 404, 409)}, parameters=[KEY_PARAMETER]
    )
    @idempotent
    def post(self, request: Request, code: str, alteration: str) -> Response:
        """Its nights are free again; the stay is as it was."""
        services.decline_alteration(code=code, alteration=alteration, actor=_caller(request))
        return Response(_json(request, code, alteration))


class AlterationWithdrawal(OfTheTwo):
    """The proposer takes it back."""

    @extend_schema(
        request=None, responses={200: AlterationOutput, **refusals(400, 404, 409)}, parameters=[KEY_PARAMETER]
    )
    @idempotent
    def post(self, request: Request, code: str, alteration: str) -> Response:
        """Its nights are free again; the stay is as it was."""
        services.withdraw_alteration(code=code, alteration=alteration, actor=_caller(request))
        return Response(_json(request, code, alteration))


def _decided(request: Request, code: str, outcome: services.AlterOutcome) -> Response:
    until = iso(outcome.alteration.expires_at)
    if outcome.status == "declined":
        raise services.PaymentDeclined(decline_code=outcome.decline_code, expires_at=until)
    if outcome.status == "unavailable":
        raise services.PaymentsDown(retry_after_s=outcome.retry_after or 30, expires_at=until)
    body = _json(request, code, outcome.alteration.code)
    body |= {"outcome": outcome.status, "action_url": outcome.action_url or None}
    return Response(body, status=200 if outcome.status in ("applied", "accepted") else 202)


def _json(request: Request, code: str, alteration: str) -> dict[str, Any]:
    return alteration_json(alteration_of(code, alteration, _caller(request).pk))


def _caller(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def return_url(code: str, alteration: str) -> str:
    """Where a bank sends the guest back to."""
    return settings.BASE_URL.rstrip("/") + reverse("reservations:alteration_return", args=[code, alteration])


_ONE = "reservations/<str:code>/alterations/<str:alteration>/"
urlpatterns = [
    path("reservations/<str:code>/alterations/", Alterations.as_view(), name="api-reservation-alterations"),
    path(
        "reservations/<str:code>/alterations/preview/",
        AlterationPreviewed.as_view(),
        name="api-reservation-alteration-preview",
    ),
    path(_ONE, AlterationDetail.as_view(), name="api-reservation-alteration"),
    path(f"{_ONE}acceptance/", AlterationAcceptance.as_view(), name="api-reservation-alteration-acceptance"),
    path(f"{_ONE}payment/", AlterationPayment.as_view(), name="api-reservation-alteration-payment"),
    path(f"{_ONE}refusal/", AlterationRefusal.as_view(), name="api-reservation-alteration-refusal"),
    path(f"{_ONE}withdrawal/", AlterationWithdrawal.as_view(), name="api-reservation-alteration-withdrawal"),
]
