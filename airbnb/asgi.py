"""The ASGI entry point, for servers that speak it; granian serves the WSGI one, which is several times faster here."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "airbnb.settings")
application = get_asgi_application()
