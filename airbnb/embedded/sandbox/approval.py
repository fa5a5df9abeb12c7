"""The page that stands in for the cardholder's bank: approve or refuse, then back to the shop."""

from __future__ import annotations

import hmac
from html import escape
from string import Template
from urllib.parse import urlencode, urlsplit, urlunsplit

from .cards import card
from .desk import Desk
from .errors import ApiError
from .intents import approve, decline
from .objects import get
from .store import Record

TEXTS = {
    "en": {
        "title": "Confirm the payment",
        "lead": "This page stands in for your bank. No real money moves here.",
        "approve": "Approve",
        "refuse": "Refuse",
    },
    "ko": {
        "title": "결제 확인",
        "lead": "카드사 인증 화면을 대신하는 연습용 페이지예요. 실제 돈은 오가지 않아요.",
        "approve": "승인하기",
        "refuse": "거절하기",
    },
}

PAGE = Template("""<!doctype html>
<html lang="$lang"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh}
body{background:#f3f1ec;color:#1d1b18}
main{background:#fff;padding:2rem;border-radius:12px;width:min(22rem,calc(100vw - 6rem))}
h1{font-size:1.25rem;margin:0 0 .5rem}strong{display:block;font-size:1.75rem;margin:1rem 0}
button{font:inherit;width:100%;min-height:44px;padding:.75rem;border-radius:8px;border:1px solid #1d1b18}
button{background:#fff;color:#1d1b18;margin-top:.5rem;cursor:pointer}
button[value=approve]{background:#1d1b18;color:#fff}
</style>
<main><h1>$title</h1><p>$lead</p><strong>$amount</strong>
<form method="post"><input type="hidden" name="secret" value="$secret">
<button name="decision" value="approve">$approve</button>
<button name="decision" value="refuse">$refuse</button></form></main></html>
""")


def page(desk: Desk, intent_id: str, secret: str, language: str) -> str:
    """The page for one intent, in Korean or English."""
    intent = _intent(desk, intent_id, secret)
    lang = "ko" if language.lower().startswith("ko") else "en"
    digits = 0 if intent["currency"] in ("krw", "jpy") else 2
    amount = f"{intent['amount'] / 10**digits:,.{digits}f} {intent['currency'].upper()}"
    return PAGE.substitute(TEXTS[lang], lang=lang, amount=amount, secret=escape(secret, quote=True))


def decide(desk: Desk, intent_id: str, secret: str, decision: str) -> str:
    """Carry out what the cardholder pressed and return the address to go back to.

    Pressing twice changes nothing more: the first decision stands.
    """
    with desk.store.transaction():
        intent = _intent(desk, intent_id, secret)
        if intent["status"] == "requires_action":
            if decision == "approve":
                approve(desk, intent, card(intent["payment_method"]))
            else:
                message = "We are unable to authenticate your payment method."
                decline(desk, intent, "payment_intent_authentication_failure", None, message)
    succeeded = intent["status"] in ("succeeded", "requires_capture")
    return _back(desk, intent, "succeeded" if succeeded else "failed")


def _intent(desk: Desk, intent_id: str, secret: str) -> Record:
    intent = get(desk.store, "payment_intent", intent_id)
    if not hmac.compare_digest(intent["client_secret"].encode(), secret.encode()):
        raise ApiError(404, "invalid_request_error", "No such page")
    return intent


def _back(desk: Desk, intent: Record, status: str) -> str:
    parts = urlsplit(intent["_return_url"] or desk.public_url)
    added = urlencode(
        {
            "payment_intent": intent["id"],
            "payment_intent_client_secret": intent["client_secret"],
            "redirect_status": status,
        }
    )
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))
