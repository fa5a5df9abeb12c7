"""Which gateways there are, and which one takes a currency."""

from __future__ import annotations

from django.conf import settings

from airbnb.errors import NotFound
from payments.gateways.guarding import Guarded
from payments.gateways.port import Capability, Gateway
from payments.gateways.stripe_adapter import StripeGateway
from payments.gateways.toss_adapter import TossGateway
from payments.models.choice import GatewayChoice

DEFAULT = StripeGateway.name
# Each behind its guard: breaker, bulkhead, deadline.
_GATEWAYS: dict[str, Gateway] = {each.name: Guarded(each) for each in (StripeGateway(), TossGateway())}


def named(name: str) -> Gateway:
    """The gateway of this name; raises NotFound."""
    try:
        return _GATEWAYS[name]
    except KeyError:
        raise NotFound() from None


def names() -> list[str]:
    """The names of all gateways."""
    return list(_GATEWAYS)


def in_use() -> list[str]:
    """The names of those that we have a key for."""
    return [name for name, gateway in _GATEWAYS.items() if gateway.is_configured]


def takes(gateway: Gateway, currency: str) -> bool:
    """Whether we have a key for it and it takes this currency."""
    return gateway.is_configured and (gateway.currencies is None or currency in gateway.currencies)


def for_currency(currency: str, *, authorize: bool = False) -> Gateway:
    """The gateway that takes payments in this currency: the operator's choice, else the setting's.

    With ``authorize`` it must be able to set money aside; where the chosen one cannot, another that can takes the
    payment. Raises NotFound when there is none.
    """
    chosen = named(_chosen(currency))
    return able(Capability.AUTHORIZE, currency, first=chosen) if authorize else chosen


def able(capability: Capability, currency: str, *, first: Gateway | None = None) -> Gateway:
    """A gateway with a key that can do this in this currency, ``first`` if it can; raises NotFound without one."""
    for gateway in (*([first] if first else []), *_GATEWAYS.values()):
        if capability in gateway.capabilities and takes(gateway, currency):
            return gateway
    raise NotFound()


def for_payouts(currency: str) -> Gateway:
    """The gateway that sends hosts their money in this currency. Raises NotFound when there is none."""
    return able(Capability.TRANSFER, currency)


def _chosen(currency: str) -> str:
    """The operator's choice counts as long as that gateway can be used; a key may have been taken away."""
    name = GatewayChoice.objects.filter(currency=currency).values_list("gateway", flat=True).first()
    if name in _GATEWAYS and takes(_GATEWAYS[name], currency):
        return name
    configured: str = settings.GATEWAY_BY_CURRENCY.get(currency, DEFAULT)
    return configured


__all__ = ["Gateway", "able", "for_currency", "for_payouts", "in_use", "named", "names", "takes"]
