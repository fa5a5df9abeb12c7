"""When something happened to a reservation, its money follows. Rows only; tasks talk to the gateway."""

from __future__ import annotations

from airbnb.events.bus import envelope, when
from airbnb.money import Money
from payments import payout_reactions, queries, services
from payments.events import BOOKING, PaymentsAvailable
from payments.refund_lines import turned
from reservations.events import (
    AuthorizationUnwanted,
    GraceGiven,
    PaymentRefused,
    ReservationAltered,
    ReservationCancelled,
    ReservationDeclined,
    ReservationExpired,
)

__all__ = ["payout_reactions"]  # what listens for payouts is connected with this module


@when(PaymentsAvailable)
def ask_about_what_waited(event: PaymentsAvailable) -> None:
    """The gateway answers again: what is undecided is asked about, then refunds and payouts are sent; all at a pace."""
    pace = queries.own_share_per_minute(event.gateway)
    looking = services.look_at_what_waited(gateway=event.gateway, per_minute=pace)
    refunding = services.send_refunds_that_waited(gateway=event.gateway, per_minute=pace, after=looking)
    services.send_payouts_that_waited(gateway=event.gateway, per_minute=pace, after=refunding)


@when(ReservationCancelled)
def refund_what_is_due(event: ReservationCancelled) -> None:
    """Owe the guest what the cancellation gave, once per cancellation; what is undecided is given up."""
    services.give_up(event.reservation)
    if event.refund_due_minor > 0:
        services.promise_refunds(
            reservation=event.reservation,
            amount=Money(event.refund_due_minor, event.currency),
            source=f"cancelled:{envelope().id}",
            reason=event.refund_rule,
            lines=event.refund_lines,
        )


@when(ReservationAltered)
def refund_the_difference(event: ReservationAltered) -> None:
    """The stay costs less now: the difference goes back."""
    if event.refund_due_minor > 0:
        services.promise_refunds(
            reservation=event.reservation,
            amount=Money(event.refund_due_minor, event.currency),
            source=f"altered:{envelope().id}",
            reason="altered",
            lines=turned(event.difference_lines),
        )


@when(GraceGiven)
def refund_the_grace(event: GraceGiven) -> None:
    """An operator gives some of it back beyond the terms: the house bears it, as no cancellation gave it."""
    services.promise_refunds(
        reservation=event.reservation,
        amount=Money(event.amount_minor, event.currency),
        source=f"grace:{envelope().id}",
        reason="grace",
        lines=event.lines,
    )


@when(PaymentRefused, same_transaction=True)
def set_refused_money_apart(event: PaymentRefused) -> None:
    """Before any other refund of its reservation could be promised out of it."""
    services.set_apart(event.payment_id)


@when(PaymentRefused)
def send_refused_money_back(event: PaymentRefused) -> None:
    """Money that came for a reservation that cannot take it goes back whole."""
    services.refuse_payment(payment_id=event.payment_id, reason=event.reason)


@when(AuthorizationUnwanted)
def let_authorization_go(event: AuthorizationUnwanted) -> None:
    """Money was set aside that the reservation has no use for."""
    services.give_up(event.reservation, purpose=BOOKING)


@when(ReservationExpired)
def give_up_undecided_payment(event: ReservationExpired) -> None:
    """Nobody waits for this payment any more."""
    services.give_up(event.reservation)


@when(ReservationDeclined)
def void_authorization(event: ReservationDeclined) -> None:
    """The host said no: what was set aside is let go."""
    services.give_up(event.reservation)
