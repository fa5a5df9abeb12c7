"""Toss Payments (https://docs.tosspayments.com): the guest agrees in its window, and our word takes the money.

It cannot set money aside, nor send any to hosts: what it takes it pays out to the house's bank. A payment that we never
confirm takes no money and ends by itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings

from airbnb import clock, http
from payments.gateways import toss_settlements
from payments.gateways import toss_words as words
from payments.gateways.port import (
    Booked,
    Capability,
    ChargeRequest,
    ConfirmRequest,
    Forged,
    Known,
    KnownRefund,
    KnownTransfer,
    Message,
    Movement,
    Outcome,
    PayeeOutcome,
    PayeeRequest,
    Reference,
    RefundOutcome,
    RefundRequest,
    TransferOutcome,
    TransferRequest,
    Unanswered,
)
from payments.gateways.toss_transport import BUSY, TOTAL_S, NoAnswer, NotSent, Reply, ask, send
from payments.gateways.ways import TOSS_WAYS, Way

log = structlog.get_logger(__name__)

PING_S = 1.0
PAGE = 1000
# A window stays open for half an hour, and what was agreed to waits ten minutes for our word.
LATEST = timedelta(minutes=40)
SEOUL = ZoneInfo("Asia/Seoul")
NOT_SUPPORTED = "not_supported"
SIGNATURE, SENT_AT = "tosspayments-webhook-signature", "tosspayments-webhook-transmission-time"


class TossGateway:
    """The adapter; it keeps no state of its own."""

    name = "toss"
    capabilities = frozenset({Capability.MOVEMENTS})
    currencies: frozenset[str] | None = frozenset({"KRW"})

    @property
    def is_configured(self) -> bool:
        """Whether we have a key for it."""
        return bool(settings.TOSS_SECRET_KEY)

    @property
    def is_practice(self) -> bool:
        """Whether it is the sandbox."""
        return bool(settings.TOSS_API_BASE)

    @property
    def ways(self) -> tuple[Way, ...]:
        """What the guest may choose before the window opens."""
        return TOSS_WAYS

    def offers(self, method: str) -> bool:
        """Whether it knows this way to pay."""
        return method in words.METHODS

    def charge(self, request: ChargeRequest) -> Outcome:
        """Make the payment that the guest agrees to in the gateway's window; no money moves yet."""
        if not self.offers(request.method) or not request.capture_now:
            return Outcome(Known.DECLINED, decline_code=NOT_SUPPORTED)
        with http.deadline(TOTAL_S):
            try:
                reply = send("/v1/payments", words.payment_body(request), request.key)
                if reply.code == "DUPLICATED_ORDER_ID":  # it was made, and the gateway has forgotten the key
                    return self._standing(f"/v1/payments/orders/{request.payment_id}", request.payment_id)
            except NotSent:
                return Outcome(Known.UNREACHABLE, retry_after_s=words.RETRY_AFTER_S)
            except NoAnswer as problem:
                return self._unknown(problem)
            if reply.ok:
                return words.payment_outcome(reply.body, reply.told)
            return words.charge_problem(reply, again=request.again)

    def look_up(self, reference: Reference) -> Outcome:
        """The payment by the gateway's key, else by our own number."""
        number = reference.gateway_ref or f"orders/{reference.payment_id}"
        with http.deadline(TOTAL_S):
            return self._standing(f"/v1/payments/{number}", reference.payment_id)

    def confirm(self, request: ConfirmRequest) -> Outcome:
        """Take the money that the guest agreed to.

        The gateway confirms a payment once, whatever the keys: so after a failure of its own, which the key would
        repeat for ever, and a look that finds the payment still waiting, the word is given once more without one.
        """
        body = words.confirm_body(request)
        with http.deadline(TOTAL_S):
            outcome, reply = self._confirm(request, body, request.key)
            if outcome.known == Known.CONFIRMABLE and reply is not None and reply.is_temporary:
                outcome, reply = self._confirm(request, body, None)
        if outcome.known != Known.CONFIRMABLE:
            return outcome
        if reply is None or reply.is_temporary or reply.code == BUSY or not reply.code:
            return Outcome(Known.UNKNOWN, gateway_ref=outcome.gateway_ref, answer=outcome.answer)
        return Outcome(Known.DECLINED, outcome.gateway_ref, decline_code=reply.code.lower(), answer=reply.told)

    def _confirm(self, request: ConfirmRequest, body: dict[str, Any], key: str | None) -> tuple[Outcome, Reply | None]:
        """One attempt; where it was refused, how the payment itself stands."""
        try:
            reply = send("/v1/payments/confirm", body, key)
        except NotSent:
            return Outcome(Known.UNREACHABLE, retry_after_s=words.RETRY_AFTER_S), None
        except NoAnswer as problem:
            return self._unknown(problem), None
        if reply.ok:
            return words.payment_outcome(reply.body, reply.told), reply
        if reply.is_ours:
            return Outcome(Known.UNREACHABLE, retry_after_s=words.RETRY_AFTER_S, answer=reply.told), reply
        return self._standing(f"/v1/payments/{request.gateway_ref}", request.payment_id), reply

    def capture(self, request: ConfirmRequest) -> Outcome:
        """There is nothing set aside here."""
        return Outcome(Known.DECLINED, decline_code=NOT_SUPPORTED)

    def gave_up(self, told: Mapping[str, str]) -> bool:
        """The window was closed: the payment itself knows nothing of it and would wait for half an hour."""
        return told.get("code") == "PAY_PROCESS_CANCELED"

    def void(self, gateway_ref: str, key: str) -> Outcome:
        """Let a payment go that was not confirmed.

        The gateway has no call for it: a payment that is never confirmed takes no money and expires within the half
        hour. "Voided" is therefore our own decision, which the caller must keep by never confirming it.
        """
        with http.deadline(TOTAL_S):
            stands = self._standing(f"/v1/payments/{gateway_ref}", "")
        if stands.known in (Known.REQUIRES_ACTION, Known.CONFIRMABLE):
            return Outcome(Known.VOIDED, stands.gateway_ref, answer=stands.answer)
        return stands

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """Cancel part of the payment, with our refund named in the reason."""
        path = f"/v1/payments/{request.gateway_ref}/cancel"
        with http.deadline(TOTAL_S):
            try:
                reply = send(path, words.cancel_body(request), request.key)
            except NotSent:
                return RefundOutcome(KnownRefund.UNREACHABLE)
            except NoAnswer:
                return RefundOutcome(KnownRefund.UNKNOWN)
            if reply.ok:
                found = words.refund_outcome(reply.body, request)
                return found if found.known != KnownRefund.ABSENT else RefundOutcome(KnownRefund.UNKNOWN)
            return self._refund_problem(reply, request)

    def _refund_problem(self, reply: Reply, request: RefundRequest) -> RefundOutcome:
        """What a refusal means: an earlier attempt may have succeeded under a key that was forgotten since."""
        if reply.is_ours:
            return RefundOutcome(KnownRefund.UNREACHABLE, answer=reply.told)
        if reply.code == BUSY or not reply.code:
            return RefundOutcome(KnownRefund.UNKNOWN, answer=reply.told)
        if reply.is_temporary:
            return RefundOutcome(KnownRefund.SPENT, answer=reply.told)
        found = self.look_up_refund(request)
        if found.known != KnownRefund.ABSENT:
            return found
        return RefundOutcome(KnownRefund.FAILED, failure_code=reply.code.lower(), answer=reply.told)

    def look_up_refund(self, request: RefundRequest) -> RefundOutcome:
        """Go through the payment's cancels for the one that names our refund."""
        with http.deadline(TOTAL_S):
            try:
                reply = ask(f"/v1/payments/{request.gateway_ref}")
            except NotSent:
                return RefundOutcome(KnownRefund.UNREACHABLE)
            except NoAnswer:
                return RefundOutcome(KnownRefund.UNKNOWN)
        if not reply.ok:
            known = KnownRefund.UNREACHABLE if reply.is_ours else KnownRefund.UNKNOWN
            return RefundOutcome(known, answer=reply.told)
        return words.refund_outcome(reply.body, request)

    def register_payee(self, request: PayeeRequest) -> PayeeOutcome:
        """Hosts are paid through another gateway."""
        return PayeeOutcome(failure_code=NOT_SUPPORTED)

    def transfer(self, request: TransferRequest) -> TransferOutcome:
        """Hosts are paid through another gateway."""
        return TransferOutcome(KnownTransfer.FAILED, failure_code=NOT_SUPPORTED)

    def look_up_transfer(self, request: TransferRequest) -> TransferOutcome:
        """Hosts are paid through another gateway."""
        return TransferOutcome(KnownTransfer.ABSENT)

    def books(self, since: datetime, until: datetime) -> Iterator[Booked]:
        """The payments taken in this time or soon after, with all that has gone back of them until now.

        What was begun at the end of the time is taken later: the window and our word have their own limits.
        """
        taken: dict[str, dict[str, Any]] = {}
        back: dict[str, int] = {}
        for row in self._transactions(since, max(until + LATEST, clock.now())):
            key, at = row["paymentKey"], datetime.fromisoformat(row["transactionAt"])
            if row["status"] != "DONE":
                back[key] = back.get(key, 0) + abs(row["amount"])
            elif since <= at <= until + LATEST:
                taken[key] = row
        for key, row in taken.items():
            yield Booked(row["orderId"], key, row["currency"], row["amount"], back.get(key, 0))

    def _transactions(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        """Every movement in the gateway's books, page by page; its times are Korean and carry no zone."""
        params = {"startDate": _korean(since), "endDate": _korean(until), "limit": str(PAGE)}
        while True:
            rows = self._listed("/v1/transactions", params)
            yield from rows
            if len(rows) < PAGE:
                return
            params["startingAfter"] = rows[-1]["transactionKey"]

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """Its fees, by the day of sale and again by that of paying out; and the sums paid out on days that are over.

        A test key has no settlements at the real gateway.
        """
        first, last = _day(since), _day(until)
        sold = self._settlements("soldDate", first, last)
        paid_out = self._settlements("paidOutDate", first, last)
        yield from toss_settlements.fees_of({**sold, **paid_out}.values())
        yield from toss_settlements.paid_out_by(paid_out.values(), before=last)

    def _settlements(self, date_type: str, first: str, last: str) -> dict[str, dict[str, Any]]:
        """The settlements of these days by their keys.

        The reference does not say how pages are numbered. So the first is asked for without a number, and then all from
        one on: where that is the first again, it tells nothing new. A later page that tells nothing new is the last.
        """
        params = {"dateType": date_type, "startDate": first, "endDate": last, "size": str(PAGE)}
        found: dict[str, dict[str, Any]] = {}
        seen: set[str] = set()
        for page in count():
            rows = self._listed("/v1/settlements", params | ({"page": str(page)} if page else {}))
            seen_before = len(seen)
            seen |= {row["transactionKey"] for row in rows}
            found |= {row["transactionKey"]: row for row in rows if row["currency"] == "KRW"}
            if len(rows) < PAGE or (page > 1 and len(seen) == seen_before):
                break
        return found

    def _listed(self, path: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        """One page of a list; raises Unanswered."""
        try:
            with http.deadline(TOTAL_S):
                reply = ask(path, params)
        except (NotSent, NoAnswer) as problem:
            raise Unanswered(str(problem)) from problem
        if not reply.ok or not isinstance(reply.body, list):
            raise Unanswered(str(reply.told))
        return reply.body

    def ping(self) -> bool:
        """Ask for a payment that cannot be: the right answer is that there is none."""
        try:
            with http.deadline(PING_S):
                return ask("/v1/payments/orders/binbang-ping").is_absent
        except (NotSent, NoAnswer):
            return False

    def read_message(self, body: bytes, headers: Mapping[str, str], address_secret: str = "") -> Message:
        """Check where the message was sent, and read it.

        The gateway signs its messages on payouts, and none on payments: those are believed to be its own when they
        came to the address that only it was told, ``…/webhook/?secret=…``. Two secrets count during a change.
        """
        secrets: list[str] = settings.TOSS_WEBHOOK_SECRETS
        signature = headers.get(SIGNATURE, "")
        if signature:
            genuine = any(_signed(body, headers.get(SENT_AT, ""), signature, secret) for secret in secrets)
        else:
            genuine = any(_equal(address_secret, secret) for secret in secrets)
        if not genuine:
            raise Forged()
        try:
            return self.read_stored(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise Forged() from problem

    def read_stored(self, payload: dict[str, Any]) -> Message:
        """What an event is about. KeyError or TypeError when it is no event."""
        return words.message(payload)

    def _standing(self, path: str, payment_id: str) -> Outcome:
        """How a payment stands; that another's payment was found under our name says nothing of ours."""
        try:
            reply = ask(path)
        except (NotSent, NoAnswer):
            return Outcome(Known.UNKNOWN)
        if reply.is_absent:
            return Outcome(Known.ABSENT, answer=reply.told)
        if not reply.ok or (payment_id and reply.body["orderId"] != payment_id):
            return Outcome(Known.UNKNOWN, answer=reply.told)
        return words.payment_outcome(reply.body, reply.told)

    def _unknown(self, problem: NoAnswer) -> Outcome:
        log.warning("gateway_outcome_unknown", gateway=self.name, error=str(problem))
        return Outcome(Known.UNKNOWN)


def _korean(at: datetime) -> str:
    return at.astimezone(SEOUL).strftime("%Y-%m-%dT%H:%M:%S")


def _day(at: datetime) -> str:
    return at.astimezone(SEOUL).date().isoformat()


def _equal(given: str, secret: str) -> bool:
    return bool(secret) and hmac.compare_digest(given.encode(), secret.encode())


def _signed(body: bytes, sent_at: str, signature: str, secret: str) -> bool:
    """``v1:`` and base64 HMAC-SHA256 values of ``{body}:{time}``, of which one must fit."""
    wanted = hmac.new(secret.encode(), body + b":" + sent_at.encode(), hashlib.sha256).digest()
    given = signature.removeprefix("v1:").split(",")
    return any(hmac.compare_digest(base64.b64encode(wanted), each.strip().encode()) for each in given)
