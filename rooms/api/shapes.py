"""What goes out: rooms, cards, photographs and quotes as the contract's JSON, in the reader's language."""

from __future__ import annotations

from typing import Any

from airbnb.money import Money
from rooms import cities, policies, queries
from rooms.kinds import KINDS
from rooms.models import Room
from rooms.nearness import near
from rooms.pricing import Line
from rooms.queries.pages import PhotoFacts, ReviewFacts, photo_facts
from rooms.quotes import Quote
from rooms.stay_rules import Reason
from rooms.texts import both, in_language

_SAME = (
    "slug", "kind", "area", "capacity", "bedrooms", "beds", "bathrooms", "currency", "included_guests", "min_nights",
    "max_nights", "notice_days", "window_days", "instant_book", "cancellation_policy", "time_zone", "amenities",
    "status", "version",
)  # fmt: skip
_SUMS = ("base_price", "weekend_price", "cleaning_fee", "extra_guest_fee")
_TEXTS = ("title", "description", "house_rules")


def room_json(room: Room, *, own: bool) -> dict[str, Any]:
    """A room in full. Its host also gets address, exact place, arrival guide and the state of its bookings."""
    index = room.index
    shown: dict[str, Any] = {"id": room.code, **{name: getattr(room, name) for name in _SAME}}
    for name in _TEXTS:
        given = getattr(room, f"{name}_i18n")
        shown |= {name: in_language(given), f"{name}_i18n": both(given)}
    for name in _SUMS:
        minor = getattr(room, f"{name}_minor")
        shown[name] = None if minor is None else Money(minor, room.currency).as_json()
    shown |= {
        "host": {"id": room.host.code, "name": room.host.shown_name},
        "city": room.city_given,
        "city_name": in_language(cities.city_name(room.city, room.city_given)),
        "kind_name": in_language(KINDS[room.kind]),
        "lat": near(room.lat),
        "lng": near(room.lng),
        "check_in_from": room.check_in_from.strftime("%H:%M"),
        "check_out_until": room.check_out_until.strftime("%H:%M"),
        "cancellation_policy_text": in_language(policies.POLICIES[room.cancellation_policy].about_i18n),
        "review_count": index.review_count,
        "rating": round(index.rating_sum / index.review_count, 2) if index.review_count else None,
        "photos": [photo_json(photo_facts(photo)) for photo in room.photos.all() if photo.state == "ready"],
        "url": f"/rooms/{room.slug}/",
    }
    return shown | _for_host(room) if own else shown


def _for_host(room: Room) -> dict[str, Any]:
    state = queries.room_state(room.pk)
    return {
        "address": room.address,
        "lat": room.lat,
        "lng": room.lng,
        "arrival_guide": in_language(room.arrival_guide_i18n),
        "arrival_guide_i18n": both(room.arrival_guide_i18n),
        "discounts": [
            {"kind": each.kind, "threshold": each.threshold, "share_bp": each.share_bp} for each in room.discounts.all()
        ],
        "state": state.state,
        "reservation": state.reservation or None,
        "reservation_status": state.reservation_status or None,
        "payment_status": state.payment_status,
    }


def card_json(card: queries.Card) -> dict[str, Any]:
    """A search result; ``total`` is null without dates, ``from`` is one night with fees."""
    return {
        "id": card.code,
        "slug": card.slug,
        "title": in_language(card.title_i18n),
        "title_i18n": card.title_i18n,
        "kind": card.kind,
        "city": card.city,
        "city_name": in_language(card.city_i18n),
        "area": in_language(card.area_i18n),
        "lat": near(card.lat),
        "lng": near(card.lng),
        "capacity": card.capacity,
        "bedrooms": card.bedrooms,
        "beds": card.beds,
        "bathrooms": card.bathrooms,
        "instant_book": card.instant_book,
        "cancellation_policy": card.cancellation_policy,
        "cover": card.cover,
        "review_count": card.review_count,
        "rating": card.rating,
        "total": card.total.as_json() if card.total else None,
        "per_night": card.per_night.as_json(),
        "from": card.from_total.as_json() if card.total is None else None,
        "url": f"/rooms/{card.slug}/",
    }


def photo_json(photo: PhotoFacts) -> dict[str, Any]:
    """A photograph with its state and, once ready, its sizes."""
    return {
        "id": photo.code,
        "position": photo.position,
        "status": photo.state,
        "alt": in_language(photo.alt_i18n),
        "alt_i18n": photo.alt_i18n,
        "sizes": photo.sizes,
        "refused_because": photo.refused_because or None,
    }


def line_json(line: Line) -> dict[str, Any]:
    """A line of a bill with its label in the reader's language."""
    return {**line.as_json(), "label": in_language(line.label_i18n)}


def quote_json(quote: Quote, room: Room) -> dict[str, Any]:
    """A quote with the terms on which it could be cancelled."""
    check_in_from = room.check_in_from.strftime("%H:%M")
    until = policies.full_refund_until(quote.cancellation_policy, quote.check_in, check_in_from, room.time_zone)
    policy = policies.POLICIES[quote.cancellation_policy]
    return {
        "room": quote.room_code,
        "check_in": quote.check_in.isoformat(),
        "check_out": quote.check_out.isoformat(),
        "nights": quote.stay.length,
        "guests": quote.guests,
        "lines": [line_json(line) for line in quote.lines],
        "total": quote.total.as_json(),
        "token": quote.token,
        "expires_at": quote.expires_at,
        "instant_book": quote.instant_book,
        "cancellation": {
            "policy": policy.code,
            "text": in_language(policy.about_i18n),
            "full_refund_until": until,
        },
    }


def reason_json(reason: Reason) -> dict[str, str]:
    """A refusal with its text in the reader's language."""
    return {"code": reason.code, "text": in_language(reason.text_i18n)}


def review_json(review: ReviewFacts) -> dict[str, Any]:
    """A published review of a room."""
    return {
        "id": review.id,
        "author": review.author_name,
        "rating": review.rating,
        "scores": review.scores,
        "text": review.text,
        "language": review.language,
        "published_at": review.published_at,
        "answer": review.answer or None,
    }
