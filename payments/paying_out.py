"""Sending payouts: the same three phases as charging. Used by tasks and operators."""

from __future__ import annotations

from airbnb import correlation, db
from payments import gateways
from payments.gateways.port import KnownTransfer, TransferOutcome, TransferRequest
from payments.models import Payout
from payments.services import begin_payout, record_payout
from payments.states import PayoutStatus


def send(payout_id: str) -> Payout | None:
    """Send one payout and record what came of it; None when there was nothing to send.

    One that was tried before is looked for first, so it is never sent twice even when the gateway has forgotten its
    key (after 24 hours), or did after all what it said had failed. No transaction may be open.
    """
    db.forbid_transaction("a payout")
    payout = begin_payout(payout_id)
    if payout is None:
        return None
    with correlation.use(payout.correlation_id):
        return record_payout(payout_id, _outcome(payout))


def _outcome(payout: Payout) -> TransferOutcome:
    gateway, request = _gateway(payout), _request(payout)
    if payout.attempts > 1 or payout.generation > 1:
        found = gateway.look_up_transfer(request)
        if found.known != KnownTransfer.ABSENT:
            return found
    outcome = gateway.transfer(request)
    if outcome.known != KnownTransfer.SPENT:
        return outcome
    # The key only repeats a stored failure. It may be replaced once the gateway says that it has no such transfer.
    found = gateway.look_up_transfer(request)
    return outcome if found.known == KnownTransfer.ABSENT else found


def settle(payout_id: str) -> Payout | None:
    """Ask the gateway what became of a payout that is under way or was sent, and record it; sends nothing.

    None when there is nothing to ask about. No transaction may be open.
    """
    db.forbid_transaction("settling a payout")
    payout = Payout.objects.select_related("payee").get(pk=payout_id)
    if payout.status not in (PayoutStatus.SENDING, PayoutStatus.UNKNOWN, PayoutStatus.SENT):
        return None
    with correlation.use(payout.correlation_id):
        return record_payout(payout_id, _gateway(payout).look_up_transfer(_request(payout)))


def _gateway(payout: Payout) -> gateways.Gateway:
    assert payout.payee is not None
    return gateways.named(payout.payee.gateway)


def _request(payout: Payout) -> TransferRequest:
    """The same request every time: its parameters come from the record, for one key must mean one request."""
    assert payout.payee is not None
    assert payout.intended_at is not None
    return TransferRequest(
        key=payout.key,
        payout_id=str(payout.pk),
        destination=payout.payee.destination,
        amount=payout.sending,
        reservation=payout.reservation,
        sent_at=payout.intended_at,
        correlation_id=payout.correlation_id,
        gateway_ref=payout.gateway_ref if payout.status == PayoutStatus.SENT else "",
    )
