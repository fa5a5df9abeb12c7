"""Sending refunds: the same three phases as charging. Used by tasks and by the inbox."""

from __future__ import annotations

from airbnb import correlation, db
from payments import gateways
from payments.gateways.port import KnownRefund, RefundOutcome, RefundRequest
from payments.models import Refund
from payments.services import begin_refund, record_refund


def send(refund_id: str) -> Refund | None:
    """Send one pending refund and record what came of it; None when there was nothing to send.

    A refund that was tried before is looked for first, so it is never sent twice even when the gateway has
    forgotten its key (after 24 hours). No transaction may be open.
    """
    db.forbid_transaction("a refund")
    refund = begin_refund(refund_id)
    if refund is None:
        return None
    with correlation.use(refund.correlation_id):
        return record_refund(refund_id, _outcome(refund))


def _outcome(refund: Refund) -> RefundOutcome:
    gateway, request = gateways.named(refund.payment.gateway), _request(refund)
    if refund.attempts > 1 or refund.generation > 1:
        found = gateway.look_up_refund(request)
        if found.known != KnownRefund.ABSENT:
            return found
    outcome = gateway.refund(request)
    if outcome.known != KnownRefund.SPENT:
        return outcome
    # The key only repeats a stored failure. It may be replaced once the gateway says that it has no such refund.
    found = gateway.look_up_refund(request)
    return outcome if found.known == KnownRefund.ABSENT else found


def settle(refund_id: str) -> Refund:
    """Ask the gateway what became of a refund and record it. No transaction may be open."""
    db.forbid_transaction("settling a refund")
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    with correlation.use(refund.correlation_id):
        found = gateways.named(refund.payment.gateway).look_up_refund(_request(refund))
        return record_refund(refund_id, found)


def _request(refund: Refund) -> RefundRequest:
    return RefundRequest(
        key=refund.key,
        refund_id=str(refund.pk),
        gateway_ref=refund.payment.gateway_ref,
        amount=refund.amount,
        reservation=refund.payment.reservation,
        correlation_id=refund.correlation_id,
    )
