"""Which gateways there are, and which one takes a currency."""

from __future__ import annotations

from airbnb.errors import NotFound
from payments.gateways.port import Gateway
from payments.gateways.stripe_adapter import StripeGateway

_GATEWAYS: dict[str, Gateway] = {StripeGateway.name: StripeGateway()}


def named(name: str) -> Gateway:
    """The gateway of this name; raises NotFound."""
    try:
        return _GATEWAYS[name]
    except KeyError:
        raise NotFound() from None


def names() -> list[str]:
    """The names of all gateways."""
    return list(_GATEWAYS)


def for_currency(currency: str, *, authorize: bool = False) -> Gateway:
    """The gateway that takes payments in this currency, one that can set money aside if ``authorize`` is wanted."""
    return _GATEWAYS[StripeGateway.name]


__all__ = ["Gateway", "for_currency", "named", "names"]
