"""Pages on which hosts review guests and see what guests said."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from airbnb.accounts.access import current_user, host_page
from reviews import queries
from reviews.scores import Direction
from reviews.views import PAGE, write_page


@host_page
@require_http_methods(("GET", "HEAD"))
def host_reviews(request: HttpRequest) -> HttpResponse:
    """A host's reviews by tab: to write (the default), received, written; and those that wait for an answer."""
    user = current_user(request)
    tab = request.GET.get("tab", "")
    context = {
        "tab": tab if tab in ("received", "written") else "to_write",
        "to_write": queries.to_write(user.pk, Direction.HOST_TO_GUEST),
        "received": queries.received(user.pk, Direction.GUEST_TO_HOST),
        "written": queries.written(user.pk, Direction.HOST_TO_GUEST),
        "unanswered": queries.unanswered(user.pk, Direction.GUEST_TO_HOST),
        "rating": queries.rating_of_host(user.pk),
    }
    return render(request, "reviews/host/list.html", context)


@host_page
@require_http_methods(PAGE)
def host_review(request: HttpRequest, code: str) -> HttpResponse:
    """Write about a guest after a stay."""
    return write_page(request, code, Direction.HOST_TO_GUEST)
