"""What every page's template may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

THEMES = ("light", "dark")


def page(request: HttpRequest) -> dict[str, Any]:
    """``theme`` ("light", "dark", "" for the system's), ``is_host``, and ``unread_notifications``, counted if used."""
    theme = request.COOKIES.get("theme", "")
    user = getattr(request, "user", None)
    signed_in = user if user is not None and user.is_authenticated else None
    return {
        "theme": theme if theme in THEMES else "",
        "is_host": bool(signed_in and signed_in.is_host),
        "unread_notifications": SimpleLazyObject(lambda: _unread(signed_in.pk)) if signed_in else 0,
    }


def _unread(user_id: int) -> int:
    from notifications.queries import unread_count  # composition: the header shows every context's news

    return unread_count(user_id)
