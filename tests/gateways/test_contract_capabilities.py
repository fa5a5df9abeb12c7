"""The contract's second half: what an adapter says it can do beyond taking money at once and giving it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from airbnb import clock, db
from airbnb.money import Money
from payments.gateways import toss_adapter
from payments.gateways.port import Capability, FeeFor, Known, KnownTransfer, Moved, Movement, Unanswered
from tests.gateways.harness import AMOUNT, Till

pytestmark = pytest.mark.django_db


class TestCapabilities:
    """What an adapter says it can do it does; what it cannot it refuses, and takes or sends nothing."""

    def test_setting_money_aside(self, till: Till) -> None:
        request = till.request(capture_now=False)
        outcome = till.adapter.charge(request)
        if Capability.AUTHORIZE not in till.adapter.capabilities:
            assert outcome.known == Known.DECLINED
            assert till.adapter.capture(till.confirmation(request, "x")).known == Known.DECLINED
            assert till.charges() == []
            return
        assert (outcome.known, outcome.amount) == (Known.AUTHORIZED, Money(AMOUNT))
        assert outcome.capture_before is not None
        assert [each["captured"] for each in till.charges()] == [0]
        word = till.confirmation(request, outcome.gateway_ref, key=f"capture:{request.payment_id}")
        for _ in range(2):
            told = till.adapter.capture(word)
            assert (told.known, told.amount) == (Known.CAPTURED, Money(AMOUNT))
        assert [each["captured"] for each in till.charges()] == [AMOUNT]

    @pytest.mark.parametrize("mode", ["drop_before", "drop_after"])
    def test_taking_it_without_an_answer(self, till: Till, mode: str) -> None:
        if Capability.AUTHORIZE not in till.adapter.capabilities:
            pytest.skip("it sets no money aside")
        request = till.request(capture_now=False)
        outcome = till.adapter.charge(request)
        word = till.confirmation(request, outcome.gateway_ref, key=f"capture:{request.payment_id}")
        till.sandbox.faults(mode=mode)
        assert till.adapter.capture(word).known == Known.UNKNOWN
        till.sandbox.faults(mode="none")
        stands = till.asked(request, outcome.gateway_ref).known
        assert stands == (Known.CAPTURED if mode == "drop_after" else Known.AUTHORIZED)
        assert till.adapter.capture(word).known == Known.CAPTURED
        assert [each["captured"] for each in till.charges()] == [AMOUNT]

    def test_letting_go_what_was_set_aside(self, till: Till) -> None:
        if Capability.AUTHORIZE not in till.adapter.capabilities:
            pytest.skip("it sets no money aside")
        outcome = till.adapter.charge(till.request(capture_now=False))
        assert till.adapter.void(outcome.gateway_ref, "void:1").known == Known.VOIDED
        assert [each["captured"] for each in till.charges()] == [0]

    def test_sending_to_hosts(self, till: Till) -> None:
        till.paid()
        payee = till.adapter.register_payee(till.payee())
        request = till.payout(payee.destination or "acct_x")
        assert till.adapter.look_up_transfer(request).known == KnownTransfer.ABSENT
        if Capability.TRANSFER not in till.adapter.capabilities:
            assert payee.failure_code
            assert till.adapter.transfer(request).known == KnownTransfer.FAILED
            assert till.sandbox.ledger()["transfers"] == []
            return
        first, second = till.adapter.transfer(request), till.adapter.transfer(request)
        assert (first.known, first.gateway_ref) == (KnownTransfer.SENT, second.gateway_ref)
        assert till.adapter.look_up_transfer(request).gateway_ref == first.gateway_ref
        assert [each["amount"] for each in till.sandbox.ledger()["transfers"]] == [100_000]

    @pytest.mark.parametrize("mode", ["drop_before", "drop_after"])
    def test_sending_without_an_answer(self, till: Till, mode: str) -> None:
        if Capability.TRANSFER not in till.adapter.capabilities:
            pytest.skip("it sends nothing to hosts")
        till.paid()
        request = till.payout(till.adapter.register_payee(till.payee()).destination)
        till.sandbox.faults(mode=mode)
        assert till.adapter.transfer(request).known == KnownTransfer.UNKNOWN
        till.sandbox.faults(mode="none")
        found = till.adapter.look_up_transfer(request).known
        assert found == (KnownTransfer.SENT if mode == "drop_after" else KnownTransfer.ABSENT)
        assert till.adapter.transfer(request).known == KnownTransfer.SENT
        assert len(till.sandbox.ledger()["transfers"]) == 1

    def test_what_came_back_is_told_and_is_no_answer_for_the_next_sending(self, till: Till) -> None:
        if Capability.TRANSFER not in till.adapter.capabilities:
            pytest.skip("it sends nothing to hosts")
        till.paid()
        request = till.payout(till.adapter.register_payee(till.payee()).destination)
        sent = till.adapter.transfer(request)
        till.sandbox.reverse(sent.gateway_ref, 40_000)
        for asked in (request, replace(request, gateway_ref=sent.gateway_ref)):
            part = till.adapter.look_up_transfer(asked)
            assert (part.known, part.returned_minor) == (KnownTransfer.SENT, 40_000)
        till.sandbox.reverse(sent.gateway_ref)
        for asked in (request, replace(request, gateway_ref=sent.gateway_ref)):
            back = till.adapter.look_up_transfer(asked)
            assert (back.known, back.gateway_ref) == (KnownTransfer.RETURNED, sent.gateway_ref)
        again = replace(request, key=f"{request.key}:again")
        assert till.adapter.look_up_transfer(again).known == KnownTransfer.ABSENT
        assert till.adapter.transfer(again).known == KnownTransfer.SENT
        found = till.adapter.look_up_transfer(again)
        assert (found.known, found.gateway_ref != sent.gateway_ref) == (KnownTransfer.SENT, True)


def fees(told: list[Movement]) -> dict[str, int]:
    """The fees that were told, by the gateway's names for them."""
    return {each.gateway_id: each.amount.amount_minor for each in told if each.kind == Moved.FEE}


def at_the_bank(told: list[Movement]) -> dict[str, tuple[str, int]]:
    """The movements at the bank that were told, by the gateway's names for them."""
    moved = [each for each in told if each.kind != Moved.FEE]
    return {each.gateway_id: (each.kind.value, each.amount.amount_minor) for each in moved}


class TestMovements:
    """Fees and what moves at the house's bank: told with the sums that the judge saw, under names that stay."""

    @pytest.fixture(autouse=True)
    def able(self, till: Till) -> None:
        if Capability.MOVEMENTS not in till.adapter.capabilities:
            pytest.skip("it tells no fees")

    def test_the_fee_of_a_payment_is_told_under_one_name(self, till: Till) -> None:
        request, outcome = till.paid()
        told = till.movements()
        (fee,) = told
        assert (fee.kind, fee.fee_for) == (Moved.FEE, FeeFor.PAYMENT)
        assert (fee.payment_id, fee.gateway_ref) == (request.payment_id, outcome.gateway_ref)
        assert fees(told) == {key: each["amount"] for key, each in till.judged("fees").items()}
        assert 0 < fee.amount.amount_minor < AMOUNT // 10
        assert abs(fee.at - clock.now()) < timedelta(minutes=1)
        assert till.movements() == told

    def test_of_money_that_went_back_as_well(self, till: Till) -> None:
        """Whether a gateway gives its fee back with it is its own affair; it tells the judge and us the same."""
        _request, outcome = till.paid()
        till.adapter.refund(till.back(outcome, 9_000))
        told = till.movements()
        assert fees(told) == {key: each["amount"] for key, each in till.judged("fees").items()}
        back = [each for each in told if each.fee_for == FeeFor.REFUND]
        assert all((each.amount.amount_minor < 0, each.gateway_ref) == (True, outcome.gateway_ref) for each in back)

    def test_what_was_only_set_aside_costs_nothing(self, till: Till) -> None:
        till.adapter.charge(till.request(capture_now=False))
        assert till.movements() == []

    def test_what_moves_at_the_bank(self, till: Till) -> None:
        till.paid()
        till.of.at_the_bank()
        told = at_the_bank(till.movements(days=4))
        seen = till.judged("bank")
        assert told == {key: (each["direction"], each["amount"]) for key, each in seen.items()}
        assert told
        assert at_the_bank(till.movements(days=4)) == told

    def test_nothing_is_told_before_it_is_there(self, till: Till) -> None:
        till.paid()
        assert at_the_bank(till.movements()) == {}
        assert till.judged("bank") == {}

    def test_nothing_is_told_of_another_time(self, till: Till) -> None:
        till.paid()
        till.of.at_the_bank()
        ago = clock.now() - timedelta(days=30)
        assert list(till.adapter.movements(ago, ago + timedelta(days=1))) == []

    @pytest.mark.parametrize("mode", ["error", "drop_before", "drop_after"])
    def test_movements_that_cannot_be_read_are_not_none(self, till: Till, mode: str) -> None:
        till.paid()
        till.sandbox.faults(mode=mode)
        with pytest.raises(Unanswered):
            till.movements()

    def test_never_inside_a_transaction(self, till: Till) -> None:
        with db.write(), pytest.raises(db.NetworkInTransaction):
            till.movements()


def test_all_pages_are_read(toss_till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toss_adapter, "PAGE", 2)
    for _ in range(5):
        toss_till.paid()
    assert len(fees(toss_till.movements())) == 5
