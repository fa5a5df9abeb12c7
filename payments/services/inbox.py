"""The inbox of gateway messages: stored once, answered at once, worked on later."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction

from airbnb import clock, db
from payments.gateways.port import Message
from payments.models import WebhookMessage


def store_message(gateway: str, message: Message) -> bool:
    """Keep a message whose signature was checked; False when the same event came before."""
    with db.write():
        at = clock.now()
        stored, made = WebhookMessage.objects.get_or_create(
            gateway=gateway,
            event_id=message.event_id[:120],
            defaults={
                "kind": message.kind[:80],
                "payload": message.payload,
                "received_at": at,
                "next_attempt_at": at,
            },
        )
        if made:
            transaction.on_commit(partial(_work_soon, stored.pk), robust=True)
        return made


def begin_message(message_id: int) -> WebhookMessage | None:
    """Take a waiting message on; None when it is done or another worker has it."""
    with db.write():
        at = clock.now()
        message = WebhookMessage.objects.due(at).select_for_update(skip_locked=True).filter(pk=message_id).first()
        if message is not None:
            message.begin(at=at)
            message.save()
        return message


def finish_message(message_id: int) -> None:
    """It has had its effect, or needs none."""
    with db.write():
        message = WebhookMessage.objects.select_for_update().get(pk=message_id)
        message.finish(at=clock.now())
        message.save()


def postpone_message(message_id: int, error: str) -> None:
    """It could not be worked on now: again later, parked after the last attempt."""
    with db.write():
        message = WebhookMessage.objects.select_for_update().get(pk=message_id)
        message.postpone(error, at=clock.now())
        message.save()


def put_message_off(message_id: int, until: datetime) -> None:
    """It is too early for it: again at ``until``, and this try does not count."""
    with db.write():
        message = WebhookMessage.objects.select_for_update().get(pk=message_id)
        message.wait(until)
        message.save()
        after_s = (until - clock.now()).total_seconds()
        transaction.on_commit(partial(_work_soon, message_id, after_s=max(0.0, after_s)), robust=True)


def park_message(message_id: int, why: str) -> None:
    """It is for an operator to act upon."""
    with db.write():
        message = WebhookMessage.objects.select_for_update().get(pk=message_id)
        message.park(why)
        message.save()


def work_message_again(message_id: int) -> None:
    """An operator wants a message worked on once more."""
    with db.write():
        message = WebhookMessage.objects.select_for_update().get(pk=message_id)
        message.work_again(at=clock.now())
        message.save()
        transaction.on_commit(partial(_work_soon, message_id), robust=True)


def _work_soon(message_id: int, *, after_s: float = 0.0) -> None:
    from payments.tasks import work_soon

    work_soon(message_id, after_s=after_s)
