"""Sending: each message once, later when a channel is down, parked in the end; nothing else ever waits for it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from airbnb import clock
from airbnb.db import NetworkInTransaction, write
from airbnb.errors import NotFound
from notifications import services, tasks
from notifications.channels import ChannelFailed, Message
from notifications.channels.email import Email
from notifications.models import BACKOFF_S, ChannelDelivery, Notification
from tests.factories.notifications import PARAMS, delivery_of, reacting, told
from tests.support import at_once, confirmed_reservation, fresh

DOWN = "tests.notifications.test_sending.NobodyListens"


class NobodyListens(BaseEmailBackend):
    """A mail server that cannot be reached."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError("nobody listens")


@pytest.fixture
def phoned(guest: Any) -> Any:
    guest.phone = "01012345678"
    guest.save(update_fields=["phone"])
    return guest


@pytest.mark.django_db
def test_each_channel_gets_it_once(phoned: Any, settings: Any, tmp_path: Path) -> None:
    settings.MESSENGER_FILE_PATH = str(tmp_path / "deep" / "messenger.jsonl")
    notification = told(phoned)
    assert tasks.send_due() == 2
    assert tasks.send_due() == 0
    assert [each.to for each in mail.outbox] == [["guest@example.com"]]
    (line,) = Path(settings.MESSENGER_FILE_PATH).read_text("utf-8").splitlines()
    sent = json.loads(line)
    assert (sent["to"], sent["key"]) == ("01012345678", f"{notification.pk}.kakaotalk")
    assert sent["correlation_id"] == "c-1"
    assert set(notification.deliveries.values_list("channel", "status")) == {
        ("in_app", "sent"),
        ("email", "sent"),
        ("kakaotalk", "sent"),
    }


@pytest.mark.django_db
def test_without_a_telephone_there_is_no_kakaotalk(guest: Any) -> None:
    assert set(told(guest).deliveries.values_list("channel", flat=True)) == {"in_app", "email"}


@pytest.mark.django_db
def test_the_local_messenger_does_without_a_telephone(guest: Any, settings: Any, tmp_path: Path) -> None:
    settings.MESSENGER_ADAPTER = "notifications.channels.kakaotalk.FileAdapter"
    settings.MESSENGER_FILE_PATH = str(tmp_path / "messenger.jsonl")
    assert "kakaotalk" in set(told(guest).deliveries.values_list("channel", flat=True))
    services.send_due()
    line = json.loads(Path(settings.MESSENGER_FILE_PATH).read_text("utf-8").splitlines()[0])
    assert line["to"] == f"account:{guest.code}"


@pytest.mark.django_db
def test_mail_down_backs_off_and_parks(guest: Any, settings: Any, time: Any) -> None:
    settings.EMAIL_BACKEND = DOWN
    begun = time.at(clock.now() + timedelta(seconds=1))
    delivery = delivery_of(told(guest), "email")
    waited = []
    for attempt in range(1, 7):
        assert services.send_due() == 0
        delivery.refresh_from_db()
        assert delivery.attempts == attempt
        assert "nobody listens" in delivery.last_error
        if delivery.status == "parked":
            break
        waited.append((delivery.next_attempt_at - clock.now()).total_seconds())
        time.at(delivery.next_attempt_at - timedelta(seconds=1))
        services.send_due()
        delivery.refresh_from_db()
        assert delivery.attempts == attempt, "not before its time"
        time.at(delivery.next_attempt_at)
    assert waited == list(BACKOFF_S) == [30, 120, 600, 3600, 21600]
    assert (delivery.status, delivery.attempts) == ("parked", 6)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    time.at(begun + timedelta(days=30))
    assert services.send_due() == 0, "a parked one waits for an operator"
    services.send_again(delivery_id=delivery.pk)
    assert services.send_due() == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_when_the_server_is_back_the_mail_goes_out_under_the_same_name(guest: Any, settings: Any, time: Any) -> None:
    time.at(clock.now() + timedelta(seconds=1))
    settings.EMAIL_BACKEND = DOWN
    notification = told(guest)
    services.send_due()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    time.forward(seconds=30)
    assert services.send_due() == 1
    (sent,) = mail.outbox
    assert sent.extra_headers["Message-ID"] == f"<{notification.pk}.email@127.0.0.1>"
    assert sent.extra_headers["X-Correlation-ID"] == "c-1"
    assert sent.alternatives[0][1] == "text/html"


@pytest.mark.django_db
def test_a_sender_that_died_is_followed_by_another_and_in_the_end_parked(guest: Any, time: Any) -> None:
    time.at(clock.now() + timedelta(seconds=1))
    delivery = delivery_of(told(guest), "email")
    for attempt in range(1, 7):
        claimed = services._claim(delivery.pk)
        assert claimed is not None
        assert claimed.attempts == attempt
        assert services._claim(delivery.pk) is None, "leased"
        time.forward(seconds=61)
    assert services.send_due() == 0
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("parked", 6)
    assert "stopped" in delivery.last_error


@pytest.mark.django_db
def test_a_late_result_of_an_old_attempt_changes_nothing(guest: Any, time: Any) -> None:
    time.at(clock.now() + timedelta(seconds=1))
    delivery = delivery_of(told(guest), "email")
    old = services._claim(delivery.pk)
    time.forward(seconds=61)
    assert services.send_due() == 1
    assert old is not None
    services._record(delivery.pk, old.attempts, "too late")
    delivery.refresh_from_db()
    assert delivery.status == "sent"


@pytest.mark.django_db
def test_a_backend_that_takes_nothing_is_a_failure(guest: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    message = Message("k", "reservation_confirmed", "guest", PARAMS, "ko", "a@example.com", "", "서윤", "c")
    assert mail.get_connection().send_messages([object()]) == 1
    Email().send(message)
    settings.EMAIL_BACKEND = "tests.notifications.test_sending.TakesNothing"
    with pytest.raises(ChannelFailed):
        Email().send(message)


class TakesNothing(BaseEmailBackend):
    """A server that answers, and takes no mail."""

    def send_messages(self, messages: Any) -> int:
        return 0


@pytest.mark.django_db
def test_nothing_is_sent_inside_a_transaction(phoned: Any) -> None:
    notification = told(phoned)
    with write():
        for channel in ("email", "kakaotalk"):
            with pytest.raises(NetworkInTransaction):
                services.channel(channel).send(services._message(delivery_of(notification, channel)))


@pytest.mark.django_db(transaction=True)
def test_several_workers_send_each_message_once(guest: Any) -> None:
    for _turn in range(6):
        told(guest)
    results = at_once(*[services.send_due] * 4)
    assert sum(results) == 6, results
    assert len(mail.outbox) == len({each.extra_headers["Message-ID"] for each in mail.outbox}) == 6


@pytest.mark.django_db(transaction=True)
def test_without_the_lease_a_message_is_sent_twice(guest: Any, monkeypatch: Any) -> None:
    """The control: with claiming switched off, two workers send the same mail."""
    delivery = delivery_of(told(guest), "email")
    monkeypatch.setattr(
        services, "_claim", lambda _id: ChannelDelivery.objects.select_related("notification").get(pk=delivery.pk)
    )
    at_once(*[lambda: services.send(delivery_id=delivery.pk)] * 2)
    assert len(mail.outbox) == 2


@pytest.mark.django_db
def test_the_database_keeps_one_row_per_event_recipient_and_channel(guest: Any) -> None:
    notification = told(guest)
    with pytest.raises(IntegrityError, match="channel_delivery_once"), transaction.atomic():
        ChannelDelivery.objects.create(notification=notification, channel="email")
    with pytest.raises(IntegrityError, match="notification_once_per_recipient"), transaction.atomic():
        Notification.objects.create(
            event_id=notification.event_id, recipient=guest, kind="x", role="guest", language="ko", correlation_id="c"
        )
    with pytest.raises(IntegrityError, match="channel_delivery_sent_has_its_time"), transaction.atomic():
        ChannelDelivery.objects.filter(channel="email").update(status="sent")


@pytest.mark.django_db
def test_closed_accounts_are_not_written_to(guest: Any) -> None:
    guest.is_active = False
    guest.save(update_fields=["is_active"])
    with reacting():
        assert services.tell(recipient_id=guest.pk, kind="stay_started", role="guest", params=PARAMS) is None
        assert services.tell(recipient_id=10**9, kind="stay_started", role="guest", params=PARAMS) is None
    assert not Notification.objects.exists()


@pytest.mark.django_db
def test_with_mail_and_broker_down_a_booking_stands(
    sandbox: Any, guest: Any, settings: Any, deliver: Any, monkeypatch: Any
) -> None:
    settings.EMAIL_BACKEND = DOWN
    monkeypatch.setattr(tasks.send_one, "apply_async", lambda *given, **more: 1 / 0)
    reservation = confirmed_reservation(guest)
    deliver()
    assert services.send_due() == 0
    assert fresh(reservation).status == "confirmed"
    told_guest = Notification.objects.get(recipient=guest, kind="reservation_confirmed")
    assert delivery_of(told_guest, "email").status == "failed"
    assert delivery_of(told_guest, "in_app").status == "sent"


@pytest.mark.django_db
def test_waking_survives_a_broker_that_is_gone(guest: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(tasks.send_one, "apply_async", lambda *given, **more: 1 / 0)
    services._wake([1, 2])
    assert connection.is_usable()


@pytest.mark.django_db
def test_operators_see_deliveries_and_send_again(operator: Any, guest: Any, client: Any, settings: Any) -> None:
    operator.is_superuser = True
    operator.save()
    client.force_login(operator)
    delivery = delivery_of(told(guest), "email")
    services.send_due()
    page = reverse("admin:notifications_channeldelivery_changelist")
    assert client.get(page).status_code == 200
    assert (
        client.get(reverse("admin:notifications_notification_change", args=[delivery.notification_id])).status_code
        == 200
    )
    client.post(page, {"action": "send_again", "_selected_action": [delivery.pk]})
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("pending", 0)
    assert client.post(reverse("admin:notifications_channeldelivery_change", args=[delivery.pk]), {}).status_code == 403
    with pytest.raises(NotFound):
        services.send_again(delivery_id=0)
