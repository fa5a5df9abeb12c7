"""Every address of the site, mounted context by context."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.static import serve

from airbnb import health, pages

handler404 = "airbnb.pages.not_found"
handler400 = "airbnb.pages.bad_request"
handler403 = "airbnb.pages.forbidden"
handler500 = "airbnb.pages.broken"

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth: with limits
admin.site.site_header = admin.site.site_title = _("Binbang, for operators")
admin.site.index_title = _("Keeping order")

urlpatterns = [
    path("", pages.home, name="home"),
    path("favicon.ico", pages.favicon),
    path("theme/", pages.theme, name="theme"),
    path("language/", pages.language, name="set_language"),
    path("design/", pages.design, name="design"),
    path("host/", pages.host_today, name="host_today"),
    path("", include("airbnb.accounts.urls")),
    path("", include("rooms.urls")),
    path("", include("reservations.urls")),
    path("", include("payments.urls")),
    path("", include("reviews.urls")),
    path("", include("notifications.urls")),
    path("host/", include("rooms.host_urls")),
    path("host/", include("reservations.host_urls")),
    path("host/", include("payments.host_urls")),
    path("host/", include("reviews.host_urls")),
    path("api/v1/", include("airbnb.api")),
    path("admin/", admin.site.urls),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
if not settings.PRODUCTION:  # in production the web server in front serves uploaded pictures
    urlpatterns += [re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT})]
