"""Reservations one by one: hold, pay, look, cancel."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import permissions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError
from rest_framework.views import APIView

from airbnb.accounts.models import User
from airbnb.errors import NotFound
from airbnb.idempotency import KEY_PARAMETER, idempotent
from airbnb.rest import SAFE_METHODS, CursorPage, Scope, etag_response, may, refusals, valid
from airbnb.stays import Stay
from reservations import services
from reservations.instants import iso
from reservations.models import Reservation, Trip
from reservations.offers import require_shown
from reservations.queries import TripView, reading, trip_of
from reservations.queries.rows import row_of
from reservations.serializers import (
    CancellationInput,
    HoldInput,
    NothingInput,
    PaidTripOutput,
    PaymentInput,
    PreviewOutput,
    RefusalInput,
    TripOutput,
    TripPageOutput,
    preview_json,
    row_json,
    trip_json,
)
from reservations.states import Status
from rooms.queries import room_key


class LatestFirst(CursorPage):
    """By the time of the hold."""

    ordering = ("-created_at", "-pk")


# What each side of a reservation needs to act on it.
ACTING = {"guest": "book", "host": "host", "operator": "operate"}


class PartyScope(permissions.BasePermission):
    """Reading needs ``read``; acting needs a scope that acts, and of whom, the view asks once it knows the side."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the caller's token reaches that far at all."""
        if not request.user.is_authenticated:
            return False
        if request.method in SAFE_METHODS:
            return may(request, "read")
        return any(may(request, scope) for scope in ACTING.values())


class OfParty(APIView):
    """A view on one reservation: for anybody but its parties and operators it is not there, by any method.

    An operator is one only with a token that may ``operate``. Who acts needs the scope of their side of it.
    """

    permission_classes = [PartyScope]
    guest_only = False
    # Methods that read the view alone, which itself knows whose it is.
    view_knows: tuple[str, ...] = ()
    host_only = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whose it is, before anything else is said about it."""
        super().initial(request, *args, **kwargs)
        if request.method in self.view_knows:
            return
        parties = Reservation.objects.filter(code=kwargs["code"]).values_list("guest_id", "host_id").first()
        side = self._side(request, *parties) if parties is not None else None
        if side is None or (self.guest_only and side != "guest") or (self.host_only and side != "host"):
            raise NotFound()
        if request.method not in SAFE_METHODS and not may(request, ACTING[side]):
            raise PermissionDenied

    def _side(self, request: Request, guest_id: int, host_id: int) -> str | None:
        """As whom the caller comes; None for a stranger."""
        caller = _caller(request).pk
        if caller in (guest_id, host_id):
            return "guest" if caller == guest_id else "host"
        return "operator" if may(request, "operate") else None


class Reservations(APIView):
    """The caller's reservations."""

    permission_classes = [Scope(read="read", write="book")]

    @extend_schema(
        operation_id="reservations_list",
        parameters=[
            OpenApiParameter("role", enum=["guest", "host"], default="guest"),
            OpenApiParameter("status", enum=[each.value for each in Status]),
            OpenApiParameter("cursor"),
        ],
        responses=TripPageOutput,
    )
    def get(self, request: Request) -> Response:
        """As guest or as host, latest first."""
        role, status = request.query_params.get("role", "guest"), request.query_params.get("status", "")
        if role not in ("guest", "host"):
            raise ValidationError({"role": [_("Either guest or host")]})
        if status and status not in list(Status):
            raise ValidationError({"status": [_("There is no such state")]})
        caller = _caller(request)
        reading.be_up_to_date(caller.pk)
        found = Trip.objects.of_role(caller.pk, role)
        pages = LatestFirst()
        page = pages.paginate_queryset(found.filter(status=status) if status else found, request, view=self)
        return etag_response(
            request, pages.get_paginated_response([row_json(row_of(each.standing())) for each in page or ()]).data
        )

    @extend_schema(
        request=HoldInput, responses={201: TripOutput, **refusals(400, 404, 409, 422)}, parameters=[KEY_PARAMETER]
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Hold a stay; 409 ``nights_taken`` with alternatives, 409 ``quote_changed`` with the new quote."""
        asked = valid(HoldInput, request)
        guest = _caller(request)
        held = services.hold(
            guest=guest,
            room_id=require_shown(room_key(asked["room"]), guest.pk).id,
            stay=Stay(asked["check_in"], asked["check_out"]),
            guests=asked["guests"],
            quote_token=asked.get("quote"),
            message=asked.get("message", ""),
        )
        response = Response(trip_json(trip_of(held.code, guest.pk)), status=201)
        response["Location"] = reverse("api-reservation", args=[held.code])
        return response


class ReservationDetail(OfParty):
    """One reservation, as its parties see it."""

    view_knows = ("GET", "HEAD")

    @extend_schema(responses=TripOutput)
    def get(self, request: Request, code: str) -> Response:
        """The trip view."""
        return etag_response(request, trip_json(_trip(request, code)))


class ReservationPayment(OfParty):
    """Paying a hold."""

    guest_only = True

    @extend_schema(
        request=PaymentInput,
        responses={200: PaidTripOutput, 202: PaidTripOutput, **refusals(400, 402, 404, 409, 422, 503)},
        parameters=[KEY_PARAMETER],
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """200 confirmed; 202 requested, paying or requires_action; 402 declined; 409 hold_expired; 503 unavailable."""
        asked = valid(PaymentInput, request)
        guest = _caller(request)
        outcome = services.pay(
            code=code,
            guest=guest,
            payment_method=asked["payment_method"],
            return_url=asked.get("return_url") or _return_url(code),
        )
        until = iso(outcome.reservation.hold_expires_at)
        if outcome.status == "declined":
            raise services.PaymentDeclined(decline_code=outcome.decline_code, expires_at=until)
        if outcome.status == "unavailable":
            raise services.PaymentsDown(retry_after_s=outcome.retry_after or 30, expires_at=until)
        body = trip_json(trip_of(code, guest.pk), status=outcome.status)
        body["action_url"] = outcome.action_url or None
        return Response(body, status=200 if outcome.status == "confirmed" else 202)


class ReservationCancellation(OfParty):
    """Cancelling, with the exact refund shown first."""

    @extend_schema(responses=PreviewOutput)
    def get(self, request: Request, code: str) -> Response:
        """What comes back if the caller cancels now, with a token for ten minutes."""
        response = Response(preview_json(services.preview_cancellation(code, _caller(request))))
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(
        request=CancellationInput,
        responses={200: TripOutput, **refusals(400, 404, 409, 422)},
        parameters=[KEY_PARAMETER],
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Do what the preview said."""
        asked = valid(CancellationInput, request)
        services.cancel(code, _caller(request), asked["token"], asked.get("reason", ""))
        return Response(trip_json(_trip(request, code)))


class ReservationAcceptance(OfParty):
    """The host says yes to a request to book."""

    host_only = True

    @extend_schema(
        request=NothingInput,
        responses={200: TripOutput, 202: TripOutput, **refusals(400, 404, 409, 422)},
        parameters=[KEY_PARAMETER],
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """200 confirmed; 202 accepted, and the money is still to come; 409 request_closed or request_over."""
        valid(NothingInput, request)
        answer = services.accept_request(code, _caller(request))
        return Response(trip_json(_trip(request, code)), status=200 if answer.status == "confirmed" else 202)


class ReservationRefusal(OfParty):
    """The host says no to a request to book."""

    host_only = True

    @extend_schema(
        request=RefusalInput,
        responses={200: TripOutput, **refusals(400, 404, 409, 422)},
        parameters=[KEY_PARAMETER],
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """200 declined, the guest is charged nothing; 409 request_closed or request_over."""
        asked = valid(RefusalInput, request)
        services.refuse_request(code, _caller(request), asked.get("reason", ""))
        return Response(trip_json(_trip(request, code)))


def _caller(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _trip(request: Request, code: str) -> TripView:
    return trip_of(code, _caller(request).pk, operator=may(request, "operate"))


def _return_url(code: str) -> str:
    return settings.BASE_URL.rstrip("/") + reverse("reservations:payment_return", args=[code])


urlpatterns = [
    path("reservations/", Reservations.as_view(), name="api-reservations"),
    path("reservations/<str:code>/", ReservationDetail.as_view(), name="api-reservation"),
    path("reservations/<str:code>/payment/", ReservationPayment.as_view(), name="api-reservation-payment"),
    path("reservations/<str:code>/acceptance/", ReservationAcceptance.as_view(), name="api-reservation-acceptance"),
    path("reservations/<str:code>/refusal/", ReservationRefusal.as_view(), name="api-reservation-refusal"),
    path(
        "reservations/<str:code>/cancellation/",
        ReservationCancellation.as_view(),
        name="api-reservation-cancellation",
    ),
]
