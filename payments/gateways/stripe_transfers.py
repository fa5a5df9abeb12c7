"""Money to hosts through Stripe Connect: connected accounts and transfers (https://docs.stripe.com/api/transfers)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import stripe

from payments.gateways import stripe_words as words
from payments.gateways.port import (
    KnownTransfer,
    PayeeOutcome,
    PayeeRequest,
    TransferOutcome,
    TransferRequest,
)
from payments.gateways.stripe_transport import NotSent, stripe_client


class StripeTransfers:
    """The part of the adapter that pays hosts."""

    @staticmethod
    def _patiently(call: Callable[[], Any]) -> Any:
        """Repeat a call whose connection was cut soon: the adapter's own."""
        raise NotImplementedError

    def register_payee(self, request: PayeeRequest) -> PayeeOutcome:
        """Create a connected account with the bank account; its number is passed on and not kept."""
        params = payee_params(request)
        options: Any = {"idempotency_key": request.key}
        try:
            account = self._patiently(lambda: stripe_client().v1.accounts.create(params, options))
        except stripe.InvalidRequestError as problem:
            return PayeeOutcome(failure_code=str(problem.code or "invalid_request"))
        except stripe.StripeError:
            return PayeeOutcome()
        return PayeeOutcome(destination=account.id)

    def transfer(self, request: TransferRequest) -> TransferOutcome:
        """Create a transfer under its idempotency key."""
        params = transfer_params(request)
        options: Any = {"idempotency_key": request.key}
        try:
            return transfer_outcome(
                self._patiently(lambda: stripe_client().v1.transfers.create(params, options)), request
            )
        except stripe.StripeError as problem:
            return transfer_problem(problem)

    def look_up_transfer(self, request: TransferRequest) -> TransferOutcome:
        """Retrieve by id; without one go through this payout's group for the transfer of this sending."""
        if request.gateway_ref:
            return self._found(lambda: stripe_client().v1.transfers.retrieve(request.gateway_ref), request)
        params: Any = {"transfer_group": request.payout_id, "limit": 100}

        def find() -> Any:
            for transfer in stripe_client().v1.transfers.list(params).auto_paging_iter():
                if is_transfer(transfer.to_dict(), request):
                    return transfer
            return None

        return self._found(find, request)

    def _found(self, find: Callable[[], Any], request: TransferRequest) -> TransferOutcome:
        """What a question says; that it was not answered says nothing of the transfer."""
        try:
            return transfer_outcome(self._patiently(find), request)
        except stripe.StripeError as problem:
            told = transfer_problem(problem)
            return told if told.known == KnownTransfer.UNREACHABLE else TransferOutcome(KnownTransfer.UNKNOWN)


def payee_params(request: PayeeRequest) -> Any:
    """A connected account that only takes transfers."""
    return {
        "type": "custom",
        "country": request.country,
        "capabilities": {"transfers": {"requested": True}},
        "external_account": {
            "object": "bank_account",
            "country": request.country,
            "currency": request.currency.lower(),
            "account_number": request.account_number,
            "routing_number": request.bank_code,
            "account_holder_name": request.holder,
        },
        "metadata": {"payee": request.payee_id},
    }


def transfer_params(request: TransferRequest) -> Any:
    """A transfer; the group is what it is looked up by, as transfers cannot be listed by metadata."""
    return {
        "amount": request.amount.amount_minor,
        "currency": request.amount.currency.lower(),
        "destination": request.destination,
        "transfer_group": request.payout_id,
        "description": f"Binbang {request.reservation}",
        "metadata": {
            "reservation": request.reservation,
            "payout": request.payout_id,
            "key": request.key,
            "correlation_id": request.correlation_id,
        },
    }


def is_transfer(told: dict[str, Any], request: TransferRequest) -> bool:
    """Whether a transfer is the one that this request is about: our reference, and, of one that came back, its key.

    One that came back must not be taken for the next sending. One that did not is it whatever its key: it went out
    under an earlier one and was thought lost.
    """
    metadata = told.get("metadata") or {}
    if metadata.get("payout") != request.payout_id:
        return False
    return not told.get("reversed") or metadata.get("key") == request.key


def transfer_outcome(transfer: Any, request: TransferRequest) -> TransferOutcome:
    """What a Transfer says; None means that there is none. One of another sum or account decides nothing."""
    if transfer is None:
        return TransferOutcome(KnownTransfer.ABSENT)
    told = transfer.to_dict()
    answer = {"id": told["id"], "amount": told["amount"], "destination": told["destination"]}
    if (told["amount"], told["destination"]) != (request.amount.amount_minor, request.destination):
        return TransferOutcome(KnownTransfer.UNKNOWN, answer=answer)
    returned = told.get("amount_reversed") or 0
    known = KnownTransfer.RETURNED if told.get("reversed") else KnownTransfer.SENT
    return TransferOutcome(known, gateway_ref=told["id"], returned_minor=returned, answer=answer)


def transfer_problem(problem: stripe.StripeError) -> TransferOutcome:
    """What an error means for the transfer. Whatever is not certain is unknown."""
    told = words.told_of(problem)
    if isinstance(problem, NotSent | stripe.AuthenticationError | stripe.PermissionError | stripe.RateLimitError):
        return TransferOutcome(KnownTransfer.UNREACHABLE, answer=told)
    if isinstance(problem, stripe.InvalidRequestError) and not isinstance(problem, stripe.IdempotencyError):
        return TransferOutcome(KnownTransfer.FAILED, failure_code=str(problem.code or "invalid_request"), answer=told)
    spent = words.replayed(problem)
    return TransferOutcome(KnownTransfer.SPENT if spent else KnownTransfer.UNKNOWN, answer=told)
