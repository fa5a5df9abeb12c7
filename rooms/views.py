"""Pages of rooms for guests: the search, the page of a room, and the parts of it that change by themselves."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from rooms import queries
from rooms.amenities import Amenity, described
from rooms.asking import room_url, search_params, search_url
from rooms.cities import CITIES
from rooms.forms import SearchForm, StayForm
from rooms.policies import POLICIES
from rooms.queries import RoomFacts, SearchFilters, SearchPage
from rooms.shown.box import PriceBox, chosen_by, price_box
from rooms.shown.cards import cards_of, on_map, place_of
from rooms.shown.days import calendar_of, parse_month
from rooms.shown.filters import amenity_choices, changes_of, chips_of, kind_choices, place_name

PAGE_SIZE = 20
REVIEWS_SHOWN = 6
REVIEWS_A_PAGE = 12
# What a place to stay is often expected to have: its absence is told as plainly as its presence.
OFTEN_EXPECTED = ("wifi", "kitchen", "parking", "air_conditioning", "tv", "step_free")


@require_safe
@vary_on_headers("HX-Request")
def search(request: HttpRequest) -> HttpResponse:
    """Rooms that match, with totals for the dates; with mistakes in the form, these and no rooms."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return render(request, _search_template(request), _search_context(request, form), status=422)
    filters = form.filters()
    found = queries.search(filters, _page_number(request), PAGE_SIZE)
    context = _search_context(request, form, filters, found)
    if not found.count:
        context["changes"] = changes_of(queries.relaxations(filters))
    response = render(request, _search_template(request), context)
    if _is_htmx(request):
        response["HX-Push-Url"] = search_url(filters)
    return response


@require_safe
def room(request: HttpRequest, slug: str) -> HttpResponse:
    """A room with its calendar and, for chosen dates, its price or the reason why not."""
    page = queries.room_page(slug, viewer_id=request.user.pk, reviews=REVIEWS_SHOWN)
    box = price_box(page.facts, StayForm(request.GET, zone=page.facts.time_zone))
    context = {
        "page": page,
        "missing": _missing([each.code for each in page.amenities]),
        "calendar": calendar_of(page.facts, box.chosen, parse_month(request.GET.get("month", ""))),
        "back_url": search_url(_like(page.facts, box)),
        "canonical": request.build_absolute_uri(room_url(slug)),
        **_box_context(request, page.facts, box),
    }
    return render(request, "rooms/room.html", context, status=422 if box.form.errors else 200)


@require_safe
@vary_on_headers("HX-Request")
def price(request: HttpRequest, slug: str) -> HttpResponse:
    """The price box alone, with the terms that follow from it; as a page, the room with these dates."""
    facts = _seen(request, slug)
    if not _is_htmx(request):
        return redirect(f"{room_url(slug)}?{request.GET.urlencode()}")
    box = price_box(facts, StayForm(request.GET, zone=facts.time_zone))
    status = 422 if box.form.errors else 200
    response = render(request, "rooms/_price_changed.html", _box_context(request, facts, box), status=status)
    if status == 200:
        response["HX-Push-Url"] = room_url(slug, *box.url_params)
    return response


@require_safe
@vary_on_headers("HX-Request")
def month(request: HttpRequest, slug: str) -> HttpResponse:
    """The calendar alone for other months; as a page, the room with the calendar there."""
    facts = _seen(request, slug)
    if not _is_htmx(request):
        return redirect(f"{room_url(slug)}?{request.GET.urlencode()}#when")
    chosen = chosen_by(StayForm(request.GET, zone=facts.time_zone))
    calendar = calendar_of(facts, chosen, parse_month(request.GET.get("month", "")))
    return render(request, "components/calendar.html", {**calendar, "id": "calendar"})


@require_safe
def reviews(request: HttpRequest, slug: str) -> HttpResponse:
    """All published reviews of a room, newest or lowest first."""
    page = queries.room_page(slug, viewer_id=request.user.pk, reviews=0)
    low_first = request.GET.get("order") == "low"
    pages = Paginator(range(page.summary.count), REVIEWS_A_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    offset = max(0, shown.start_index() - 1)
    context = {
        "page": page,
        "reviews": queries.reviews_of(page.facts.id, limit=REVIEWS_A_PAGE, offset=offset, low_first=low_first),
        "low_first": low_first,
        "pages": shown,
        "room_url": room_url(slug),
    }
    return render(request, "rooms/reviews.html", context)


def _is_htmx(request: HttpRequest) -> bool:
    """Whether a part is wanted; a page that htmx restores from history is wanted whole."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def _seen(request: HttpRequest, slug: str) -> RoomFacts:
    """A room that this reader may look at; 404 for all others."""
    facts = queries.room_by_slug(slug)
    if facts.status not in ("listed", "paused") and facts.host_id != request.user.pk:
        raise Http404
    return facts


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    # No page has a longer number, and Python refuses to read very long ones.
    return min(max(int(text), 1), 500) if len(text) < 10 and text.isascii() and text.isdigit() else 1


def _search_template(request: HttpRequest) -> str:
    return "rooms/_search_changed.html" if _is_htmx(request) else "rooms/search.html"


def _search_context(
    request: HttpRequest, form: SearchForm, filters: SearchFilters | None = None, found: SearchPage | None = None
) -> dict[str, Any]:
    """What the results show; without ``found`` only the form with its mistakes."""
    context: dict[str, Any] = {"form": form, "cities": CITIES.values(), "filters": filters, "found": found}
    if filters is None or found is None:
        return context
    chips, cards = chips_of(filters), cards_of(found.cards, filters)
    plain = SearchFilters(q=filters.q, city=filters.city)
    return context | {
        "place": place_name(filters),
        "nights": filters.stay.length if filters.stay else 0,
        "cards": cards,
        **on_map(found.cards, cards),
        "chips": chips,
        "clear_url": search_url(_unfiltered(filters)),
        "kinds": kind_choices(found.facets, filters),
        "amenities": amenity_choices(found.facets, filters),
        "instant_count": found.facets.instant,
        "previous_url": search_url(filters, page=found.page - 1) if found.page > 1 else "",
        "next_url": search_url(filters, page=found.page + 1) if found.has_next else "",
        "first_number": (found.page - 1) * found.page_size + 1,
        "canonical": request.build_absolute_uri(search_url(plain)),
        "indexed": search_params(filters) == search_params(plain),
    }


def _unfiltered(filters: SearchFilters) -> SearchFilters:
    return SearchFilters(
        q=filters.q,
        city=filters.city,
        check_in=filters.check_in,
        check_out=filters.check_out,
        guests=filters.guests,
        sort=filters.sort,
    )


def _box_context(request: HttpRequest, facts: RoomFacts, box: PriceBox) -> dict[str, Any]:
    return {
        "facts": facts,
        "box": box,
        "place": place_of(facts.area_i18n, facts.city_i18n),
        "own_room": facts.host_id == request.user.pk,
        "policy": POLICIES[facts.cancellation_policy],
    }


def _like(facts: RoomFacts, box: PriceBox) -> SearchFilters:
    """The search that leads back: the same city, dates and guests."""
    check_in, check_out, guests = box.url_params
    both = check_in and check_out
    return SearchFilters(
        city=facts.city, check_in=check_in if both else None, check_out=check_out if both else None, guests=guests
    )


def _missing(codes: list[str]) -> list[Amenity]:
    return described([code for code in OFTEN_EXPECTED if code not in codes])
