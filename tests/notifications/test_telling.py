"""Who is told what, by which event: the matrix, once per event and recipient, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from airbnb import correlation
from airbnb.codes import new_id
from airbnb.db import write
from airbnb.events.bus import Event, publish
from airbnb.events.models import Delivery
from notifications import queries, reactions, services
from notifications.models import ChannelPreference, Notification
from notifications.reactions import reservations as of_reservations
from reservations import events as r
from tests.factories.notifications import BASE, PARAMS, reacting, told

pytestmark = pytest.mark.django_db


def fact(kind: type[Event], guest: Any, host: Any, **more: Any) -> Any:
    return kind(**BASE, guest_id=guest.pk, host_id=host.pk, **more)


def react(event: Event, reaction: Any, event_id: Any = None) -> None:
    with write(), reacting(event_id):
        reaction(event)


TIMES = {"check_in_at": "2027-04-09T06:00:00+00:00", "check_out_at": "2027-04-11T02:00:00+00:00"}
CANCEL = {"by_id": None, "reason": "", "refund_rule": "flexible", "refund_lines": [], "payment_id": "p"}
UNTIL = "2027-04-01T05:32:00+00:00"
MATRIX: list[tuple[type[Event], dict[str, Any], Any, dict[str, str]]] = [
    (
        r.ReservationCreated,
        {"expires_at": UNTIL, "lines": []},
        of_reservations.tell_dates_held,
        {"guest": "reservation_held"},
    ),
    (r.HoldExtended, {"expires_at": UNTIL}, of_reservations.tell_hold_extended, {"guest": "hold_extended"}),
    (
        r.HoldExtended,
        {"expires_at": UNTIL, "pay_later": True},
        of_reservations.tell_hold_extended,
        {"guest": "payments_unavailable"},
    ),
    (r.ReservationExpired, {"was": "held"}, of_reservations.tell_expired, {"guest": "reservation_expired"}),
    (
        r.ReservationExpired,
        {"was": "requested"},
        of_reservations.tell_expired,
        {"guest": "request_expired", "host": "request_expired"},
    ),
    (
        r.ReservationRequested,
        {"answer_by": UNTIL},
        of_reservations.tell_requested,
        {"guest": "reservation_requested", "host": "reservation_requested"},
    ),
    (r.ReservationDeclined, {}, of_reservations.tell_declined, {"guest": "reservation_declined"}),
    (
        r.ReservationConfirmed,
        {"payment_id": "p", "host_payout_minor": 290_000, **TIMES},
        of_reservations.tell_confirmed,
        {"guest": "reservation_confirmed", "host": "reservation_confirmed"},
    ),
    (
        r.ReservationAltered,
        {},
        of_reservations.tell_altered,
        {"guest": "reservation_altered", "host": "reservation_altered"},
    ),
    *(
        (
            r.ReservationCancelled,
            {**CANCEL, "by": by, "refund_due_minor": due},
            of_reservations.tell_cancelled,
            {"guest": "reservation_cancelled", "host": "reservation_cancelled"},
        )
        for by, due in (("guest", 100), ("guest", 0), ("host", 100), ("operator", 100))
    ),
    (r.StayStarted, {}, of_reservations.tell_stay_started, {"guest": "stay_started", "host": "stay_started"}),
    (
        r.StayCompleted,
        {"completed_at": UNTIL, "check_out_at": UNTIL},
        of_reservations.ask_for_reviews,
        {"guest": "stay_completed", "host": "stay_completed"},
    ),
]


@pytest.mark.parametrize(("kind", "more", "reaction", "expected"), MATRIX)
def test_the_parties_and_nobody_else_are_told_once(
    guest: Any, host: Any, stranger: Any, kind: Any, more: Any, reaction: Any, expected: dict[str, str]
) -> None:
    event, event_id = fact(kind, guest, host, **more), new_id()
    react(event, reaction, event_id)
    react(event, reaction, event_id)
    cast = {guest.pk: "guest", host.pk: "host", stranger.pk: "stranger"}
    rows = Notification.objects.all()
    assert {cast[row.recipient_id]: row.kind for row in rows} == expected
    assert len(rows) == len(expected)
    assert {row.role for row in rows} == set(expected)
    channels = [(row.pk, each.channel) for row in rows for each in row.deliveries.all()]
    assert len(channels) == len(set(channels))
    assert queries.notifications_of(stranger.pk) == []
    for row in rows:
        (shown,) = queries.notifications_of(row.recipient_id)
        assert "%(" not in shown.words.title + shown.words.text


def test_every_reaction_listens_on_the_bus() -> None:
    from airbnb.events.bus import LISTENERS

    ours = {name for name in LISTENERS if name.startswith("notifications.")}
    modules = (
        reactions.reservations,
        reactions.alterations,
        reactions.payments,
        reactions.payouts,
        reactions.reviews,
    )
    verbs = ("tell_", "ask_", "send_", "remind_")
    written = {f"notifications.reactions.{n}" for m in modules for n in vars(m) if n.startswith(verbs)}
    assert written == ours
    assert {LISTENERS[name].queue for name in ours} == {"notifications"}


def test_the_correlation_id_goes_from_the_click_to_the_row(guest: Any, host: Any, deliver: Any) -> None:
    with write(), correlation.use("click-1"):
        publish(fact(r.ReservationCreated, guest, host, expires_at=UNTIL, lines=[]))
    deliver()
    assert Notification.objects.get(kind="reservation_held").correlation_id == "click-1"


def test_a_delivery_that_is_run_again_writes_no_second_row(guest: Any, host: Any, deliver: Any) -> None:
    with write():
        publish(fact(r.ReservationCreated, guest, host, expires_at=UNTIL, lines=[]))
    deliver()
    Delivery.objects.filter(listener__startswith="notifications.").update(status="pending", done_at=None)
    deliver()
    assert Notification.objects.count() == 1


def test_words_are_in_the_recipients_language_when_told(guest: Any, host: Any) -> None:
    guest.language = "ko"
    guest.save(update_fields=["language"])
    assert told(guest).language == "ko"
    assert told(host, role="host").language == "en"


def test_switched_off_channels_stay_silent_but_not_for_bookings(guest: Any) -> None:
    guest.phone = "01012345678"
    guest.save(update_fields=["phone"])
    everything_off = {(wish.topic, wish.channel): False for wish in queries.wishes_of(guest.pk)}
    services.set_preferences(user_id=guest.pk, wishes=everything_off)
    assert set(told(guest, "reviews_published").deliveries.values_list("channel", flat=True)) == {"in_app"}
    booking = told(guest, "reservation_confirmed").deliveries.values_list("channel", flat=True)
    assert set(booking) == {"in_app", "email"}, "what concerns a booking always goes out"
    assert not ChannelPreference.objects.filter(topic="booking", channel="email").exists()


def test_a_wish_planted_in_the_table_cannot_silence_a_booking(guest: Any) -> None:
    ChannelPreference.objects.create(user=guest, topic="booking", channel="email", is_on=False)
    assert "email" in told(guest).deliveries.values_list("channel", flat=True)
    assert all(wish.is_on for wish in queries.wishes_of(guest.pk) if wish.fixed)


def test_the_bell_counts_what_is_unread(guest: Any, host: Any) -> None:
    first = told(guest)
    told(guest, "stay_started")
    assert queries.unread_count(guest.pk) == 2
    services.read(user_id=guest.pk, notification_id=first.pk)
    assert queries.unread_count(guest.pk) == 1
    services.read_all(user_id=host.pk)
    assert queries.unread_count(guest.pk) == 1
    services.read_all(user_id=guest.pk)
    assert queries.unread_count(guest.pk) == 0


def test_reading_twice_keeps_the_first_time(guest: Any, time: Any) -> None:
    notification = told(guest)
    first = services.read(user_id=guest.pk, notification_id=notification.pk).read_at
    time.forward(hours=1)
    assert services.read(user_id=guest.pk, notification_id=notification.pk).read_at == first


def test_stored_facts_are_kept_whole(guest: Any) -> None:
    notification = told(guest)
    notification.refresh_from_db()
    assert notification.params == PARAMS
