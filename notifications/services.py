"""Every write on notifications: tell somebody something, mark it read, keep wishes, and send what is due."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from airbnb import broker, clock, correlation, db
from airbnb.accounts import people
from airbnb.errors import NotFound
from airbnb.events import bus
from notifications.channels import Message, channel, kakaotalk
from notifications.kinds import EMAIL, IN_APP, KAKAOTALK, KINDS, Kind, Topic, may_switch_off
from notifications.models import ChannelDelivery, ChannelPreference, Notification

log = structlog.get_logger(__name__)


def tell(
    *,
    recipient_id: int,
    kind: str,
    role: str,
    params: dict[str, Any],
    reservation: str = "",
    quietly: bool = False,
) -> Notification | None:
    """Write one notification of the event being reacted to, and one delivery for each channel it goes through.

    ``quietly``: in the app's list alone. The same event again changes nothing. None for an account that is closed.
    Runs in the reaction's transaction; sending begins after commit.
    """
    person = people.people([recipient_id]).get(recipient_id)
    if person is None or not person.is_active:
        return None
    about = bus.envelope()
    notification, made = Notification.objects.get_or_create(
        event_id=about.id,
        recipient_id=recipient_id,
        defaults={
            "kind": kind,
            "role": role,
            "reservation": reservation,
            "params": params,
            "language": person.language,
            "correlation_id": about.correlation_id,
        },
    )
    if made:
        _open_deliveries(notification, [IN_APP] if quietly else _channels(KINDS[kind], person))
    return notification


def read(*, user_id: int, notification_id: UUID | str) -> Notification:
    """Mark one of one's own as read. Raises NotFound."""
    with db.write():
        found = Notification.objects.of(user_id).select_for_update().filter(pk=notification_id).first()
        if found is None:
            raise NotFound()
        found.read(clock.now())
    return found


def read_all(*, user_id: int) -> int:
    """Mark all of one's own as read; returns how many were not."""
    with db.write():
        return Notification.objects.of(user_id).unread().update(read_at=clock.now())


def set_preferences(*, user_id: int, wishes: dict[tuple[str, str], bool]) -> None:
    """Keep wishes by (topic, channel); those for what cannot be switched off are not kept."""
    with db.write():
        for (topic, name), is_on in wishes.items():
            if may_switch_off(Topic(topic), name):
                ChannelPreference.objects.update_or_create(
                    user_id=user_id, topic=topic, channel=name, defaults={"is_on": is_on}
                )


def send_due(*, limit: int = 500, seconds: float = 45.0) -> int:
    """Send what is due, one after the other, for at most ``seconds``; returns how many went out."""
    begun, sent = time.monotonic(), 0
    _park_exhausted()
    for _turn in range(limit):
        claimed = _claim(None) if time.monotonic() - begun < seconds else None
        if claimed is None:
            break
        sent += _attempt(claimed)
    return sent


def send(*, delivery_id: int) -> bool:
    """Send one delivery if it is due; False when it is not, when another worker has it, or when it failed."""
    claimed = _claim(delivery_id)
    return claimed is not None and _attempt(claimed)


def send_again(*, delivery_id: int) -> None:
    """Begin a delivery anew, as an operator, whatever became of it. Raises NotFound."""
    with db.write():
        delivery = ChannelDelivery.objects.select_for_update().filter(pk=delivery_id).first()
        if delivery is None:
            raise NotFound()
        delivery.revive(clock.now())
        _wake_after_commit([delivery.pk])


def _channels(kind: Kind, person: people.Person) -> list[str]:
    """The kind's channels that reach this person and that they have not switched off."""
    off = set(
        ChannelPreference.objects.filter(user_id=person.id, topic=kind.topic, is_on=False).values_list(
            "channel", flat=True
        )
    )
    reachable = (
        {IN_APP} | ({EMAIL} if person.email else set()) | ({KAKAOTALK} if kakaotalk.address_of(person) else set())
    )
    return [name for name in kind.channels if name in reachable and not (name in off and kind.may_switch_off(name))]


def _open_deliveries(notification: Notification, channels: Iterable[str]) -> None:
    at = clock.now()
    rows = [
        ChannelDelivery(
            notification=notification,
            channel=name,
            next_attempt_at=at,
            # The row itself is the in-app message.
            **({"status": ChannelDelivery.Status.SENT, "sent_at": at, "attempts": 1} if name == IN_APP else {}),
        )
        for name in channels
    ]
    ChannelDelivery.objects.bulk_create(rows)
    _wake_after_commit([row.pk for row in rows if row.channel != IN_APP])


def _wake_after_commit(delivery_ids: list[int]) -> None:
    if delivery_ids:
        transaction.on_commit(partial(_wake, delivery_ids), robust=True)


def _wake(delivery_ids: list[int]) -> None:
    """Tell the workers at once; what a lost broker forgets, ``notifications.send_due`` finds."""
    from notifications.tasks import send_one

    for delivery_id in delivery_ids:
        if not broker.send(send_one, [delivery_id]):
            return


def _claim(delivery_id: int | None) -> ChannelDelivery | None:
    """Take one due delivery for this worker: counted first, so that a crash is an attempt, too."""
    with db.write():
        at = clock.now()
        due = ChannelDelivery.objects.due(at).unexhausted().order_by("next_attempt_at", "pk")
        if delivery_id is not None:
            due = due.filter(pk=delivery_id)
        delivery = due.select_for_update(skip_locked=True).first()
        if delivery is None:
            return None
        delivery.begin(at)
    return ChannelDelivery.objects.select_related("notification").get(pk=delivery.pk)


def _park_exhausted() -> None:
    """Give up those whose sender died during the last attempt: nobody recorded what came of it."""
    with db.write():
        at = clock.now()
        for delivery in ChannelDelivery.objects.due(at).exhausted().select_for_update(skip_locked=True):
            delivery.fail(at, delivery.last_error or "the sender stopped during the last attempt")


def _attempt(delivery: ChannelDelivery) -> bool:
    """Send outside any transaction, then record what came of it in one of its own."""
    notification = delivery.notification
    with correlation.use(notification.correlation_id):
        error = ""
        try:
            channel(delivery.channel).send(_message(delivery))
        except Exception as failure:  # whatever a peer or its library does, the next attempt follows
            error = f"{type(failure).__name__}: {failure}"
        _record(delivery.pk, delivery.attempts, error)
    return not error


def _record(delivery_id: int, attempt: int, error: str) -> None:
    with db.write():
        delivery = ChannelDelivery.objects.select_for_update().get(pk=delivery_id)
        if delivery.status == ChannelDelivery.Status.SENT or delivery.attempts != attempt:
            return
        if not error:
            delivery.finish(clock.now())
            return
        delivery.fail(clock.now(), error)
        parked = delivery.status == ChannelDelivery.Status.PARKED
    log.warning("message_failed", channel=delivery.channel, attempt=attempt, parked=parked, error=error)


def _message(delivery: ChannelDelivery) -> Message:
    notification = delivery.notification
    person = people.person(notification.recipient_id)
    return Message(
        key=f"{notification.id}.{delivery.channel}",
        kind=notification.kind,
        role=notification.role,
        params=notification.params,
        language=notification.language,
        email=person.email,
        phone=kakaotalk.address_of(person),
        name=person.name,
        correlation_id=notification.correlation_id,
    )
