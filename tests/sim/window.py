"""A second gateway in memory, whose guests agree in its window and whose money moves at our word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from airbnb import clock
from payments.gateways.port import (
    Capability,
    ChargeRequest,
    ConfirmRequest,
    Known,
    Outcome,
    PayeeOutcome,
    PayeeRequest,
    TransferOutcome,
    TransferRequest,
)
from payments.gateways.port import KnownTransfer as Transferred
from payments.gateways.ways import Way
from tests.sim.books import Intent, told
from tests.sim.gateway import MemoryGateway

WINDOW = "toss_card"
# So long the window stays open, and so long what was agreed to waits for our word.
WINDOW_OPEN, AGREED_FOR = timedelta(minutes=30), timedelta(minutes=10)
LEFT = {"code": "PAY_PROCESS_CANCELED"}
NOT_SUPPORTED = "not_supported"


class WindowGateway(MemoryGateway):
    """It sets nothing aside and pays no hosts; a payment that is never confirmed ends by itself, not at our wish."""

    name = "toss"
    capabilities: frozenset[Capability] = frozenset()
    currencies: frozenset[str] | None = frozenset({"KRW"})
    ways: tuple[Way, ...] = ()

    def offers(self, method: str) -> bool:
        """Its own way alone."""
        return method == WINDOW

    def gave_up(self, told: Mapping[str, str]) -> bool:
        """The guest has closed the window, of which the payment knows nothing."""
        return told.get("code") == LEFT["code"]

    def confirm(self, request: ConfirmRequest) -> Outcome:
        """Take what the guest agreed to."""
        print_ = repr((request.gateway_ref, request.amount))
        answer: Outcome = self._call("confirm", request.key, print_, request, Outcome)
        return answer

    def capture(self, request: ConfirmRequest) -> Outcome:
        """There is nothing set aside here."""
        return Outcome(Known.DECLINED, decline_code=NOT_SUPPORTED)

    def void(self, gateway_ref: str, key: str) -> Outcome:
        """There is no call for it: our own decision, which holds because our word is never given."""
        if not self._question("void"):
            return Outcome(Known.UNKNOWN)
        stands = told(self.store.intents[gateway_ref])
        if stands.known in (Known.REQUIRES_ACTION, Known.CONFIRMABLE):
            return Outcome(Known.VOIDED, gateway_ref=gateway_ref)
        return stands

    def register_payee(self, request: PayeeRequest) -> PayeeOutcome:
        """Hosts are paid through the other gateway."""
        return PayeeOutcome(failure_code=NOT_SUPPORTED)

    def transfer(self, request: TransferRequest) -> TransferOutcome:
        """Hosts are paid through the other gateway."""
        return TransferOutcome(Transferred.FAILED, failure_code=NOT_SUPPORTED)

    def _end_what_is_over(self) -> None:
        """What has waited too long for the guest or for us."""
        for intent in self.store.intents.values():
            if intent.waits_until is not None and intent.waits_until <= clock.now():
                intent.status, intent.cancelled, intent.waits_until = "canceled", "expired", None
                self.tell("payment.expired", intent)

    def _new(self, prefix: str) -> str:
        return f"w{super()._new(prefix)}"

    def _do_charge(self, request: ChargeRequest) -> Outcome:
        intent = self._intent(request)
        intent.status, intent.waits_until = "requires_action", clock.now() + WINDOW_OPEN
        return told(intent)

    def approve(self, intent: Intent) -> None:
        """The guest agrees; no money moves yet."""
        intent.status, intent.waits_until = "confirmable", clock.now() + AGREED_FOR

    def decline(self, intent: Intent, code: str) -> None:
        """The guest's bank says no."""
        intent.waits_until = None
        super().decline(intent, code)

    def answer_bank(self, intent_id: str, *, approve: bool) -> None:
        """The guest presses a button in the window, if it is still open."""
        self.arrive()
        super().answer_bank(intent_id, approve=approve)

    def _do_confirm(self, request: ConfirmRequest) -> Outcome:
        """Once, whatever the keys; of another sum than the guest agreed to, never."""
        intent = self.store.intents[request.gateway_ref]
        if intent.status == "confirmable":
            if request.amount.amount_minor != intent.amount:
                return Outcome(Known.DECLINED, gateway_ref=intent.id, decline_code="amount_differs")
            intent.status, intent.captured, intent.waits_until = "succeeded", intent.amount, None
            self.tell("payment.done", intent)
        return told(intent)
