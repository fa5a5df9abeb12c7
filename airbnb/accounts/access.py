"""Who may open a page. A page of somebody else's does not exist (404); signing in comes first."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from airbnb.accounts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class SignedInRequest(HttpRequest):
    """A request whose ``user`` is a real account: what views behind these decorators receive."""

    user: User


def current_user(request: HttpRequest) -> User:
    """The signed-in account of a request that passed :func:`guest_page`."""
    return cast(User, request.user)


def guest_page(view: View[P]) -> View[P]:
    """Needs an account; others sign in first and come back."""
    return login_required(view)


def host_page(view: View[P]) -> View[P]:
    """Needs a host; a guest is asked first whether they want to let a room."""

    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not current_user(request).is_host:
            return redirect("host_start")
        return view(request, *args, **kwargs)

    return wraps(view)(guest_page(guarded))


def operator_page(view: View[P]) -> View[P]:
    """Needs an operator; for everyone else there is nothing here."""

    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not current_user(request).is_operator:
            raise Http404
        return view(request, *args, **kwargs)

    return wraps(view)(guest_page(guarded))
