"""A small API for the tests of the API's shared parts."""

from __future__ import annotations

import threading
from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from airbnb.errors import Conflict, Invalid
from airbnb.idempotency import idempotent, idempotent_if_keyed
from airbnb.money import Money
from airbnb.rest import MoneyField, Scope, StrictSerializer, etag_response, valid

DONE: list[str] = []
HOOKS: dict[str, Any] = {}


class LampInput(StrictSerializer):
    name = serializers.CharField(max_length=20)
    price = MoneyField(required=False)


class Lamps(APIView):
    permission_classes = [Scope(read=None, write="book")]

    def get(self, request: Request) -> Response:
        return etag_response(request, {"lamps": len(DONE)})

    @idempotent
    def post(self, request: Request) -> Response:
        fields = valid(LampInput, request)
        if fields["name"] == "taken":
            raise Conflict(nights=["2027-01-01"], cost=Money(5, "KRW"))
        if fields["name"] == "odd":
            raise Invalid({"name": ["This name is odd"]})
        if fields["name"] == "wait":
            HOOKS["entered"].set()
            assert HOOKS["go"].wait(10)
        if fields["name"] == "break":
            raise RuntimeError("nobody foresaw this")
        DONE.append(fields["name"])
        return Response({"made": len(DONE)}, status=201)


class Wishes(APIView):
    permission_classes = [Scope(read=None, write="book")]

    @idempotent_if_keyed
    def post(self, request: Request) -> Response:
        DONE.append("wish")
        return Response({"made": len(DONE)}, status=201)


class HostOnly(APIView):
    permission_classes = [Scope(read="read", write="host")]

    def get(self, request: Request) -> Response:
        return Response({"ok": True})

    def post(self, request: Request) -> Response:
        return Response({"ok": True})


class Unsaid(APIView):
    """Does not say who may call it."""

    def get(self, request: Request) -> Response:
        return Response({"ok": True})


class Open(APIView):
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return Response({"thread": threading.get_ident()})


urlpatterns = [
    path("lamps/", Lamps.as_view()),
    path("wishes/", Wishes.as_view()),
    path("host/", HostOnly.as_view()),
    path("unsaid/", Unsaid.as_view()),
    path("open/", Open.as_view()),
]
