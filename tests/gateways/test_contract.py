"""The contract: what every adapter must hold, whatever its gateway is like."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from airbnb import clock, db, http
from airbnb.money import Money
from payments.gateways.port import About, Forged, Known, KnownRefund, Unanswered
from tests.gateways.harness import AMOUNT, Till

pytestmark = pytest.mark.django_db

# What may be said of a charge while nobody answers: never that it failed, never that it worked.
OPEN = (Known.UNKNOWN, Known.SPENT)
REFUSED = (Known.DECLINED, Known.VOIDED)


class TestCharging:
    """Money is taken once, for the sum agreed, and found by our own reference."""

    def test_agreed_and_taken(self, till: Till) -> None:
        request, outcome = till.paid()
        assert outcome.amount == Money(AMOUNT)
        assert outcome.gateway_ref
        assert len(outcome.card_last4) in (0, 4)
        (charge,) = till.charges()
        assert (charge["captured"], charge["refunded"], charge["currency"]) == (AMOUNT, 0, "KRW")
        assert charge["metadata"]["payment"] == request.payment_id
        assert charge["metadata"]["reservation"] == request.reservation

    def test_found_by_our_reference_and_by_theirs(self, till: Till) -> None:
        request, outcome = till.paid()
        for gateway_ref in ("", outcome.gateway_ref):
            found = till.asked(request, gateway_ref)
            assert (found.known, found.amount, found.gateway_ref) == (
                Known.CAPTURED,
                Money(AMOUNT),
                outcome.gateway_ref,
            )

    def test_what_was_never_sent_is_absent(self, till: Till) -> None:
        assert till.asked(till.request()).known == Known.ABSENT

    def test_a_refusal_takes_nothing_and_says_why(self, till: Till) -> None:
        request = till.request(method=till.of.refused_method())
        outcome = till.finish(request, till.adapter.charge(request), refused=True)
        assert outcome.known == Known.DECLINED
        assert outcome.decline_code
        assert till.charges() == []
        assert till.asked(request, outcome.gateway_ref).known in REFUSED

    def test_the_same_request_again_is_the_same_payment(self, till: Till) -> None:
        request = till.request()
        first, second = till.adapter.charge(request), till.adapter.charge(request)
        assert (first.known, first.gateway_ref) == (second.known, second.gateway_ref)
        till.finish(request, first)
        assert len(till.charges()) == 1

    def test_our_word_twice_takes_it_once(self, till: Till) -> None:
        request, outcome = till.paid()
        for key in ("confirm:again", f"confirm:{request.payment_id}"):
            again = till.adapter.confirm(till.confirmation(request, outcome.gateway_ref, key=key))
            assert (again.known, again.amount) == (Known.CAPTURED, Money(AMOUNT))
        assert [each["captured"] for each in till.charges()] == [AMOUNT]

    def test_a_way_to_pay_of_another_gateway_is_refused(self, till: Till) -> None:
        method = "toss_card" if till.of.name == "stripe" else "pm_card_visa"
        assert not till.adapter.offers(method)
        assert till.adapter.offers(till.of.paying)
        assert till.adapter.charge(till.request(method=method)).known == Known.DECLINED
        assert till.charges() == []

    def test_let_go_it_takes_nothing(self, till: Till) -> None:
        request = till.request(method="pm_card_authenticationRequired" if till.of.name == "stripe" else till.of.paying)
        outcome = till.adapter.charge(request)
        assert outcome.known == Known.REQUIRES_ACTION
        assert outcome.action_url.startswith("http")
        assert till.adapter.void(outcome.gateway_ref, "void:1").known == Known.VOIDED
        assert till.charges() == []

    def test_what_was_taken_cannot_be_let_go(self, till: Till) -> None:
        _, outcome = till.paid()
        told = till.adapter.void(outcome.gateway_ref, "void:1")
        assert told.known in (Known.CAPTURED, Known.DECLINED)
        assert [each["captured"] for each in till.charges()] == [AMOUNT]


class TestWithoutAnAnswer:
    """Unknown is not failed; nothing is taken twice; everything is found out."""

    @pytest.mark.parametrize("mode", ["drop_before", "drop_after"])
    def test_a_charge_whose_answer_was_lost_is_unknown_and_found_out(self, till: Till, mode: str) -> None:
        request = till.request()
        till.sandbox.faults(mode=mode)
        assert till.adapter.charge(request).known == Known.UNKNOWN
        assert till.asked(request).known == Known.UNKNOWN
        till.sandbox.faults(mode="none")
        found = till.asked(request)
        assert (found.known == Known.ABSENT) == (mode == "drop_before")
        again = till.adapter.charge(request) if found.known == Known.ABSENT else found
        assert till.finish(request, again).known == Known.CAPTURED
        assert [each["captured"] for each in till.charges()] == [AMOUNT]

    def test_a_connection_cut_once_is_mended_within_the_call(self, till: Till) -> None:
        request = till.request()
        till.sandbox.faults(mode="drop_after", times=1)
        outcome = till.adapter.charge(request)
        assert outcome.known in (Known.CAPTURED, Known.REQUIRES_ACTION)
        till.finish(request, outcome)
        assert len(till.charges()) == 1

    @pytest.mark.parametrize("mode", ["error", "error_after"])
    def test_a_failure_of_the_gateway_is_never_a_refusal(self, till: Till, mode: str) -> None:
        request = till.request()
        till.sandbox.faults(mode=mode)
        assert till.adapter.charge(request).known in OPEN
        till.sandbox.faults(mode="none")
        assert till.adapter.charge(request).known in OPEN  # the key repeats the stored failure
        found = till.asked(request)
        assert (found.known == Known.ABSENT) == (mode == "error")
        assert len(till.charges()) == (1 if found.known == Known.CAPTURED else 0)

    def test_no_answer_in_time_is_unknown(self, till: Till) -> None:
        request = till.request()
        till.sandbox.faults(mode="timeout", latency_ms=2000)
        with http.deadline(0.3):
            assert till.adapter.charge(request).known == Known.UNKNOWN
        till.sandbox.faults(mode="none")
        assert till.asked(request).known == Known.ABSENT

    def test_where_nobody_listens_nothing_was_sent(self, till: Till, settings: Any) -> None:
        _, outcome = till.paid()
        till.of.elsewhere(settings)
        assert till.adapter.charge(till.request()).known == Known.UNREACHABLE
        assert till.adapter.refund(till.back(outcome, 1000)).known == KnownRefund.UNREACHABLE
        assert till.asked(till.request()).known == Known.UNKNOWN
        assert till.adapter.void(outcome.gateway_ref, "void:1").known not in (Known.VOIDED, Known.CAPTURED)

    def test_a_wrong_key_of_ours_is_not_the_guests_fault(self, till: Till, settings: Any) -> None:
        _, outcome = till.paid()
        till.of.wrong_key(settings)
        assert till.adapter.charge(till.request()).known == Known.UNREACHABLE
        assert till.adapter.refund(till.back(outcome, 1000)).known == KnownRefund.UNREACHABLE
        assert till.asked(till.request(), outcome.gateway_ref).known == Known.UNKNOWN

    @pytest.mark.parametrize("mode", ["drop_before", "drop_after", "error", "error_after"])
    def test_our_word_without_an_answer_takes_the_money_once(self, till: Till, mode: str) -> None:
        request = till.request()
        outcome = till.adapter.charge(request)
        till.of.agree(outcome)
        if till.asked(request).known != Known.CONFIRMABLE:
            pytest.skip("this gateway takes the money without our word")
        word = till.confirmation(request, outcome.gateway_ref)
        till.sandbox.faults(mode=mode)
        assert till.adapter.confirm(word).known in OPEN
        till.sandbox.faults(mode="none")
        stands = till.asked(request)
        assert stands.known == (Known.CAPTURED if mode.endswith("after") else Known.CONFIRMABLE)
        assert till.adapter.confirm(word).known == Known.CAPTURED
        assert [each["captured"] for each in till.charges()] == [AMOUNT]

    def test_another_sum_than_agreed_is_not_taken(self, till: Till) -> None:
        request = till.request()
        outcome = till.adapter.charge(request)
        till.of.agree(outcome)
        if till.asked(request).known != Known.CONFIRMABLE:
            pytest.skip("this gateway takes the money without our word")
        word = till.confirmation(request, outcome.gateway_ref, amount=Money(AMOUNT - 1))
        assert till.adapter.confirm(word).known == Known.DECLINED
        assert till.charges() == []


class TestRefunds:
    """Money goes back once, never more than was taken, and is found by our own reference."""

    def test_in_parts_and_then_all(self, till: Till) -> None:
        _, outcome = till.paid()
        for amount in (28_000, 60_000, 40_000):
            request = till.back(outcome, amount)
            told = till.adapter.refund(request)
            assert told.known == KnownRefund.SUCCEEDED
            assert told.gateway_ref
            found = till.adapter.look_up_refund(request)
            assert (found.known, found.gateway_ref) == (KnownRefund.SUCCEEDED, told.gateway_ref)
        assert sorted(till.refunds()) == [28_000, 40_000, 60_000]
        assert till.charges()[0]["refunded"] == AMOUNT

    def test_what_went_back_was_taken_all_the_same(self, till: Till) -> None:
        request, outcome = till.paid()
        till.adapter.refund(till.back(outcome, AMOUNT))
        found = till.asked(request, outcome.gateway_ref)
        assert (found.known, found.amount) == (Known.CAPTURED, Money(AMOUNT))

    def test_more_than_is_left_is_refused(self, till: Till) -> None:
        _, outcome = till.paid()
        till.adapter.refund(till.back(outcome, 100_000))
        told = till.adapter.refund(till.back(outcome, 28_001))
        assert told.known == KnownRefund.FAILED
        assert told.failure_code
        assert till.refunds() == [100_000]

    def test_after_all_went_back_nothing_more_does(self, till: Till) -> None:
        _, outcome = till.paid()
        till.adapter.refund(till.back(outcome, AMOUNT))
        assert till.adapter.refund(till.back(outcome, 1)).known == KnownRefund.FAILED
        assert till.refunds() == [AMOUNT]

    def test_the_same_request_again_sends_it_once(self, till: Till) -> None:
        _, outcome = till.paid()
        request = till.back(outcome, 9_000)
        first, second = till.adapter.refund(request), till.adapter.refund(request)
        assert (first.known, first.gateway_ref) == (second.known, second.gateway_ref)
        assert till.refunds() == [9_000]

    def test_one_that_was_never_sent_is_absent(self, till: Till) -> None:
        _, outcome = till.paid()
        till.adapter.refund(till.back(outcome, 9_000))
        assert till.adapter.look_up_refund(till.back(outcome, 9_000)).known == KnownRefund.ABSENT

    @pytest.mark.parametrize("mode", ["drop_before", "drop_after", "error", "error_after"])
    def test_one_without_an_answer_is_unknown_and_found_out(self, till: Till, mode: str) -> None:
        _, outcome = till.paid()
        request = till.back(outcome, 9_000)
        till.sandbox.faults(mode=mode)
        assert till.adapter.refund(request).known in (KnownRefund.UNKNOWN, KnownRefund.SPENT)
        assert till.adapter.look_up_refund(request).known == KnownRefund.UNKNOWN
        till.sandbox.faults(mode="none")
        found = till.adapter.look_up_refund(request)
        acted = mode.endswith("after")
        assert found.known == (KnownRefund.SUCCEEDED if acted else KnownRefund.ABSENT)
        if not acted:
            # A stored failure is told as spent, and only then may another key be used.
            again = till.adapter.refund(request)
            if mode == "error":
                assert again.known == KnownRefund.SPENT
                again = till.adapter.refund(replace(request, key=f"{request.key}:2"))
            assert again.known == KnownRefund.SUCCEEDED
        assert till.refunds() == [9_000]


class TestMessages:
    """Only what proves itself is read, and it says what to ask about."""

    def test_genuine(self, till: Till) -> None:
        request, outcome = till.paid()
        read = [till.adapter.read_message(each.body, each.headers, each.address_secret) for each in till.of.webhooks()]
        about = [each for each in read if each.about == About.PAYMENT]
        assert about
        assert {each.payment_id for each in about} == {request.payment_id}
        assert {each.gateway_ref for each in about} == {outcome.gateway_ref}
        assert len({each.event_id for each in read}) == len(read)

    def test_of_a_refund(self, till: Till) -> None:
        _, outcome = till.paid()
        request = till.back(outcome, 9_000)
        till.adapter.refund(request)
        read = [till.adapter.read_message(each.body, each.headers, each.address_secret) for each in till.of.webhooks()]
        assert request.refund_id in {each.refund_id for each in read if each.about == About.REFUND}

    def test_read_again_from_the_store_it_is_the_same(self, till: Till) -> None:
        till.paid()
        for each in till.of.webhooks():
            message = till.adapter.read_message(each.body, each.headers, each.address_secret)
            assert till.adapter.read_stored(message.payload) == message

    def test_a_replay_has_the_same_id(self, till: Till) -> None:
        till.paid()
        newest = till.of.webhooks()[0]
        first, second = (
            till.adapter.read_message(newest.body, newest.headers, newest.address_secret) for _ in range(2)
        )
        assert first.event_id == second.event_id

    def test_forged(self, till: Till) -> None:
        till.paid()
        for each in till.of.forged(till.of.webhooks()[0]):
            with pytest.raises(Forged):
                till.adapter.read_message(each.body, each.headers, each.address_secret)

    def test_without_any_secret_nothing_is_believed(self, till: Till, settings: Any) -> None:
        till.paid()
        newest = till.of.webhooks()[0]
        till.of.secrets(settings)
        for each in (newest, till.of.with_secret(newest, "")):
            with pytest.raises(Forged):
                till.adapter.read_message(each.body, each.headers, each.address_secret)

    def test_the_old_secret_counts_while_the_new_one_is_brought_in(self, till: Till, settings: Any) -> None:
        till.paid()
        newest = till.of.webhooks()[0]
        till.of.secrets(settings, "the-new-secret", "the-old-secret")
        for secret in ("the-new-secret", "the-old-secret"):
            each = till.of.with_secret(newest, secret)
            assert till.adapter.read_message(each.body, each.headers, each.address_secret).event_id
        with pytest.raises(Forged):
            till.adapter.read_message(newest.body, newest.headers, newest.address_secret)


class TestTheRest:
    """Books, and what an adapter is."""

    def test_the_books_tell_of_every_charge(self, till: Till) -> None:
        began = clock.now() - timedelta(seconds=2)
        request, outcome = till.paid()
        till.adapter.refund(till.back(outcome, 9_000))
        whole, all_back = till.paid()
        till.adapter.refund(till.back(all_back, AMOUNT))
        told = {each.payment_id: each for each in till.adapter.books(began, clock.now() + timedelta(seconds=2))}
        assert set(told) == {request.payment_id, whole.payment_id}
        booked = told[request.payment_id]
        assert (booked.gateway_ref, booked.currency) == (outcome.gateway_ref, "KRW")
        assert (booked.captured_minor, booked.refunded_minor) == (AMOUNT, 9_000)
        assert (told[whole.payment_id].captured_minor, told[whole.payment_id].refunded_minor) == (AMOUNT, AMOUNT)

    def test_the_books_of_another_time_are_empty(self, till: Till) -> None:
        till.paid()
        ago = clock.now() - timedelta(days=2)
        assert list(till.adapter.books(ago, ago + timedelta(days=1))) == []

    def test_books_that_cannot_be_read_are_not_empty(self, till: Till) -> None:
        till.sandbox.faults(mode="error")
        with pytest.raises(Unanswered):
            list(till.adapter.books(clock.now() - timedelta(days=1), clock.now()))

    def test_it_says_what_it_is(self, till: Till) -> None:
        assert till.adapter.name == till.of.name
        assert till.adapter.is_configured
        assert till.adapter.is_practice
        assert all(till.adapter.offers(name) for name, _words in till.adapter.ways)

    def test_never_inside_a_transaction(self, till: Till) -> None:
        with db.write(), pytest.raises(db.NetworkInTransaction):
            till.adapter.charge(till.request())


class TestAlive:
    """``ping``: within a second, without any effect."""

    def test_answers(self, till: Till) -> None:
        assert till.adapter.ping()
        assert till.sandbox.ledger()["intents"] == []

    @pytest.mark.parametrize("mode", ["error", "drop_before"])
    def test_failing(self, till: Till, mode: str) -> None:
        till.sandbox.faults(mode=mode)
        assert not till.adapter.ping()

    def test_gone(self, till: Till, settings: Any) -> None:
        till.of.elsewhere(settings)
        assert not till.adapter.ping()
