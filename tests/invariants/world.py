"""A small world with everything that can happen in it, reached as people reach it: by services and the sandbox."""

from __future__ import annotations

import time as stopwatch
from datetime import timedelta
from typing import Any

from airbnb import clock
from airbnb.accounts.models import IdempotencyKey
from airbnb.accounts.services import create_token
from airbnb.db import write
from airbnb.events.bus import deliver_pending
from notifications import services as letters
from payments import charging, comparing, gateways, messages, refunding, tasks
from payments.models import BankMovement, GatewayFee, Payment, Refund, WebhookMessage
from payments.services import store_message
from reservations import services
from reviews.services import answer_review, write_review
from rooms import calendar
from rooms import services as rooms
from tests.conftest import make_user
from tests.factories.reservations import some_stay
from tests.factories.rooms import draft_room, listed_room, ready_photo
from tests.invariants import paid_hosts
from tests.reservations.altering import accept, booked, pay, propose
from tests.reservations.gracing import give
from tests.support import (
    ASKS,
    DECLINED,
    VISA,
    cancel,
    completed_reservation,
    confirmed_reservation,
    declined_reservation,
    expired_reservation,
    held_reservation,
    in_stay_reservation,
    pay_for,
    requested_reservation,
)

REFUND_FAILS = "pm_card_refundFail"


def build(sandbox: Any) -> dict[str, Any]:
    """Bring it all about; returns the facts by which faults name their rows."""
    guest, host = make_user("world-guest@example.com"), make_user("world-host@example.com", host=True)
    operator = make_user("world-operator@example.com", operator=True)
    room = listed_room(host)
    facts = {"guest": guest.pk, "host": host.pk, "operator": operator.pk, "room": room.pk, "room_code": room.code}
    facts |= _standing(guest, host, operator, room)
    facts |= _ended(guest, host, operator, room, sandbox)
    facts |= _altered(guest, host)
    facts |= paid_hosts.build(guest, sandbox)
    facts |= _around(guest, host, room)
    deliver_pending()
    tasks.send_refunds()
    deliver_pending()
    letters.send_due()
    return facts | _compared(facts["payment"], sandbox)


def _standing(guest: Any, host: Any, operator: Any, room: Any) -> dict[str, Any]:
    """One reservation in each living state."""
    other = make_user("world-other@example.com")
    holder = make_user("world-holder@example.com")
    held = held_reservation(holder, room, stay=some_stay(2, ahead=20))
    services.extend_hold(code=held.code, guest=holder)
    asking = pay_for(held_reservation(other, room, stay=some_stay(2, ahead=30)), ASKS).reservation
    declined = held_reservation(other, listed_room(host), stay=some_stay(2))
    pay_for(declined, DECLINED)
    confirmed = confirmed_reservation(guest, room, stay=some_stay(3, ahead=40))
    graced = confirmed_reservation(guest, listed_room(host), stay=some_stay(2))
    give(graced, operator, {0: 500})
    staying = in_stay_reservation(guest, listed_room(host), stay=some_stay(5))
    asked = requested_reservation(other, listed_room(host, instant_book=False), stay=some_stay(2))
    return {
        "held": held.code,
        "asked": asked.code,
        "paying": asking.code,
        "confirmed": confirmed.code,
        "confirmed_id": confirmed.pk,
        "payment": confirmed.payment_id,
        "staying": staying.code,
        "check_in": confirmed.check_in,
        "check_out": confirmed.check_out,
    }


def _ended(guest: Any, host: Any, operator: Any, room: Any, sandbox: Any) -> dict[str, Any]:
    """One in each state that is over, with all that money can do on the way."""
    expired = expired_reservation(guest, room, stay=some_stay(2, ahead=50))
    cancelled = cancel(confirmed_reservation(guest, room, stay=some_stay(2, ahead=60)), guest)
    by_host = cancel(confirmed_reservation(guest, room, stay=some_stay(2, ahead=70)), host)
    stopped = confirmed_reservation(guest, room, stay=some_stay(2, ahead=80))
    services.cancel_as_operator(stopped.code, operator, "A burst pipe")
    refused = declined_reservation(guest, listed_room(host, instant_book=False), stay=some_stay(2))
    completed = completed_reservation(guest, listed_room(host), stay=some_stay(2))
    deliver_pending()
    written = write_review(author_id=guest.pk, reservation=completed.code, rating=5, text="조용하고 깨끗했어요")
    write_review(author_id=host.pk, reservation=completed.code, rating=5, text="Tidy guests")
    answer_review(author_id=host.pk, review_id=written.pk, text="다시 오세요")
    blind = completed_reservation(guest, listed_room(host), stay=some_stay(2))
    deliver_pending()
    write_review(author_id=guest.pk, reservation=blind.code, rating=4, text="좋았어요")
    late = _late_money(guest, listed_room(host), sandbox)
    beside = _beside(guest, listed_room(host), sandbox)
    failed = _failed_refund(guest, room, sandbox)
    deliver_pending()
    tasks.send_refunds()
    message = _message(sandbox)
    refund = Refund.objects.filter(payment__reservation=cancelled.code).get()
    return {
        "expired": expired.code,
        "cancelled": cancelled.code,
        "by_host": by_host.code,
        "declined_request": refused.code,
        "completed": completed.code,
        "blind": blind.code,
        "review": written.pk,
        "late": late.pk,
        "beside": beside.pk,
        "refund": refund.pk,
        "failed_refund": failed.pk,
        "message": message.pk,
    }


def _altered(guest: Any, host: Any) -> dict[str, Any]:
    """A proposal that waits, one that was paid, and one by which money went back."""
    waiting = booked(guest, host)
    proposed = propose(waiting, guest, start=-1, end=1)
    longer = booked(guest, host)
    paid = propose(longer, guest, end=1)
    accept(paid, host)
    pay(paid)
    shorter = booked(guest, host)
    accept(propose(shorter, guest, end=-1), host)
    return {"altered": longer.code, "shorter": shorter.code, "proposal": proposed.code, "paid_alteration": paid.code}


def _late_money(guest: Any, room: Any, sandbox: Any) -> Payment:
    """A declined card turns out to have paid after the nights went to another guest: all of it goes back."""
    stay = some_stay(2)
    held = held_reservation(guest, room, stay=stay)
    pay_for(held, DECLINED)
    services.let_go(code=held.code, guest=guest)
    confirmed_reservation(make_user("world-faster@example.com"), room, stay=stay)
    return _paid_after_all(held.code, sandbox)


def _beside(guest: Any, room: Any, sandbox: Any) -> Payment:
    """The first card was declined, the second paid, and then the first did, too."""
    held = held_reservation(guest, room, stay=some_stay(2))
    pay_for(held, DECLINED)
    pay_for(held)
    return _paid_after_all(held.code, sandbox)


def _paid_after_all(code: str, sandbox: Any) -> Payment:
    payment = Payment.objects.filter(reservation=code).earliest("created_at")
    sandbox.confirm(payment.gateway_ref, VISA)
    charging.settle(str(payment.pk))
    return Payment.objects.get(pk=payment.pk)


def _failed_refund(guest: Any, room: Any, sandbox: Any) -> Refund:
    """A refund that was sent and that the guest's bank returned: the debt is open and told."""
    gone = pay_for(held_reservation(guest, room, stay=some_stay(2, ahead=90)), REFUND_FAILS).reservation
    cancel(gone, guest)
    deliver_pending()
    tasks.send_refunds()
    sandbox.faults(clock_s=5)
    wait_for(lambda: not sandbox.charges(gone.code)[0]["refunded"])
    refund = Refund.objects.get(payment__reservation=gone.code)
    return refunding.settle(str(refund.pk))


def _message(sandbox: Any) -> WebhookMessage:
    """What the gateway told of a charge, worked on."""
    event = next(each for each in sandbox.events() if each["type"] == "payment_intent.succeeded")
    store_message("stripe", gateways.named("stripe").read_stored(event))
    message = WebhookMessage.objects.get()
    messages.work(message.pk)
    return message


def _around(guest: Any, host: Any, room: Any) -> dict[str, Any]:
    """Closed nights, a draft, a photograph, a token, a key."""
    closed = some_stay(3, ahead=100)
    with write():
        calendar.block(room.pk, closed, "A family feast")
    draft_room(host)
    gone = listed_room(host)
    rooms.archive_room(room_id=gone.pk, host_id=host.pk)
    photo = ready_photo(room, alt_i18n={"en": "The courtyard"})
    create_token(guest, ["read"])
    key = IdempotencyKey.objects.create(caller=f"user:{guest.pk}", key="world", fingerprint="0" * 64)
    return {"closed": closed.check_in, "gone": gone.pk, "photo": photo.code, "key": key.pk}


def _compared(payment: Any, sandbox: Any) -> dict[str, Any]:
    """Money went to the house's bank and came from there, and the daily comparison has told of it and of all fees."""
    sandbox.settle(50_000)
    sandbox.top_up(20_000)
    with clock.shifted(timedelta(minutes=20)):
        comparing.compare("stripe")
    settled = BankMovement.objects.get(direction=BankMovement.Direction.SETTLED)
    return {"fee": GatewayFee.objects.get(payment=payment).pk, "settled": settled.pk}


def wait_for(ask: Any, seconds: float = 10) -> None:
    """Until another process has done something; bounded."""
    ends = stopwatch.monotonic() + seconds
    while not ask():
        assert stopwatch.monotonic() < ends
        stopwatch.sleep(0.05)
