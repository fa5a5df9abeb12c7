"""What every API view shares: who calls, what they may do, one shape of errors, paging, and conditional reads."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

import structlog
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import authentication, exceptions, pagination, permissions, serializers, throttling
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from airbnb import clock, correlation
from airbnb.accounts.models import ApiToken, User
from airbnb.accounts.services import digest_of
from airbnb.errors import DomainError, Invalid, Unavailable
from airbnb.money import MINOR_DIGITS, Money

log = structlog.get_logger(__name__)
PROBLEM_JSON = "application/problem+json"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


# ------------------------------------------------------------------------------------------------ who calls
class BearerAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer <token>``. A wrong token is a 401, never an anonymous caller."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The account and its token; None when no such header was sent."""
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        found = (
            ApiToken.objects.select_related("user")
            .filter(digest=digest_of(token.strip()), revoked_at=None, user__is_active=True)
            .first()
        )
        if found is None:
            raise exceptions.AuthenticationFailed(_("This token is not valid"), code="invalid_token")
        self._note_use(found)
        return found.user, found

    @staticmethod
    def _note_use(token: ApiToken) -> None:
        """Remember the day of use; once a minute at most, so that reads stay reads."""
        moment = clock.now()
        if token.last_used_at is None or (moment - token.last_used_at).total_seconds() > 60:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=moment)

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="api"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The site's own pages call with their cookie, and always with a CSRF token."""


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library is untyped
    """How the schema names the token."""

    target_class = "airbnb.rest.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """An HTTP bearer token."""
        return {"type": "http", "scheme": "bearer"}


class Denied(permissions.BasePermission):
    """The default: a view that does not say who may call it answers nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Never."""
        return False


def Scope(  # noqa: N802
    *, read: str | None = "read", write: str | None = None, roles: bool = True
) -> type[permissions.BasePermission]:
    """A permission: signed in, with the scope ``read`` for safe methods and ``write`` for the others.

    ``None`` lets anyone through for that half. ``operate`` and ``host`` also need the role itself, unless ``roles``
    is off: where the thing must be one's own anyway, somebody without the role is told that there is nothing (404).
    A session (the site's own pages) has the scopes of its account's roles. Lacking a scope is a 403.
    """

    class Scoped(permissions.BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            wanted = read if request.method in SAFE_METHODS else write
            if wanted is None:
                return True
            if not request.user.is_authenticated:
                return False
            return may(request, wanted, roles=roles)

    Scoped.__name__ = f"Scope_{read}_{write}"
    return Scoped


def may(request: Request, scope: str, *, roles: bool = True) -> bool:
    """Whether the signed-in caller holds this scope, and the role that it needs."""
    user = request.user
    assert isinstance(user, User)
    if roles and ((scope == "host" and not user.is_host) or (scope == "operate" and not user.is_operator)):
        return False
    return not isinstance(request.auth, ApiToken) or scope in request.auth.scopes


class ApiThrottle(throttling.SimpleRateThrottle):
    """300 requests a minute for each caller; when the counter cannot be reached, reading goes on."""

    scope = "api"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """By account, else by address."""
        who = request.user.pk if request.user.is_authenticated else self.get_ident(request)
        return f"throttle:{self.scope}:{who}"


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library is untyped
    """How the schema names the site's own cookie."""

    target_class = "airbnb.rest.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A cookie."""
        return {"type": "apiKey", "in": "cookie", "name": "session"}


# --------------------------------------------------------------------------------------------------- errors
class ProblemOutput(serializers.Serializer):
    """A problem document (RFC 9457): ``code`` is stable; a broken rule may carry more members of its own."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    correlation_id = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # a field of that name, not the serializer's errors
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


def refusals(*statuses: int) -> dict[tuple[int, str], type[ProblemOutput]]:
    """For a view's schema: these statuses are answered with a problem document."""
    return {(status, PROBLEM_JSON): ProblemOutput for status in statuses}


def problem(status: int, code: str, title: str, detail: str | None = None, **members: Any) -> Response:
    """A problem document (RFC 9457) with this product's ``code`` and the correlation id."""
    body = {
        "type": f"urn:binbang:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        "correlation_id": correlation.current(),
        **members,
    }
    return Response(body, status=status, content_type=PROBLEM_JSON)


def problem_of(error: DomainError) -> Response:
    """The problem document of a broken rule; its facts become members."""
    facts = {name: _plain(value) for name, value in error.facts.items()}
    if isinstance(error, Invalid):
        facts["errors"] = {field: [str(text) for text in texts] for field, texts in error.errors.items()}
    response = problem(error.status, error.code, str(error.title), str(error.detail), **facts)
    wait = error.retry_after_s if isinstance(error, Unavailable) else error.facts.get("retry_after")
    if wait is not None:
        response["Retry-After"] = str(wait)
    return response


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return value.as_json()
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if hasattr(value, "as_json"):
        return value.as_json()
    return value


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error of the API in one shape; None (a 500) only for what nobody foresaw."""
    if isinstance(error, DomainError):
        return problem_of(error)
    if isinstance(error, exceptions.ValidationError):
        return problem(400, "invalid", _("Some of what was sent cannot be used"), errors=_fields(error.detail))
    if isinstance(error, Http404):
        return problem(404, "not_found", _("There is nothing here"))
    if isinstance(error, PermissionDenied):
        return problem(403, "forbidden", _("You may not do this"))
    if isinstance(error, OperationalError):
        log.exception("database_refused")
        response = problem(503, "busy", _("This is briefly unavailable"))
        response["Retry-After"] = "2"
        return response
    if isinstance(error, exceptions.APIException):
        return _framework_problem(error)
    return None


def _framework_problem(error: exceptions.APIException) -> Response:
    code = {403: "forbidden", 404: "not_found", 405: "method_not_allowed", 429: "rate_limited"}.get(
        error.status_code, getattr(error.detail, "code", None) or error.default_code
    )
    response = problem(error.status_code, code, str(error.detail))
    header = getattr(error, "auth_header", None)
    if header:
        response["WWW-Authenticate"] = header
    wait = getattr(error, "wait", None)
    if wait:
        response["Retry-After"] = str(int(wait) + 1)
    return response


def _fields(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested errors as a flat map of field path to messages."""
    if isinstance(detail, dict):
        flat: dict[str, list[str]] = {}
        for name, inner in detail.items():
            flat |= _fields(inner, f"{prefix}.{name}" if prefix else str(name))
        return flat
    if isinstance(detail, list) and any(isinstance(each, (dict, list)) for each in detail):
        flat = {}
        for index, inner in enumerate(detail):
            flat |= _fields(inner, f"{prefix}.{index}" if prefix else str(index)) if inner else {}
        return flat
    return {prefix or "body": [str(each) for each in (detail if isinstance(detail, list) else [detail])]}


# --------------------------------------------------------------------------------------- input and output
class StrictSerializer(serializers.Serializer):
    """Input whose unknown fields are refused by name, so that a misspelt field is never silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """The fields, or a ValidationError that also names what is not known."""
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError({name: [_("This field is not known")] for name in unknown})
        return super().to_internal_value(data)


@extend_schema_field(
    {
        "type": "object",
        "properties": {
            "amount": {"type": "integer", "description": "minor units"},
            "currency": {"type": "string", "enum": list(MINOR_DIGITS)},
        },
        "required": ["amount", "currency"],
    }
)
class MoneyField(serializers.Field):
    """``{"amount": minor units, "currency": code}`` as a :class:`Money`."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "shape": _lazy('Money is {{"amount": whole minor units, "currency": code}}'),
        "negative": _lazy("This cannot be negative"),
        "limit": _lazy("This is more than can be handled"),
    }

    def __init__(self, *, allow_negative: bool = False, **kwargs: Any) -> None:
        self.allow_negative = allow_negative
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Money:
        """Reads the object; a bare number or a fraction is refused."""
        if not isinstance(data, dict) or set(data) != {"amount", "currency"}:
            self.fail("shape")
        amount, currency = data["amount"], data["currency"]
        if type(amount) is not int or not isinstance(currency, str) or currency not in MINOR_DIGITS:
            self.fail("shape")
        if amount < 0 and not self.allow_negative:
            self.fail("negative")
        if abs(amount) > 10**12:
            self.fail("limit")
        return Money(amount, currency)

    def to_representation(self, value: Money) -> dict[str, Any]:
        """The contract's shape."""
        return value.as_json()


def valid(serializer: type[serializers.Serializer], request: Request, **kwargs: Any) -> dict[str, Any]:
    """The checked body of a request; a body that is not an object is refused like any other mistake."""
    checked = serializer(data=request.data, **kwargs)
    checked.is_valid(raise_exception=True)
    result: dict[str, Any] = checked.validated_data
    return result


class CursorPage(pagination.CursorPagination):
    """``{"next", "previous", "results"}`` by cursor; subclasses name their ``ordering``."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"


def etag_response(request: Request, data: Any, *, private: bool = True) -> Response:
    """The data with an ``ETag``, or 304 when the caller already has it (RFC 9110, section 13)."""
    body = JSONRenderer().render(data)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    given = [each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")]
    response = Response(status=304) if tag in given or "*" in given else Response(data)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache" if private else "no-cache"
    return response
