"""The difference of an alteration: charged before anything changes, given back when it is less, never lost between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from airbnb import clock
from airbnb.errors import Invalid
from airbnb.events.models import StoredEvent
from airbnb.invariants import check
from payments import charging
from payments.invariants import INVARIANTS as MONEY_INVARIANTS
from payments.models import Payment, Refund
from payments.tasks import send_refunds, settle_unknown
from reservations import services
from reservations.invariants import INVARIANTS
from reservations.models import Reservation
from reservations.states import Status
from tests.reservations.altering import accept, booked, nights_of, pay, propose, seen, terms
from tests.support import ASKS, DECLINED, VISA, cancel, fresh

pytestmark = pytest.mark.django_db
NIGHT = 134_400


@pytest.fixture(autouse=True)
def _nothing_is_ever_wrong() -> Any:
    """After every test here the invariants of reservations and of money hold."""
    yield
    assert check([*INVARIANTS, *MONEY_INVARIANTS]) == []


@pytest.fixture
def stay(guest: Any, host: Any, sandbox: Any) -> Reservation:
    return booked(guest, host)


def told(name: str) -> list[dict[str, Any]]:
    return [each.payload for each in StoredEvent.objects.filter(name=name).order_by("occurred_at")]


def test_a_hosts_yes_asks_the_guest_to_pay_and_changes_nothing_yet(stay: Reservation, guest: Any, host: Any) -> None:
    before, alteration = terms(stay), propose(stay, guest, end=1)
    outcome = accept(alteration, host)
    assert (outcome.status, terms(stay)) == ("accepted", before)
    assert outcome.alteration.expires_at == pytest.approx(clock.now() + timedelta(hours=12), abs=timedelta(minutes=1))
    assert len(told("AlterationAccepted")) == 1
    assert accept(alteration, host).status == "accepted", "again changes nothing"
    paid = pay(alteration)
    now = fresh(stay)
    assert paid.status == "applied"
    assert (now.total_minor, now.captured_minor, now.returned_minor) == (before[3] + NIGHT, before[3] + NIGHT, 0)
    assert (now.check_out, nights_of(now.code)) == (alteration.check_out, alteration.stay.nights)
    assert Payment.objects.get(pk=seen(alteration).payment_id).purpose == f"alteration:{alteration.code}"


def test_a_guest_accepts_by_paying(stay: Reservation, guest: Any, host: Any, sandbox: Any) -> None:
    alteration = propose(stay, host, end=2)
    with pytest.raises(Invalid):
        accept(alteration, guest)
    assert accept(alteration, guest, VISA).status == "applied"
    assert accept(alteration, guest, VISA).status == "applied", "again pays nothing"
    assert Payment.objects.filter(reservation=stay.code).count() == 2
    assert fresh(stay).total_minor == stay.total_minor + 2 * NIGHT


def test_a_declined_card_leaves_everything_as_it_was(stay: Reservation, guest: Any, host: Any) -> None:
    before, alteration = terms(stay), propose(stay, host, end=1)
    declined = accept(alteration, guest, DECLINED)
    assert (declined.status, seen(alteration).status, terms(stay)) == ("declined", "proposed", before)
    assert nights_of(alteration.code) == alteration.added, "kept until its time is over"
    (event,) = told("AlterationPaymentFailed")
    assert (event["code"], event["retryable"]) == ("generic_decline", False)
    assert accept(alteration, guest, VISA).status == "applied"


def test_five_declined_cards_are_enough(stay: Reservation, guest: Any, host: Any) -> None:
    alteration = propose(stay, guest, end=1)
    accept(alteration, host)
    for _try in range(5):
        assert pay(alteration, DECLINED).status == "declined"
    with pytest.raises(services.TooManyAttempts):
        pay(alteration)
    assert seen(alteration).status == "accepted"


def test_a_guest_may_leave_an_accepted_change_unpaid(stay: Reservation, guest: Any, host: Any, time: Any) -> None:
    before, alteration = terms(stay), propose(stay, guest, end=1)
    accept(alteration, host)
    with pytest.raises(services.NotYours):
        services.withdraw_alteration(code=stay.code, alteration=alteration.code, actor=host)
    with pytest.raises(services.AlterationOver):
        services.decline_alteration(code=stay.code, alteration=alteration.code, actor=host)
    time.forward(hours=13)
    with pytest.raises(services.AlterationOver):
        pay(alteration)
    assert (seen(alteration).status, nights_of(alteration.code), terms(stay)) == ("expired", [], before)
    assert told("AlterationClosed")[0]["was_accepted"] is True


@pytest.mark.parametrize("mode", ["drop_after", "error_after"])
def test_an_unknown_outcome_pins_it_until_the_background_knows(
    stay: Reservation, guest: Any, host: Any, sandbox: Any, time: Any, mode: str
) -> None:
    before, alteration = terms(stay), propose(stay, host, end=1)
    sandbox.faults(mode=mode)
    assert accept(alteration, guest, VISA).status == "paying"
    sandbox.faults(mode="none")
    with pytest.raises(services.PaymentInProgress):
        services.withdraw_alteration(code=stay.code, alteration=alteration.code, actor=host)
    time.forward(hours=25)
    assert (services.expire_alterations(), terms(stay)) == (0, before)
    assert nights_of(alteration.code) == alteration.added
    settle_unknown()
    assert (seen(alteration).status, fresh(stay).check_out) == ("applied", alteration.check_out)
    assert sum(each["amount"] for each in sandbox.charges(stay.code)) == before[3] + NIGHT


def test_a_gateway_that_is_down_changes_nothing_and_leaves_time(
    stay: Reservation, guest: Any, host: Any, settings: Any, time: Any
) -> None:
    before, alteration = terms(stay), propose(stay, host, end=1)
    time.forward(hours=23, minutes=30)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert accept(alteration, guest, VISA).status == "unavailable"
    assert (seen(alteration).status, terms(stay)) == ("proposed", before)
    assert seen(alteration).expires_at == pytest.approx(clock.now() + timedelta(hours=2), abs=timedelta(minutes=1))
    assert told("AlterationPaymentFailed")[0]["retryable"] is True


def test_a_further_step_at_the_bank_is_waited_for(stay: Reservation, guest: Any, host: Any, sandbox: Any) -> None:
    alteration = propose(stay, host, end=1)
    asked = accept(alteration, guest, ASKS)
    assert asked.status == "requires_action"
    assert asked.action_url
    assert accept(alteration, guest, VISA).status == "requires_action", "no second payment beside the first"
    payment = Payment.objects.get(pk=seen(alteration).payment_id)
    sandbox.answer_bank(asked.action_url, "approve")
    charging.settle(str(payment.pk))
    assert seen(alteration).status == "applied"


def test_a_payment_under_way_keeps_the_stay_from_starting(
    stay: Reservation, guest: Any, host: Any, sandbox: Any, time: Any
) -> None:
    time.at(stay.check_in_at - timedelta(minutes=1))
    alteration = propose(stay, host, start=3, end=4)
    sandbox.faults(mode="drop_after")
    assert accept(alteration, guest, VISA).status == "paying"
    time.at(stay.check_in_at + timedelta(minutes=1))
    assert services.move_stays() == 0
    sandbox.faults(mode="none")
    settle_unknown()
    assert (fresh(stay).status, fresh(stay).stay) == (Status.CONFIRMED, alteration.stay)


def test_what_is_less_goes_back_at_the_gateway(
    stay: Reservation, guest: Any, host: Any, sandbox: Any, deliver: Any
) -> None:
    accept(propose(stay, guest, end=-1), host)
    deliver()
    send_refunds()
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.status, refund.reason) == (NIGHT, "succeeded", "altered")
    payment = Payment.objects.get()
    assert (payment.captured_minor, payment.refunded_minor) == (stay.total_minor, NIGHT)


def test_a_refund_says_what_each_line_is_less(stay: Reservation, guest: Any, host: Any, deliver: Any) -> None:
    accept(propose(stay, guest, end=-1), host)
    deliver()
    (event,) = told("ReservationAltered")
    differences = {(each["kind"], each["date"]): each["amount"]["amount"] for each in event["difference_lines"]}
    assert sum(differences.values()) == event["difference_minor"] == -NIGHT
    dropped = (stay.check_out - timedelta(days=1)).isoformat()
    assert differences["night", dropped] < 0
    back = {(each["kind"], each["date"]): each["amount"]["amount"] for each in Refund.objects.get().lines}
    assert back == {key: -minor for key, minor in differences.items()}


def test_what_costs_more_says_so_line_by_line(stay: Reservation, guest: Any, host: Any) -> None:
    accept(propose(stay, host, end=1), guest, VISA)
    (event,) = told("ReservationAltered")
    assert sum(each["amount"]["amount"] for each in event["difference_lines"]) == event["difference_minor"] == NIGHT


def test_an_alteration_told_by_an_earlier_release_goes_back_without_lines(
    stay: Reservation, guest: Any, host: Any, deliver: Any
) -> None:
    accept(propose(stay, guest, end=-1), host)
    stored = StoredEvent.objects.get(name="ReservationAltered")
    old = {name: value for name, value in stored.payload.items() if name != "difference_lines"}
    StoredEvent.objects.filter(pk=stored.pk).update(payload=old)
    deliver()
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.lines) == (NIGHT, [])


def test_cancelling_after_an_alteration_gives_back_over_both_payments(
    stay: Reservation, guest: Any, host: Any, deliver: Any
) -> None:
    alteration = propose(stay, host, end=1)
    accept(alteration, guest, VISA)
    deliver()
    now = cancel(fresh(stay), host)
    assert now.refund_due_minor == stay.total_minor + NIGHT
    deliver()
    send_refunds()
    by_payment = {p.purpose: p.refunded_minor for p in Payment.objects.all()}
    assert by_payment == {"booking": stay.total_minor, f"alteration:{alteration.code}": NIGHT}


def test_cancelling_after_a_refund_gives_back_the_rest(stay: Reservation, guest: Any, host: Any, deliver: Any) -> None:
    accept(propose(stay, guest, end=-1), host)
    deliver()
    now = cancel(fresh(stay), host)
    deliver()
    send_refunds()
    assert now.refund_due_minor == stay.total_minor - NIGHT
    assert Payment.objects.get().refunded_minor == stay.total_minor


def paying_when_cancelled(stay: Reservation, guest: Any, host: Any, sandbox: Any) -> Any:
    """The guest pays with an outcome that is not known, then the host cancels the booking."""
    alteration = propose(stay, host, end=1)
    sandbox.faults(mode="drop_after")
    assert accept(alteration, guest, VISA).status == "paying"
    sandbox.faults(mode="none")
    cancel(fresh(stay), host)
    assert seen(alteration).status == "overtaken"
    return alteration


def test_money_that_comes_after_the_cancellation_goes_back_whole(
    stay: Reservation, guest: Any, host: Any, sandbox: Any, deliver: Any, time: Any
) -> None:
    alteration = paying_when_cancelled(stay, guest, host, sandbox)
    deliver()
    time.forward(minutes=1)
    settle_unknown()
    deliver()
    send_refunds()
    back = {p.purpose: p.refunded_minor for p in Payment.objects.all()}
    assert back == {"booking": stay.total_minor, f"alteration:{alteration.code}": NIGHT}
    assert fresh(stay).status == Status.CANCELLED


def test_refused_money_never_pays_for_the_refund_of_a_cancellation(
    stay: Reservation, guest: Any, host: Any, sandbox: Any, deliver: Any
) -> None:
    """It is known as captured before the cancellation's refund is promised: both go back whole, each from its own."""
    alteration = paying_when_cancelled(stay, guest, host, sandbox)
    charging.settle(str(seen(alteration).payment_id))
    deliver()
    send_refunds()
    back = {p.purpose: p.refunded_minor for p in Payment.objects.all()}
    assert back == {"booking": stay.total_minor, f"alteration:{alteration.code}": NIGHT}


def claim_more_money(cursor: Any, stay: Reservation) -> None:
    """Raw SQL that every CHECK of the row lets through, up to the commit."""
    claim = "captured_minor = captured_minor + 1, returned_minor = returned_minor + 1"
    cursor.execute(f"UPDATE reservations_reservation SET {claim} WHERE id = %s", [stay.pk])
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_lets_no_terms_through_that_no_alteration_has(stay: Reservation, guest: Any, host: Any) -> None:
    accept(propose(stay, guest, end=-1), host)
    with connection.cursor() as cursor:
        for change in ("guests = 3", "total_minor = total_minor - 1", "check_out = check_out + 1"):
            with pytest.raises(IntegrityError, match="only by an alteration"), transaction.atomic():
                cursor.execute(f"UPDATE reservations_reservation SET {change} WHERE id = %s", [stay.pk])
        with pytest.raises(IntegrityError, match="stands without"), transaction.atomic():
            claim_more_money(cursor, stay)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_nothing_is_applied_without_its_money(stay: Reservation, guest: Any, host: Any) -> None:
    """Control of the guard: an alteration that costs more cannot be applied by skipping its payment."""
    from reservations.models.reservation import SYSTEM
    from reservations.services.alterations import applying

    alteration = propose(stay, host, end=1)
    with pytest.raises(IntegrityError, match="alteration_applied_only_paid"), transaction.atomic():
        applying.apply(fresh(stay), seen(alteration), actor=SYSTEM, at=clock.now())
