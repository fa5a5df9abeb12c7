"""What each refund is for, line by line: its lines sum to it, however many payments it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from airbnb.invariants import check
from airbnb.money import Money
from payments.invariants import INVARIANTS
from payments.models import Payment, Refund
from payments.refund_lines import shared_out, sum_of, turned
from payments.services import promise_refunds

Paid = Callable[..., Payment]


def line(kind: str, minor: int) -> dict[str, Any]:
    return {"kind": kind, "date": None, "amount": {"amount": minor, "currency": "KRW"}}


def amounts(lines: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(each["kind"], each["amount"]["amount"]) for each in lines]


class TestSharing:
    def test_a_line_at_the_border_is_cut(self) -> None:
        first, second = shared_out([line("night", 100), line("cleaning", 30)], [110, 20])
        assert (amounts(first), amounts(second)) == ([("night", 100), ("cleaning", 10)], [("cleaning", 20)])

    def test_a_discount_goes_with_the_first(self) -> None:
        first, second = shared_out([line("night", 100), line("night", 50), line("discount", -30)], [70, 50])
        assert amounts(first) == [("discount", -30), ("night", 100)]
        assert amounts(second) == [("night", 50)]

    def test_words_stay_with_their_line(self) -> None:
        lines = [{**line("night", 100), "date": "2027-01-02", "label_i18n": {"en": "Night"}}]
        for share in shared_out(lines, [60, 40]):
            assert (share[0]["date"], share[0]["label_i18n"]) == ("2027-01-02", {"en": "Night"})

    @pytest.mark.parametrize("parts", [[99], [101], [110, -10], [0, 100]])
    def test_parts_that_are_another_sum_are_refused(self, parts: list[int]) -> None:
        with pytest.raises(ValueError, match="not what the lines sum to"):
            shared_out([line("night", 100)], parts)

    @given(
        st.lists(st.integers(-500, 2000).filter(bool), min_size=1, max_size=8),
        st.lists(st.integers(1, 100), min_size=1, max_size=4),
    )
    def test_every_part_is_its_lines_and_no_line_is_lost(self, sums: list[int], weights: list[int]) -> None:
        lines = [line(str(number), minor) for number, minor in enumerate(sums)]
        whole = sum(sums)
        parts = [max(1, whole * each // (sum(weights) + len(weights))) for each in weights[1:]]
        assume(whole > sum(parts))
        shared = shared_out(lines, [whole - sum(parts), *parts])
        assert [sum_of(share) for share in shared] == [whole - sum(parts), *parts]
        for number, minor in enumerate(sums):
            mine = [each["amount"]["amount"] for share in shared for each in share if each["kind"] == str(number)]
            assert sum(mine) == minor
            assert all((each > 0) == (minor > 0) for each in mine)

    def test_turned(self) -> None:
        assert amounts(turned([line("night", -5), line("service", 2)])) == [("night", 5), ("service", -2)]


@pytest.mark.django_db
class TestPromises:
    def test_over_several_payments_each_refund_is_its_lines(self, paid: Paid) -> None:
        first = paid(amount=100000)
        paid(amount=40000, reservation=first.reservation, purpose="alteration:A1")
        lines = [line("night", 90000), line("cleaning", 30000), line("discount", -20000)]
        promise_refunds(
            reservation=first.reservation, amount=Money(100000, "KRW"), source="test", reason="flexible", lines=lines
        )
        newest, oldest = Refund.objects.order_by("source")
        assert [each.amount_minor for each in (newest, oldest)] == [40000, 60000]
        assert amounts(newest.lines) == [("discount", -20000), ("night", 60000)]
        assert amounts(oldest.lines) == [("night", 30000), ("cleaning", 30000)]
        assert check(INVARIANTS) == []

    def test_lines_that_are_not_the_sum_are_left_off_and_the_money_goes_back(self, paid: Paid) -> None:
        payment = paid()
        promise_refunds(
            reservation=payment.reservation,
            amount=Money(500, "KRW"),
            source="test",
            reason="flexible",
            lines=[line("night", 499)],
        )
        assert Refund.objects.get().lines == []

    def test_lines_that_do_not_sum_would_be_seen(self, paid: Paid) -> None:
        """The control of the invariant."""
        payment = paid()
        promise_refunds(
            reservation=payment.reservation,
            amount=Money(500, "KRW"),
            source="test",
            reason="flexible",
            lines=[line("night", 500)],
        )
        Refund.objects.update(lines=[line("night", 499)])
        assert [found.invariant.name for found in check(INVARIANTS)] == ["I12_refunds_are_their_lines"]
