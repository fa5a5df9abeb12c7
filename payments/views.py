"""Where gateways send their messages."""

from __future__ import annotations

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from airbnb.errors import NotFound
from payments import gateways
from payments.gateways.port import Forged
from payments.services import store_message

log = structlog.get_logger(__name__)
MAX_BODY = 256 * 1024


@csrf_exempt  # a gateway has no session; its signature takes the place of the token
@require_POST
def webhook(request: HttpRequest, gateway: str) -> HttpResponse:
    """Store a genuine message and answer at once; it is worked on later. Unproved: 400 and no row; twice: 200.

    A gateway that does not sign proves itself by the secret in the address it was given, ``?secret=…``.
    """
    try:
        adapter = gateways.named(gateway)
    except NotFound:
        return _answer(404, "unknown gateway")
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        return _answer(413, "too large")
    body = request.body
    try:
        message = adapter.read_message(body, request.headers, request.GET.get("secret", ""))
    except Forged:
        log.warning("webhook_refused", gateway=gateway, bytes=len(body))
        return _answer(400, "not signed")
    fresh = store_message(gateway, message)
    return _answer(200, "stored" if fresh else "known")


def _answer(status: int, said: str) -> HttpResponse:
    return JsonResponse({"status": said}, status=status)
