"""PaymentIntents: charged, declined, authorised, captured, cancelled, found again."""

from __future__ import annotations

import urllib.parse
import urllib.request
from typing import Any

import pytest
import stripe

from tests.sandbox_process import SandboxProcess

BOOKING = {"reservation": "BB7Q2M9XKT", "payment": "p-1"}


def pay(client: stripe.StripeClient, **changes: Any) -> stripe.PaymentIntent:
    params: dict[str, Any] = {
        "amount": 128000,
        "currency": "krw",
        "payment_method": "pm_card_visa",
        "confirm": True,
        "metadata": BOOKING,
        "return_url": "http://127.0.0.1/back/?a=1",
    }
    return client.v1.payment_intents.create(params | changes)


def test_a_good_card_is_charged_at_once(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    intent = pay(client)
    assert (intent.status, intent.amount_received, intent.metadata.to_dict()) == (
        "succeeded",
        128000,
        BOOKING,
    )
    (charge,) = gateway.ledger()["charges"]
    assert charge["id"] == intent.latest_charge
    assert charge | {"id": ""} == {
        "id": "",
        "amount": 128000,
        "currency": "KRW",
        "status": "succeeded",
        "captured": 128000,
        "refunded": 0,
        "payment_intent": intent.id,
        "failure_code": None,
        "metadata": BOOKING,
    }


@pytest.mark.parametrize(
    ("card", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ],
)
def test_a_declined_card_moves_no_money(
    client: stripe.StripeClient, gateway: SandboxProcess, card: str, decline_code: str
) -> None:
    with pytest.raises(stripe.CardError) as caught:
        pay(client, payment_method=card)
    error = caught.value.error
    assert error is not None
    assert (caught.value.http_status, error.code, error.decline_code) == (402, "card_declined", decline_code)
    intent = client.v1.payment_intents.retrieve(error.payment_intent["id"])
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    ledger = gateway.ledger()
    assert ledger["charges"] == []
    assert len(ledger["declined"]) == 1


def test_after_a_decline_another_card_pays_the_same_intent(client: stripe.StripeClient) -> None:
    intent = pay(client, confirm=False, payment_method="pm_card_visa_chargeDeclined")
    with pytest.raises(stripe.CardError):
        client.v1.payment_intents.confirm(intent.id)
    paid = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert paid.status == "succeeded"


def test_an_unknown_card_is_a_bad_request(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        pay(client, payment_method="pm_card_nonsense")
    assert caught.value.code == "resource_missing"
    assert gateway.ledger()["intents"] == []


@pytest.mark.parametrize(
    ("changes", "param"),
    [({"amount": 0}, "amount"), ({"currency": "xxx"}, "currency"), ({"colour": "red"}, "colour")],
)
def test_bad_parameters_are_refused_by_name(client: stripe.StripeClient, changes: dict[str, Any], param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        pay(client, **changes)
    assert caught.value.param == param


def test_authorise_now_capture_part_later(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    intent = pay(client, capture_method="manual", expand=["latest_charge"])
    assert (intent.status, intent.amount_capturable, intent.amount_received) == (
        "requires_capture",
        128000,
        0,
    )
    assert gateway.ledger()["charges"][0]["status"] == "requires_capture"
    captured = client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 100000})
    assert (captured.status, captured.amount_received, captured.amount_capturable) == ("succeeded", 100000, 0)
    assert gateway.ledger()["charges"][0]["captured"] == 100000
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.capture(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_no_more_is_captured_than_was_authorised(client: stripe.StripeClient) -> None:
    intent = pay(client, capture_method="manual")
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 128001})


def test_an_authorisation_lapses_after_a_week(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    intent = pay(client, capture_method="manual")
    gateway.faults(clock_s=7 * 24 * 3600 + 1)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.capture(intent.id)
    assert caught.value.code == "charge_expired_for_capture"


def test_an_authorisation_is_voided_untouched(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    intent = pay(client, capture_method="manual")
    gone = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "requested_by_customer"})
    assert (gone.status, gone.amount_capturable) == ("canceled", 0)
    (charge,) = gateway.ledger()["charges"]
    assert (charge["status"], charge["captured"]) == ("canceled", 0)


def test_paid_money_cannot_be_cancelled(client: stripe.StripeClient) -> None:
    intent = pay(client)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.cancel(intent.id)


def browse(url: str, form: dict[str, str] | None = None) -> urllib.request.addinfourl:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any, **kwargs: Any) -> None:
            """The shop is not there in this test: stop at the redirect."""

    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        answer: urllib.request.addinfourl = urllib.request.build_opener(Stay).open(url, data)
    except urllib.error.HTTPError as redirect:
        return redirect
    return answer


@pytest.mark.parametrize(
    ("decision", "status", "said"),
    [("approve", "succeeded", "succeeded"), ("refuse", "requires_payment_method", "failed")],
)
def test_the_bank_asks_the_cardholder(
    client: stripe.StripeClient, gateway: SandboxProcess, decision: str, status: str, said: str
) -> None:
    intent = pay(client, payment_method="pm_card_authenticationRequired")
    assert intent.status == "requires_action"
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    page = intent.next_action.redirect_to_url.url
    assert page is not None
    assert page.startswith(gateway.url)
    assert "128,000 KRW" in browse(page).read().decode()
    assert gateway.ledger()["charges"] == []
    secret = urllib.parse.parse_qs(urllib.parse.urlsplit(page).query)["secret"][0]
    for _ in range(2):  # pressing twice changes nothing more
        answer = browse(page.split("?")[0], {"secret": secret, "decision": decision})
        assert answer.status == 303
        target = urllib.parse.urlsplit(answer.headers["Location"])
        query = urllib.parse.parse_qs(target.query)
        assert (target.path, query["a"], query["redirect_status"]) == ("/back/", ["1"], [said])
    assert client.v1.payment_intents.retrieve(intent.id).status == status
    assert len(gateway.ledger()["charges"]) == (1 if decision == "approve" else 0)


def test_the_banks_page_needs_the_secret(client: stripe.StripeClient, gateway: SandboxProcess) -> None:
    intent = pay(client, payment_method="pm_card_authenticationRequired")
    answer = browse(f"{gateway.url}/authenticate/{intent.id}", {"secret": "guess", "decision": "approve"})
    assert answer.status == 404
    assert gateway.ledger()["charges"] == []


def test_intents_are_found_by_metadata_and_time(client: stripe.StripeClient) -> None:
    wanted = pay(client, metadata={"payment": "p-7"})
    others = [pay(client, metadata={"payment": f"q-{number}"}) for number in range(3)]
    found = client.v1.payment_intents.search({"query": "metadata['payment']:'p-7' AND status:'succeeded'"})
    assert [each.id for each in found.data] == [wanted.id]
    listed = client.v1.payment_intents.list({"limit": 2, "created": {"gte": wanted.created}})
    assert [each.id for each in listed.auto_paging_iter()] == [each.id for each in [*others[::-1], wanted]]
    assert client.v1.payment_intents.list({"created": {"lt": wanted.created}}).data == []


def test_a_wrong_key_is_refused(gateway: SandboxProcess) -> None:
    stranger = stripe.StripeClient("sk_test_wrong", base_addresses={"api": gateway.url}, max_network_retries=0)
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.payment_intents.list()
