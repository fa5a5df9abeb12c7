"""What the contract needs to know of each gateway besides its port: how its guest agrees, and what its judge saw."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from uuid import uuid4

from airbnb import clock
from airbnb.money import Money
from payments.gateways.port import (
    ChargeRequest,
    ConfirmRequest,
    Gateway,
    Known,
    Movement,
    Outcome,
    PayeeRequest,
    Reference,
    RefundRequest,
    TransferRequest,
)
from payments.gateways.stripe_adapter import StripeGateway
from payments.gateways.toss_adapter import TossGateway

RETURN_URL = "https://binbang.example/return/"
AMOUNT = 128_000


@dataclass(frozen=True)
class Webhook:
    """One webhook as the gateway sends it."""

    body: bytes
    headers: dict[str, str]
    address_secret: str = ""


class Harness(Protocol):
    """One adapter with its sandbox; ``paying`` and ``refused`` are ways to pay."""

    name: str
    adapter: Gateway
    paying: str

    def agree(self, outcome: Outcome, *, refused: bool = False) -> None:
        """The guest does what the gateway asks for, if anything, with a good card or one that is refused."""
        ...

    def refused_method(self) -> str:
        """A way to pay that ends in a refusal."""
        ...

    def webhooks(self) -> list[Webhook]:
        """All messages so far, newest first, as they would be sent."""
        ...

    def elsewhere(self, settings: Any) -> None:
        """Point the adapter at an address where nobody listens."""
        ...

    def wrong_key(self, settings: Any) -> None:
        """Give the adapter a key that is not ours."""
        ...

    def secrets(self, settings: Any, *secrets: str) -> None:
        """The webhook secrets in force."""
        ...

    def forged(self, webhook: Webhook) -> list[Webhook]:
        """Ways in which a message may pretend."""
        ...

    def at_the_bank(self) -> None:
        """Money of this gateway goes to the house's bank, or comes from it; at the latest within four days."""
        ...

    def with_secret(self, webhook: Webhook, secret: str) -> Webhook:
        """The same message as the gateway sends it with that secret."""
        ...


class StripeHarness:
    """Stripe's library and its part of the sandbox: the charge is all there is."""

    name, paying = "stripe", "pm_card_visa"

    def __init__(self, sandbox: Any) -> None:
        self.sandbox = sandbox
        self.adapter: Any = StripeGateway()

    def refused_method(self) -> str:
        return "pm_card_visa_chargeDeclined"

    def agree(self, outcome: Outcome, *, refused: bool = False) -> None:
        """Nothing is asked for."""

    def webhooks(self) -> list[Webhook]:
        events = [json.dumps(each).encode() for each in self.sandbox.events()]
        return [self._signed(body, self.sandbox.webhook_secret) for body in events]

    @staticmethod
    def _signed(body: bytes, secret: str, at: int | None = None) -> Webhook:
        at = int(time.time()) if at is None else at
        digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return Webhook(body, {"Stripe-Signature": f"t={at},v1={digest}"})

    def with_secret(self, webhook: Webhook, secret: str) -> Webhook:
        return self._signed(webhook.body, secret)

    def forged(self, webhook: Webhook) -> list[Webhook]:
        return [
            Webhook(webhook.body, {}),
            Webhook(webhook.body, {}, self.sandbox.webhook_secret),
            Webhook(webhook.body + b" ", webhook.headers),
            Webhook(webhook.body, {"Stripe-Signature": "nonsense"}),
            self._signed(webhook.body, "whsec_other"),
            self._signed(webhook.body, self.sandbox.webhook_secret, int(time.time()) - 600),
            self._signed(b"not json", self.sandbox.webhook_secret),
            self._signed(b"[]", self.sandbox.webhook_secret),
            self._signed(b'{"id": "evt_1"}', self.sandbox.webhook_secret),
        ]

    def at_the_bank(self) -> None:
        self.sandbox.settle(30_000)
        self.sandbox.top_up(7_000)

    def elsewhere(self, settings: Any) -> None:
        settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    def wrong_key(self, settings: Any) -> None:
        settings.STRIPE_SECRET_KEY = "sk_test_wrong"

    def secrets(self, settings: Any, *secrets: str) -> None:
        settings.STRIPE_WEBHOOK_SECRETS = list(secrets)


class TossHarness:
    """Toss Payments and its part of the sandbox: the guest agrees in the window, and our word takes the money."""

    name, paying = "toss", "toss_card"

    def __init__(self, sandbox: Any) -> None:
        self.sandbox = sandbox
        self.adapter: Any = TossGateway()

    def refused_method(self) -> str:
        return self.paying

    def agree(self, outcome: Outcome, *, refused: bool = False) -> None:
        assert outcome.action_url, outcome
        self.sandbox.answer_window(outcome.action_url, "later" if refused else "pay")

    def webhooks(self) -> list[Webhook]:
        bodies = [json.dumps(each).encode() for each in self.sandbox.toss_events()]
        return [Webhook(body, {}, self.sandbox.toss_secret) for body in bodies]

    def with_secret(self, webhook: Webhook, secret: str) -> Webhook:
        return Webhook(webhook.body, {}, secret)

    def signed(self, body: bytes, secret: str) -> Webhook:
        """As the gateway signs what it tells about payouts."""
        at = "2026-11-25T12:00:00+09:00"
        mark = base64.b64encode(hmac.new(secret.encode(), body + b":" + at.encode(), hashlib.sha256).digest()).decode()
        names = ("tosspayments-webhook-signature", "tosspayments-webhook-transmission-time")
        return Webhook(body, dict(zip(names, (f"v1:AAAA,{mark}", at), strict=True)))

    def forged(self, webhook: Webhook) -> list[Webhook]:
        own = self.sandbox.toss_secret
        signed = self.signed(webhook.body, "hook_other")
        return [
            Webhook(webhook.body, {}),
            Webhook(webhook.body, {}, "hook_other"),
            Webhook(webhook.body, {}, own[:-1]),
            Webhook(webhook.body, {}, "훅"),
            signed,
            Webhook(webhook.body, signed.headers, own),  # a wrong signature is not made good by the address
            Webhook(webhook.body + b" ", self.signed(webhook.body, own).headers),
            Webhook(b"not json", {}, own),
            Webhook(b"[]", {}, own),
            Webhook(b'{"eventType": "PAYMENT_STATUS_CHANGED"}', {}, own),
            Webhook(b'{"eventType": "PAYMENT_STATUS_CHANGED", "data": {}}', {}, own),
        ]

    def at_the_bank(self) -> None:
        self.sandbox.faults(clock_s=4 * 86400)

    def elsewhere(self, settings: Any) -> None:
        settings.TOSS_API_BASE = "http://127.0.0.1:9"

    def wrong_key(self, settings: Any) -> None:
        settings.TOSS_SECRET_KEY = "test_sk_wrong"

    def secrets(self, settings: Any, *secrets: str) -> None:
        settings.TOSS_WEBHOOK_SECRETS = list(secrets)


HARNESSES = {"stripe": StripeHarness, "toss": TossHarness}


class Till:
    """Payments through one adapter, as the payments context makes them, and what the judge saw of them."""

    def __init__(self, harness: Harness, sandbox: Any) -> None:
        self.of, self.sandbox = harness, sandbox
        self.adapter = harness.adapter

    def request(self, **changes: Any) -> ChargeRequest:
        """A charge with a key of its own."""
        payment_id = str(uuid4())
        given = {
            "key": f"charge:{payment_id}",
            "payment_id": payment_id,
            "reservation": "BB7K2M9QXZ",
            "amount": Money(AMOUNT),
            "method": self.of.paying,
            "return_url": RETURN_URL,
            "capture_now": True,
            "correlation_id": "c-1",
        }
        return ChargeRequest(**{**given, **changes})

    def reference(self, request: ChargeRequest, gateway_ref: str = "") -> Reference:
        """The same payment, to be asked about."""
        return Reference(request.payment_id, gateway_ref, clock.now() - timedelta(seconds=1))

    def confirmation(self, request: ChargeRequest, gateway_ref: str, **changes: Any) -> ConfirmRequest:
        """Our word for it."""
        given = {
            "key": f"confirm:{request.payment_id}",
            "payment_id": request.payment_id,
            "gateway_ref": gateway_ref,
            "amount": request.amount,
            "reservation": request.reservation,
            "correlation_id": "c-1",
        }
        return ConfirmRequest(**{**given, **changes})

    def asked(self, request: ChargeRequest, gateway_ref: str = "") -> Outcome:
        """How it stands now."""
        return self.adapter.look_up(self.reference(request, gateway_ref))

    def finish(self, request: ChargeRequest, outcome: Outcome, *, refused: bool = False) -> Outcome:
        """The guest does their part, and we do ours: what settling a payment comes to."""
        if outcome.known == Known.REQUIRES_ACTION:
            self.of.agree(outcome, refused=refused)
        stands = self.asked(request, outcome.gateway_ref)
        if stands.known == Known.CONFIRMABLE:
            return self.adapter.confirm(self.confirmation(request, stands.gateway_ref))
        return stands

    def paid(self, **changes: Any) -> tuple[ChargeRequest, Outcome]:
        """A payment whose money was taken."""
        request = self.request(**changes)
        outcome = self.finish(request, self.adapter.charge(request))
        assert outcome.known == Known.CAPTURED, outcome
        return request, outcome

    def back(self, outcome: Outcome, amount: int, **changes: Any) -> RefundRequest:
        """A refund of part of it, with a key of its own."""
        refund_id = str(uuid4())
        given = {
            "key": f"refund:{refund_id}:1",
            "refund_id": refund_id,
            "gateway_ref": outcome.gateway_ref,
            "amount": Money(amount),
            "reservation": "BB7K2M9QXZ",
            "correlation_id": "c-1",
        }
        return RefundRequest(**{**given, **changes})

    def payee(self, **changes: Any) -> PayeeRequest:
        """A host's bank account."""
        given = {
            "key": f"payee:{uuid4()}",
            "payee_id": str(uuid4()),
            "country": "KR",
            "currency": "KRW",
            "bank_code": "004",
            "account_number": "000123456789",
            "holder": "하준",
        }
        return PayeeRequest(**{**given, **changes})

    def payout(self, destination: str, amount: int = 100_000) -> TransferRequest:
        """Money for that account, with a key of its own."""
        payout_id = str(uuid4())
        return TransferRequest(
            key=f"payout:{payout_id}",
            payout_id=payout_id,
            destination=destination,
            amount=Money(amount),
            reservation="BB7K2M9QXZ",
            sent_at=clock.now() - timedelta(seconds=1),
            correlation_id="c-1",
        )

    def movements(self, days: int = 0) -> list[Movement]:
        """What the gateway tells of the last hour and so many days to come."""
        now = clock.now()
        return list(self.adapter.movements(now - timedelta(hours=1), now + timedelta(days=days, seconds=2)))

    def judged(self, kind: str) -> dict[str, Any]:
        """The fees, or the movements at the bank, that the judge saw at this gateway, by their names."""
        rows = self.sandbox.ledger()[kind]
        return {each["id"]: each for each in rows if each.get("gateway", "stripe") == self.of.name}

    def charges(self) -> list[dict[str, Any]]:
        """The money that the judge saw moving."""
        found: list[dict[str, Any]] = self.sandbox.ledger()["charges"]
        return found

    def refunds(self) -> list[int]:
        """The sums that the judge saw going back."""
        return [each["amount"] for each in self.sandbox.ledger()["refunds"]]
