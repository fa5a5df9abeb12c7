"""Lives through the demonstration's bookings in the order of time, with the clock moved: booked, paid, stayed, told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

import structlog
from celery import current_app
from django.conf import settings
from django.db.models import QuerySet

from airbnb import clock
from airbnb.accounts.models import User
from airbnb.demo.houses import ZONE
from airbnb.demo.places import words
from airbnb.errors import Conflict, DomainError
from airbnb.stays import Stay
from payments.tasks import release_payouts, send_payouts
from reservations import services
from reservations.models import Reservation
from reviews import services as reviews
from reviews.scores import SCORES, Direction
from rooms.models import Room

log = structlog.get_logger(__name__)

CARD = "pm_card_visa"
ATTEMPTS = 3
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """One booking. ``ends``: stands, cancelled (``by`` guest or host), expired or held; where the host is asked also
    requested, declined or unanswered.

    ``opinions`` holds who writes afterwards: "guest", "host", both or nobody. ``change``: the guest asks for a night
    more, which the host has "agreed" to or only been "asked" for.
    """

    room: Room
    guest: User
    stay: Stay
    guests: int
    booked_on: date
    ends: str = "stands"
    by: str = "guest"
    opinions: tuple[str, ...] = ()
    change: str = ""

    def made(self) -> QuerySet[Reservation]:
        """The reservations that came of it."""
        return Reservation.objects.filter(room_id=self.room.pk, guest=self.guest, check_in=self.stay.check_in)


@dataclass(order=True, slots=True)
class Happening:
    """Something to do at an instant."""

    at: datetime
    turn: int
    act: Callable[[], None] = field(compare=False)


def live_through(plans: Sequence[Plan]) -> int:
    """Everything that the plans say up to now, in order; returns how many bookings were made now.

    A booking that is there already is left alone, with all that would follow from it.
    """
    new = [each for each in plans if not each.made().exists()]
    for event in sorted(event for each in new for event in _happenings(each)):
        away = event.at - clock.now()
        if away <= timedelta(0):
            with clock.shifted(away):
                event.act()
    if new:
        _turn()
        services.expire_holds()
        reviews.publish_due()
    return len(new)


def _happenings(plan: Plan) -> Iterator[Happening]:
    chance = Random(f"stay {plan.room.title_i18n['en']} {plan.booked_on - plan.stay.check_in}")  # noqa: S311
    booked = _moment(plan.booked_on, chance.randint(8, 12), chance.randint(0, 59))
    if plan.ends == "held":
        booked = clock.now()
    if plan.ends == "requested":
        booked = clock.now() - timedelta(hours=chance.randint(2, 15))
    yield Happening(booked, 0, partial(_book, plan, chance))
    if plan.ends == "cancelled":
        yield Happening(booked + timedelta(hours=chance.randint(20, 44)), 1, partial(_cancel, plan, chance))
    elif plan.ends == "unanswered":
        yield Happening(booked + timedelta(hours=25), 1, _turn)
    elif plan.ends == "stands":
        yield Happening(_moment(plan.stay.check_in, 17), 1, _turn)
        yield Happening(_moment(plan.stay.check_in + A_DAY, 17), 1, _turn)
        yield Happening(_moment(plan.stay.check_out, 13), 2, _turn)
    if plan.change == "agreed":
        yield Happening(booked + timedelta(hours=30), 1, partial(_change, plan))
    elif plan.change == "asked":
        yield Happening(clock.now() - timedelta(hours=2), 1, partial(_change, plan))
    for number, who in enumerate(plan.opinions, 1):
        after = plan.stay.check_out + timedelta(days=number)
        yield Happening(_moment(after, 20, 5 * number), 3, partial(_write, plan, who, chance))


def _moment(day: date, hour: int, minute: int = 0) -> datetime:
    return clock.at_local(day, f"{hour:02}:{minute:02}", ZONE)


def _turn() -> None:
    """What the timers do: stays begin and end, requests end, hosts get what is due."""
    services.move_stays()
    services.end_requests()
    with _in_this_process():
        release_payouts()
        send_payouts()


@contextmanager
def _in_this_process() -> Iterator[None]:
    """Tasks are run here, by the clock of the demonstration: a worker would send today what belongs to the past."""
    before, current_app.conf.task_always_eager = current_app.conf.task_always_eager, True
    try:
        yield
    finally:
        current_app.conf.task_always_eager = before


def _standing(plan: Plan) -> Reservation | None:
    return plan.made().filter(status__in=["confirmed", "in_stay", "completed"]).first()


def _book(plan: Plan, chance: Random) -> None:
    """Hold and, as far as the plan says so, pay.

    The local stack's own timers run by the real clock and may sweep a hold of the past before it is paid: again.
    """
    message = chance.choice(words()["messages"][plan.guest.language])
    for _attempt in range(ATTEMPTS):
        try:
            held = services.hold(
                guest=plan.guest, room_id=plan.room.pk, stay=plan.stay, guests=plan.guests, message=message
            )
            if plan.ends in ("held", "expired"):
                return
            services.pay(code=held.code, guest=plan.guest, payment_method=CARD, return_url=settings.BASE_URL)
            if not plan.room.instant_book:
                _answer(plan, held, chance)
        except (services.HoldExpired, services.RequestOver, services.RequestClosed):
            continue
        except DomainError as refused:
            log.warning("demo_stay_refused", room=plan.room.slug, code=refused.code, facts=refused.facts)
        return


def _answer(plan: Plan, asked: Reservation, chance: Random) -> None:
    """What the host says to a request, as far as the plan has them say anything."""
    if plan.ends in ("requested", "unanswered"):
        return
    if plan.ends == "declined":
        services.refuse_request(asked.code, asked.host, chance.choice(words()["reasons"])[asked.host.language != "ko"])
    else:
        services.accept_request(asked.code, asked.host)


def _change(plan: Plan) -> None:
    """The guest asks for a night more; where it is agreed to, the host says yes and the guest pays the difference."""
    reservation = _standing(plan)
    if reservation is None:
        return
    try:
        asked = services.propose_alteration(
            code=reservation.code, actor=plan.guest, check_out=reservation.check_out + timedelta(days=1)
        )
        if plan.change == "agreed":
            facts = {"code": reservation.code, "alteration": asked.code}
            services.accept_alteration(**facts, actor=reservation.host)
            services.pay_alteration(**facts, guest=plan.guest, payment_method=CARD, return_url=settings.BASE_URL)
    except DomainError as refused:
        log.warning("demo_change_refused", reservation=reservation.code, code=refused.code, facts=refused.facts)


def _cancel(plan: Plan, chance: Random) -> None:
    reservation = _standing(plan)
    if reservation is None:
        return
    actor = reservation.host if plan.by == "host" else reservation.guest
    reason = chance.choice(words()["reasons"])[0 if actor.language == "ko" else 1]
    try:
        token = services.preview_cancellation(reservation.code, actor).token
        services.cancel(reservation.code, actor, token, reason)
    except Conflict as moved_on:
        log.warning("demo_cancellation_refused", reservation=reservation.code, code=moved_on.code)


def _write(plan: Plan, who: str, chance: Random) -> None:
    reservation = _standing(plan)
    if reservation is None:
        return
    author = reservation.guest if who == "guest" else reservation.host
    said = [each for each in words()[f"of_{'rooms' if who == 'guest' else 'guests'}"] if each[2] == author.language]
    # Most stays please: a five is said far more often than a two.
    [(rating, text, _language)] = chance.choices(said, weights=[each[0] ** 4 for each in said])
    names = SCORES[Direction.GUEST_TO_HOST if who == "guest" else Direction.HOST_TO_GUEST]
    scores = {name: min(5, max(1, rating + chance.choice([-1, 0, 0, 0, 1]))) for name in names}
    try:
        reviews.write_review(author_id=author.pk, reservation=reservation.code, rating=rating, text=text, scores=scores)
    except Conflict as refused:
        log.warning("demo_review_refused", reservation=reservation.code, code=refused.code)
