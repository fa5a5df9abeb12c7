"""A stay paid with Toss Payments, from the operator's choice to the refund, through pages, API and background."""

from __future__ import annotations

import json
import time as stopwatch
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from payments import charging, tasks
from payments.gateways.port import Known, Outcome, Reference
from payments.gateways.toss_adapter import TossGateway
from payments.models import Payment, Refund, WebhookMessage
from payments.services import begin_confirming, choose_gateway, give_up
from reservations import services
from tests.factories.reservations import some_stay
from tests.payments.facts import balances, events
from tests.reservations.pages import checkout_of, payment_form, reader, text_of
from tests.support import cancel, fresh, held_reservation, room_of

pytestmark = pytest.mark.django_db

HOOK = "/gateways/toss/webhook/"


@pytest.fixture(autouse=True)
def chosen(sandbox: Any) -> None:
    """The operator has chosen it for won."""
    choose_gateway(currency="KRW", gateway="toss")


@pytest.fixture
def browser(guest: Any) -> Client:
    """The guest, signed in."""
    return reader(guest)


class Stay:
    """A hold on its way to being paid in the window."""

    def __init__(self, browser: Client, held: Any, sandbox: Any) -> None:
        self.browser, self.held, self.sandbox, self.window = browser, held, sandbox, ""

    def begin(self, method: str = "toss_card") -> Stay:
        """Choose the way to pay; the site leads to the window."""
        answer = self.browser.post(checkout_of(self.held), payment_form(method))
        assert answer.status_code == 302, text_of(answer)
        self.window = answer["Location"]
        return self

    def press(self, decision: str) -> str:
        """What the guest does there; where the window sends them."""
        return self.sandbox.answer_window(self.window, decision)

    def come_back(self, way_back: str) -> Any:
        """Follow the window's way back, and the site's."""
        parts = urlsplit(way_back)
        return self.browser.get(f"{parts.path}?{parts.query}", follow=True)

    @property
    def status(self) -> str:
        return fresh(self.held).status

    @property
    def payment(self) -> Payment:
        return Payment.objects.get(reservation=self.held.code)

    @property
    def charges(self) -> list[dict[str, Any]]:
        return self.sandbox.charges(self.held.code)


@pytest.fixture
def stay(browser: Client, guest: Any, sandbox: Any) -> Stay:
    """Dates held, not paid yet."""
    return Stay(browser, held_reservation(guest), sandbox)


def send_messages(sandbox: Any, secret: str | None = None) -> set[int]:
    """Deliver all that the gateway has told, as it would; the statuses of our answers."""
    to = f"{HOOK}?secret={sandbox.toss_secret if secret is None else secret}"
    client = Client(enforce_csrf_checks=True)
    answers = [client.post(to, json.dumps(each), content_type="application/json") for each in sandbox.toss_events()]
    return {answer.status_code for answer in answers}


class TestPaying:
    """Hold → pay → window → return page → confirmed."""

    def test_the_checkout_offers_the_ways_of_the_gateway(self, stay: Stay) -> None:
        page = stay.browser.get(checkout_of(stay.held))
        words = text_of(page)
        assert "in the window of Toss Payments" in words
        assert "practice till" in words
        assert "Test card" not in words
        assert 'value="toss_transfer"' in page.content.decode()

    @pytest.mark.parametrize("method", ["toss_card", "toss_transfer"])
    def test_agreed_in_the_window_and_confirmed_on_return(self, stay: Stay, method: str) -> None:
        way_back = stay.begin(method).press("pay")
        assert (stay.status, stay.charges) == ("paying", [])
        assert "Your stay is booked" in text_of(stay.come_back(way_back))
        assert stay.status == "confirmed"
        total = stay.held.total_minor
        (charge,) = stay.charges
        assert (charge["captured"], charge["gateway"]) == (total, "toss")
        assert (stay.payment.gateway, stay.payment.status) == ("toss", "captured")
        assert balances(stay.held.code) == {"gateway_clearing": total, "guest_funds_held": -total}
        assert len(events("PaymentApproved")) == 1

    def test_coming_back_twice_takes_it_once(self, stay: Stay) -> None:
        way_back = stay.begin().press("pay")
        for _ in range(3):
            stay.come_back(way_back)
        assert [each["captured"] for each in stay.charges] == [stay.held.total_minor]
        assert len(events("PaymentApproved")) == 1

    def test_what_the_address_says_is_not_believed(self, stay: Stay) -> None:
        stay.begin()
        told = f"paymentType=NORMAL&paymentKey=tsb_x&orderId={uuid4()}&amount=1"
        stay.come_back(f"{reverse('reservations:payment_return', args=[stay.held.code])}?{told}")
        assert (stay.status, stay.charges) == ("paying", [])

    def test_through_the_api(self, stay: Stay, guest: Any, api: Callable[..., Any], sandbox: Any) -> None:
        address = f"/api/v1/reservations/{stay.held.code}/payment/"
        caller = api(guest)

        def pay(method: str) -> Any:
            return caller.post(address, {"payment_method": method}, format="json", HTTP_IDEMPOTENCY_KEY=uuid4().hex)

        assert pay("pm_card_visa").status_code == 422
        answer = pay("toss_card")
        assert (answer.status_code, answer.json()["status"]) == (202, "requires_action")
        sandbox.answer_window(answer.json()["action_url"], "pay")
        assert charging.settle(str(stay.payment.pk)).status == "approved"
        assert stay.status == "confirmed"

    def test_the_window_is_a_page_in_both_languages(self, stay: Stay) -> None:
        stay.begin()
        for language, words in (("ko", "동의하고 결제하기"), ("en", "Agree and pay")):
            page = httpx.get(stay.window, headers={"Accept-Language": language})
            assert words in page.text
            assert f"{stay.held.total_minor:,}" in page.text


class TestNotPaying:
    """Refused, left, or too late: nothing is charged, the dates are free to pay again or gone."""

    def test_refused_by_the_card_company_in_the_window(self, stay: Stay) -> None:
        page = stay.come_back(stay.begin().press("refuse"))
        assert "card company did not confirm" in text_of(page)
        assert (stay.status, stay.charges) == ("held", [])

    def test_refused_when_we_confirm(self, stay: Stay) -> None:
        page = stay.come_back(stay.begin().press("later"))
        assert "not enough money on this card" in text_of(page)
        assert (stay.status, stay.charges) == ("held", [])
        stay_again = Stay(stay.browser, stay.held, stay.sandbox).begin()
        stay_again.come_back(stay_again.press("pay"))
        assert stay.status == "confirmed"

    def test_left_unfinished_the_guest_may_choose_again_at_once(self, stay: Stay) -> None:
        page = stay.come_back(stay.begin().press("cancel"))
        assert "You left the payment before it was finished" in text_of(page)
        assert (stay.status, stay.charges) == ("held", [])
        assert stay.payment.status == "voided"

    def test_a_payment_given_up_is_never_confirmed(self, stay: Stay, time: Any) -> None:
        """They cancelled, and agreed all the same in the window that was still open somewhere."""
        stay.come_back(stay.begin().press("cancel"))
        way_back = stay.press("pay")
        stay.come_back(way_back)
        send_messages(stay.sandbox)
        tasks.work_webhooks()
        time.forward(minutes=5)
        tasks.settle_unknown()
        assert charging.settle(str(stay.payment.pk)).status == "declined"
        assert (stay.payment.status, stay.charges) == ("voided", [])

    def test_only_their_own_payment_can_be_left(self, stay: Stay, stranger: Any) -> None:
        stay.begin()
        other = reader(stranger)
        parts = urlsplit(stay.sandbox.answer_window(stay.window, "cancel"))
        assert other.get(f"{parts.path}?{parts.query}").status_code == 404
        assert stay.status == "paying"

    def test_agreed_after_the_reservation_is_over_takes_nothing(self, stay: Stay, time: Any) -> None:
        stay.begin()
        time.forward(minutes=16)
        tasks.settle_unknown()  # nobody came back within the patience
        assert stay.payment.status == "voided"
        stay.press("pay")
        time.forward(minutes=1)
        charging.settle(str(stay.payment.pk))
        assert (stay.payment.status, stay.charges) == ("voided", [])


class TestFoundOut:
    """The guest never comes back: messages alone, or the background alone, bring it to its end."""

    def test_by_messages_alone(self, stay: Stay) -> None:
        stay.begin().press("pay")
        assert send_messages(stay.sandbox) == {200}
        tasks.work_webhooks()
        assert stay.status == "confirmed"
        assert send_messages(stay.sandbox) == {200}
        tasks.work_webhooks()
        assert (len(stay.charges), len(events("PaymentApproved"))) == (1, 1)

    def test_by_the_background_alone(self, stay: Stay, time: Any) -> None:
        stay.begin().press("pay")
        time.forward(seconds=70)
        tasks.settle_unknown()
        assert (stay.status, len(stay.charges)) == ("confirmed", 1)

    @pytest.mark.parametrize("mode", ["drop_before", "drop_after", "error", "error_after"])
    def test_when_our_word_was_not_answered(self, stay: Stay, time: Any, mode: str) -> None:
        way_back = stay.begin().press("pay")
        stay.sandbox.faults(mode=mode)
        stay.come_back(way_back)
        assert stay.status == "paying"
        stay.sandbox.faults(mode="none")
        for _ in range(2):
            time.forward(seconds=70)
            tasks.settle_unknown()
        assert (stay.status, len(stay.charges)) == ("confirmed", 1)
        assert len(events("PaymentApproved")) == 1

    def test_a_word_without_an_answer_is_not_taken_for_a_void(
        self, stay: Stay, time: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Our word may still be under way when the payment is given up: only the gateway's own end counts."""
        stay.begin().press("pay")
        with monkeypatch.context() as lost:
            lost.setattr(TossGateway, "confirm", lambda *_: Outcome(Known.UNKNOWN))
            charging.settle(str(stay.payment.pk))
        give_up(stay.held.code)
        time.forward(seconds=70)
        tasks.settle_unknown()
        assert stay.payment.is_open
        stay.sandbox.faults(clock_s=700)  # the gateway's ten minutes are over
        time.forward(seconds=700)
        tasks.settle_unknown()
        assert (stay.payment.status, stay.charges) == ("voided", [])

    def test_our_word_names_a_payment_whose_charge_was_never_answered(self, stay: Stay) -> None:
        """Only the question that finds the guest's yes tells the gateway's own name of it."""
        stay.sandbox.faults(mode="drop_after")
        stay.begin()
        stay.sandbox.faults(mode="none")
        payment = stay.payment
        assert (payment.status, payment.gateway_ref) == ("unknown", "")
        stay.window = TossGateway().look_up(Reference(str(payment.pk), "", payment.created_at)).action_url
        stay.press("pay")
        charging.settle(str(payment.pk))
        assert (stay.status, len(stay.charges)) == ("confirmed", 1)

    def test_our_word_that_goes_out_between_the_look_and_the_end_is_not_overtaken(
        self, stay: Stay, time: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The background saw a guest who never came back; meanwhile they agreed, and the return page gave our word."""
        stay.begin()
        time.forward(minutes=16)
        look_up = TossGateway.look_up

        def look_and_dawdle(self: Any, reference: Any) -> Outcome:
            seen = look_up(self, reference)
            if seen.known == Known.REQUIRES_ACTION:
                stay.press("pay")
                assert begin_confirming(str(stay.payment.pk), stay.payment.gateway_ref)
            return seen

        with monkeypatch.context() as slow:
            slow.setattr(TossGateway, "look_up", look_and_dawdle)
            charging.settle(str(stay.payment.pk))
        assert stay.payment.is_open, "the word may still be heard"
        assert (stay.payment.void_wanted, stay.status) == (True, "paying")

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("webhooks", ["normal", "duplicate", "shuffle"])
    def test_the_gateway_itself_delivers(self, stay: Stay, live_server: Any, webhooks: str) -> None:
        stay.sandbox.webhooks_to(f"{live_server.url}{HOOK}?secret={stay.sandbox.toss_secret}", "toss")
        stay.sandbox.faults(webhooks=webhooks)
        try:
            stay.begin().press("pay")
            ends = stopwatch.monotonic() + 15
            while stay.status != "confirmed":
                assert stopwatch.monotonic() < ends
                tasks.work_webhooks()
                stopwatch.sleep(0.05)
        finally:
            stay.sandbox.webhooks_to("", "toss")
        assert len(stay.charges) == 1

    def test_messages_without_proof_leave_no_row(self, stay: Stay) -> None:
        stay.begin().press("pay")
        for secret in ("", "wrong", stay.sandbox.webhook_secret):
            assert send_messages(stay.sandbox, secret) == {400}
        plain = Client().post(HOOK, json.dumps(stay.sandbox.toss_events()[0]), content_type="application/json")
        assert plain.status_code == 400
        assert not WebhookMessage.objects.exists()
        assert Client().get(HOOK).status_code == 405


class TestGoingBack:
    """Cancelled stays: part of the money, once."""

    @pytest.fixture
    def confirmed(self, browser: Client, guest: Any, sandbox: Any) -> Stay:
        """Paid, on terms that keep a part."""
        held = held_reservation(guest, room_of(cancellation_policy="moderate"), stay=some_stay(3, ahead=3))
        stay = Stay(browser, held, sandbox).begin()
        stay.come_back(stay.press("pay"))
        assert stay.status == "confirmed"
        return stay

    @pytest.mark.parametrize("mode", ["none", "drop_after", "error", "error_after"])
    def test_a_part_goes_back_once(
        self, confirmed: Stay, guest: Any, time: Any, deliver: Callable[..., int], mode: str
    ) -> None:
        due = services.preview_cancellation(confirmed.held.code, guest).refund
        assert 0 < due.amount_minor < confirmed.held.total_minor
        cancel(fresh(confirmed.held), guest)
        confirmed.sandbox.faults(mode=mode)
        deliver()
        tasks.send_refunds()
        confirmed.sandbox.faults(mode="none")
        for _ in range(4):
            time.forward(minutes=2)
            tasks.send_refunds()
        refund = Refund.objects.get()
        assert refund.status == "succeeded"
        (seen,) = confirmed.sandbox.ledger()["refunds"]
        assert (seen["amount"], seen["metadata"]["refund"]) == (due.amount_minor, str(refund.pk))
        assert confirmed.payment.refunded_minor == due.amount_minor

    def test_a_message_of_it_settles_the_refund(self, confirmed: Stay, guest: Any, deliver: Callable[..., int]) -> None:
        cancel(fresh(confirmed.held), guest)
        confirmed.sandbox.faults(mode="drop_after")
        deliver()
        tasks.send_refunds()
        confirmed.sandbox.faults(mode="none")
        assert Refund.objects.get().status == "pending"
        send_messages(confirmed.sandbox)
        tasks.work_webhooks()
        assert Refund.objects.get().status == "succeeded"
