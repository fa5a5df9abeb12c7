"""Why a card was declined, in words that tell the reader what to do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_NOT_REACHED = _("Payments were briefly unavailable. Nothing was charged; you can try again with the same card.")
_WORDS: dict[str, Promise] = {
    "gateway_unavailable": _NOT_REACHED,
    "gateway_error": _NOT_REACHED,
    "never_arrived": _NOT_REACHED,
    "amount_differs": _("Another sum than agreed was taken. All of it goes back to you."),
    "insufficient_funds": _("There is not enough money on this card. Try another one."),
    "expired_card": _("This card has expired. Try another one."),
    "incorrect_cvc": _("The security code does not fit. Check it and try again."),
    "lost_card": _("The bank does not accept this card. Try another one."),
    "payment_intent_authentication_failure": _("Your bank did not confirm the payment. Try again or use another card."),
    "reject_card_payment": _("There is not enough money on this card, or its limit is reached. Try another one."),
    "reject_card_company": _("Your card company did not confirm the payment. Try again or use another card."),
    "abandoned": _("You left the payment before it was finished. Nothing was charged."),
    "expired": _("The time for this payment was over. Nothing was charged; you can try again."),
    "refused": _("The payment could not be kept and goes back to you in full."),
    "nights_taken": _("The payment could not be kept and goes back to you in full."),
    "room_gone": _("The payment could not be kept and goes back to you in full."),
}


def in_words(code: str) -> Promise:
    """The reader's words for a gateway's code; general ones for codes we do not know."""
    return _WORDS.get(code, _("The bank declined the payment. Try again or use another card."))
