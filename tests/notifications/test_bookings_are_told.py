"""Real bookings: whatever happens to them reaches guest and host with its details, and strangers hear nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from airbnb.db import write
from airbnb.events.bus import publish
from airbnb.events.models import Delivery
from airbnb.invariants import check
from notifications import queries, services
from notifications.invariants import INVARIANTS
from notifications.models import ChannelDelivery, Notification
from notifications.wording import words
from payments.events import PaymentActionRequired, PaymentCancelled, PaymentFailed, RefundFailed
from reservations.events import HoldExtended, PaymentRefused
from reviews.services import answer_review, hide_review, write_review
from tests.factories.rooms import listed_room
from tests.support import (
    cancelled_reservation,
    completed_reservation,
    confirmed_reservation,
    expired_reservation,
    held_reservation,
)

pytestmark = pytest.mark.django_db


def kinds(user: Any, code: str) -> set[str]:
    return set(Notification.objects.filter(recipient=user, reservation=code).values_list("kind", flat=True))


def say(event: Any) -> None:
    with write():
        publish(event)


def test_confirmed_the_host_gets_the_details(sandbox: Any, guest: Any, host: Any, stranger: Any, deliver: Any) -> None:
    room = listed_room(host)
    reservation = confirmed_reservation(guest, room, message="We arrive late")
    deliver()
    services.send_due()
    assert {"reservation_held", "reservation_confirmed"} <= kinds(guest, reservation.code)
    assert kinds(host, reservation.code) == {"reservation_confirmed"}
    to_host = next(each for each in mail.outbox if each.to == [host.email])
    for fact in (reservation.code, "서윤", room.title_i18n["en"], "We arrive late", f"₩{reservation.total_minor:,}"):
        assert fact in to_host.body
    to_guest = [each for each in mail.outbox if each.to == [guest.email]][-1]
    assert f"₩{reservation.total_minor:,}" in to_guest.body
    assert "If you cancel, you get back" in to_guest.body
    assert Notification.objects.exclude(recipient__in=[guest, host]).count() == 0


def test_cancelled_both_learn_the_refund(sandbox: Any, guest: Any, host: Any, deliver: Any) -> None:
    reservation = cancelled_reservation(guest, listed_room(host))
    deliver()
    assert "reservation_cancelled" in kinds(guest, reservation.code) & kinds(host, reservation.code)
    shown = next(
        each for each in queries.told_about(reservation.code, guest.pk) if each.kind == "reservation_cancelled"
    )
    assert f"₩{reservation.refund_due_minor:,}" in shown.words.text


def test_expired_the_guest_is_told(guest: Any, host: Any, deliver: Any) -> None:
    reservation = expired_reservation(guest, listed_room(host))
    deliver()
    assert "reservation_expired" in kinds(guest, reservation.code)
    assert kinds(host, reservation.code) == set()


@pytest.mark.parametrize(
    ("event", "more", "kind"),
    [
        (PaymentFailed, {"code": "card_declined", "retryable": False}, "payment_failed"),
        (PaymentCancelled, {"refund_id": "r", "kind": "refund"}, "refund_sent"),
        (PaymentCancelled, {"refund_id": None, "kind": "void"}, "authorization_released"),
        (RefundFailed, {"refund_id": "r", "code": "expired_card"}, "refund_failed"),
    ],
)
def test_money_is_told_to_its_guest(
    guest: Any, host: Any, stranger: Any, deliver: Any, event: Any, more: Any, kind: str
) -> None:
    reservation = held_reservation(guest, listed_room(host))
    totals = {} if event is PaymentFailed else {"refunded_total_minor": 90_000, "captured_minor": 90_000}
    facts = {"payment_id": "p", "reservation": reservation.code, "amount_minor": 90_000, "currency": "KRW"}
    say(event(**facts, guest_id=guest.pk, **totals, **more))
    say(event(**facts, guest_id=stranger.pk, **totals, **more))
    deliver()
    shown = [each for each in queries.told_about(reservation.code, guest.pk) if each.kind == kind]
    assert len(shown) == 1
    assert "₩90,000" in shown[0].words.title + shown[0].words.text
    assert not Notification.objects.filter(recipient=stranger).exists(), "a wrong guest_id tells nobody"


def test_operators_learn_of_a_failed_refund(guest: Any, host: Any, operator: Any, deliver: Any) -> None:
    """A debt that only a person can settle; once per failure, and to nobody else."""
    code = held_reservation(guest, listed_room(host)).code
    failed = RefundFailed(
        payment_id="01890000-0000-7000-8000-000000000009",
        refund_id="r",
        reservation=code,
        guest_id=guest.pk,
        amount_minor=90_000,
        refunded_total_minor=0,
        captured_minor=90_000,
        currency="KRW",
        code="expired_card",
    )
    say(failed)
    deliver()
    (told,) = Notification.objects.filter(kind="refund_stuck")
    assert (told.recipient_id, told.role) == (operator.pk, "operator")
    said = words(told.kind, told.role, told.params)
    assert "₩90,000" in said.title
    assert said.url == "/admin/payments/refund/"


def test_a_further_step_and_money_for_a_dead_reservation(guest: Any, host: Any, deliver: Any) -> None:
    code = held_reservation(guest, listed_room(host)).code
    say(
        PaymentActionRequired(
            payment_id="01890000-0000-7000-8000-000000000009",
            reservation=code,
            guest_id=guest.pk,
            action_url="https://bank.example/",
        )
    )
    say(
        PaymentRefused(
            reservation=code,
            payment_id="01890000-0000-7000-8000-000000000009",
            guest_id=guest.pk,
            amount_minor=5,
            currency="KRW",
            reason="expired",
        )
    )
    deliver()
    assert {"payment_action_required", "payment_refused"} <= kinds(guest, code)


@pytest.mark.parametrize(
    ("make", "reason", "said", "link"),
    [
        (confirmed_reservation, "already_paid", "stands as it was", "/trips/"),
        (held_reservation, "amount_differs", "still held", "/checkout/"),
        (expired_reservation, "nights_taken", "had gone", "/rooms/"),
    ],
)
def test_money_that_goes_back_leaves_no_doubt_of_what_stands(
    sandbox: Any, guest: Any, host: Any, deliver: Any, make: Any, reason: str, said: str, link: str
) -> None:
    code = make(guest, listed_room(host)).code
    payment = "01890000-0000-7000-8000-000000000009"
    facts = {"reservation": code, "payment_id": payment, "guest_id": guest.pk, "currency": "KRW"}
    say(PaymentRefused(**facts, amount_minor=5, reason=reason))
    deliver()
    told = Notification.objects.get(recipient=guest, kind="payment_refused")
    text = words(told.kind, told.role, told.params)
    assert said in text.text
    assert link in text.url


def test_another_sum_taken_is_never_told_as_nothing(guest: Any, host: Any, deliver: Any) -> None:
    reservation = held_reservation(guest, listed_room(host))
    facts = {"reservation": reservation.code, "payment_id": "p", "guest_id": guest.pk, "currency": "KRW"}
    say(PaymentFailed(**facts, amount_minor=reservation.total_minor, code="amount_differs", retryable=False))
    deliver()
    told = Notification.objects.get(recipient=guest, kind="payment_failed")
    text = words(told.kind, told.role, told.params)
    assert "Another sum" in text.text
    assert "Nothing was charged" not in text.text


def test_the_wait_for_payments_is_told_from_its_beginning_to_its_end(guest: Any, host: Any, deliver: Any) -> None:
    held = held_reservation(guest, listed_room(host))
    for turn in ({"pay_later": True}, {"payments_back": True}):
        say(
            HoldExtended(
                reservation=held.code,
                revision=9,
                room_id=held.room_id,
                room_code=held.room_code,
                room_title_i18n=held.room_title_i18n,
                room_slug=held.room_slug,
                cover={},
                host_id=host.pk,
                guest_id=guest.pk,
                check_in=held.check_in.isoformat(),
                check_out=held.check_out.isoformat(),
                guests=2,
                total_minor=held.total_minor,
                currency="KRW",
                time_zone="Asia/Seoul",
                expires_at="2027-04-01T05:32:00+00:00",
                **turn,
            )
        )
        deliver()
    assert {"payments_unavailable", "payments_available"} <= kinds(guest, held.code)
    back = Notification.objects.get(kind="payments_available")
    assert "14:32" in words(back.kind, back.role, back.params).text


def test_of_a_blind_review_only_that_it_was_written(sandbox: Any, guest: Any, host: Any, deliver: Any) -> None:
    reservation = completed_reservation(guest, listed_room(host))
    deliver()
    assert "stay_completed" in kinds(guest, reservation.code) & kinds(host, reservation.code)
    mail.outbox.clear()
    secret = "the secret words"
    review = write_review(author_id=guest.pk, reservation=reservation.code, rating=1, text=secret, private_note=secret)
    deliver()
    services.send_due()
    assert "review_written" in kinds(host, reservation.code)
    everything = [str(list(Notification.objects.values_list("params", flat=True)))]
    everything += [each.body + str(each.alternatives) for each in mail.outbox]
    assert not any(secret in text for text in everything)
    written = Notification.objects.get(recipient=host, kind="review_written")
    assert not {"rating", "scores", "text"} & set(written.params)
    write_review(author_id=host.pk, reservation=reservation.code, rating=5, text="Tidy")
    answer_review(author_id=host.pk, review_id=review.pk, text="Sorry")
    deliver()
    assert "reviews_published" in kinds(guest, reservation.code) & kinds(host, reservation.code)
    assert "review_answered" in kinds(guest, reservation.code)
    hide_review(review_id=review.pk, reason="An insult")
    deliver()
    assert "review_hidden" in kinds(guest, reservation.code)
    assert "review_hidden" not in kinds(host, reservation.code)


def test_the_invariants_hold_and_find_planted_faults(
    sandbox: Any, guest: Any, host: Any, stranger: Any, deliver: Any
) -> None:
    cancelled_reservation(guest, listed_room(host))
    deliver()
    services.send_due()
    assert check(INVARIANTS) == []
    told = Notification.objects.filter(recipient=guest, kind="reservation_confirmed")
    told.update(recipient=stranger)
    Delivery.objects.update(next_attempt_at="2020-01-01T00:00:00+00:00")
    ChannelDelivery.objects.filter(channel="email", notification__recipient=host).update(
        status="failed", sent_at=None, next_attempt_at="2020-01-01T00:00:00+00:00"
    )
    assert {finding.invariant.name for finding in check(INVARIANTS)} == {
        "I27_parties_are_told",
        "I27_nothing_waits_unnoticed",
        "I28_only_parties_are_told",
    }
