"""The words of every notification, by role of the reader, kind and variant. Placeholders: see :mod:`wording`."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.texts import alterations
from notifications.texts.guests import GUEST
from notifications.texts.hosts import HOST
from notifications.texts.operators import OPERATOR
from notifications.texts.phrases import Text

RULES: dict[str, Promise] = {
    "flexible": _("flexible terms"),
    "moderate": _("moderate terms"),
    "limited": _("limited terms"),
    "firm": _("firm terms"),
    "non-refundable": _("non-refundable price"),
    "korea-standard": _("Korean consumer standard"),
    "grace_24h": _("within 24 hours of booking"),
    "korea_free_day": _("within 24 hours of booking, Korean consumer standard"),
    "request_withdrawn": _("taken back before the host answered: nothing was charged"),
    "cancelled_by_host": _("cancelled by the host: everything back"),
    "cancelled_by_operator": _("cancelled by us: everything back"),
}

TEXTS: dict[str, dict[str, Text]] = {
    "guest": {**GUEST, **alterations.GUEST},
    "host": {**HOST, **alterations.HOST},
    "operator": OPERATOR,
}

__all__ = ["RULES", "TEXTS", "Text"]
