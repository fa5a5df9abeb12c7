"""The demonstration: what it holds, that it is made once, and that it never meets real guests."""

from __future__ import annotations

import io
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from airbnb.accounts.models import User
from airbnb.clock import today_in
from airbnb.demo import people, pictures
from airbnb.demo.places import places, words
from airbnb.demo.scenes import NAMES
from airbnb.events.models import Delivery, StoredEvent
from airbnb.invariants import all_invariants, check
from payments.models import Payout
from reservations.models import Alteration, Reservation
from reservations.queries import trips_of_guest
from reviews.models import Review
from rooms import cities
from rooms.amenities import unknown
from rooms.kinds import KINDS
from rooms.models import Night, Room

SIGN_IN = {"email": "host@binbang.example", "password": people.PASSWORD}


def seed(tmp_path: Path, settings: Any, **options: Any) -> str:
    settings.DATA_DIR = tmp_path
    out = io.StringIO()
    call_command("seed_demo", stdout=out, no_pictures=True, **options)
    return out.getvalue()


class TestData:
    def test_at_least_sixty_rooms_in_eight_cities(self) -> None:
        assert len(places()) >= 60
        assert len({place.city for place in places()}) >= 8

    def test_names_are_unique_in_both_languages(self) -> None:
        for language in ("ko", "en"):
            assert max(Counter(getattr(place, language) for place in places()).values()) == 1

    def test_everything_named_is_known(self) -> None:
        for place in places():
            assert place.city in cities.CITIES
            assert place.area in cities.CITIES[place.city].areas
            assert place.kind in KINDS
            assert unknown(list(place.extras)) == []
            assert set(place.pictures) <= set(NAMES)
            assert len(set(place.pictures)) == len(place.pictures) >= 2
        assert set(words()["alt"]) == set(NAMES)
        assert set(words()["kind"]) == set(KINDS)

    def test_every_address_is_reserved_for_examples(self) -> None:
        everyone = [*people.HOSTS, *people.GUESTS, people.DEMO_OPERATOR]
        assert len({each.email for each in everyone}) == len(everyone)
        assert all(each.email.endswith(".example") for each in everyone)


@pytest.mark.django_db
class TestSeeding:
    @pytest.fixture(autouse=True)
    def _sandbox(self, sandbox: Any) -> None:
        """Bookings are paid at the sandbox."""

    def test_holds_all_it_promises_and_a_second_run_changes_nothing(
        self, client: Any, tmp_path: Path, settings: Any
    ) -> None:
        seed(tmp_path, settings, rooms=12)
        self.assert_every_state()
        self.assert_boards()
        self.assert_payouts()
        assert (tmp_path / "demo_sign_ins.txt").read_text().count(people.PASSWORD) == 3
        assert client.login(**SIGN_IN)
        before = self.counts()
        assert "there already" in seed(tmp_path, settings, rooms=12)
        assert self.counts() == before

    def assert_every_state(self) -> None:
        states = set(Reservation.objects.values_list("status", flat=True))
        assert states == {"held", "requested", "confirmed", "in_stay", "completed", "cancelled", "declined", "expired"}
        assert set(Review.objects.values_list("state", flat=True)) >= {"blind", "published"}
        assert set(Review.objects.values_list("direction", flat=True)) == {"guest_to_host", "host_to_guest"}
        assert Night.objects.filter(kind="blocked").exists()
        assert not Delivery.objects.pending().exists()
        assert Reservation.objects.filter(status="cancelled", refund_due_minor__gt=0).exists()
        assert check(all_invariants()) == []

    def assert_boards(self) -> None:
        today = today_in("Asia/Seoul")
        of_host = Reservation.objects.filter(host__email="host@binbang.example")
        assert of_host.filter(check_in=today).exclude(status="cancelled").count() == 2
        assert of_host.filter(check_out=today).count() == 2
        assert of_host.filter(status="in_stay").exists()
        assert of_host.filter(status="confirmed", check_in__gt=today).count() >= 4
        assert of_host.filter(status="cancelled").exists()
        changes = Alteration.objects.filter(reservation__in=of_host).values_list("status", flat=True)
        assert sorted(changes) == ["applied", "proposed"]
        guest = User.objects.get(email="guest@binbang.example")
        assert [row.status for row in trips_of_guest(guest.pk).rows] == ["confirmed", "requested"]
        past = Counter(row.status for row in trips_of_guest(guest.pk, past=True).rows)
        assert past == {"completed": 2, "cancelled": 1, "expired": 1}
        assert Review.objects.filter(author=guest, state="published").count() == 1

    def assert_payouts(self) -> None:
        sent = Payout.objects.filter(status="sent")
        assert len({each.sent_at.date() for each in sent if each.sent_at}) > 5, "on days of their own"
        assert all(each.sent_at - each.due_at < timedelta(days=1) for each in sent if each.sent_at), (
            "when they were due"
        )

    def counts(self) -> list[int]:
        return [model.objects.count() for model in (User, Room, Night, Reservation, Review, StoredEvent, Delivery)]

    def test_goes_on_where_it_was_stopped(self, tmp_path: Path, settings: Any) -> None:
        seed(tmp_path, settings, rooms=4)
        before = self.counts()
        User.objects.filter(email="operator@binbang.example").delete()
        seed(tmp_path, settings, rooms=4)
        assert self.counts() == before

    def test_production_is_refused(self, tmp_path: Path, settings: Any) -> None:
        settings.PRODUCTION = True
        with pytest.raises(CommandError, match="production"):
            seed(tmp_path, settings, rooms=1)
        assert not User.objects.exists()

    def test_without_a_sandbox_is_refused(self, tmp_path: Path, settings: Any) -> None:
        settings.STRIPE_API_BASE = ""
        with pytest.raises(CommandError, match="sandbox"):
            seed(tmp_path, settings, rooms=1)

    def test_pictures_hang_in_three_sizes(self, host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        from airbnb.demo import houses

        [(room, place)] = houses.register([host, host], 1)
        studio = pictures.Studio()
        try:
            studio.begin(place.pictures[:1])
            one = type(place)(**{**{n: getattr(place, n) for n in place.__slots__}, "pictures": place.pictures[:1]})
            assert studio.hang(room, one) == 1
        finally:
            studio.close()
        photo = room.photos.get()
        assert {width: size["width"] for width, size in photo.sizes.items()} == {"480": 480, "960": 960, "1600": 1600}
        assert photo.alt_i18n["ko"] == words()["alt"][place.pictures[0]][0]
        assert pictures.without_photos([(room, place)]) == []
