"""Fills an empty site with a lively demonstration; a second run finds everything there and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from airbnb import clock
from airbnb.accounts import services as accounts
from airbnb.accounts.models import User
from airbnb.clock import today_in
from airbnb.demo import houses, pictures
from airbnb.demo.people import DEMO_GUEST, DEMO_HOST, DEMO_OPERATOR, GUESTS, HOSTS, PASSWORD, Someone
from airbnb.demo.places import Place, words
from airbnb.demo.plans import plans
from airbnb.demo.stays import live_through
from airbnb.events.bus import deliver_pending
from notifications.services import read_all
from payments.banks import BANKS
from payments.earnings import payees_of
from payments.services import register_payee
from payments.tasks import ask_again, send_refunds
from reviews import queries as reviews
from reviews.scores import Direction
from reviews.services import answer_review
from rooms.models import Room

SIGN_INS = "demo_sign_ins.txt"
LONG_AGO = timedelta(days=400)
Say = Callable[[str], object]


def seed(rooms: int, *, with_pictures: bool, say: Say) -> None:
    """People, ``rooms`` rooms, photographs, bookings in every state, reviews, and what the bus makes of them.

    The operator is made last and marks that everything is there: with that account, nothing is done.
    """
    if User.objects.filter(email=DEMO_OPERATOR.email).exists():
        say("the demonstration is there already")
        return
    hosts, guests = [person(each, host=True) for each in HOSTS], [person(each) for each in GUESTS]
    made = houses.register(hosts, rooms)
    say(f"{len(made)} rooms of {len(hosts)} hosts")
    studio = pictures.Studio() if with_pictures else None
    try:
        bare = pictures.without_photos(made) if studio else []
        if studio:
            studio.begin(name for _room, place in bare for name in place.pictures)
        _say_where_money_goes(hosts)
        _live(made, guests, say)
        if studio:
            say(f"{sum(studio.hang(room, place) for room, place in bare)} photographs")
    finally:
        if studio:
            studio.close()
    _settle(hosts, guests, say)
    person(DEMO_OPERATOR, operator=True)
    write_sign_ins(Path(settings.DATA_DIR))


def person(each: Someone, *, host: bool = False, operator: bool = False) -> User:
    """The account; only the three that are printed have a password, nobody can sign in to the others."""
    found = User.objects.filter(email=each.email).first()
    if found is not None:
        return found
    if each in (DEMO_HOST, DEMO_GUEST, DEMO_OPERATOR):
        return accounts.create_user(
            each.email, PASSWORD, name=each.name, host=host, operator=operator, language=each.language
        )
    return User.objects.create_user(each.email, None, name=each.name, is_host=host, language=each.language)


def write_sign_ins(folder: Path) -> None:
    """Leave the three accounts for whoever starts the stack to print."""
    rows = (("guest", DEMO_GUEST), ("host", DEMO_HOST), ("operator", DEMO_OPERATOR))
    lines = [f"{role:<9} {someone.email:<26} {PASSWORD}" for role, someone in rows]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SIGN_INS).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _live(made: Sequence[tuple[Room, Place]], guests: Sequence[User], say: Say) -> None:
    booked = live_through(plans([room for room, _place in made], guests, today_in(houses.ZONE)))
    say(f"{booked} bookings of {len(guests)} guests")


def _settle(hosts: Sequence[User], guests: Sequence[User], say: Say) -> None:
    """Let the bus bring everything up to date; what is news after that are the refunds and some hosts' answers."""
    done = deliver_pending()
    for someone in (*hosts, *guests):
        read_all(user_id=someone.pk)
    send_refunds()
    for host in hosts[:4]:
        _answer(host)
    while ask_again():  # the payouts of weeks ago would have been asked about since
        pass
    done += deliver_pending()
    say(f"{done} deliveries of the bus")


def _say_where_money_goes(hosts: Sequence[User]) -> None:
    """All hosts but the last, whose payouts wait for it, gave their bank details before the first booking."""
    for number, (host, bank) in enumerate(zip(hosts[:-1], BANKS, strict=False), 1):
        if payees_of(host.pk) == (None, None):
            with clock.shifted(-LONG_AGO):
                register_payee(host_id=host.pk, bank=bank, account_number=f"110{number:09d}", holder=host.name)


def _answer(host: User) -> None:
    """A host answers whoever found something wanting; a second time finds these answered."""
    wanting = [each for each in reviews.unanswered(host.pk, Direction.GUEST_TO_HOST) if each.rating < 5]
    for number, review in enumerate(wanting):
        text = words()["answers"][1 if review.rating < 4 else number % 2][0 if host.language == "ko" else 1]
        answer_review(author_id=host.pk, review_id=review.id, text=text)
