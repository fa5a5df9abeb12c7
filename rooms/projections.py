"""Read models from events: RoomView (the state of each room) with its stays and reviews; SearchIndex's rebuild.

Every listener may run twice and in any order: facts carry the time they happened, and what is worked out from them
(state, counts, means) is always worked out anew from the rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from airbnb.db import write
from airbnb.events import projections
from airbnb.events.bus import envelope, when
from airbnb.events.projections import Projection
from payments.events import (
    BOOKING,
    PaymentActionRequired,
    PaymentApproved,
    PaymentCancelled,
    PaymentFailed,
)
from reservations.events import (
    HoldResumed,
    PaymentBegun,
    RequestAccepted,
    ReservationAltered,
    ReservationCancelled,
    ReservationConfirmed,
    ReservationCreated,
    ReservationDeclined,
    ReservationEvent,
    ReservationExpired,
    ReservationRequested,
    StayCompleted,
    StayStarted,
)
from reviews.events import ReviewAnswered, ReviewDeleted, ReviewModified, ReviewsPublished
from rooms import view_parts
from rooms.events import RoomDeleted, RoomFact, RoomModified, RoomRegistered
from rooms.models import Room, RoomAnswer, RoomReview, RoomStay, RoomView, SearchIndex
from rooms.models.views import lock_stay


@when(RoomRegistered)
def show_registered(event: RoomRegistered) -> None:
    """A new room appears on its host's board."""
    _show_room(event)


@when(RoomModified)
def show_modified(event: RoomModified) -> None:
    """The board shows the room as it is now."""
    _show_room(event)


@when(RoomDeleted)
def show_deleted(event: RoomDeleted) -> None:
    """The room is archived on the board."""
    facts = {
        "room_code": event.room_code,
        "slug": event.slug,
        "host_id": event.host_id,
        "title_i18n": event.title_i18n,
        "status": "archived",
    }
    RoomView.locked(event.room_id).tell(envelope().occurred_at, facts)


def _show_room(event: RoomFact) -> None:
    names = ("room_code", "slug", "host_id", "title_i18n", "cover", "status")
    facts = {name: getattr(event, name) for name in names}
    RoomView.locked(event.room_id).tell(envelope().occurred_at, facts)


@when(ReservationCreated)
def show_held(event: ReservationCreated) -> None:
    """Somebody holds the room."""
    _show_stay(event, "held")


@when(PaymentBegun)
def show_paying(event: PaymentBegun) -> None:
    """The guest is paying."""
    _show_stay(event, "paying", payment="processing")


@when(HoldResumed)
def show_held_again(event: HoldResumed) -> None:
    """The payment came to nothing; the hold goes on."""
    _show_stay(event, "held")


@when(ReservationRequested)
def show_requested(event: ReservationRequested) -> None:
    """Somebody asked for the room, with the money set aside."""
    answer_by = datetime.fromisoformat(event.answer_by) if event.answer_by else None
    _show_stay(event, "requested", answer_by, payment="authorized")


@when(RequestAccepted)
def show_accepted(event: RequestAccepted) -> None:
    """The host said yes: nobody waits for their answer any more."""
    _show_stay(event, "requested")


@when(ReservationConfirmed)
def show_confirmed(event: ReservationConfirmed) -> None:
    """The room is reserved."""
    _show_stay(event, "confirmed")


@when(ReservationAltered)
def show_altered(event: ReservationAltered) -> None:
    """The reservation has other dates or guests."""
    _show_stay(event, event.status)


@when(StayStarted)
def show_started(event: StayStarted) -> None:
    """Guests are in the room."""
    _show_stay(event, "in_stay")


@when(StayCompleted)
def show_completed(event: StayCompleted) -> None:
    """The guests have left."""
    _show_stay(event, "completed")


@when(ReservationExpired)
def show_expired(event: ReservationExpired) -> None:
    """A hold or request came to nothing."""
    _show_stay(event, "expired")


@when(ReservationDeclined)
def show_declined(event: ReservationDeclined) -> None:
    """The host declined a request."""
    _show_stay(event, "declined")


@when(ReservationCancelled)
def show_cancelled(event: ReservationCancelled) -> None:
    """The reservation is off."""
    _show_stay(event, "cancelled")


def _show_stay(
    event: ReservationEvent, status: str, answer_by: datetime | None = None, *, payment: str | None = None
) -> None:
    """Every event says all that is shown, so the latest one decides, whichever of them came before it."""
    names = ("room_id", "host_id", "guest_id", "check_in", "check_out", "guests", "total_minor", "currency")
    facts = {name: getattr(event, name) for name in names} | {"answer_by": answer_by}
    lock_stay(event.reservation)
    stay = RoomStay.objects.told(event.reservation)
    stay.tell(status, envelope().occurred_at, event.revision, facts)
    if payment is not None:
        stay.tell_payment(payment, envelope().occurred_at)
    RoomView.locked(event.room_id).refresh()


@when(PaymentApproved)
def show_captured(event: PaymentApproved) -> None:
    """The stay is paid."""
    if event.purpose != BOOKING:
        return
    _show_payment(event.reservation, "captured")


@when(PaymentFailed)
def show_payment_failed(event: PaymentFailed) -> None:
    """The payment came to nothing."""
    if event.purpose != BOOKING:
        return
    _show_payment(event.reservation, "declined")


@when(PaymentActionRequired)
def show_action_required(event: PaymentActionRequired) -> None:
    """The guest has to confirm at the bank."""
    if event.purpose != BOOKING:
        return
    _show_payment(event.reservation, "requires_action")


@when(PaymentCancelled)
def show_refunded(event: PaymentCancelled) -> None:
    """Money went back, all of it or a part."""
    whole = event.refunded_total_minor >= event.captured_minor
    _show_payment(
        event.reservation, "voided" if event.kind == "void" else "refunded" if whole else "partially_refunded"
    )


def _show_payment(reservation: str, payment: str) -> None:
    lock_stay(reservation)
    stay = RoomStay.objects.told(reservation)
    stay.tell_payment(payment, envelope().occurred_at)
    if stay.room_id is not None:
        RoomView.locked(stay.room_id).refresh()


@when(ReviewsPublished)
def show_reviews(event: ReviewsPublished) -> None:
    """Reviews of a stay became public: keep those by guests, which speak of the room."""
    view = RoomView.locked(event.room_id)
    for each in event.reviews:
        if each["direction"] == "guest_to_host":
            _keep_review(event, each)
    _count_reviews(view)


@when(ReviewModified)
def show_modified_review(event: ReviewModified) -> None:
    """A review is only modified while it is hidden; the counters are made anew all the same."""
    _count_reviews(RoomView.locked(event.room_id))


@when(ReviewDeleted)
def hide_review(event: ReviewDeleted) -> None:
    """A deleted review is gone for good, even if its publication is told later."""
    view = RoomView.locked(event.room_id)
    gone, _made = RoomReview.objects.get_or_create(
        pk=str(event.review_id), defaults={"room_id": event.room_id, "deleted": True}
    )
    if not gone.deleted:
        gone.hide()
    _count_reviews(view)


@when(ReviewAnswered)
def show_answer(event: ReviewAnswered) -> None:
    """The host answered a guest's review in public."""
    if event.direction == "guest_to_host":
        facts = {"text": event.text, "language": event.language, "answered_at": event.answered_at}
        RoomAnswer.objects.update_or_create(pk=str(event.review_id), defaults=facts)


def _keep_review(event: ReviewsPublished, each: dict[str, Any]) -> None:
    kept = RoomReview.objects.filter(pk=str(each["review_id"])).first()
    if kept is not None:
        return
    RoomReview(
        review_id=str(each["review_id"]),
        room_id=event.room_id,
        reservation=event.reservation,
        author_name=each["author_name"],
        rating=each["rating"],
        scores=each.get("scores") or {},
        text=each["text"],
        language=each["language"],
        published_at=event.published_at,
    ).save(force_insert=True)


def _count_reviews(view: RoomView) -> None:
    view.count_reviews()
    # A rebuild would hold the index of every reviewed room to its end, and bookings with it; index_all comes after.
    if not projections.replaying():
        _write_index([view.room_id])


def _write_index(room_ids: Iterable[int]) -> None:
    """Rooms first, then their entries, both in order; a host's change that is under way is waited for, not undone."""
    for room in Room.objects.filter(pk__in=room_ids).order_by("pk").select_for_update(no_key=True):
        SearchIndex.objects.write(room)


def _clear_views() -> None:
    for model in (RoomView, RoomStay, RoomReview, RoomAnswer):
        model.objects.all().delete()


def index_all(batch: int = 50) -> None:
    """Write every room's search entry again from the room, its nights and its reviews; readers see no gap.

    Each batch is a transaction of its own and small, so that bookings of its rooms wait for moments only.
    """
    ids = list(Room.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), batch):
        some = ids[start : start + batch]
        with write():
            _write_index(some)
            SearchIndex.objects.redraw(some)


def _keep_index() -> None:
    """Nothing is thrown away: an entry that is rewritten in place never misses a night that is taken meanwhile."""


LISTENERS = (
    show_registered,
    show_modified,
    show_deleted,
    show_held,
    show_paying,
    show_held_again,
    show_requested,
    show_accepted,
    show_confirmed,
    show_altered,
    show_started,
    show_completed,
    show_expired,
    show_declined,
    show_cancelled,
    show_captured,
    show_payment_failed,
    show_action_required,
    show_refunded,
    show_reviews,
    show_modified_review,
    hide_review,
    show_answer,
)

projections.register(
    Projection(
        "rooms.RoomView",
        clear=_clear_views,
        listeners=LISTENERS,
        after=index_all,
        # 2: only what is requested has a time to answer.
        version=2,
        parts=view_parts.of_rooms(LISTENERS),
    ),
    Projection(
        "rooms.SearchIndex",
        clear=_keep_index,
        listeners=(),
        fed_by=(show_reviews, show_modified_review, hide_review),
        after=index_all,
        parts=view_parts.of_index(_write_index),
    ),
)
