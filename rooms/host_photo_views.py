"""Pages on which hosts upload, describe, order and delete photographs."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from airbnb.accounts.access import host_page
from airbnb.errors import DomainError
from rooms import services
from rooms.host_forms import PhotosForm, PhotoTextForm
from rooms.host_views import PAGE, own_room
from rooms.models import Photo, Room
from rooms.photos import NotAPicture
from rooms.services.photos import MOST_PHOTOS


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A photograph with the form of its description, and the places before and after it."""

    photo: Photo
    form: PhotoTextForm
    earlier: int
    later: int
    is_last: bool


@host_page
@require_http_methods(PAGE)
def photos(request: HttpRequest, slug: str) -> HttpResponse:
    """All photographs of a room; uploading takes several at once, and names each file it refuses."""
    room = own_room(request, slug)
    form = PhotosForm(request.POST, request.FILES) if request.method == "POST" else PhotosForm()
    if form.is_bound and form.is_valid():
        added = sum(_added(room, form, file) for file in form.cleaned_data.get("photos", ()))
        if added:
            text = ngettext("{n} photograph is being prepared", "{n} photographs are being prepared", added)
            messages.success(request, text.format(n=added))
        if not form.errors:
            return redirect("rooms_host:photos", slug=slug)
    return _page(request, room, form, _rows(room), status=422 if form.errors else 200)


@host_page
@require_http_methods(PAGE)
def photo(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One photograph: as a fragment while it is being prepared; a POST describes it."""
    room = own_room(request, slug)
    shown = _own_photo(room, code)
    if request.method != "POST":
        row = _row(shown, room.photos.count() - 1)
        return render(request, "rooms/host/_photo.html", {"room": room, "row": row})
    form = PhotoTextForm(request.POST)
    if not form.is_valid():
        return _page(request, room, PhotosForm(), _rows(room, code, form), described=form, status=422)
    services.edit_photo(room_id=room.pk, host_id=room.host_id, code=code, alt_i18n=form.texts())
    messages.success(request, _("The description is saved"))
    return back_to(room, code)


@host_page
@require_POST
def position(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Move a photograph to a place; 0 is the cover."""
    room = own_room(request, slug)
    place = request.POST.get("to", "")
    try:
        services.edit_photo(
            room_id=room.pk, host_id=room.host_id, code=code, position=int(place) if place.isdecimal() else -1
        )
    except DomainError as error:
        if error.status == 404:
            raise
        messages.error(request, _("There is no such place"))
    return back_to(room, code)


@host_page
@require_http_methods(PAGE)
def photo_deletion(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Ask once, then delete a photograph."""
    room = own_room(request, slug)
    shown = _own_photo(room, code)
    if request.method != "POST":
        return render(request, "rooms/host/photo_deletion.html", {"room": room, "photo": shown})
    services.delete_photo(room_id=room.pk, host_id=room.host_id, code=code)
    messages.success(request, _("The photograph is deleted"))
    return redirect("rooms_host:photos", slug=slug)


def back_to(room: Room, code: str) -> HttpResponse:
    """The page of photographs, at this one."""
    return redirect(f"{reverse('rooms_host:photos', args=[room.slug])}#photo-{code}")


def _page(
    request: HttpRequest,
    room: Room,
    form: PhotosForm,
    rows: list[PhotoRow],
    *,
    described: PhotoTextForm | None = None,
    status: int,
) -> HttpResponse:
    context = {"room": room, "form": form, "rows": rows, "most": MOST_PHOTOS, "wrong": described or form}
    return render(request, "rooms/host/photos.html", context, status=status)


def _added(room: Room, form: PhotosForm, file: UploadedFile) -> int:
    """1 when the file was taken in, else 0 with the reason on the form."""
    try:
        services.add_photo(room_id=room.pk, host_id=room.host_id, file=file, size=file.size or 0)
    except (NotAPicture, services.TooManyPhotos) as error:
        form.add_error("photos", f"{file.name}: {error}")
        return 0
    return 1


def _own_photo(room: Room, code: str) -> Photo:
    return get_object_or_404(room.photos, code=code)


def _row(photo: Photo, last: int, typed: PhotoTextForm | None = None) -> PhotoRow:
    texts = {f"alt_{language}": text for language, text in photo.alt_i18n.items()}
    form = typed or PhotoTextForm(initial=texts)
    form.auto_id = f"id_{photo.code}_%s"
    return PhotoRow(photo, form, photo.position - 1, photo.position + 1, photo.position >= last)


def _rows(room: Room, code: str = "", typed: PhotoTextForm | None = None) -> list[PhotoRow]:
    """The photographs in order, each with its form; the one of ``code`` keeps what was typed."""
    found = list(room.photos.all())
    return [_row(each, len(found) - 1, typed if each.code == code else None) for each in found]
