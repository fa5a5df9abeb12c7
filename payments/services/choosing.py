"""An operator chooses the gateway of a currency."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from airbnb import clock, db
from airbnb.errors import Invalid, NotFound
from payments import gateways
from payments.models import GatewayChoice


def choose_gateway(*, currency: str, gateway: str) -> GatewayChoice:
    """From now on this gateway takes payments in this currency. Raises Invalid when it cannot, or has no key."""
    try:
        able = gateways.takes(gateways.named(gateway), currency)
    except NotFound:
        able = False
    if not able:
        raise Invalid({"gateway": [_("This gateway has no key, or does not take this currency")]})
    with db.write():
        db.lock(f"gateway-choice:{currency}")
        choice = GatewayChoice.objects.filter(currency=currency).first() or GatewayChoice(currency=currency)
        choice.choose(gateway, at=clock.now())
        choice.save()
        return choice
