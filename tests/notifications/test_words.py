"""Every kind, for every reader, in both languages: no placeholder without its value, and the sums in the mail."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import translation

from notifications.channels import Message
from notifications.channels.email import mail
from notifications.channels.kakaotalk import alimtalk, template_code
from notifications.kinds import KINDS, Topic, may_switch_off
from notifications.texts import RULES, TEXTS, Text
from notifications.wording import text_of, values, words
from tests.factories.notifications import PARAMS

CASES = [(role, name) for role, texts in TEXTS.items() for name in texts]
MAILED = [case for case in CASES if "email" in KINDS[case[1].partition(":")[0]].channels]
OF_PEOPLE = "서윤|하준|사정이 생겼어요"  # names, and what somebody wrote: never translated
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def message(role: str, name: str, language: str, **params: Any) -> Message:
    kind, _, variant = name.partition(":")
    return Message(
        key="key",
        kind=kind,
        role=role,
        params={**PARAMS, "variant": variant, **params},
        language=language,
        email="guest@example.com",
        phone="01000000000",
        name="서윤",
        correlation_id="c-1",
    )


def test_every_kind_has_words_and_every_text_a_kind() -> None:
    assert {name.partition(":")[0] for _role, name in CASES} == set(KINDS)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("role", "name"), CASES)
def test_texts_render(role: str, name: str, language: str) -> None:
    kind, _, variant = name.partition(":")
    with translation.override(language):
        said = words(kind, role, {**PARAMS, "variant": variant})
    for part in (said.title, said.text, said.button):
        assert part
        assert "%(" not in part
        assert "None" not in part
    assert said.url.startswith("/")
    hangul = [bool(re.search("[가-힣]", re.sub(OF_PEOPLE, "", part))) for part in (said.text, said.button)]
    assert all(hangul) if language == "ko" else not any(hangul), "no text in the other language"


@pytest.mark.parametrize(("role", "name"), CASES)
def test_a_translation_names_what_the_original_names(role: str, name: str) -> None:
    text: Text = TEXTS[role][name]
    for part in (text.title, text.body):
        with translation.override("en"):
            original = set(PLACEHOLDER.findall(str(part)))
        with translation.override("ko"):
            assert set(PLACEHOLDER.findall(str(part))) == original
        assert original <= set(values(PARAMS)), "a placeholder nobody fills"


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    ("role", "name"), [case for case in CASES if "email" in KINDS[case[1].partition(":")[0]].channels]
)
def test_mails_say_it_twice_and_the_same(role: str, name: str, language: str) -> None:
    made = mail(message(role, name, language))
    html, kind = made.alternatives[0]
    assert kind == "text/html"
    assert f'lang="{language}"' in html
    with translation.override(language):
        said = words(name.partition(":")[0], role, {**PARAMS, "variant": name.partition(":")[2]})
    assert made.subject == said.title
    for whole in (made.body, html):
        assert "%(" not in whole
        assert "{{" not in whole
    assert said.text in made.body
    sums = set(re.findall(r"₩[\d,]+", made.body))
    assert sums <= set(re.findall(r"₩[\d,]+", html))


def test_the_guests_confirmation_has_bill_terms_and_times_in_the_rooms_zone() -> None:
    body = mail(message("guest", "reservation_confirmed", "en")).body
    for fact in ("Fri 9 Apr", "from 15:00", "by 11:00", "Cleaning: ₩30,000", "₩317,600", "BBTOLD0001"):
        assert fact in body
    assert "until Thu 8 Apr, 15:00: ₩317,600" in body
    assert "after that: ₩30,000" in body


def test_the_hosts_confirmation_has_every_detail() -> None:
    body = mail(message("host", "reservation_confirmed", "ko")).body
    for fact in (
        "서윤",
        "느티채",
        "4월 9일(금)",
        "15:00",
        "11:00",
        "₩317,600",
        "₩290,000",
        "밤 늦게 도착해요",
        "BBTOLD0001",
    ):
        assert fact in body


def test_a_cancellation_tells_refund_and_rule() -> None:
    body = mail(message("guest", "reservation_cancelled", "en")).body
    assert "₩250,000" in body
    assert str(RULES["flexible"]) in body
    host = mail(message("host", "reservation_cancelled", "en")).body
    assert "사정이 생겼어요" in host


def test_names_cannot_break_out_of_the_mail() -> None:
    made = mail(
        message(
            "guest", "reservation_confirmed", "en", host="<script>x</script>\nBcc: a@example.com", room={"en": "A\nB"}
        )
    )
    assert "<script>" not in made.alternatives[0][0]
    assert "\n" not in made.subject


def test_alimtalk_has_template_and_variables() -> None:
    request = alimtalk(message("guest", "reservation_cancelled:host", "ko"))
    assert request["template"] == "BB_RESERVATION_CANCELLED_HOST_GUEST_KO"
    assert template_code(message("host", "reservation_confirmed", "en")) == "BB_RESERVATION_CONFIRMED_HOST_EN"
    assert request["variables"]["refund"] == "₩250,000"
    assert len(request["text"]) <= 1000


def test_a_variant_without_words_uses_the_plain_ones() -> None:
    assert text_of("stay_started", "host", "anything") is TEXTS["host"]["stay_started"]
    with pytest.raises(KeyError):
        text_of("reservation_held", "host")


def test_what_can_be_switched_off() -> None:
    assert not any(may_switch_off(topic, "in_app") for topic in Topic)
    assert not may_switch_off(Topic.BOOKING, "email")
    assert may_switch_off(Topic.BOOKING, "kakaotalk")
    assert may_switch_off(Topic.REVIEW, "email")
