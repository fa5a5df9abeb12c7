"""The ways to pay that a page can offer: the port's names, with the words a guest reads."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Way = tuple[str, Promise]

# The cards of the payment sandbox, by the gateway's own names; no real money moves with them.
PRACTICE_CARDS: tuple[Way, ...] = (
    ("pm_card_visa", _("Test card: the payment goes through")),
    ("pm_card_visa_chargeDeclined", _("Test card: the bank declines")),
    ("pm_card_chargeDeclinedInsufficientFunds", _("Test card: not enough money on it")),
    ("pm_card_authenticationRequired", _("Test card: the bank asks for a further step")),
)
# Both lead to the window of Toss Payments.
TOSS_WAYS: tuple[Way, ...] = (
    ("toss_card", _("Card or easy pay, in the window of Toss Payments")),
    ("toss_transfer", _("Bank transfer, in the window of Toss Payments")),
)
