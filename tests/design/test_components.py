"""The shared pieces of pages: each renders from explicit values and says what it must."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from airbnb import clock
from airbnb.demo import pattern
from airbnb.money import Money

IN_ORDER = re.compile(r"<label.*?helptext.*?_error.*?<input", re.DOTALL)


def rendered(name: str, given: str, language: str = "en", **values: Any) -> str:
    """A component with values, exactly as a page includes it."""
    source = f'{{% include "components/{name}.html" with {given} only %}}'
    request = RequestFactory().get("/list/", {"city": "seoul", "page": "4"})
    with translation.override(language):
        return engines["django"].from_string(source).render(values, request)


def test_the_night_strip_shows_each_night_and_both_times() -> None:
    html = rendered(
        "nights",
        'check_in=a check_out=b check_in_time="15:00" check_out_time="11:00"',
        a=date(2026, 10, 23),
        b=date(2026, 10, 26),
    )
    assert html.count('class="night"') == 3
    assert 'aria-label="3 nights: in Fri 23 Oct 15:00, out Mon 26 Oct 11:00"' in html


def test_a_bill_adds_up_on_paper_and_marks_what_is_taken_off() -> None:
    bill = pattern.sample_bill()
    html = rendered("bill", "lines=lines total=total", **bill)
    assert html.count("<dt>") == len(bill["lines"]) + 1
    assert re.search(r'class="less"><dt>5% off from 3 nights</dt><dd>−₩21,200', html)
    assert sum(line["amount"].amount_minor for line in bill["lines"]) == bill["total"].amount_minor
    assert "₩452,940" in html


def test_terms_name_sums_and_moments_and_mark_the_present_step() -> None:
    html = rendered("policy", 'steps=steps zone="Asia/Seoul"', steps=pattern.sample_policy())
    assert html.count("aria-current") == 1
    assert "until Sun 18 Oct, 15:00" in html
    assert "₩30,000 back" in html
    assert "after that" in html


def test_terms_without_a_zone_still_render() -> None:
    assert "₩452,940" in rendered("policy", "steps=steps", steps=pattern.sample_policy())


@pytest.mark.parametrize(
    ("state", "shown", "word"),
    [
        ("held", "held", "Dates held"),
        ("PAYING", "awaiting", "Awaiting payment"),
        ("requested", "requested", "Requested"),
        ("CONFIRMED", "confirmed", "Confirmed"),
        ("in_stay", "staying", "Staying"),
        ("completed", "completed", "Completed"),
        ("cancelled", "cancelled", "Cancelled"),
        ("refunded", "refunded", "Refunded"),
        ("declined", "cancelled", "Declined"),
        ("expired", "expired", "Hold ended"),
    ],
)
def test_a_state_has_one_word_one_icon_and_one_colour(state: str, shown: str, word: str) -> None:
    html = rendered("badge", "state=state", state=state)
    assert f'data-state="{shown}"' in html
    assert word in html
    assert html.count("<svg") == 1


def test_the_card_leads_with_the_total() -> None:
    html = rendered("card", "card=card", card=pattern.sample_card(1))
    assert html.index("₩452,940") < html.index("₩150,980")
    assert "total for 3 nights" in html
    assert 'role="img"' in html  # no photograph yet, and it says so


def test_the_card_without_dates_says_so() -> None:
    html = rendered("card", "card=card", card=pattern.sample_card(0))
    assert "from, for one night" in html
    assert "total for" not in html


def test_a_photograph_offers_three_widths_and_has_its_words() -> None:
    photo = {"480": "/s.webp", "960": "/m.webp", "1600": "/l.webp"}
    html = rendered("photo", 'photo=photo alt="A yard"', photo=photo)
    assert 'srcset="/s.webp 480w, /m.webp 960w, /l.webp 1600w"' in html
    assert 'alt="A yard"' in html
    assert 'loading="lazy"' in html
    assert 'width="1600" height="1200"' in html
    assert "lazy" not in rendered("photo", 'photo=photo alt="" eager=True', photo=photo)


def test_a_month_is_a_grid_with_reasons_and_prices() -> None:
    html = rendered("month", "days=days", days=pattern.sample_months()[1])
    assert html.count('role="gridcell"') == 30
    assert html.count('role="grid"') == 1
    assert "closed by the host" in html
    assert html.count('aria-disabled="true"') == 6
    assert 'data-date="2026-11-30"' in html


def test_a_day_that_can_be_picked_is_a_link_without_javascript() -> None:
    day = {"date": date(2026, 11, 3), "state": "", "price": Money(128000), "url": "?check_in=2026-11-03"}
    html = rendered("day", "cell=cell", cell=day)
    assert re.search(r'<a class="day" href="\?check_in=2026-11-03"', html)
    assert "128k" in html
    closed = rendered("day", "cell=cell", cell=day | {"url": "", "state": "booked", "reason": "booked"})
    assert "<button" in closed
    assert "128k" not in closed
    assert "booked" in closed


def test_the_calendar_names_the_fields_it_fills() -> None:
    html = rendered(
        "calendar", 'months=months check_in_id="a" check_out_id="b" next_url="?m=2"', months=pattern.sample_months()
    )
    assert 'data-check-in="a" data-check-out="b"' in html
    assert html.count("<table") == 2
    assert 'hx-get="?m=2"' in html


def test_a_timeline_marks_now() -> None:
    html = rendered("timeline", 'steps=steps zone="Asia/Seoul"', steps=pattern.sample_timeline())
    assert html.count('aria-current="step"') == 1
    assert '<time datetime="2026-10-02T12:04:00+00:00">Fri 2 Oct, 21:04</time>' in html


def test_a_banner_counts_down_to_the_servers_deadline() -> None:
    until = datetime(2026, 10, 14, 5, 32, tzinfo=UTC)
    with clock.frozen(until - timedelta(minutes=12, seconds=41)):
        html = rendered("banner", 'kind="wait" title="Held" until=until zone="Asia/Seoul"', until=until)
    assert 'data-until="2026-10-14T05:32:00+00:00" data-now="2026-10-14T05:19:19.000+00:00"' in html
    assert "until 14:32" in html
    assert re.search('role="timer"[^>]*>12:41<', html)


def test_an_error_stands_between_hint_and_field_and_describes_it() -> None:
    class Form(forms.Form):
        name = forms.CharField(help_text="As on your ID", max_length=3)

    html = rendered("field", "field=field", field=Form({"name": "Seoyun"})["name"])
    assert IN_ORDER.search(html)
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_a_hint_given_by_the_page_describes_the_field_too() -> None:
    html = rendered("field", 'field=field hint="11 digits"', field=pattern.SampleForm()["phone"])
    assert 'id="id_phone_helptext">11 digits' in html
    assert 'aria-describedby="id_phone_helptext"' in html


def test_every_kind_of_field_has_a_label_or_a_legend() -> None:
    form = pattern.sample_form()
    html = rendered("form_fields", "form=form", form=form)
    for field in form:
        assert f'for="{field.id_for_label or field.auto_id + "_0"}"' in html
    assert html.count("<legend>") == 1
    assert "(optional)" in html


def test_the_summary_has_the_same_words_and_links() -> None:
    form = pattern.sample_form()
    html = rendered("error_summary", "form=form", form=form)
    assert "There are 3 things to fix" in html
    assert '<a href="#id_phone">Enter 11 digits. This has fewer.</a>' in html
    assert 'tabindex="-1"' in html
    assert rendered("title_problems", "form=form", form=form).strip() == "3 problems:"
    assert not rendered("error_summary", "form=form", form=pattern.SampleForm()).strip()


def test_a_pager_keeps_the_rest_of_the_query() -> None:
    html = rendered("pager", "page=page", page=Paginator(list(range(100)), 10).page(4))
    assert 'href="?city=seoul&amp;page=5"' in html
    assert html.count("aria-current") == 1
    assert not rendered("pager", "page=page", page=Paginator([1], 10).page(1)).strip()


def test_a_component_that_posts_carries_the_token() -> None:
    html = rendered(
        "confirm", 'id="x" title="Let the dates go?" action="/a/" confirm_label="Let go" csrf_token=token', token="t0"
    )
    assert '<input type="hidden" name="csrfmiddlewaretoken" value="t0">' in html
    assert 'method="post" action="/a/"' in html
    assert html.count("<button") == 3


def test_texts_of_people_are_escaped() -> None:
    card = pattern.sample_card(1) | {"title": "<script>alert(1)</script>"}
    assert "<script>" not in rendered("card", "card=card", card=card)
    assert "<script>" not in rendered("tabs", 'tabs=tabs label="x"', tabs=[{"label": "<script>", "url": "#"}])


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_pattern_sheet_shows_every_part(client: Any, settings: Any, language: str) -> None:
    settings.LOCAL_STACK = True
    client.cookies["django_language"] = language
    html = client.get("/design/").content.decode()
    assert f'<html lang="{language}"' in html
    for part in ("nights", "bill", "policy", "timeline", "banner", "errors", "cal", "pager", "register", "stepper"):
        assert f'class="{part}"' in html
    assert html.count("<h1>") == 1


def test_a_photograph_that_leads_on_has_words_even_without_a_description() -> None:
    photo = {"480": "/s.webp", "960": "/m.webp", "1600": "/l.webp"}
    assert 'alt="Photograph"' in rendered("photo", 'photo=photo href="/l.webp"', photo=photo)
    assert 'alt=""' in rendered("photo", "photo=photo", photo=photo)
