"""Idempotency keys: the same request with the same key is done once and answered the same every time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from airbnb import clock
from airbnb.accounts.models import IdempotencyKey
from airbnb.errors import Conflict, DomainError
from airbnb.rest import PROBLEM_JSON, exception_handler

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
# Longer than any request may take (25 s); whoever comes sooner is told to wait, whoever comes later does the work.
ABANDONED_AFTER = timedelta(seconds=30)
Handler = Callable[..., Response]
KEY_PARAMETER = OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, required=True)


class KeyRequired(DomainError):
    """A POST on bookings or money came without a usable key."""

    code = "idempotency_key_required"
    status = 400
    title = _("Send an Idempotency-Key header of 1 to 255 printable characters")


class KeyReused(DomainError):
    """The key was used before for another request."""

    code = "idempotency_key_reused"
    status = 422
    title = _("This Idempotency-Key was used for another request")


class RequestInProgress(Conflict):
    """The first request with this key is still being worked on."""

    code = "request_in_progress"
    title = _("The same request is still being worked on")


# One statement for the common case, in which nobody has used the key; a lost race is no error in anybody's log.
_CLAIM = """
    INSERT INTO accounts_idempotencykey (caller, key, fingerprint, headers, begun_at)
    VALUES (%s, %s, %s, '{}', coalesce(%s, statement_timestamp()))
    ON CONFLICT (caller, key) DO NOTHING
    RETURNING id, begun_at
"""


def idempotent(handler: Handler) -> Handler:
    """Guard a POST handler of an API view on bookings or money: the caller must send a key.

    Answers 2xx and 402 are kept and replayed; others may be tried again. Work whose answer was lost in a crash is
    found again by what it did (the open hold, the token that cancelled), since the key knows only the answer.
    """
    return _guarded(handler, required=True)


def idempotent_if_keyed(handler: Handler) -> Handler:
    """The same for other POST handlers, where a key is the caller's choice."""
    return _guarded(handler, required=False)


def _guarded(handler: Handler, *, required: bool) -> Handler:
    @wraps(handler)
    def guarded(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER, "")
        if not required and HEADER not in request.headers:
            return handler(self, request, *args, **kwargs)
        if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
            raise KeyRequired()
        caller = f"user:{request.user.pk}"
        fingerprint = _fingerprint(request)
        record, replay = _begin(caller, key, fingerprint)
        if replay is not None:
            return replay
        return _answer(record, lambda: handler(self, request, *args, **kwargs))

    return guarded


def _fingerprint(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True, default=str)
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()


def _begin(caller: str, key: str, fingerprint: str) -> tuple[IdempotencyKey, Response | None]:
    """Claim the key, or the answer to replay; raises KeyReused or RequestInProgress."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [caller, key, fingerprint, clock.override()])
        claimed = cursor.fetchone()
    if claimed is None:
        return _begin_again(caller, key, fingerprint)
    row, begun_at = claimed
    return IdempotencyKey(pk=row, caller=caller, key=key, fingerprint=fingerprint, begun_at=begun_at), None


def _begin_again(caller: str, key: str, fingerprint: str) -> tuple[IdempotencyKey, Response | None]:
    """The key was claimed before: by a request that was answered, that is under way, or that was abandoned."""
    with transaction.atomic():
        at = clock.now()
        record = IdempotencyKey.objects.select_for_update().filter(caller=caller, key=key).first()
        if record is None:  # the first request was refused just now, and let its key go
            raise RequestInProgress(retry_after=1)
        if record.fingerprint != fingerprint:
            raise KeyReused()
        if record.status is not None:
            return record, _replay(record)
        if at - record.begun_at < ABANDONED_AFTER:
            raise RequestInProgress(retry_after=2)
        record.begun_at = at
        record.save(update_fields=["begun_at"])
        return record, None


def _answer(record: IdempotencyKey, work: Callable[[], Response]) -> Response:
    try:
        response = work()
    except Exception as error:
        told = exception_handler(error, {})
        if told is None or not _kept(told.status_code):
            _mine(record).delete()
            raise
        response = told
    if not _kept(response.status_code):
        _mine(record).delete()
        return response
    _mine(record).update(
        status=response.status_code,
        body=json.loads(JSONRenderer().render(response.data)),
        headers={name: response[name] for name in ("Location", "Retry-After") if response.has_header(name)},
        answered_at=clock.now(),
    )
    return response


def _mine(record: IdempotencyKey) -> QuerySet[IdempotencyKey]:
    """The claim on the key, unless somebody thought us dead and works on it now: then theirs is the answer to keep."""
    return IdempotencyKey.objects.filter(pk=record.pk, begun_at=record.begun_at, status__isnull=True)


def _kept(status: int) -> bool:
    return 200 <= status < 300 or status == 402


def _replay(record: IdempotencyKey) -> Response:
    kind = PROBLEM_JSON if (record.status or 0) >= 400 else None
    response = Response(record.body, status=record.status, content_type=kind)
    for name, value in record.headers.items():
        response[name] = value
    response[REPLAYED] = "true"
    return response
