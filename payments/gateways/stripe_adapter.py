"""Stripe, through its own library: PaymentIntents, refunds, signed webhooks (https://docs.stripe.com/api)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import stripe
import structlog
from django.conf import settings

from payments.gateways import stripe_words as words
from payments.gateways.port import (
    Booked,
    Capability,
    ChargeRequest,
    ConfirmRequest,
    Forged,
    Known,
    KnownRefund,
    Message,
    Movement,
    Outcome,
    Reference,
    RefundOutcome,
    RefundRequest,
    Unanswered,
)
from payments.gateways.stripe_movements import movements_of
from payments.gateways.stripe_transfers import StripeTransfers
from payments.gateways.stripe_transport import NotSent, stripe_client
from payments.gateways.ways import PRACTICE_CARDS, Way

log = structlog.get_logger(__name__)

# A connection that was cut this soon is tried once more; later the total deadline (4 s a call) would be passed.
REPEAT_WITHIN_S = 1.0
REPEAT_PAUSE_S = 0.2
SIGNATURE_TOLERANCE_S = 300
# Where to look for a payment by our own reference: the library's and the gateway's clocks may differ a little.
LOOK_BEFORE = timedelta(minutes=5)
LOOK_AFTER = timedelta(minutes=20)


class StripeGateway(StripeTransfers):
    """The adapter; it keeps no state of its own."""

    name = "stripe"
    capabilities = frozenset({Capability.AUTHORIZE, Capability.TRANSFER, Capability.MOVEMENTS})
    currencies: frozenset[str] | None = None

    @property
    def is_configured(self) -> bool:
        """Whether we have a key for it."""
        return bool(settings.STRIPE_SECRET_KEY)

    @property
    def is_practice(self) -> bool:
        """Whether it is the sandbox."""
        return bool(settings.STRIPE_API_BASE)

    @property
    def ways(self) -> tuple[Way, ...]:
        """The sandbox's cards; a real card's name comes from the gateway's own form."""
        return PRACTICE_CARDS if self.is_practice else ()

    def offers(self, method: str) -> bool:
        """Any name may be one of its payment methods, except another gateway's."""
        return not method.startswith("toss_")

    def charge(self, request: ChargeRequest) -> Outcome:
        """Create and confirm a PaymentIntent under one idempotency key."""
        params = words.intent_params(request)
        options: Any = {"idempotency_key": request.key}
        return self._intent(lambda: stripe_client().v1.payment_intents.create(params, options))

    def look_up(self, reference: Reference) -> Outcome:
        """Retrieve by id; without one list what was made about then and find our reference in the metadata.

        The list, unlike the search, shows everything that was made before it was asked for.
        """
        if reference.gateway_ref:
            return self._look(lambda: self._ours(reference))
        made: Any = {
            "gte": int((reference.sent_at - LOOK_BEFORE).timestamp()),
            "lte": int((reference.sent_at + LOOK_AFTER).timestamp()),
        }
        params: Any = {"created": made, "limit": 100, "expand": ["data.latest_charge"]}

        def find() -> Any:
            for intent in stripe_client().v1.payment_intents.list(params).auto_paging_iter():
                if intent.to_dict().get("metadata", {}).get("payment") == reference.payment_id:
                    return intent
            return None

        return self._look(find)

    def confirm(self, request: ConfirmRequest) -> Outcome:
        """Nothing waits for our word here, since every intent is confirmed as it is made: say how it stands."""
        retrieve = stripe_client().v1.payment_intents.retrieve
        return self._look(lambda: retrieve(request.gateway_ref, {"expand": ["latest_charge"]}))

    def capture(self, request: ConfirmRequest) -> Outcome:
        """Capture an authorised PaymentIntent under its idempotency key."""
        params: Any = {"amount_to_capture": request.amount.amount_minor, "expand": ["latest_charge"]}
        options: Any = {"idempotency_key": request.key}
        return self._intent(lambda: stripe_client().v1.payment_intents.capture(request.gateway_ref, params, options))

    def gave_up(self, told: Mapping[str, str]) -> bool:
        """Its pages decide for themselves: what the guest refused there is refused."""
        return False

    def void(self, gateway_ref: str, key: str) -> Outcome:
        """Cancel the PaymentIntent; where it no longer can be, say how it stands."""
        options: Any = {"idempotency_key": key}
        return self._intent(lambda: stripe_client().v1.payment_intents.cancel(gateway_ref, None, options))

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """Create a refund under its idempotency key."""
        params = words.refund_params(request)
        options: Any = {"idempotency_key": request.key}
        try:
            return words.refund_outcome(self._patiently(lambda: stripe_client().v1.refunds.create(params, options)))
        except stripe.StripeError as problem:
            return words.refund_problem(problem)

    def look_up_refund(self, request: RefundRequest) -> RefundOutcome:
        """Go through the payment's refunds for the one that carries our reference."""
        params: Any = {"payment_intent": request.gateway_ref, "limit": 100}

        def find() -> Any:
            for refund in stripe_client().v1.refunds.list(params).auto_paging_iter():
                if words.is_refund(refund.to_dict(), request):
                    return refund
            return None

        try:
            return words.refund_outcome(self._patiently(find))
        except stripe.StripeError as problem:
            told = words.refund_problem(problem)
            return told if told.known == KnownRefund.UNREACHABLE else RefundOutcome(KnownRefund.UNKNOWN)

    def books(self, since: datetime, until: datetime) -> Iterator[Booked]:
        """The PaymentIntents made in this time that carry our reference, with what was captured and given back."""
        made: Any = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
        params: Any = {"created": made, "limit": 100, "expand": ["data.latest_charge"]}
        try:
            for intent in stripe_client().v1.payment_intents.list(params).auto_paging_iter():
                told = intent.to_dict()
                if (told.get("metadata") or {}).get("payment"):
                    yield words.booked(told)
        except stripe.StripeError as problem:
            raise Unanswered(repr(problem)) from problem

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """What its balance transactions of this time tell, whatever they came from."""
        made: Any = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
        params: Any = {"created": made, "limit": 100, "expand": ["data.source"]}
        try:
            for each in stripe_client().v1.balance_transactions.list(params).auto_paging_iter():
                yield from movements_of(each.to_dict())
        except stripe.StripeError as problem:
            raise Unanswered(repr(problem)) from problem

    def ping(self) -> bool:
        """Whose key this is: the cheapest question that needs the whole way there and back."""
        try:
            stripe_client().v1.accounts.retrieve_current()
        except stripe.StripeError:
            return False
        return True

    def read_message(self, body: bytes, headers: Mapping[str, str], address_secret: str = "") -> Message:
        """Check ``Stripe-Signature`` against every secret in force (two during a rotation) and read the event."""
        signature = headers.get("Stripe-Signature", "")
        if not any(self._signed(body, signature, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
            raise Forged()
        try:
            payload = json.loads(body)
            return self.read_stored(payload)
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise Forged() from problem

    @staticmethod
    def _signed(body: bytes, signature: str, secret: str) -> bool:
        try:
            text = body.decode()
            return bool(stripe.WebhookSignature.verify_header(text, signature, secret, SIGNATURE_TOLERANCE_S))
        except (stripe.SignatureVerificationError, UnicodeDecodeError, ValueError):
            return False

    def read_stored(self, payload: dict[str, Any]) -> Message:
        """What an event is about. KeyError or TypeError when it is no event."""
        return words.message(payload)

    def _intent(self, call: Callable[[], Any]) -> Outcome:
        """Make the call and put the answer, or the lack of one, into our words."""
        try:
            return words.intent_outcome(self._patiently(call))
        except stripe.StripeError as problem:
            outcome = words.intent_problem(problem)
            if outcome.known == Known.UNKNOWN:
                log.warning("gateway_outcome_unknown", gateway=self.name, error=repr(problem))
            return outcome

    @staticmethod
    def _ours(reference: Reference) -> Any:
        """The intent of this id; None when it is another payment's."""
        retrieve = stripe_client().v1.payment_intents.retrieve
        intent = retrieve(reference.gateway_ref, {"expand": ["latest_charge"]})
        return intent if intent.to_dict().get("metadata", {}).get("payment") == reference.payment_id else None

    def _look(self, call: Callable[[], Any]) -> Outcome:
        """As :meth:`_intent`, for questions: an error here says nothing about the payment."""
        try:
            return words.intent_outcome(self._patiently(call))
        except stripe.StripeError as problem:
            absent = problem.http_status == 404
            return Outcome(Known.ABSENT if absent else Known.UNKNOWN, answer={"status": problem.http_status})

    @staticmethod
    def _patiently(call: Callable[[], Any]) -> Any:
        """Repeat a call whose connection was cut soon, once and with the same key.

        What cannot have been sent is told apart from what may have been: after one attempt that may have
        arrived, a later failure to connect no longer means that nothing happened.
        """
        begun = time.monotonic()
        try:
            return call()
        except NotSent:
            raise
        except stripe.APIConnectionError as lost:
            if time.monotonic() - begun > REPEAT_WITHIN_S:
                raise
            time.sleep(REPEAT_PAUSE_S)
            try:
                return call()
            except (NotSent, stripe.RateLimitError, stripe.AuthenticationError, stripe.PermissionError):
                raise lost from None
