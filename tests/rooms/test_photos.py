"""Uploads: what is refused, and that nothing hidden is left in what is shown."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import ExifTags, Image

from airbnb import clock
from airbnb.errors import Invalid, NotFound
from airbnb.events.models import StoredEvent
from rooms import photos, services
from rooms.models import Photo, SearchIndex
from rooms.photos import NotAPicture
from rooms.services import TooManyPhotos
from tests.factories.rooms import listed_room, picture, ready_photo


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has no pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def made(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 300)).save(out, form)
    return out.getvalue()


def because(data: bytes) -> str:
    with pytest.raises(NotAPicture) as refused:
        photos.check(io.BytesIO(data), len(data))
    assert refused.value.errors["image"]
    return refused.value.because


CORPUS = {
    "nothing": (b"", "empty"),
    "text": (b"hello" * 100, "unreadable"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "unreadable"),
    "html that begins like a gif": (b"GIF89a<script>alert(1)</script>", "unreadable"),
    "a gif": (made("GIF"), "unreadable"),
    "a bmp": (made("BMP"), "unreadable"),
    "a tiff": (made("TIFF"), "unreadable"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 300\n", "unreadable"),
    "jpeg magic alone": (b"\xff\xd8\xff\xe0", "unreadable"),
    "41 million pixels": (png_header(8200, 5000), "too_many_pixels"),
    "a bomb": (png_header(100_000, 100_000), "too_many_pixels"),
    "a strip": (picture(200, 2001, "PNG").getvalue(), "too_long"),
    "a tall strip that WebP cannot hold": (png_header(200, 20_000), "too_long"),
    "a side of 17,000": (png_header(17_000, 2_000), "too_long"),
    "too small": (picture(199, 400).getvalue(), "too_small"),
    "eleven megabytes": (picture().getvalue() + b"\0" * (11 * 1024 * 1024), "too_big"),
}


@pytest.mark.parametrize("name", CORPUS)
def test_what_is_no_photograph_is_refused_before_decoding(name: str) -> None:
    data, expected = CORPUS[name]
    assert because(data) == expected


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_three_sizes_of_webp(form: str) -> None:
    sizes = photos.render(picture(2000, 1500, form).getvalue())
    assert {width: (each.width, each.height) for width, each in sizes.items()} == {
        480: (480, 360),
        960: (960, 720),
        1600: (1600, 1200),
    }
    for each in sizes.values():
        shown = Image.open(io.BytesIO(each.data))
        assert shown.format == "WEBP"
        assert shown.size == (each.width, each.height)


def test_a_small_picture_is_not_blown_up() -> None:
    assert {each.width for each in photos.render(picture(600, 400).getvalue()).values()} == {480, 600}


def test_damage_behind_a_good_header_is_noticed() -> None:
    data = picture(1200, 900, "PNG").getvalue()
    with pytest.raises(NotAPicture):
        photos.render(data[: len(data) // 3])


def test_the_longest_picture_that_is_taken_can_be_shown() -> None:
    sizes = photos.render(picture(1600, 16_000, "PNG").getvalue())
    assert (sizes[1600].width, sizes[1600].height) == (1600, 16_000)


def test_what_cannot_be_written_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Any, *args: Any, **kwargs: Any) -> None:
        raise ValueError("encoding error 5")

    data = picture().getvalue()
    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(NotAPicture) as refused:
        photos.render(data)
    assert refused.value.because == "unreadable"


def test_see_through_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (400, 400), (255, 0, 0, 0)).save(out, "PNG")
    shown = Image.open(io.BytesIO(photos.render(out.getvalue())[480].data))
    assert min(shown.convert("RGB").getpixel((200, 200))) > 250


def with_secrets() -> bytes:
    """A picture that is red on its left half when turned upright, with a place and a camera's note in it."""
    image = Image.new("RGB", (800, 600), "blue")
    image.paste("red", (0, 0, 800, 300))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 8
    exif[ExifTags.Base.Make] = "SECRETCAM"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[1], gps[2] = "N", (35.0, 50.0, 12.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"SECRETCOMMENT", quality=95)
    return out.getvalue()


def test_place_and_camera_are_gone_and_the_picture_is_upright() -> None:
    data = with_secrets()
    assert b"SECRETCAM" in data
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    for each in photos.render(data).values():
        assert b"SECRET" not in each.data
        assert b"EXIF" not in each.data
        shown = Image.open(io.BytesIO(each.data))
        assert not shown.getexif()
        assert shown.height > shown.width
        red, _green, blue = shown.convert("RGB").getpixel((shown.width // 4, shown.height // 2))
        assert red > 200 > 60 > blue


# --------------------------------------------------------------------------------------------- with a room


@pytest.mark.django_db
def test_an_upload_is_worked_into_sizes_and_its_original_deleted(host: Any) -> None:
    room = listed_room(host)
    file = picture()
    photo = services.add_photo(room_id=room.pk, host_id=host.pk, file=file, size=len(file.getvalue()))
    assert photo.state == "processing"
    original = photo.original
    assert default_storage.exists(original)
    for _ in range(2):
        services.process_photo(photo.pk)
    photo.refresh_from_db()
    assert photo.state == "ready"
    assert not default_storage.exists(original)
    assert all(default_storage.exists(size["path"]) for size in photo.sizes.values())
    told = StoredEvent.objects.filter(name="RoomModified").order_by("-occurred_at")
    assert told.count() == 1
    assert set(told[0].payload["cover"]) == {"480", "960", "1600"}


@pytest.mark.django_db
def test_a_damaged_upload_is_refused_and_leaves_no_file(host: Any) -> None:
    room = listed_room(host)
    data = picture(1200, 900, "PNG").getvalue()[:3000]
    photo = services.add_photo(room_id=room.pk, host_id=host.pk, file=io.BytesIO(data), size=len(data))
    original = photo.original
    services.process_photo(photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.refused_because) == ("refused", "unreadable")
    assert not default_storage.exists(original)


@pytest.mark.django_db
def test_a_photo_deleted_while_it_was_worked_on_leaves_nothing(
    host: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    room = listed_room(host)
    file = picture()
    photo = services.add_photo(room_id=room.pk, host_id=host.pk, file=file, size=len(file.getvalue()))
    stored: list[str] = []
    save, render = default_storage.save, photos.render

    def delete_meanwhile(data: bytes) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            services.delete_photo(room_id=room.pk, host_id=host.pk, code=photo.code)
        return render(data)

    monkeypatch.setattr(photos, "render", delete_meanwhile)
    monkeypatch.setattr(default_storage, "save", lambda *args: stored.append(save(*args)) or stored[-1])
    services.process_photo(photo.pk)
    assert len(stored) == 3
    assert not any(default_storage.exists(path) for path in [*stored, photo.original])
    assert not Photo.objects.exists()


@pytest.mark.django_db
def test_order_cover_description_and_removal(host: Any, django_capture_on_commit_callbacks: Any) -> None:
    room = listed_room(host)
    first, second, third = (ready_photo(room) for _ in range(3))
    one = {"room_id": room.pk, "host_id": host.pk}
    services.order_photos(**one, codes=[third.code, first.code, second.code])
    assert list(room.photos.values_list("code", flat=True)) == [third.code, first.code, second.code]
    services.edit_photo(**one, code=second.code, position=0, alt_i18n={"en": "The courtyard"})
    assert list(room.photos.values_list("code", flat=True)) == [second.code, third.code, first.code]
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_photo(**one, code=third.code)
    assert list(room.photos.values_list("code", "position")) == [(second.code, 0), (first.code, 1)]
    assert not any(default_storage.exists(size["path"]) for size in third.sizes.values())
    for wrong in ([second.code], [second.code, first.code, first.code], [second.code, "PNOTHING"]):
        with pytest.raises(Invalid):
            services.order_photos(**one, codes=wrong)


@pytest.mark.django_db
def test_others_cannot_touch_photographs(host: Any, stranger: Any) -> None:
    photo = ready_photo(listed_room(host))
    theirs = {"room_id": photo.room_id, "host_id": stranger.pk}
    file = picture()
    with pytest.raises(NotFound):
        services.add_photo(**theirs, file=file, size=len(file.getvalue()))
    with pytest.raises(NotFound):
        services.delete_photo(**theirs, code=photo.code)
    assert not default_storage.listdir("incoming")[1]


@pytest.mark.django_db
def test_thirty_are_enough_and_photographs_raise_the_score(host: Any) -> None:
    room = listed_room(host)
    before = SearchIndex.objects.get(pk=room.pk).score
    ready_photo(room)
    assert SearchIndex.objects.get(pk=room.pk).score == before + 50
    Photo.objects.bulk_create(Photo(code=f"P{n}", room=room, position=n) for n in range(1, 30))
    file = picture()
    with pytest.raises(TooManyPhotos):
        services.add_photo(room_id=room.pk, host_id=host.pk, file=file, size=len(file.getvalue()))


@pytest.mark.django_db
def test_photographs_whose_message_was_lost_are_picked_up(
    host: Any, monkeypatch: pytest.MonkeyPatch, time: Any
) -> None:
    from rooms import tasks

    sent: list[Any] = []
    monkeypatch.setattr(tasks.process_photo, "apply_async", lambda args, queue, **_: sent.append((args, queue)))
    file = picture()
    photo = services.add_photo(
        room_id=(room := listed_room(host)).pk, host_id=host.pk, file=file, size=len(file.getvalue())
    )
    assert services.waiting_photos() == 0
    time.forward(minutes=5)
    assert services.waiting_photos() == 1
    assert sent == [([photo.pk], "media")]
    assert room.photos.count() == 1


@pytest.mark.django_db
def test_the_oldest_waiting_photographs_come_first(host: Any, monkeypatch: pytest.MonkeyPatch, time: Any) -> None:
    from rooms import tasks

    sent: list[int] = []
    monkeypatch.setattr(tasks.process_photo, "apply_async", lambda args, **_: sent.extend(args))
    room, now = listed_room(host), clock.now()
    Photo.objects.bulk_create(
        Photo(code=f"P{n}", room=room, position=n, added_at=now - timedelta(minutes=n)) for n in range(120)
    )
    time.forward(minutes=5)
    assert services.waiting_photos() == 100
    oldest = Photo.objects.order_by("-position").values_list("pk", flat=True)[:100]
    assert sent == list(oldest)


@pytest.mark.django_db
def test_a_photograph_that_fails_again_and_again_is_refused_in_the_end(
    host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, file = listed_room(host), picture()
    photo = services.add_photo(room_id=room.pk, host_id=host.pk, file=file, size=len(file.getvalue()))
    original = photo.original

    def die(data: bytes) -> Any:
        raise SystemExit("out of memory")

    monkeypatch.setattr(photos, "render", die)
    for _ in range(10):
        with pytest.raises(SystemExit):
            services.process_photo(photo.pk)
    services.process_photo(photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.refused_because) == ("refused", "unreadable")
    assert not default_storage.exists(original)


@pytest.mark.django_db
def test_storage_that_is_away_is_no_fault_of_the_photograph(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    room, file = listed_room(host), picture()
    photo = services.add_photo(room_id=room.pk, host_id=host.pk, file=file, size=len(file.getvalue()))

    def away(name: str) -> Any:
        raise ConnectionError("storage is away")

    with monkeypatch.context() as patched:
        patched.setattr(default_storage, "open", away)
        for _ in range(12):
            with pytest.raises(ConnectionError):
                services.process_photo(photo.pk)
    services.process_photo(photo.pk)
    photo.refresh_from_db()
    assert photo.state == "ready"
