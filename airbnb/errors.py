"""Domain errors: one class per broken rule, told the same way on pages and in the API."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class DomainError(Exception):
    """A rule of the domain was broken.

    ``code`` is stable and public, ``status`` the HTTP status, ``title`` the short text for people.
    ``facts`` become extra members of the problem document (RFC 9457, section 3.2).
    """

    code = "domain_error"
    status = 400
    title: Text = _("This is not possible")

    def __init__(self, detail: Text | None = None, **facts: Any) -> None:
        self.detail: Text = self.title if detail is None else detail
        self.facts = facts
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.detail)


class NotFound(DomainError):
    """There is no such thing, or it is not yours to see."""

    code = "not_found"
    status = 404
    title = _("There is nothing here")


class Forbidden(DomainError):
    """You are known, but this needs a right that you do not have."""

    code = "forbidden"
    status = 403
    title = _("You may not do this")


class Conflict(DomainError):
    """The thing is in a state that does not allow this."""

    code = "conflict"
    status = 409
    title = _("This no longer fits the present state")


class Invalid(DomainError):
    """Input that cannot be used; ``errors`` maps a field to its messages."""

    code = "invalid"
    status = 422
    title = _("Some of what was entered cannot be used")

    def __init__(self, errors: dict[str, list[Text]], detail: Text | None = None) -> None:
        super().__init__(detail)
        self.errors = errors


class Unavailable(DomainError):
    """A supporting system cannot answer now; try again after ``retry_after_s`` seconds."""

    code = "unavailable"
    status = 503
    title = _("This is briefly unavailable")

    def __init__(self, detail: Text | None = None, *, retry_after_s: int = 30, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.retry_after_s = retry_after_s
