"""The control: an adapter that is wrong in one thing breaks the contract there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from airbnb.money import Money
from payments.gateways.port import (
    ChargeRequest,
    ConfirmRequest,
    Known,
    KnownRefund,
    Message,
    Movement,
    Outcome,
    Reference,
    RefundOutcome,
    RefundRequest,
)
from payments.gateways.toss_adapter import TossGateway
from tests.gateways import test_contract as contract
from tests.gateways.harness import HARNESSES, Till
from tests.gateways.test_contract_capabilities import TestMovements as Movements

pytestmark = pytest.mark.django_db

_numbers = count()


class RefundsWithFreshKeys(TossGateway):
    """Forgets that a repetition must carry the same key."""

    def refund(self, request: RefundRequest) -> RefundOutcome:
        return super().refund(replace(request, key=f"{request.key}:{next(_numbers)}"))


class TakesSilenceForARefusal(TossGateway):
    """Says "declined" when nobody answered."""

    def charge(self, request: ChargeRequest) -> Outcome:
        outcome = super().charge(request)
        return replace(outcome, known=Known.DECLINED) if outcome.known == Known.UNKNOWN else outcome


class TakesSilenceForAbsence(TossGateway):
    """Says "there is none" when nobody answered the question."""

    def look_up(self, reference: Reference) -> Outcome:
        outcome = super().look_up(reference)
        return replace(outcome, known=Known.ABSENT) if outcome.known == Known.UNKNOWN else outcome


class TakesItsSumForOurs(TossGateway):
    """Confirms what the guest never agreed to."""

    def confirm(self, request: ConfirmRequest) -> Outcome:
        return super().confirm(replace(request, amount=Money(contract.AMOUNT)))


class BelievesEverything(TossGateway):
    """Reads a message that proves nothing."""

    def read_message(self, body: bytes, headers: Mapping[str, str], address_secret: str = "") -> Message:
        return super().read_message(body, {}, "hook_sandbox")


class FindsAnyRefund(TossGateway):
    """Takes another refund of the payment for the one that was asked about."""

    def look_up_refund(self, request: RefundRequest) -> RefundOutcome:
        found = super().look_up_refund(request)
        return replace(found, known=KnownRefund.SUCCEEDED) if found.known == KnownRefund.ABSENT else found


class NamesFeesAnew(TossGateway):
    """Has another name for a fee each time it is asked."""

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        for each in super().movements(since, until):
            yield replace(each, gateway_id=f"{each.gateway_id}:{next(_numbers)}")


class TellsOfDaysToCome(TossGateway):
    """Takes a sum that is to be paid out for one that was."""

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        yield from super().movements(since, until + timedelta(days=4))


BROKEN: list[tuple[type[TossGateway], Callable[[Till], Any]]] = [
    (RefundsWithFreshKeys, contract.TestRefunds().test_the_same_request_again_sends_it_once),
    (
        TakesSilenceForARefusal,
        lambda till: contract.TestWithoutAnAnswer().test_a_charge_whose_answer_was_lost_is_unknown_and_found_out(
            till, "drop_after"
        ),
    ),
    (
        TakesSilenceForAbsence,
        lambda till: contract.TestWithoutAnAnswer().test_a_charge_whose_answer_was_lost_is_unknown_and_found_out(
            till, "drop_after"
        ),
    ),
    (TakesItsSumForOurs, contract.TestWithoutAnAnswer().test_another_sum_than_agreed_is_not_taken),
    (BelievesEverything, contract.TestMessages().test_forged),
    (NamesFeesAnew, Movements().test_the_fee_of_a_payment_is_told_under_one_name),
    (TellsOfDaysToCome, Movements().test_nothing_is_told_before_it_is_there),
    (FindsAnyRefund, contract.TestRefunds().test_one_that_was_never_sent_is_absent),
]


@pytest.mark.parametrize(("adapter", "rule"), BROKEN, ids=[each.__name__ for each, _rule in BROKEN])
def test_a_broken_adapter_does_not_pass(sandbox: Any, adapter: type[TossGateway], rule: Callable[[Till], Any]) -> None:
    harness = HARNESSES["toss"](sandbox)
    rule(Till(harness, sandbox))  # the real one holds it
    sandbox.reset()
    harness.adapter = adapter()
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        rule(Till(harness, sandbox))
