"""The host's earnings: what is shown, the table, bank details behind the password, and the same over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airbnb import clock
from payments.models import Payee
from payments.statements import number, safe
from tests import support
from tests.payments.paying_hosts import ACCOUNT, debts_of, due_stay, line_of, payee_of, run_timers

pytestmark = pytest.mark.django_db

EARNINGS = "/host/earnings/"
TABLE = "/host/earnings/statement.csv"
BANK = "/host/earnings/bank-account/"
WITHDRAWAL = "/host/earnings/bank-account/withdrawal/"
PASSWORD = "/account/reauthenticate/"
API = "/api/v1/host/earnings/"
GIVEN = {"bank": "088", "account_number": "110-123-456789", "holder": "하준"}


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Any) -> None:
    """Hosts are paid at the sandbox."""


@pytest.fixture
def signed_in(client: Any, host: Any) -> Any:
    """The host, signed in, who gave the password once more just now."""
    client.force_login(host)
    answer = client.post(PASSWORD, {"password": "pass-word-1", "next": BANK})
    assert (answer.status_code, answer["Location"]) == (302, BANK)
    return client


class TestAccess:
    @pytest.mark.parametrize("url", [EARNINGS, TABLE, BANK])
    def test_anonymous_signs_in_first(self, client: Any, url: str) -> None:
        answer = client.get(url)
        assert (answer.status_code, "/login/" in answer["Location"]) == (302, True)

    @pytest.mark.parametrize("url", [EARNINGS, TABLE, BANK])
    def test_a_guest_is_asked_whether_they_want_to_let(self, client: Any, guest: Any, url: str) -> None:
        client.force_login(guest)
        assert client.get(url).status_code == 302

    @pytest.mark.parametrize(("method", "url"), [("post", EARNINGS), ("post", TABLE), ("get", WITHDRAWAL)])
    def test_wrong_method(self, client: Any, host: Any, method: str, url: str) -> None:
        client.force_login(host)
        assert getattr(client, method)(url).status_code == 405

    def test_nobody_sees_anothers_money(self, client: Any, guest: Any, host: Any, stranger: Any, api: Any) -> None:
        reservation = due_stay(guest, host)
        run_timers()
        client.force_login(stranger)
        for url in (EARNINGS, TABLE):
            assert reservation.code not in client.get(url).content.decode()
        assert api(stranger).get(API).json()["results"] == []


class TestEarnings:
    def test_an_empty_page_asks_for_bank_details(self, client: Any, host: Any) -> None:
        client.force_login(host)
        page = client.get(EARNINGS).content.decode()
        assert BANK in page
        assert "Nothing yet" in page

    def test_each_payout_with_its_sums(self, client: Any, guest: Any, host: Any) -> None:
        payee_of(host)
        sent = due_stay(guest, host)
        planned = support.confirmed_reservation(guest, support.room_of(host))
        run_timers()
        client.force_login(host)
        page = client.get(EARNINGS).content.decode()
        for code in (sent.code, planned.code):
            assert code in page
        for fact in (f"₩{sent.total_minor:,}", f"₩{sent.host_payout_minor:,}", "Paid out", "Scheduled", "•••• 6789"):
            assert fact in page
        assert ACCOUNT not in page

    def test_what_was_kept_back_stands_on_its_own_line(self, client: Any, guest: Any, host: Any, deliver: Any) -> None:
        payee_of(host)
        first = due_stay(guest, host, nights=6)
        run_timers()
        support.cancel(support.fresh(first), guest)
        deliver()
        due_stay(guest, host, nights=6)
        run_timers()
        client.force_login(host)
        assert f"₩{debts_of(host)[0].amount_minor:,} for the refund of {first.code}" in (
            client.get(EARNINGS).content.decode().replace("-₩", "₩").replace("−₩", "₩")
        )

    @pytest.mark.parametrize("page", ["x", "-1", "0", "99999999", ""])
    def test_nonsense_pages(self, client: Any, host: Any, page: str) -> None:
        client.force_login(host)
        assert client.get(EARNINGS, {"page": page}).status_code == 200

    def test_the_number_of_statements_does_not_grow(
        self, client: Any, guest: Any, host: Any, django_assert_max_num_queries: Any
    ) -> None:
        payee_of(host)
        for _each in range(3):
            due_stay(guest, host)
        run_timers()
        client.force_login(host)
        with django_assert_max_num_queries(16):
            client.get(EARNINGS)


class TestTable:
    def test_one_row_each_and_no_formula(self, client: Any, guest: Any, host: Any) -> None:
        reservation = due_stay(guest, host, title_i18n={"ko": "=1+2", "en": "=HYPERLINK(1)"})
        client.force_login(host)
        answer = client.get(TABLE)
        assert answer["Content-Type"].startswith("text/csv")
        text = answer.content.decode("utf-8-sig")
        assert len(text.splitlines()) == 2
        assert reservation.code in text
        assert "'=HYPERLINK(1)" in text
        assert ",=HYPERLINK" not in text

    @pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
    def test_what_would_be_a_formula_is_text(self, cell: str) -> None:
        assert safe(cell) == f"'{cell}"

    def test_sums_are_plain_numbers(self) -> None:
        from airbnb.money import Money

        assert [number(Money(-1250, "USD")), number(Money(1250, "KRW"))] == ["-12.50", "1250"]


class TestBankDetails:
    def test_the_password_is_asked_first(self, client: Any, host: Any) -> None:
        client.force_login(host)  # signed in, but not with the password just now
        for answer in (client.get(BANK), client.post(BANK, GIVEN)):
            assert (answer.status_code, "reauthenticate" in answer["Location"]) == (302, True)
        assert not Payee.objects.exists()

    def test_signing_in_is_not_enough(self, client: Any, host: Any) -> None:
        client.post("/account/login/", {"login": host.email, "password": "pass-word-1"})
        assert "reauthenticate" in client.get(BANK)["Location"]

    def test_a_wrong_password_opens_nothing(self, client: Any, host: Any) -> None:
        client.force_login(host)
        assert client.post(PASSWORD, {"password": "pass-word-2", "next": BANK}).status_code == 200
        assert client.get(BANK).status_code == 302

    def test_another_account_in_the_same_browser_is_asked_again(self, signed_in: Any, stranger: Any) -> None:
        signed_in.force_login(stranger)
        assert signed_in.get(BANK).status_code == 302

    def test_what_was_sent_too_late_is_kept_nowhere(self, signed_in: Any, settings: Any) -> None:
        settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
        answer = signed_in.post(BANK, GIVEN)
        assert (answer.status_code, answer["Location"]) == (
            302,
            f"{PASSWORD}?next=%2Fhost%2Fearnings%2Fbank-account%2F",
        )
        assert "456789" not in str(dict(signed_in.session))
        assert "then the bank details once more" in signed_in.get(answer["Location"]).content.decode()
        again = signed_in.post(PASSWORD, {"password": "pass-word-1", "next": BANK})
        assert again["Location"] == BANK
        assert not Payee.objects.exists()

    def test_the_first_account(self, signed_in: Any, host: Any) -> None:
        assert signed_in.get(BANK).status_code == 200
        assert signed_in.post(BANK, GIVEN)["Location"] == EARNINGS
        payee = Payee.objects.in_force(host.pk, clock.now())
        assert payee is not None
        assert (payee.last4, payee.holder) == ("6789", "하준")

    def test_a_change_waits_is_told_and_can_be_withdrawn(
        self, signed_in: Any, host: Any, deliver: Any, mailoutbox: list[Any]
    ) -> None:
        from notifications.models import Notification
        from notifications.services import send_due

        payee_of(host)
        signed_in.post(BANK, {**GIVEN, "account_number": "3333012345678"})
        page = signed_in.get(EARNINGS).content.decode()
        assert "about to change" in page
        deliver()
        send_due()
        kinds = list(Notification.objects.filter(recipient=host.pk).values_list("kind", "params__variant"))
        assert sorted(kinds) == [("bank_details_changed", ""), ("bank_details_changed", "first")]
        assert len([each for each in mailoutbox if host.email in each.to]) == 2
        signed_in.post(WITHDRAWAL)
        assert Payee.objects.coming(host.pk, clock.now()) is None
        assert "about to change" not in signed_in.get(EARNINGS).content.decode()

    @pytest.mark.parametrize(
        "wrong", [{"bank": "999"}, {"account_number": "12"}, {"account_number": "=1+1"}, {"holder": ""}, {"bank": ""}]
    )
    def test_bad_input(self, signed_in: Any, wrong: dict[str, str]) -> None:
        assert signed_in.post(BANK, {**GIVEN, **wrong}).status_code == 422
        assert not Payee.objects.exists()

    def test_what_the_bank_refuses(self, signed_in: Any) -> None:
        answer = signed_in.post(BANK, {**GIVEN, "account_number": "1234567"})
        assert answer.status_code == 422
        assert "does not know this account" in answer.content.decode()

    def test_a_bank_that_does_not_answer(self, signed_in: Any, sandbox: Any) -> None:
        sandbox.faults(mode="drop_before")
        assert signed_in.post(BANK, GIVEN).status_code == 503


class TestApi:
    def test_works_with_its_etag(self, api: Any, guest: Any, host: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        run_timers()
        answer = api(host).get(API)
        (row,) = answer.json()["results"]
        line = line_of(reservation)
        assert (row["reservation"], row["status"], row["payout"]["amount"]) == (
            reservation.code, "sent", line.amount_minor,
        )  # fmt: skip
        parts = [row[name]["amount"] for name in ("gross", "fees", "tax")]
        assert sum(parts) == row["payout"]["amount"]
        assert answer.json()["overview"][0]["due"]["amount"] == 0
        assert api(host, **{"If-None-Match": answer["ETag"]}).get(API).status_code == 304

    def test_pages_by_cursor(self, api: Any, guest: Any, host: Any) -> None:
        for _each in range(3):
            support.confirmed_reservation(guest, support.room_of(host))
        first = api(host).get(API, {"page_size": 2}).json()
        second = api(host).get(first["next"]).json()
        assert [len(first["results"]), len(second["results"])] == [2, 1]

    def test_anonymous_guest_wrong_scope_wrong_method(self, api: Any, guest: Any, host: Any) -> None:
        assert api().get(API).status_code == 401
        assert api(guest).get(API).status_code == 403
        assert api(host, scopes=("read", "book")).get(API).status_code == 403
        assert api(host).post(API).status_code in (403, 405)
        assert api(host).get(API, {"cursor": "nonsense"}).status_code == 404


class TestOperators:
    URL = "/admin/payments/payout/"

    def act(self, client: Any, operator: Any, action: str, payout: Any, **more: str) -> Any:
        client.force_login(operator)
        return client.post(self.URL, {"action": action, "_selected_action": str(payout.pk), **more}, follow=True)

    def test_hold_needs_a_reason_and_let_go_sends(self, client: Any, operator: Any, guest: Any, host: Any) -> None:
        payee_of(host)
        reservation = due_stay(guest, host)
        line = line_of(reservation)
        assert "Give a reason" in self.act(client, operator, "hold", line).content.decode()
        self.act(client, operator, "hold", line, reason="A claim is open")
        run_timers()
        assert line_of(reservation).status == "held"
        self.act(client, operator, "let_go", line)
        run_timers()
        assert line_of(reservation).status == "sent"
        assert "cannot" not in self.act(client, operator, "hold", line, reason="x").content.decode()
        assert line_of(reservation).status == "sent"

    def test_send_again(self, client: Any, operator: Any, guest: Any, host: Any) -> None:
        payee_of(host, "000111111113")
        reservation = due_stay(guest, host)
        run_timers()
        assert (
            "1 payout will be sent again"
            in self.act(client, operator, "send_again", line_of(reservation)).content.decode()
        )
        assert line_of(reservation).status == "ready"

    def test_hosts_are_no_operators(self, client: Any, host: Any) -> None:
        client.force_login(host)
        assert client.get(self.URL).status_code in (302, 403)

    @pytest.mark.parametrize("name", ["payout", "payee", "earning", "clawback"])
    def test_lists_open(self, client: Any, operator: Any, guest: Any, host: Any, name: str) -> None:
        payee_of(host)
        due_stay(guest, host)
        client.force_login(operator)
        assert client.get(f"/admin/payments/{name}/").status_code == 200


def test_a_payout_is_told_to_its_host_alone(guest: Any, host: Any, deliver: Any) -> None:
    from notifications.models import Notification

    reservation = due_stay(guest, host)
    run_timers()
    deliver()
    payee_of(host)
    deliver()
    with clock.shifted(timedelta(minutes=2)):
        run_timers()
        deliver()
    told = Notification.objects.filter(kind__startswith="payout", reservation=reservation.code)
    assert {(each.kind, each.recipient_id) for each in told} == {("payout_held", host.pk), ("payout_sent", host.pk)}
