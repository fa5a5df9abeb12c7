"""Bugs that are planted to see whether they are found: each takes one guard of the product away for a while."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from django.db import transaction

from airbnb import db
from airbnb.celery import CONTEXTS
from airbnb.events import bus
from airbnb.events.models import Delivery, StoredEvent


@contextmanager
def publish_after_commit() -> Iterator[None]:
    """Events are stored when the transaction that made them true is over, as so many systems do it."""
    real, create = bus.publish, Delivery.objects.bulk_create

    def publish(event: bus.Event) -> Any:
        events: list[StoredEvent] = []
        receipts: list[Delivery] = []
        with (
            patch.object(StoredEvent, "save", lambda stored, **_how: events.append(stored)),
            patch.object(Delivery.objects, "bulk_create", lambda rows: receipts.extend(rows) or []),
        ):
            known = real(event)
        transaction.on_commit(lambda: store(events, receipts))
        return known

    def store(events: list[StoredEvent], receipts: list[Delivery]) -> None:
        with transaction.atomic():
            for stored in events:
                stored.save(force_insert=True)
            made = create(receipts)
        bus._wake([(each.pk, each.queue) for each in made])

    with ExitStack() as stack:
        for module in [each for name, each in list(sys.modules.items()) if name.split(".")[0] in CONTEXTS]:
            if getattr(module, "publish", None) is real:
                stack.enter_context(patch.object(module, "publish", publish))
        yield


@contextmanager
def gateway_called_before_the_intent_is_committed() -> Iterator[None]:
    """Paying is one big transaction around everything, the network call included."""
    from reservations import services
    from reservations.services import paying

    real = paying.pay

    def pay(**asked: Any) -> Any:
        token = db.tolerated_depth.set(10)
        try:
            with db.write():
                return real(**asked)
        finally:
            db.tolerated_depth.reset(token)

    with patch.object(services, "pay", pay), patch.object(paying, "pay", pay):
        yield


@contextmanager
def charges_are_sent_again_under_a_fresh_key() -> Iterator[None]:
    """A charge whose outcome is not known goes out once more as if it were another, and nobody looks for the first."""
    from payments import charging
    from payments.gateways.port import ChargeRequest, Outcome
    from payments.states import PaymentStatus

    asking, requesting, numbers = charging._ask, charging._request, iter(range(10**9))

    def ask(payment: Any, *, may_send: bool, hint: str) -> Outcome | None:
        if payment.status not in (PaymentStatus.PROCESSING, PaymentStatus.UNKNOWN) or not may_send:
            return asking(payment, may_send=may_send, hint=hint)
        return charging._send_again(payment, charging._charge_call(payment))

    def request(payment: Any, call: Any) -> ChargeRequest:
        asked = requesting(payment, call)
        return replace(asked, key=f"{asked.key}:{next(numbers)}")

    with patch.object(charging, "_ask", ask), patch.object(charging, "_request", request):
        yield


@contextmanager
def no_answer_is_taken_for_a_failure() -> Iterator[None]:
    """A charge that was not answered counts as one that came to nothing."""
    from payments.gateways.port import Known
    from payments.services import recording

    with patch.dict(recording.STEPS, {Known.UNKNOWN: recording.STEPS[Known.ABSENT]}):
        yield
