"""A payment gateway in memory: as strict as the sandbox, deterministic, and it misbehaves when it is told to."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from airbnb import clock, db
from payments.gateways.port import (
    About,
    Booked,
    Capability,
    ChargeRequest,
    ConfirmRequest,
    Known,
    KnownRefund,
    KnownTransfer,
    Message,
    Outcome,
    PayeeOutcome,
    PayeeRequest,
    Reference,
    RefundOutcome,
    RefundRequest,
    TransferOutcome,
    TransferRequest,
    Way,
)
from tests.sim.books import Books, Intent, RefundRecord, Transfer, told, told_refund

KEYS_KEPT = timedelta(hours=24)
AUTHORISED_FOR = timedelta(days=7)
# How a call may go wrong. "slow": no answer, and the request arrives later.
FAULTS = ("none", "drop_before", "drop_after", "error", "error_after", "unreachable", "slow")
# A failure of the gateway that it keeps under the key, and answers again.
STORED_FAILURE = object()


def _no_fault(operation: str) -> str:
    return "none"


def _no_boundary(name: str) -> None:
    return None


class MemoryGateway:
    """The port over :class:`Books`. ``faults`` says how the next call goes; ``boundary`` is told of every crossing."""

    name = "stripe"
    capabilities = frozenset({Capability.AUTHORIZE, Capability.TRANSFER})
    currencies: frozenset[str] | None = None
    is_configured = True
    is_practice = True
    ways: tuple[Way, ...] = ()

    def __init__(self) -> None:
        self.store = Books()
        self.faults: Callable[[str], str] = _no_fault
        self.boundary: Callable[[str], None] = _no_boundary
        self.lateness: Callable[[], float] = lambda: 20.0
        # Where the books are kept for other processes, when a process is about to be killed.
        self.kept_file = ""

    # ------------------------------------------------------------------------------------------ the port
    def offers(self, method: str) -> bool:
        """Every card."""
        return True

    def charge(self, request: ChargeRequest) -> Outcome:
        """Take the money, or set it aside."""
        print_ = repr((request.payment_id, request.reservation, request.amount, request.method, request.capture_now))
        return self._call("charge", request.key, print_, request, Outcome)

    def look_up(self, reference: Reference) -> Outcome:
        """By id, else by our reference."""
        if not self._question("look_up"):
            return Outcome(Known.UNKNOWN)
        intent = self.store.intents.get(reference.gateway_ref) or next(
            (each for each in self.store.intents.values() if each.payment_id == reference.payment_id), None
        )
        return told(intent) if intent is not None else Outcome(Known.ABSENT)

    def confirm(self, request: ConfirmRequest) -> Outcome:
        """Nothing waits for our word here: say how it stands."""
        return self.look_up(Reference(request.payment_id, request.gateway_ref, clock.now()))

    def gave_up(self, told: Mapping[str, str]) -> bool:
        """The bank itself knows what its guest decided."""
        return False

    def capture(self, request: ConfirmRequest) -> Outcome:
        """Take what was authorised."""
        return self._call("capture", request.key, repr((request.gateway_ref, request.amount)), request, Outcome)

    def void(self, gateway_ref: str, key: str) -> Outcome:
        """Give up what was not captured."""
        return self._call("void", key, gateway_ref, gateway_ref, Outcome)

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """Send money back."""
        print_ = repr((request.gateway_ref, request.amount, request.refund_id))
        return self._call("refund", request.key, print_, request, RefundOutcome)

    def look_up_refund(self, request: RefundRequest) -> RefundOutcome:
        """The newest refund that carries this sending's reference."""
        if not self._question("look_up_refund"):
            return RefundOutcome(KnownRefund.UNKNOWN)
        found = [each for each in self.store.refunds.values() if each.refund_id == request.refund_id]
        exact = [each for each in found if each.key == request.key]
        chosen = (exact or [each for each in found if each.status != "failed"] or [None])[-1]
        return told_refund(chosen) if chosen is not None else RefundOutcome(KnownRefund.ABSENT)

    def register_payee(self, request: PayeeRequest) -> PayeeOutcome:
        """Make a bank account known."""
        answer = self._call("register_payee", request.key, repr(request), request, PayeeOutcome)
        return answer if isinstance(answer, PayeeOutcome) and answer.destination else PayeeOutcome()

    def transfer(self, request: TransferRequest) -> TransferOutcome:
        """Send money to a host."""
        print_ = repr((request.payout_id, request.destination, request.amount))
        return self._call("transfer", request.key, print_, request, TransferOutcome)

    def look_up_transfer(self, request: TransferRequest) -> TransferOutcome:
        """What became of a transfer."""
        if not self._question("look_up_transfer"):
            return TransferOutcome(KnownTransfer.UNKNOWN)
        for each in self.store.transfers.values():
            if each.payout_id == request.payout_id:
                return TransferOutcome(KnownTransfer.SENT, gateway_ref=each.id)
        return TransferOutcome(KnownTransfer.ABSENT)

    def books(self, since: datetime, until: datetime) -> Iterator[Booked]:
        """The charges of this time."""
        for each in self.store.intents.values():
            if since <= each.made_at < until and each.captured:
                yield Booked(each.payment_id, each.id, each.currency, each.captured, each.refunded)

    def ping(self) -> bool:
        """There, unless the next call would go wrong."""
        return self._question("ping")

    def read_message(self, body: bytes, headers: Mapping[str, str], address_secret: str = "") -> Message:
        """Messages here come without a signature: the sandbox's tests are about those."""
        raise NotImplementedError

    def read_stored(self, payload: dict[str, Any]) -> Message:
        """The message that was stored before."""
        return Message(
            event_id=payload["id"],
            kind=payload["type"],
            payment_id=payload["payment"],
            gateway_ref=payload["intent"],
            refund_id=payload["refund"],
            payload=payload,
            about=About.REFUND if payload["refund"] else About.PAYMENT,
        )

    # ------------------------------------------------------------------------------------- how calls go
    def _question(self, operation: str) -> bool:
        """A call that changes nothing; False when no answer came."""
        db.forbid_transaction(operation)
        self.boundary(f"{operation}: before it is sent")
        self.arrive()
        answered = self.faults(operation) in ("none", "slow")
        self.boundary(f"{operation}: answered")
        return answered

    def _call(self, operation: str, key: str, print_: str, request: Any, kind: type) -> Any:
        db.forbid_transaction(operation)
        self.boundary(f"{operation}: before it is sent")
        self.arrive()
        fault = self.faults(operation)
        known: Any = {
            Outcome: Known,
            RefundOutcome: KnownRefund,
            TransferOutcome: KnownTransfer,
        }.get(kind)
        if kind is PayeeOutcome:
            answer = self._worked(operation, key, print_, request, fault)
            return answer if isinstance(answer, PayeeOutcome) else PayeeOutcome()
        if fault == "unreachable":
            return kind(known.UNREACHABLE)
        answer = self._worked(operation, key, print_, request, fault)
        self.boundary(f"{operation}: the gateway has acted")
        if answer is STORED_FAILURE:
            return kind(known.SPENT, answer={"replayed": True})
        return answer if answer is not None else kind(known.UNKNOWN)

    def _worked(self, operation: str, key: str, print_: str, request: Any, fault: str) -> Any:
        """What the gateway does with a request that reaches it; None when no answer comes back."""
        if fault in ("drop_before", "unreachable"):
            return None
        if fault == "slow":
            self._later(operation, key, print_, request)
            return None
        repeated = key in self._living_keys()
        answer = self._arrived(operation, key, print_, request, fault)
        self._keep()
        if fault in ("drop_after",) or (fault in ("error", "error_after") and not repeated):
            return None
        return answer

    def _arrived(self, operation: str, key: str, print_: str, request: Any, fault: str = "none") -> Any:
        keys = self._living_keys()
        if key in keys:
            first, _at, answer = keys[key]
            return answer if first == print_ else None
        answer: Any = STORED_FAILURE
        if fault != "error":
            done = getattr(self, f"_do_{operation}")(request)
            answer = done if fault != "error_after" else STORED_FAILURE
        keys[key] = (print_, clock.now(), answer)
        return answer

    def _living_keys(self) -> dict[str, tuple[str, datetime, Any]]:
        old = [key for key, (_p, at, _a) in self.store.keys.items() if clock.now() - at > KEYS_KEPT]
        for key in old:
            del self.store.keys[key]
        return self.store.keys

    def _later(self, operation: str, key: str, print_: str, request: Any) -> None:
        self.store.late.append((clock.now() + timedelta(seconds=self.lateness()), operation, key, (print_, request)))

    def arrive(self) -> None:
        """Requests that were on their way have reached the gateway, each at its own time; others' time is over."""
        due = sorted((each for each in self.store.late if each[0] <= clock.now()), key=lambda each: each[0])
        self.store.late = [each for each in self.store.late if each[0] > clock.now()]
        for at, operation, key, (print_, request) in due:
            with clock.frozen(at):
                self._end_what_is_over()
                self._arrived(operation, key, print_, request)
        self._end_what_is_over()

    def _end_what_is_over(self) -> None:
        """Nothing ends by itself here but what was set aside, which is noticed when it is to be taken."""

    def _keep(self) -> None:
        """Write the books where another process finds them, for a process that is about to be killed."""
        if self.kept_file:
            with open(self.kept_file, "wb") as file:
                pickle.dump(self._lasting(), file)

    def _lasting(self) -> Books:
        keys = {
            key: (print_, at, "stored failure" if answer is STORED_FAILURE else answer)
            for key, (print_, at, answer) in self.store.keys.items()
        }
        return Books(**{**self.store.__dict__, "keys": keys})

    def kept(self) -> bytes:
        """The books as they are."""
        return pickle.dumps(self._lasting())

    def open_kept(self, raw: bytes) -> None:
        """Go on with books that were kept."""
        self.store = pickle.loads(raw)
        for key, (print_, at, answer) in list(self.store.keys.items()):
            if answer == "stored failure":
                self.store.keys[key] = (print_, at, STORED_FAILURE)

    # ------------------------------------------------------------------------------------ what it does
    def _new(self, prefix: str) -> str:
        self.store.numbers += 1
        return f"{prefix}_{self.store.numbers:06}"

    def _intent(self, request: ChargeRequest) -> Intent:
        """A new payment in the books."""
        intent = Intent(
            id=self._new("pi"),
            payment_id=request.payment_id,
            reservation=request.reservation,
            amount=request.amount.amount_minor,
            currency=request.amount.currency,
            method=request.method,
            manual=not request.capture_now,
            made_at=clock.now(),
        )
        self.store.intents[intent.id] = intent
        return intent

    def _do_charge(self, request: ChargeRequest) -> Outcome:
        intent = self._intent(request)
        if "Declined" in request.method:
            self.decline(intent, "generic_decline")
        elif "authenticationRequired" in request.method:
            intent.status = "requires_action"
            self.tell("payment_intent.requires_action", intent)
        else:
            self.approve(intent)
        return told(intent)

    def approve(self, intent: Intent) -> None:
        """The card pays."""
        if intent.manual:
            intent.status, intent.capture_before = "requires_capture", clock.now() + AUTHORISED_FOR
            self.tell("payment_intent.amount_capturable_updated", intent)
            return
        intent.status, intent.captured = "succeeded", intent.amount
        self.tell("payment_intent.succeeded", intent)

    def decline(self, intent: Intent, code: str) -> None:
        """The card is refused."""
        intent.status, intent.decline_code = "requires_payment_method", code
        self.tell("payment_intent.payment_failed", intent)

    def answer_bank(self, intent_id: str, *, approve: bool) -> None:
        """The guest presses a button at their bank; only the first one counts."""
        intent = self.store.intents[intent_id]
        if intent.status != "requires_action":
            return
        if approve:
            self.approve(intent)
        else:
            self.decline(intent, "payment_intent_authentication_failure")
        self._keep()

    def _do_capture(self, request: ConfirmRequest) -> Outcome:
        intent = self.store.intents[request.gateway_ref]
        if intent.status == "requires_capture":
            if intent.capture_before is not None and clock.now() >= intent.capture_before:
                return Outcome(Known.DECLINED, gateway_ref=intent.id, decline_code="charge_expired_for_capture")
            if request.amount.amount_minor > intent.amount:
                return Outcome(Known.DECLINED, gateway_ref=intent.id, decline_code="amount_too_large")
            intent.status, intent.captured = "succeeded", request.amount.amount_minor
            self.tell("payment_intent.succeeded", intent)
        return told(intent)

    def _do_void(self, gateway_ref: str) -> Outcome:
        intent = self.store.intents[gateway_ref]
        if intent.status not in ("succeeded", "canceled"):
            intent.status, intent.cancelled = "canceled", "abandoned"
            self.tell("payment_intent.canceled", intent)
        return told(intent)

    def _do_refund(self, request: RefundRequest) -> RefundOutcome:
        intent = self.store.intents[request.gateway_ref]
        amount = request.amount.amount_minor
        if amount > intent.captured - intent.refunded:
            return RefundOutcome(KnownRefund.FAILED, failure_code="amount_too_large")
        record = RefundRecord(self._new("re"), request.refund_id, request.key, intent.id, amount, made_at=clock.now())
        self.store.refunds[record.id] = record
        intent.refunded += amount
        self.tell("refund.created", intent, record.refund_id)
        return told_refund(record)

    def fail_refund(self, record: RefundRecord) -> None:
        """The guest's bank sends it back."""
        record.status = "failed"
        intent = self.store.intents[record.intent]
        intent.refunded -= record.amount
        self.tell("refund.failed", intent, record.refund_id)

    def _do_register_payee(self, request: PayeeRequest) -> PayeeOutcome:
        self.store.payees.setdefault(request.payee_id, self._new("acct"))
        return PayeeOutcome(destination=self.store.payees[request.payee_id])

    def _do_transfer(self, request: TransferRequest) -> TransferOutcome:
        money = request.amount
        made = Transfer(
            self._new("tr"),
            request.payout_id,
            request.destination,
            money.amount_minor,
            money.currency,
            request.reservation,
        )
        self.store.transfers[made.id] = made
        return TransferOutcome(KnownTransfer.SENT, gateway_ref=made.id)

    def tell(self, kind: str, intent: Intent, refund_id: str = "") -> None:
        """An event that must reach the application some time."""
        about = {"payment": intent.payment_id, "intent": intent.id, "refund": refund_id}
        self.store.messages.append({"id": self._new("evt"), "type": kind, **about})
