"""Refusals in the gateway's own shape: ``{"error": {"type", "code", "message", ...}}``."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer that is not 2xx.

    ``keep`` says whether an idempotency key remembers it: what was refused before anything was done is not
    remembered, so the caller may mend the request and use the key again.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        keep: bool = False,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keep = keep
        self.body: dict[str, Any] = {
            "error": {"type": kind, "message": message, **({"code": code} if code else {}), **extra}
        }


def invalid(message: str, *, code: str | None = None, param: str | None = None, keep: bool = False) -> ApiError:
    """400 ``invalid_request_error``."""
    return ApiError(400, "invalid_request_error", message, code=code, keep=keep, **({"param": param} if param else {}))


def missing(kind: str, object_id: str, *, param: str = "id", status: int = 404) -> ApiError:
    """The object named does not exist: 404 in a path, 400 in a parameter."""
    message = f"No such {kind}: '{object_id}'"
    return ApiError(status, "invalid_request_error", message, code="resource_missing", param=param)
