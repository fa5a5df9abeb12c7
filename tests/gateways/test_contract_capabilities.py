"""The contract's second half: what an adapter says it can do beyond taking money at once and giving it back."""

from __future__ import annotations

import pytest

from airbnb.money import Money
from payments.gateways.port import Capability, Known, KnownTransfer
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
