"""Reading form bodies and query strings as Stripe writes them: ``metadata[key]=value``, ``expand[0]=x``."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from .errors import invalid

Params = dict[str, Any]

_PART = re.compile(r"\[([^\]]*)\]")


def parse(text: str) -> Params:
    """Nested dictionaries; ``a[]`` and ``a[0]`` become lists in the order they came."""
    result: Params = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, _, _ = name.partition("[")
        _put(result, [head, *_PART.findall(name)], value)
    return {key: _lists(value) for key, value in result.items()}


def _put(into: Params, path: list[str], value: str) -> None:
    for part in path[:-1]:
        nested = into.setdefault(part, {})
        if not isinstance(nested, dict):
            raise invalid(f"Invalid object: {path[0]}", param=path[0])
        into = nested
    last = path[-1]
    into[str(len(into)) if last == "" else last] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(each) for key, each in value.items()}
    return list(inner.values()) if inner and all(key.isdigit() for key in inner) else inner


def refuse_unknown(params: Params, *known: str) -> None:
    """400 ``parameter_unknown`` for a parameter this endpoint does not take."""
    for name in params:
        if name not in known and name != "expand":
            raise invalid(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def integer(params: Params, name: str, *, at_least: int = 1) -> int | None:
    """A whole number, None when it was not given; 400 otherwise."""
    raw = params.get(name)
    if raw is None:
        return None
    if not isinstance(raw, str) or not re.fullmatch(r"-?\d{1,12}", raw):
        raise invalid(f"Invalid integer: {raw}", code="parameter_invalid_integer", param=name)
    number = int(raw)
    if number < at_least:
        raise invalid(f"Invalid {name}: must be at least {at_least}", code="parameter_invalid_integer", param=name)
    return number


def required_integer(params: Params, name: str) -> int:
    """A whole number of at least 1 that must be there."""
    number = integer(params, name)
    if number is None:
        raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return number


def text(params: Params, name: str, choices: tuple[str, ...] = ()) -> str | None:
    """A text, None when it was not given; 400 when it is none of ``choices``."""
    raw = params.get(name)
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str) or (choices and raw not in choices):
        raise invalid(f"Invalid {name}: must be one of {', '.join(choices) or 'a text'}", param=name)
    return raw


def required_text(params: Params, name: str) -> str:
    """A text that must be there."""
    value = text(params, name)
    if value is None:
        raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return value


def metadata(params: Params, old: dict[str, str] | None = None) -> dict[str, str]:
    """The ``metadata`` of an object: at most 50 keys of 40 characters, values of 500; empty removes a key."""
    given = params.get("metadata", {})
    if not isinstance(given, dict):
        if given == "":
            return {}
        raise invalid("Invalid hash", param="metadata")
    merged = dict(old or {})
    for key, value in given.items():
        if len(key) > 40 or not isinstance(value, str) or len(value) > 500:
            raise invalid(f"Metadata {key} is too long or nested", param="metadata")
        merged[key] = value
    kept = {key: value for key, value in merged.items() if value != ""}
    if len(kept) > 50:
        raise invalid("You can have at most 50 keys", param="metadata")
    return kept
