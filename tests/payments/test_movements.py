"""Fees, settlements and top-ups: brought in by the daily comparison, kept and booked once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from airbnb import clock
from airbnb.money import Money
from payments import comparing, tasks
from payments.gateways.port import FeeFor, Moved, Movement, Unanswered
from payments.gateways.stripe_adapter import StripeGateway
from payments.gateways.stripe_movements import movements_of
from payments.gateways.toss_adapter import PAGE, TossGateway
from payments.gateways.toss_settlements import fees_of, paid_out_by
from payments.models import BankMovement, BooksComparison, GatewayFee, LedgerEntry, LedgerTransaction, Payment, Payout
from payments.services import choose_gateway, promise_refund, record_movement
from payments.services.movements import Learnt
from reservations import services
from tests import gateway_books, support
from tests.payments.facts import balances
from tests.payments.paying_hosts import after_check_in, line_of, payee_of, run_timers, stay_of
from tests.payments.test_together import at_once
from tests.support import RETURN_URL, held_reservation, room_of

pytestmark = pytest.mark.django_db
Paid = Callable[..., Payment]
AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
LAST = "2026-11-30"


def compared(time: Any, **later: float) -> BooksComparison:
    """The daily comparison, twenty minutes later unless told otherwise."""
    time.forward(**(later or {"minutes": 20}))
    comparing.compare("stripe")
    return BooksComparison.objects.latest("begun_at")


def account(kind: str, owner: str) -> int:
    """The balance of an account in won."""
    entries = LedgerEntry.objects.filter(account__kind=kind, account__owner=owner, account__currency="KRW")
    return entries.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def a_fee(payment: Payment | None = None, minor: int = 3_200, **changes: Any) -> Movement:
    """A fee as a gateway tells it."""
    given: dict[str, Any] = {"kind": Moved.FEE, "gateway_id": "txn_1", "amount": Money(minor), "at": AT}
    if payment is not None:
        given |= {"fee_for": FeeFor.PAYMENT, "payment_id": str(payment.pk), "gateway_ref": payment.gateway_ref}
    return Movement(**{**given, **changes})


class TestFees:
    """What the gateway keeps."""

    def test_it_is_booked_once_however_often_it_is_told(self, paid: Paid, sandbox: Any, time: Any) -> None:
        payment = paid()
        assert compared(time).movements == 1
        fee = GatewayFee.objects.get()
        assert (fee.payment_id, fee.about, fee.amount_minor) == (payment.pk, "payment", 3_200)
        assert [fee.gateway_id] == [each["id"] for each in sandbox.ledger()["fees"]]
        booked = {"gateway_clearing": 124_800, "guest_funds_held": -128_000, "fee_expense": 3_200}
        assert balances(payment.reservation) == booked
        assert account("fee_expense", "stripe") == 3_200
        again = compared(time, hours=25)
        assert (again.movements, again.differences) == (0, [])
        assert balances(payment.reservation) == booked
        gateway_books.assert_equal(sandbox.ledger(), told=True)

    def test_nothing_is_asked_in_the_guests_way(self, paid: Paid) -> None:
        """The control of the above: without the comparison there is no fee in the books."""
        payment = paid()
        assert balances(payment.reservation) == {"gateway_clearing": 128_000, "guest_funds_held": -128_000}

    def test_one_given_back(self, paid: Paid) -> None:
        payment = paid()
        record_movement(gateway="stripe", told=a_fee(payment))
        back = a_fee(payment, -1_000, gateway_id="txn_2", fee_for=FeeFor.REFUND)
        assert record_movement(gateway="stripe", told=back) == (Learnt.NEW, 0)
        assert account("fee_expense", "stripe") == 2_200
        assert account("gateway_clearing", "stripe") == 128_000 - 2_200

    def test_one_of_no_payment(self) -> None:
        assert record_movement(gateway="stripe", told=a_fee(minor=900))[0] == Learnt.NEW
        assert GatewayFee.objects.get().payment is None
        assert account("fee_expense", "stripe") == 900

    def test_one_on_a_payment_that_is_not_ours_is_left_out(self, paid: Paid) -> None:
        strange = a_fee(paid(), payment_id="order-17", gateway_ref="pi_other")
        assert record_movement(gateway="stripe", told=strange) == (Learnt.STRANGE, 0)
        assert record_movement(gateway="toss", told=a_fee(paid()))[0] == Learnt.STRANGE  # another gateway's payment
        assert not GatewayFee.objects.exists()

    def test_found_by_the_gateways_name_of_the_payment(self, paid: Paid) -> None:
        payment = paid()
        told = a_fee(payment, payment_id="")
        assert record_movement(gateway="stripe", told=told)[0] == Learnt.NEW
        assert GatewayFee.objects.get().payment == payment

    @pytest.mark.parametrize(
        "changes",
        [
            pytest.param({"amount": Money(3_300)}, id="another sum"),
            pytest.param({"amount": Money(3_200, "USD")}, id="another currency"),
            pytest.param({"gateway_id": "txn_2"}, id="a second fee for the same payment"),
        ],
    )
    def test_what_is_booked_stays_when_it_is_told_otherwise(self, paid: Paid, changes: dict[str, Any]) -> None:
        payment = paid()
        record_movement(gateway="stripe", told=a_fee(payment))
        assert record_movement(gateway="stripe", told=a_fee(payment, **changes)) == (Learnt.DIFFERS, 3_200)
        assert account("fee_expense", "stripe") == 3_200
        assert record_movement(gateway="stripe", told=a_fee(payment)) == (Learnt.KNOWN, 3_200)

    @pytest.mark.django_db(transaction=True)
    def test_told_by_several_at_once(self, paid: Paid) -> None:
        payment, told = paid(), []
        at_once(*[lambda: told.append(record_movement(gateway="stripe", told=a_fee(payment))[0])] * 4)
        assert sorted(told) == ["known", "known", "known", "new"]
        assert account("fee_expense", "stripe") == 3_200


class TestTheBank:
    """What goes to the house's own account, and comes from there."""

    def test_both_ways(self, paid: Paid, sandbox: Any, time: Any) -> None:
        paid()
        there, back = sandbox.settle(50_000), sandbox.top_up(20_000)
        assert compared(time).movements == 3
        rows = {each.gateway_id: (each.direction, each.amount_minor) for each in BankMovement.objects.all()}
        assert rows == {there: ("settled", 50_000), back: ("topped_up", 20_000)}
        assert account("bank", "") == 30_000
        assert account("gateway_clearing", "stripe") == 128_000 - 3_200 - 30_000
        assert compared(time, hours=25).movements == 0
        gateway_books.assert_equal(sandbox.ledger(), told=True)

    def test_one_told_otherwise_is_a_difference(self, paid: Paid, time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def told(*movements: Movement) -> None:
            monkeypatch.setattr(StripeGateway, "movements", lambda *_: iter(movements))

        paid()
        told(Movement(Moved.SETTLED, "day", Money(700), AT))
        assert (compared(time).movements, compared(time).differences) == (1, [])
        told(Movement(Moved.SETTLED, "day", Money(900), AT))
        assert compared(time, hours=25).differences == [
            {"payment": "day", "what": "settled", "ours": 700, "theirs": 900}
        ]
        told(Movement(Moved.TOPPED_UP, "day", Money(700), AT))
        (left,) = compared(time, hours=25).differences
        assert left["what"] == "topped_up"
        assert account("bank", "") == 700


class TestNotTold:
    """A gateway that tells its payments and not its fees."""

    def test_payments_are_compared_all_the_same_and_fees_come_later(
        self, paid: Paid, time: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def silent(*_: Any) -> Iterator[Movement]:
            raise Unanswered("no answer")

        paid()
        with monkeypatch.context() as broken:
            broken.setattr(StripeGateway, "movements", silent)
            for later in ({"minutes": 20}, {"hours": 25}, {"days": 9}):
                found = compared(time, **later)
                assert (found.finished_at is not None, found.movements, found.differences) == (True, None, [])
        assert compared(time, hours=25).movements == 1
        assert GatewayFee.objects.count() == 1

    def test_a_gateway_that_never_does_is_not_asked(
        self, paid: Paid, time: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paid()
        monkeypatch.setattr("payments.gateways._GATEWAYS", {"stripe": _WithoutMovements()})
        assert compared(time).movements == 0

    def test_each_time_it_looks_back_a_week(self, paid: Paid, time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[tuple[timedelta, timedelta]] = []

        def movements(_self: Any, since: datetime, until: datetime) -> Iterator[Movement]:
            asked.append((clock.now() - since, clock.now() - until))
            return iter(())

        paid()
        monkeypatch.setattr(StripeGateway, "movements", movements)
        compared(time)
        compared(time, days=1)
        rounded = [(round(since / timedelta(days=1)), until) for since, until in asked]
        assert [days for days, _until in rounded] == [35, 8]
        assert all(timedelta(minutes=14) < until < timedelta(minutes=16) for _days, until in rounded)


class _WithoutMovements(StripeGateway):
    capabilities = frozenset()

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        raise AssertionError("not asked")


class TestRows:
    """Kept for good, and made only whole."""

    @pytest.mark.parametrize("model", [GatewayFee, BankMovement])
    def test_append_only(self, paid: Paid, sandbox: Any, time: Any, model: Any) -> None:
        paid()
        sandbox.settle(1_000)
        compared(time)
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            model.objects.update(amount_minor=1)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {model._meta.db_table}")

    @pytest.mark.parametrize(
        ("changes", "constraint"),
        [
            ({"amount_minor": 0}, "gateway_fee_not_zero"),
            ({"gateway_id": "txn_1"}, "gateway_fee_once"),
            ({"payment": None}, "gateway_fee_of_something"),
            ({}, "gateway_fee_of_payment"),
        ],
    )
    def test_a_fee_is_of_something_and_once(self, paid: Paid, changes: dict[str, Any], constraint: str) -> None:
        payment = paid()
        record_movement(gateway="stripe", told=a_fee(payment))
        row = {"gateway": "stripe", "gateway_id": "txn_2", "about": "payment", "payment": payment, "amount_minor": 5}
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            GatewayFee.objects.create(**row | {"currency": "KRW", "at": AT, "created_at": AT} | changes)
        assert cast(psycopg.Error, caught.value.__cause__).diag.constraint_name == constraint


class TestTwoGateways:
    """Guests pay one gateway and hosts are paid by another: the money goes over the house's bank."""

    def test_the_house_moves_it(self, guest: Any, host: Any, sandbox: Any, time: Any, deliver: Any) -> None:
        choose_gateway(currency="KRW", gateway="toss")
        stay = _paid_in_the_window(guest, host, sandbox)
        payee_of(host)
        stay = after_check_in(stay, days=1)
        deliver()
        run_timers()
        assert line_of(stay).failure_code == "balance_insufficient"  # the control: Stripe has none of it
        sandbox.top_up(stay.total_minor)
        sandbox.faults(clock_s=4 * 86400)  # meanwhile Toss Payments has paid out to the bank
        time.forward(days=4)
        Payout.objects.update(next_attempt_at=clock.now())
        tasks.send_payouts()
        assert line_of(stay).status == "sent"
        time.forward(minutes=20)
        tasks.compare_books()
        gateway_books.assert_equal(sandbox.ledger(), told=True)
        assert account("gateway_clearing", "toss") == 0
        assert account("gateway_clearing", "stripe") == stay.total_minor - line_of(stay).send_minor
        assert account("fee_expense", "toss") + account("bank", "") == 0
        assert BooksComparison.objects.exclude(differences=[]).count() == 0


def _paid_in_the_window(guest: Any, host: Any, sandbox: Any) -> Any:
    held = held_reservation(guest, room_of(host), stay=stay_of(2))
    services.pay(code=held.code, guest=guest, payment_method="toss_card", return_url=RETURN_URL)
    payment = Payment.objects.get(reservation=held.code)
    sandbox.answer_window(payment.action_url, "pay")
    Payment.objects.update(next_look_at=clock.now())
    tasks.settle_unknown()
    stay = support.fresh(held)
    assert stay.status == "confirmed"
    return stay


def test_a_refund_at_toss_gives_part_of_its_fee_back(guest: Any, host: Any, sandbox: Any, time: Any) -> None:
    choose_gateway(currency="KRW", gateway="toss")
    stay = _paid_in_the_window(guest, host, sandbox)
    payment = Payment.objects.get(reservation=stay.code)
    promise_refund(payment_id=str(payment.pk), amount=Money(40_000), source="s", reason="grace")
    tasks.send_refunds()
    time.forward(minutes=20)
    tasks.compare_books()
    fees = dict(GatewayFee.objects.filter(payment=payment).values_list("about", "amount_minor"))
    assert fees["refund"] == -1_000
    assert fees["payment"] > 1_000
    gateway_books.assert_equal(sandbox.ledger(), told=True)
    assert LedgerTransaction.objects.filter(source_type="fee", reservation=stay.code).count() == 2


# ------------------------------------------------------------------------------------------- the gateways' words
def told_by_stripe(kind: str, amount: int, fee: int = 0, **changes: Any) -> list[tuple[str, str, int]]:
    """What a balance transaction of Stripe's comes to."""
    moved = {"id": "txn", "type": kind, "amount": amount, "fee": fee, "net": amount - fee, "currency": "krw"}
    found = movements_of({**moved, "created": 1_800_000_000, "source": "x", **changes})
    return [(each.kind.value, each.fee_for.value, each.amount.amount_minor) for each in found]


@pytest.mark.parametrize(
    ("kind", "amount", "fee", "comes_to"),
    [
        ("charge", 128_000, 3_200, [("fee", "payment", 3_200)]),
        ("charge", 128_000, 0, []),
        ("payment", 128_000, 3_200, [("fee", "payment", 3_200)]),
        ("refund", -5_000, 100, [("fee", "refund", 100)]),
        ("refund", -5_000, -100, [("fee", "refund", -100)]),
        ("refund_failure", 5_000, 0, []),
        ("transfer", -90_000, 0, []),
        ("stripe_fee", -700, 0, [("fee", "other", 700)]),
        ("tax_fee", -70, 0, [("fee", "other", 70)]),
        ("payout", -50_000, 0, [("settled", "other", 50_000)]),
        ("payout", -50_000, 500, [("fee", "other", 500), ("settled", "other", 50_000)]),
        ("payout_failure", 50_000, 0, [("topped_up", "other", 50_000)]),
        ("payout_cancel", 50_000, 0, [("topped_up", "other", 50_000)]),
        ("topup", 20_000, 0, [("topped_up", "other", 20_000)]),
        ("topup_reversal", -20_000, 0, [("settled", "other", 20_000)]),
    ],
)
def test_balance_transactions(kind: str, amount: int, fee: int, comes_to: list[tuple[str, str, int]]) -> None:
    assert told_by_stripe(kind, amount, fee) == comes_to


def test_balance_transactions_of_other_kinds() -> None:
    assert told_by_stripe("adjustment", -300, reporting_category="fee") == [("fee", "other", 300)]
    assert told_by_stripe("adjustment", -300, reporting_category="dispute") == []
    assert told_by_stripe("payout", -300, currency="gbp") == []


def settlement(day: str, amount: int, kept: int, **changes: Any) -> dict[str, Any]:
    """A settlement of Toss Payments, as far as it counts here."""
    row = {"mId": "shop", "transactionKey": f"k{amount}", "paymentKey": "p", "orderId": "o", "amount": amount}
    row |= {"payOutAmount": amount - kept, "paidOutDate": day, "approvedAt": "2026-11-25T13:03:39+09:00"}
    return row | changes


def test_days_are_paid_out_as_one_sum_when_they_are_over() -> None:
    rows = [
        settlement("2026-11-27", 34_000, 860),
        settlement("2026-11-27", -4_000, -100),
        settlement("2026-11-28", -9_000, -200),
        settlement("2026-11-29", 5_000, 0),
        settlement("2026-11-29", -5_000, 0),
        settlement(LAST, 70_000, 900),
    ]
    told = [(each.kind.value, each.gateway_id, each.amount.amount_minor) for each in paid_out_by(rows, before=LAST)]
    assert told == [("settled", "shop:2026-11-27", 29_240), ("topped_up", "shop:2026-11-28", 8_800)]


def test_what_is_not_paid_out_is_the_fee() -> None:
    """With what the shop pays for guests' instalments, whatever the gateway calls it."""
    cancel = {"transactionKey": "k-4000", "canceledAt": "2026-11-26T10:00:00+09:00"}
    rows = [
        settlement("2026-11-27", 34_000, 860),
        settlement("2026-11-27", -4_000, -100, cancel=cancel),
        settlement("2026-11-27", 10, 0),
    ]
    kept, back = fees_of(rows)
    assert (kept.amount, kept.fee_for, kept.gateway_id) == (Money(860), FeeFor.PAYMENT, "k34000")
    assert (back.amount, back.fee_for, back.at.day) == (Money(-100), FeeFor.REFUND, 26)


def test_settlements_whose_pages_repeat_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a gateway makes of a page's number: one that tells nothing new is the last."""
    asked: list[str] = []

    def listed(_self: TossGateway, _path: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        asked.append(params.get("page", ""))
        return [{"transactionKey": str(number), "currency": "KRW"} for number in range(PAGE)]

    monkeypatch.setattr(TossGateway, "_listed", listed)
    found = TossGateway()._settlements("soldDate", "2026-01-01", "2026-01-02")
    assert (len(found), asked) == (PAGE, ["", "1", "2"])
