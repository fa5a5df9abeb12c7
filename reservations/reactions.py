"""What this context does when something happened elsewhere."""

from __future__ import annotations

from airbnb.events.bus import when
from airbnb.money import Money
from payments.events import (
    BOOKING,
    AuthorizationEnding,
    PaymentApproved,
    PaymentAuthorized,
    PaymentFailed,
    PaymentsAvailable,
    PaymentsUnavailable,
)
from reservations import services
from reservations.events import AlterationWaitEnded, PaymentWaitBegun, PaymentWaitEnded

ALTERATION = "alteration:"


@when(PaymentApproved, same_transaction=True)
def confirm_paid_reservation(event: PaymentApproved) -> None:
    """Captured money makes its reservation stand, in the transaction that records the money (N1)."""
    if event.purpose != BOOKING:
        return
    services.confirm_paid(
        code=event.reservation,
        payment_id=event.payment_id,
        amount=Money(event.amount_minor, event.currency),
        beside=event.beside,
    )


@when(PaymentAuthorized, same_transaction=True)
def ask_the_host(event: PaymentAuthorized) -> None:
    """The total is set aside: the host is asked, in the transaction that records the money."""
    if event.purpose == BOOKING:
        services.ask_host(
            code=event.reservation,
            payment_id=event.payment_id,
            amount=Money(event.amount_minor, event.currency),
        )


@when(AuthorizationEnding)
def end_what_would_lapse(event: AuthorizationEnding) -> None:
    """Money that is set aside lapses soon: what nobody answered ends in time, what was accepted is being taken."""
    if event.purpose == BOOKING:
        services.let_go_in_time(event.reservation)


@when(PaymentFailed, same_transaction=True)
def give_the_hold_back(event: PaymentFailed) -> None:
    """A payment that came to nothing leaves the hold as it was, or ends it."""
    if event.purpose != BOOKING:
        return
    services.fail_payment(
        code=event.reservation,
        payment_id=event.payment_id,
        decline_code=event.code,
        try_later=event.retryable,
    )


@when(PaymentApproved, same_transaction=True)
def apply_paid_alteration(event: PaymentApproved) -> None:
    """The captured difference changes the stay, in the transaction that records the money."""
    if event.purpose.startswith(ALTERATION):
        services.apply_paid_alteration(
            code=event.reservation,
            purpose=event.purpose,
            payment_id=event.payment_id,
            amount=Money(event.amount_minor, event.currency),
        )


@when(PaymentFailed, same_transaction=True)
def leave_the_stay_as_it_was(event: PaymentFailed) -> None:
    """A difference that could not be charged changes nothing; the proposal stays open while its time lasts."""
    if event.purpose.startswith(ALTERATION):
        services.fail_alteration_payment(
            code=event.reservation,
            purpose=event.purpose,
            payment_id=event.payment_id,
            decline_code=event.code,
            try_later=event.retryable,
        )


@when(PaymentsUnavailable)
def keep_the_holds(event: PaymentsUnavailable) -> None:
    """The gateway rests: every open hold is kept (N3), each by itself."""
    services.payments_rest(event.gateway)


@when(PaymentWaitBegun)
def keep_this_hold(event: PaymentWaitBegun) -> None:
    """One of them."""
    services.keep_for_later(code=event.reservation)


@when(PaymentsAvailable)
def end_the_waits(event: PaymentsAvailable) -> None:
    """The gateway works again: the first of those who were asked to wait may pay now (N3); the timer asks the rest."""
    services.ask_to_pay()


@when(PaymentWaitEnded)
def give_time_to_pay(event: PaymentWaitEnded) -> None:
    """One of them."""
    if event.alteration:
        services.ask_for_difference(code=event.reservation, alteration=event.alteration)
    else:
        services.give_time_to_pay(code=event.reservation)


@when(AlterationWaitEnded)
def ask_for_the_difference(event: AlterationWaitEnded) -> None:
    """The same for a change of a stay: its guest is asked to pay now."""
    services.ask_for_difference(code=event.reservation, alteration=event.alteration)
