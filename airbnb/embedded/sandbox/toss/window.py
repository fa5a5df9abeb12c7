"""The payment window: where the guest agrees, is refused by the card company, or goes back."""

from __future__ import annotations

from html import escape
from string import Template
from urllib.parse import urlencode, urlsplit, urlunsplit

from airbnb.embedded.sandbox.desk import Desk
from airbnb.embedded.sandbox.store import Record

from .errors import MESSAGES
from .payments import abort, change, find

TEXTS = {
    "en": {
        "title": "Toss Payments, practice",
        "lead": "This window stands in for Toss Payments. No real money moves here.",
        "pay": "Agree and pay",
        "later": "Use a card without funds",
        "refuse": "Let the card company refuse",
        "cancel": "Cancel and go back",
        "over": "This payment is over. Go back to the shop.",
    },
    "ko": {
        "title": "토스페이먼츠 연습 결제창",
        "lead": "토스페이먼츠 결제창을 대신하는 연습용 화면이에요. 실제 돈은 오가지 않아요.",
        "pay": "동의하고 결제하기",
        "later": "한도가 모자란 카드로 결제하기",
        "refuse": "카드사에서 거절하기",
        "cancel": "취소하고 돌아가기",
        "over": "이미 끝난 결제예요. 상점으로 돌아가 주세요.",
    },
}
BUTTONS = ("pay", "later", "refuse", "cancel")
CANCELLED = "PAY_PROCESS_CANCELED"

PAGE = Template("""<!doctype html>
<html lang="$lang"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;padding:1rem}
body{background:#eef3fb;color:#191f28;word-break:keep-all}
main{background:#fff;padding:2rem;border-radius:20px;width:min(24rem,100%);box-shadow:0 8px 40px #0a2a6618}
h1{font-size:1.125rem;margin:0;color:#1b64da}p{margin:.5rem 0 0;color:#4e5968}
strong{display:block;font-size:2rem;line-height:1.25;margin:.25rem 0 1.5rem}
dl{margin:1.5rem 0 0}dt{color:#4e5968;font-size:.875rem}dd{margin:0}
button{font:inherit;width:100%;min-height:48px;padding:.75rem;border-radius:12px;border:0;margin-top:.5rem}
button{background:#f2f4f6;color:#333d4b;cursor:pointer}
button:focus-visible{outline:3px solid #1b64da;outline-offset:2px}
button[value=pay]{background:#1b64da;color:#fff;font-weight:600}
</style>
<main><h1>$title</h1><p>$lead</p><dl><dt>$name</dt><dd><strong>$amount</strong></dd></dl>$below</main></html>
""")


def page(desk: Desk, payment_key: str, language: str) -> str:
    """The window of one payment, in Korean or English."""
    with desk.store.transaction():
        payment = find(desk, payment_key)["payment"]
    lang = "en" if language.lower().startswith("en") else "ko"
    texts = TEXTS[lang]
    rows = "".join(f'<button name="decision" value="{each}">{texts[each]}</button>' for each in BUTTONS)
    below = f'<form method="post">{rows}</form>' if payment["status"] == "READY" else f"<p>{texts['over']}</p>"
    sum_ = f"{payment['totalAmount']:,}"
    shown = f"{sum_}원" if lang == "ko" else f"₩{sum_}"
    name = escape(payment["orderName"])
    return PAGE.substitute(title=texts["title"], lead=texts["lead"], lang=lang, amount=shown, name=name, below=below)


def decide(desk: Desk, payment_key: str, decision: str) -> str:
    """Carry out what the guest pressed and return the address to go back to; the first decision stands."""
    with desk.store.transaction():
        record = find(desk, payment_key)
        status = record["payment"]["status"]
        if status == "READY" and decision in ("pay", "later"):
            record["agreed_at"] = desk.store.now()
            record["card"] = "ok" if decision == "pay" else "refused"
            change(desk, record, status="IN_PROGRESS")
        elif status == "READY" and decision == "refuse":
            abort(desk, record, "REJECT_CARD_COMPANY")
        return _back(record)


def _back(record: Record) -> str:
    """To ``successUrl`` with what the shop must confirm, or to ``failUrl`` with the reason."""
    payment = record["payment"]
    if payment["status"] in ("IN_PROGRESS", "DONE", "PARTIAL_CANCELED", "CANCELED"):
        told = {"paymentType": "NORMAL", "orderId": payment["orderId"], "paymentKey": payment["paymentKey"]}
        return _with(record["success_url"], told | {"amount": str(payment["totalAmount"])})
    failure = payment["failure"] or {"code": CANCELLED, "message": "사용자에 의해 결제가 취소되었습니다."}
    if payment["status"] == "EXPIRED":
        failure = {"code": "NOT_FOUND_PAYMENT_SESSION", "message": MESSAGES["NOT_FOUND_PAYMENT_SESSION"]}
    # A guest who cancelled comes back without the number of the order, as at the real gateway.
    order = {} if failure["code"] == CANCELLED else {"orderId": payment["orderId"]}
    return _with(record["fail_url"], {**failure, **order})


def _with(url: str, added: dict[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(added))))))
