"""Which path does what: the part of Toss Payments' API that the sandbox knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import cancels, payments, settlements, transactions
from .errors import TossError

KEY = r"([A-Za-z0-9_=-]{1,200})"
ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("POST", r"/v1/payments", payments.create),
    ("POST", r"/v1/payments/confirm", payments.confirm),
    ("GET", rf"/v1/payments/orders/{KEY}", payments.show_order),
    ("GET", rf"/v1/payments/{KEY}", payments.show),
    ("POST", rf"/v1/payments/{KEY}/cancel", cancels.cancel),
    ("GET", r"/v1/transactions", transactions.index),
    ("GET", r"/v1/settlements", settlements.index),
)


def find(method: str, path: str) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The endpoint and the keys in its path; 404 ``NOT_FOUND`` when there is none."""
    for wanted, pattern, endpoint in ROUTES:
        found = re.fullmatch(pattern, path)
        if found and wanted == method:
            return endpoint, found.groups()
    raise TossError(404, "NOT_FOUND", keep=False)
