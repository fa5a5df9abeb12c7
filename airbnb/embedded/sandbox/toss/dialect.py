"""Toss Payments' manners: JSON, keys that count for one path and fifteen days, errors of its own."""

from __future__ import annotations

from airbnb.embedded.sandbox.dialects import Dialect
from airbnb.embedded.sandbox.errors import ApiError
from airbnb.embedded.sandbox.idempotency import Keys
from airbnb.embedded.sandbox.store import Store

from . import routes
from .errors import TossError, as_body
from .reading import parse

LONGEST_KEY = 300


class TossKeys(Keys):
    """As everywhere the first answer stands; here for fifteen days, and without a mark that it is a repetition."""

    kept_s = 15 * 24 * 3600

    def busy(self) -> ApiError:
        """409 while a request with this key is being worked on."""
        return TossError(409, "IDEMPOTENT_REQUEST_PROCESSING", keep=False)

    def other_request(self, key: str) -> ApiError:
        """Stricter than the real gateway, which repeats the first answer whatever the body says."""
        return TossError(400, "INVALID_REQUEST", f"멱등키 {key}는 다른 요청에 사용되었습니다.", keep=False)


def scoped(key: str | None, path: str) -> str | None:
    """A key counts for one path."""
    if key is None:
        return None
    if len(key) > LONGEST_KEY:
        raise TossError(400, "INVALID_IDEMPOTENCY_KEY", keep=False)
    return f"toss {path} {key}"


def toss_dialect(store: Store, secret_key: str) -> Dialect:
    """The manners with this shop's key."""
    return Dialect(
        secret_key=secret_key,
        keys=TossKeys(store),
        parse=parse,
        find=routes.find,
        scoped=scoped,
        failure=(500, as_body("FAILED_INTERNAL_SYSTEM_PROCESSING")),
        replayed={},
        unauthorized=TossError(401, "UNAUTHORIZED_KEY", keep=False),
    )
