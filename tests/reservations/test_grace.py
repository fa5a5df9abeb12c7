"""Part of a price goes back although no terms give it: by line, once, signed, and at the cost of the house."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbnb.errors import DomainError, Invalid, NotFound
from airbnb.events.models import StoredEvent
from airbnb.invariants import check
from notifications.models import Notification
from payments.invariants import INVARIANTS as MONEY_INVARIANTS
from payments.models import Refund
from payments.tasks import send_refunds
from reservations import grace, services
from reservations.invariants import INVARIANTS
from reservations.models import Reservation
from reservations.services import NothingLeft, PreviewInvalid, PreviewOver
from tests import support
from tests.conftest import make_user
from tests.payments.facts import balances
from tests.payments.paying_hosts import due_stay, line_of, payee_of, run_timers, transfers
from tests.reservations.altering import accept, booked, pay, propose
from tests.reservations.gracing import give, number_of
from tests.support import cancel, fresh

CLEANING = 30_000
LONG = "x" * 301


@pytest.fixture(autouse=True)
def _nothing_is_ever_wrong(request: pytest.FixtureRequest) -> Any:
    """After every test with money the invariants of reservations and of money hold."""
    yield
    if request.node.get_closest_marker("django_db"):
        assert check([*INVARIANTS, *MONEY_INVARIANTS]) == []


@pytest.fixture
def stay(guest: Any, host: Any, sandbox: Any) -> Reservation:
    return support.confirmed_reservation(guest, support.room_of(host))


def cleaning_of(stay: Reservation) -> int:
    return number_of(stay, "cleaning")


@pytest.mark.django_db
class TestGiving:
    def test_a_line_goes_back_and_the_stay_stands(
        self, stay: Reservation, guest: Any, host: Any, operator: Any, sandbox: Any, deliver: Any
    ) -> None:
        give(stay, operator, {cleaning_of(stay): CLEANING})
        deliver()
        send_refunds()
        deliver()
        now, refund = fresh(stay), Refund.objects.get()
        assert (now.status, now.total_minor, now.host_payout_minor) == (
            "confirmed", stay.total_minor, stay.host_payout_minor,
        )  # fmt: skip
        assert (refund.amount_minor, refund.status, refund.reason) == (CLEANING, "succeeded", "grace")
        assert [(each["kind"], each["amount"]["amount"]) for each in refund.lines] == [("cleaning", CLEANING)]
        assert refund.source.startswith("grace:")
        assert sandbox.charges(stay.code)[0]["refunded"] == CLEANING
        for person in (guest, host):
            told = Notification.objects.get(recipient=person, reservation=stay.code, kind="grace_given")
            assert (told.params["amount_minor"], told.params["reason"]) == (CLEANING, "The heating failed")

    def test_the_diary_is_signed_by_the_operator(self, stay: Reservation, operator: Any) -> None:
        give(stay, operator, {cleaning_of(stay): 1000})
        entry = fresh(stay).transitions.latest("version")
        assert (entry.actor, entry.actor_id, entry.reason) == ("operator", operator.pk, "The heating failed")
        assert (entry.from_status, entry.to_status) == ("confirmed", "confirmed")
        told = StoredEvent.objects.get(name="GraceGiven").payload
        assert (told["by_id"], told["amount_minor"], told["revision"]) == (operator.pk, 1000, entry.version)

    def test_what_is_left_of_a_line_shrinks(self, stay: Reservation, operator: Any, deliver: Any) -> None:
        number = cleaning_of(stay)
        give(stay, operator, {number: 20_000})
        deliver()
        assert services.lines_left(stay.code)[number].left_minor == 10_000
        with pytest.raises(Invalid):
            services.preview_grace(stay.code, operator, {number: 10_001}, "Again")
        give(fresh(stay), operator, {number: 10_000}, "The rest")
        deliver()
        assert sum(Refund.objects.values_list("amount_minor", flat=True)) == CLEANING
        assert services.lines_left(stay.code)[number].left_minor == 0

    @pytest.mark.parametrize(
        ("sums", "reason"),
        [
            ({}, "x"),
            ({0: 0}, "x"),
            ({99: 1}, "x"),
            ({0: -1}, "x"),
            ({0: 10**9}, "x"),
            ({0: 1}, " "),
            ({0: 1}, "x" * 301),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, stay: Reservation, operator: Any, sums: dict[int, int], reason: str
    ) -> None:
        with pytest.raises(Invalid):
            services.preview_grace(stay.code, operator, sums, reason)

    def test_only_operators_and_only_what_was_paid(
        self, stay: Reservation, guest: Any, host: Any, operator: Any
    ) -> None:
        for person in (guest, host):
            with pytest.raises(NotFound):
                services.preview_grace(stay.code, person, {0: 1}, "Mine")
        held = support.held_reservation(make_user("other@example.com"), support.room_of(host))
        with pytest.raises(NothingLeft):
            services.preview_grace(held.code, operator, {0: 1}, "Not paid")


@pytest.mark.django_db
class TestOnce:
    def test_the_same_token_twice_gives_once(self, stay: Reservation, operator: Any, deliver: Any) -> None:
        preview = services.preview_grace(stay.code, operator, {cleaning_of(stay): 5000}, "Noise")
        for _press in range(2):
            services.give_grace(stay.code, operator, preview.token)
        deliver()
        assert Refund.objects.get().amount_minor == 5000
        assert StoredEvent.objects.filter(name="GraceGiven").count() == 1

    def test_another_preview_of_the_same_state_is_over(self, stay: Reservation, operator: Any) -> None:
        number = cleaning_of(stay)
        first, second = (services.preview_grace(stay.code, operator, {number: s}, "Noise") for s in (5000, 6000))
        services.give_grace(stay.code, operator, first.token)
        with pytest.raises(PreviewOver):
            services.give_grace(stay.code, operator, second.token)

    def test_a_token_ends_and_is_its_operators_own(self, stay: Reservation, operator: Any, time: Any) -> None:
        token = services.preview_grace(stay.code, operator, {0: 10}, "Noise").token
        other = make_user("second-operator@example.com", operator=True)
        for code, person, sealed in ((stay.code, other, token), (stay.code, operator, token + "x")):
            with pytest.raises(PreviewInvalid):
                services.give_grace(code, person, sealed)
        time.forward(minutes=11)
        with pytest.raises(PreviewOver):
            services.give_grace(stay.code, operator, token)
        assert fresh(stay).graced_lines == []


@pytest.mark.django_db(transaction=True)
def test_three_presses_at_once_give_once(guest: Any, host: Any, operator: Any, sandbox: Any, deliver: Any) -> None:
    stay = support.confirmed_reservation(guest, support.room_of(host))
    token = services.preview_grace(stay.code, operator, {0: 700}, "Noise").token
    support.at_once(*[lambda: services.give_grace(stay.code, operator, token)] * 3)
    deliver()
    assert Refund.objects.get().amount_minor == 700


@pytest.mark.django_db
class TestWhoBearsIt:
    def test_before_the_release_the_house(
        self, guest: Any, host: Any, operator: Any, sandbox: Any, deliver: Any
    ) -> None:
        payee_of(host)
        support.confirmed_reservation(
            make_user("other@example.com"), support.room_of()
        )  # there is money at the gateway
        stay = due_stay(guest, host, days=0)
        give(stay, operator, {0: 4000})
        deliver()
        send_refunds()
        services.backdate(code=stay.code, days=2, seconds=0)
        services.move_stays()
        run_timers()
        assert line_of(stay).status == "sent"
        assert transfers(sandbox)[0]["amount"] == stay.host_payout_minor, "the host gets what was agreed"
        fees = stay.total_minor - stay.host_payout_minor
        assert balances(stay.code)["platform_revenue"] == -(fees - 4000)

    def test_after_the_release_the_house(
        self, guest: Any, host: Any, operator: Any, sandbox: Any, deliver: Any
    ) -> None:
        from payments.models import Clawback

        payee_of(host)
        support.confirmed_reservation(make_user("other@example.com"), support.room_of())
        stay = due_stay(guest, host)
        run_timers()
        give(stay, operator, {0: 4000})
        deliver()
        send_refunds()
        fees = stay.total_minor - stay.host_payout_minor
        assert balances(stay.code)["platform_revenue"] == -(fees - 4000)
        assert not Clawback.objects.exists()


@pytest.mark.django_db
class TestWhatFollows:
    def test_a_cancellation_gives_the_rest_and_never_twice(
        self, stay: Reservation, host: Any, operator: Any, deliver: Any, sandbox: Any
    ) -> None:
        give(stay, operator, {cleaning_of(stay): CLEANING})
        deliver()
        now = cancel(fresh(stay), host)
        deliver()
        send_refunds()
        assert now.refund_due_minor == stay.total_minor - CLEANING
        assert "cleaning" not in {each["kind"] for each in now.refund_lines}
        assert sandbox.charges(stay.code)[0]["refunded"] == stay.total_minor
        told = StoredEvent.objects.get(name="ReservationCancelled").payload
        assert told["host_payout_minor"] == 0, "a host who cancels keeps nothing of it"

    def test_the_preview_says_so(self, stay: Reservation, guest: Any, operator: Any) -> None:
        before = services.preview_cancellation(stay.code, guest).refund
        give(stay, operator, {0: 4000})
        assert services.preview_cancellation(stay.code, guest).refund.amount_minor == before.amount_minor - 4000

    def test_after_a_cancellation_what_was_kept_can_be_given(
        self, guest: Any, host: Any, operator: Any, sandbox: Any, deliver: Any
    ) -> None:
        room = support.room_of(host, cancellation_policy="non-refundable")
        stay = cancel(support.confirmed_reservation(guest, room), guest)
        deliver()
        kept = stay.total_minor - stay.refund_due_minor
        assert fresh(stay).left_minor == kept
        if not kept:
            return
        number = next(n for n, each in enumerate(services.lines_left(stay.code)) if each.left_minor)
        give(fresh(stay), operator, {number: 900}, "A funeral")
        deliver()
        send_refunds()
        assert sandbox.charges(stay.code)[0]["refunded"] == stay.refund_due_minor + 900

    def test_a_cheaper_alteration_afterwards(
        self, guest: Any, host: Any, operator: Any, sandbox: Any, deliver: Any
    ) -> None:
        stay = booked(guest, host)
        give(stay, operator, {0: 4000})
        deliver()
        accept(propose(fresh(stay), guest, end=-1), host)
        deliver()
        now = cancel(fresh(stay), host)
        deliver()
        send_refunds()
        assert now.refund_due_minor == now.total_minor - 4000
        assert sandbox.charges(stay.code)[0]["refunded"] == stay.total_minor

    def test_all_of_it_leaves_nothing_for_an_alteration(
        self, guest: Any, host: Any, operator: Any, sandbox: Any, deliver: Any
    ) -> None:
        stay = booked(guest, host)
        left = services.lines_left(stay.code)
        sums, rest = {}, stay.left_minor
        for number, each in enumerate(left):
            sums[number] = min(each.left_minor, rest)
            rest -= sums[number]
        give(stay, operator, sums, "Everything")
        deliver()
        accept(propose(fresh(stay), guest, end=-1), host)
        deliver()
        send_refunds()
        assert sandbox.charges(stay.code)[0]["refunded"] == stay.total_minor
        assert StoredEvent.objects.get(name="ReservationAltered").payload["refund_due_minor"] == 0
        with pytest.raises(DomainError):
            services.lines_left(stay.code)

    def test_what_a_change_gives_back_is_not_counted_as_grace_again(
        self, guest: Any, host: Any, operator: Any, sandbox: Any, deliver: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Nearly all was given; a shorter stay owes more than is left; then a longer one is paid and cancelled."""
        stay = booked(guest, host)
        rest = stay.left_minor - 10_000
        sums = {}
        for number, each in enumerate(services.lines_left(stay.code)):
            sums[number] = min(each.left_minor, rest)
            rest -= sums[number]
        give(stay, operator, sums, "Nearly everything")
        accept(propose(fresh(stay), guest, end=-1), host)
        deliver()
        send_refunds()
        assert sandbox.charges(stay.code)[0]["refunded"] == stay.total_minor
        assert StoredEvent.objects.get(name="ReservationAltered").payload["refund_due_minor"] == 10_000
        assert "refund_lines_differ" not in caplog.text
        longer = propose(fresh(stay), guest, end=2)
        accept(longer, host)
        pay(longer)
        deliver()
        assert fresh(stay).left_minor == longer.difference_minor
        now = cancel(fresh(stay), host)
        deliver()
        send_refunds()
        assert now.refund_due_minor == longer.difference_minor
        assert sum(each["refunded"] for each in sandbox.charges(stay.code)) == fresh(stay).captured_minor
        assert check(INVARIANTS) == []


LINES = st.lists(st.integers(1, 1000), min_size=1, max_size=6)
SHARES = st.lists(st.integers(0, 100), min_size=6, max_size=6)


@given(LINES, st.integers(0, 500), SHARES, SHARES)
def test_a_refund_after_grace_is_never_more_than_is_left(
    sums: list[int], discount: int, terms: list[int], given_back: list[int]
) -> None:
    """Whatever the terms give and however much went back before: together never more than was paid, nor of any line."""

    def line(number: int, minor: int) -> dict[str, Any]:
        return {"kind": str(number), "date": None, "amount": {"amount": minor, "currency": "KRW"}}

    discount = min(discount, sum(sums))
    bill = [*(line(n, s) for n, s in enumerate(sums)), *([line(99, -discount)] if discount else [])]
    paid = grace.sum_of(bill)
    graced, rest = [], paid
    for number, minor in enumerate(sums):
        minor = min(minor * given_back[number] // 100, rest)
        rest -= minor
        graced += [line(number, minor)] if minor else []
    refund = [line(n, s * terms[n] // 100) for n, s in enumerate(sums) if s * terms[n] // 100]
    lines = grace.less_what_went(refund, bill, graced, rest)
    assert 0 <= grace.sum_of(lines) <= rest
    assert grace.sum_of(lines) <= max(0, grace.sum_of(refund))
    for number, minor in enumerate(sums):
        gone = sum(grace.minor_of(each) for each in (*lines, *graced) if each["kind"] == str(number))
        assert gone <= minor
