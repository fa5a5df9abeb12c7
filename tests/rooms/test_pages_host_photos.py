"""The host's page of photographs."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from rooms import services
from rooms.models import Photo, Room
from tests.factories.rooms import draft_room, picture
from tests.rooms.hosting import page

pytestmark = pytest.mark.django_db


class TestPhotos:
    def upload(self, client: Any, room: Room, *files: SimpleUploadedFile) -> Any:
        return client.post(page("photos", room.slug), {"photos": list(files)})

    def file(self, name: str = "yard.jpg", data: bytes | None = None) -> SimpleUploadedFile:
        return SimpleUploadedFile(name, picture().getvalue() if data is None else data, "image/jpeg")

    def test_several_at_once(self, client: Any, host: Any) -> None:
        room = draft_room(host)
        client.force_login(host)
        answer = self.upload(client, room, self.file("a.jpg"), self.file("b.jpg"))
        assert answer["Location"] == page("photos", room.slug)
        assert [photo.state for photo in room.photos.all()] == ["processing", "processing"]
        assert "2 photographs are being prepared" in client.get(answer["Location"]).content.decode()

    def test_a_bad_file_is_named_and_the_good_ones_stay(self, client: Any, host: Any) -> None:
        room = draft_room(host)
        client.force_login(host)
        answer = self.upload(client, room, self.file("good.jpg"), self.file("notes.txt", b"hello"), self.file("e", b""))
        assert answer.status_code == 422
        shown = answer.content.decode()
        assert "notes.txt: This is not a JPEG, PNG or WebP picture" in shown
        assert "e: The file is empty" in shown
        assert room.photos.count() == 1

    def test_nothing_chosen(self, client: Any, host: Any) -> None:
        room = draft_room(host)
        client.force_login(host)
        assert client.post(page("photos", room.slug)).status_code == 422

    def test_it_is_polled_until_it_is_ready(self, client: Any, host: Any) -> None:
        room, photo = self.uploaded(client, host)
        url = page("photo", room.slug, photo.code)
        assert 'hx-trigger="every 2s"' in client.get(url).content.decode()
        services.process_photo(photo.pk)
        ready = client.get(url).content.decode()
        assert "hx-trigger" not in ready
        assert "-960-" in ready

    def test_describe(self, client: Any, host: Any) -> None:
        room, photo = self.uploaded(client, host)
        texts = {"alt_ko": "마당의 느티나무", "alt_en": "A zelkova in the yard"}
        answer = client.post(page("photo", room.slug, photo.code), texts)
        assert answer["Location"].endswith(f"#photo-{photo.code}")
        photo.refresh_from_db()
        assert photo.alt_i18n == {"ko": "마당의 느티나무", "en": "A zelkova in the yard"}

    def test_a_description_that_is_too_long_stays_in_its_field(self, client: Any, host: Any) -> None:
        room, photo = self.uploaded(client, host)
        answer = client.post(page("photo", room.slug, photo.code), {"alt_ko": "가" * 201, "alt_en": "A yard"})
        assert answer.status_code == 422
        assert "가" * 201 in answer.content.decode()
        photo.refresh_from_db()
        assert photo.alt_i18n == {}

    def test_order_by_buttons(self, client: Any, host: Any) -> None:
        room = draft_room(host)
        client.force_login(host)
        self.upload(client, room, *(self.file() for _each in range(3)))
        first, second, third = room.photos.all()
        client.post(page("photo_position", room.slug, third.code), {"to": "0"})
        assert list(room.photos.all()) == [third, first, second]
        answer = client.post(page("photo_position", room.slug, third.code), {"to": "9"}, follow=True)
        assert "There is no such place" in answer.content.decode()

    def test_delete_asks_first(self, client: Any, host: Any) -> None:
        room, photo = self.uploaded(client, host)
        url = page("photo_deletion", room.slug, photo.code)
        assert "Delete this photograph?" in client.get(url).content.decode()
        assert Photo.objects.count() == 1
        assert client.post(url)["Location"] == page("photos", room.slug)
        assert Photo.objects.count() == 0

    def test_of_strangers_and_unknown_ones(self, client: Any, host: Any, stranger: Any) -> None:
        room, photo = self.uploaded(client, host)
        other = draft_room(stranger)
        for name in ("photo", "photo_deletion"):
            assert client.get(page(name, room.slug, "PNOSUCH")).status_code == 404
        assert client.post(page("photo_position", room.slug, "PNOSUCH"), {"to": "0"}).status_code == 404
        client.force_login(stranger)
        for slug in (room.slug, other.slug):
            assert client.post(page("photo_deletion", slug, photo.code)).status_code == 404
            assert client.post(page("photo_position", slug, photo.code), {"to": "0"}).status_code == 404
            assert client.post(page("photo", slug, photo.code), {"alt_en": "mine"}).status_code == 404
        assert Photo.objects.get().alt_i18n == {}

    def uploaded(self, client: Any, host: Any) -> tuple[Room, Photo]:
        room = draft_room(host)
        client.force_login(host)
        self.upload(client, room, self.file())
        return room, room.photos.get()


def test_uploads_are_not_trusted_by_name(client: Any, host: Any) -> None:
    room = draft_room(host)
    client.force_login(host)
    script = SimpleUploadedFile("../../x.html", io.BytesIO(b"<script>alert(1)</script>").read(), "image/png")
    answer = client.post(page("photos", room.slug), {"photos": [script]})
    assert answer.status_code == 422
    assert b"<script>alert" not in answer.content
