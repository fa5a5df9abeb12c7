"""A person's own pages: profile, API tokens, and the step from guest to host."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from airbnb.accounts import services
from airbnb.accounts.access import current_user, guest_page
from airbnb.accounts.forms import ProfileForm, TokenForm
from airbnb.accounts.models import ApiToken
from airbnb.errors import Invalid


@guest_page
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """See and change name, telephone and language."""
    form = ProfileForm(request.POST or None, instance=current_user(request))
    if request.method == "POST" and form.is_valid():
        user = form.save()
        translation.activate(user.language)
        messages.success(request, _("Your details are saved"))
        response = redirect("account_profile")
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", max_age=365 * 24 * 3600)
        return response
    status = 422 if form.errors else 200
    return render(request, "account/profile.html", {"form": form}, status=status)


@guest_page
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List one's API tokens and make a new one, which is shown this once."""
    user = current_user(request)
    form = TokenForm(request.POST or None)
    made = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_token(user, form.cleaned_data["scopes"], form.cleaned_data["name"])
            form = TokenForm()
        except Invalid as error:
            form.add_error("scopes", [str(text) for text in error.errors["scopes"]])
    open_tokens = ApiToken.objects.filter(user=user, revoked_at=None).order_by("-made_at")
    status = 422 if form.errors else 200
    return render(request, "account/tokens.html", {"form": form, "made": made, "tokens": open_tokens}, status=status)


@guest_page
@require_POST
def token_revocation(request: HttpRequest, prefix: str) -> HttpResponse:
    """Close one of one's own tokens."""
    if services.revoke_token(current_user(request), prefix):
        messages.success(request, _("The token is closed"))
    return redirect("account_tokens")


@guest_page
@require_http_methods(["GET", "HEAD", "POST"])
def host_start(request: HttpRequest) -> HttpResponse:
    """Ask whether the person wants to let rooms; a yes opens the host's pages."""
    user = current_user(request)
    if request.method == "POST":
        services.become_host(user)
    if user.is_host:
        return redirect("rooms_host:list")
    return render(request, "account/host_start.html")
