"""What may be in a request: JSON members of the right kind, in the lengths that the reference allows."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from .errors import TossError

Params = dict[str, Any]
ORDER_ID = re.compile(r"[A-Za-z0-9_=-]{6,64}")
MAX_METADATA = 5


def parse(method: str, text: str) -> Params:
    """The members of a JSON body, or the parameters of a query."""
    if method != "POST":
        return dict(parse_qsl(text))
    try:
        given = json.loads(text or "{}")
    except ValueError:
        raise refused("요청 본문이 JSON 형식이 아닙니다.") from None
    if not isinstance(given, dict):
        raise refused("요청 본문이 JSON 객체가 아닙니다.")
    return given


def refused(why: str) -> TossError:
    """400 ``INVALID_REQUEST``."""
    return TossError(400, "INVALID_REQUEST", why, keep=False)


def only(params: Params, *known: str) -> None:
    """Refuse members that this endpoint does not take: a mistyped name must not pass unseen."""
    if unknown := sorted(set(params) - set(known)):
        raise refused(f"알 수 없는 파라미터: {', '.join(unknown)}")


def text(params: Params, name: str, longest: int) -> str:
    """A text that must be there."""
    value = params.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise refused(f"`{name}`은(는) 필수이며 최대 {longest}자입니다.")
    return value


def order_id(params: Params) -> str:
    """The shop's own number of the order: 6 to 64 letters, digits and ``-_=``."""
    value = params.get("orderId")
    if not isinstance(value, str) or not ORDER_ID.fullmatch(value):
        raise refused("`orderId`는 영문 대소문자, 숫자, 특수문자(-, _, =) 6자 이상 64자 이하의 문자열이어야 합니다.")
    return value


def amount(params: Params, name: str) -> int:
    """A sum in won, without fractions, that must be there."""
    value = params.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**10:
        raise refused(f"`{name}`은(는) 0보다 큰 정수여야 합니다.")
    return value


def metadata(params: Params) -> dict[str, str]:
    """At most five pairs: names of 40 characters, values of 500."""
    given = params.get("metadata") or {}
    pairs = given.items() if isinstance(given, dict) else [("", None)]
    wrong = [key for key, value in pairs if not isinstance(value, str) or len(key) > 40 or len(value) > 500]
    if wrong or len(given) > MAX_METADATA:
        raise refused("`metadata`가 올바르지 않습니다.")
    return dict(given)
