"""Operators see how the gateways stand and decide about them, with a reason; the monitoring sees it, too."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from payments import watching
from payments.gateways.port import Known
from payments.models import GatewayChange, GatewayState
from payments.models.gateway import ANSWERS_AGAIN, NOTICED
from tests.payments.breaking import LONG, Scripted, break_it, breaker_with, call

pytestmark = pytest.mark.django_db
PAGES = "/admin/payments/gatewaystate/"
DECISION = f"{PAGES}scripted/decision/"


@pytest.fixture
def desk(operator: Any, client: Client) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture
def known(scripted: Scripted) -> Scripted:
    watching.watch("scripted")
    return scripted


def test_every_gateway_is_listed_with_its_history(
    desk: Client, known: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaker_with(LONG, monkeypatch)
    assert "scripted" in desk.get(PAGES).content.decode()
    break_it(known)
    page = desk.get(f"{PAGES}scripted/change/").content.decode()
    assert "unknown: status 500" in page
    assert DECISION in page
    assert 'name="_save"' not in page


def test_what_the_watch_notes_by_itself_is_read_in_the_operators_language(
    desk: Client, known: Scripted, operator: Any
) -> None:
    operator.language = "ko"
    operator.save()
    GatewayState.objects.filter(pk="scripted").update(reason=ANSWERS_AGAIN)
    GatewayChange.objects.filter(gateway="scripted").update(reason=NOTICED)
    for address in (PAGES, f"{PAGES}scripted/change/", DECISION):
        page = desk.get(address, HTTP_ACCEPT_LANGUAGE="ko").content.decode()
        assert "다시 응답합니다" in page
        assert ANSWERS_AGAIN not in page


def test_an_operator_stops_payments_with_a_reason_and_releases_them(
    desk: Client, known: Scripted, operator: Any
) -> None:
    assert "I am sure" in desk.get(DECISION).content.decode()
    assert desk.post(DECISION, {"forced": "open", "reason": "they move house"}).status_code == 302
    assert call("charge").known == Known.UNREACHABLE
    row = GatewayState.objects.get(pk="scripted")
    assert (row.rests, row.forced_by, row.reason) == (True, operator, "they move house")
    assert LogEntry.objects.filter(user=operator, change_message__contains="they move house").exists()
    assert GatewayChange.objects.filter(by=operator).count() == 1
    assert desk.post(DECISION, {"forced": "", "reason": "they have moved"}).status_code == 302
    assert GatewayState.objects.get(pk="scripted").forced == ""


def test_without_a_reason_or_with_another_word_nothing_is_done(desk: Client, known: Scripted) -> None:
    for given in ({"forced": "open"}, {"forced": "broken", "reason": "x"}, {"forced": "open", "reason": "x" * 201}):
        assert desk.post(DECISION, given).status_code == 422
    assert GatewayState.objects.get(pk="scripted").forced == ""


def test_others_do_not_get_in_and_what_is_not_there_is_404(
    desk: Client, known: Scripted, guest: Any, client: Client
) -> None:
    assert desk.get(f"{PAGES}nobody/decision/").status_code == 404
    client.logout()
    assert client.get(DECISION).status_code == 302
    client.force_login(guest)
    assert client.post(DECISION, {"forced": "open", "reason": "x"}).status_code in (302, 403)
    assert GatewayState.objects.get(pk="scripted").forced == ""


def test_the_monitoring_sees_standing_and_calls(
    known: Scripted, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payments import metrics

    breaker_with(LONG, monkeypatch)
    monkeypatch.setattr(metrics, "breaker_of", watching.breaker_of)
    call("charge")
    break_it(known)
    call("charge")
    told = client.get("/metrics").content.decode()
    assert 'binbang_gateway_rests{gateway="scripted"} 1.0' in told
    assert 'binbang_gateway_forced{gateway="scripted"} 0.0' in told
    assert 'binbang_gateway_calls_total{gateway="scripted",result="bad"} 3.0' in told
    assert 'binbang_gateway_calls_total{gateway="scripted",result="refused"} 1.0' in told
    assert 'binbang_gateway_calls_total{gateway="scripted",result="ok"} 1.0' in told
