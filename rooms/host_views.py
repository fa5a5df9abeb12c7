"""Pages on which hosts register, edit, publish and take down their rooms."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from airbnb.accounts.access import current_user, host_page
from airbnb.clock import today_in
from airbnb.errors import Conflict, DomainError
from rooms import queries, services
from rooms.host_forms import RoomForm, refused_words
from rooms.models import Night, Room
from rooms.texts import language_now

PAGE = ("GET", "HEAD", "POST")


def own_room(request: HttpRequest, slug: str) -> Room:
    """The host's room of this address; for everybody else there is none (404)."""
    return get_object_or_404(Room.objects.of_host(current_user(request).pk), slug=slug)


@host_page
@require_safe
def room_list(request: HttpRequest) -> HttpResponse:
    """Every room of the host with how it stands."""
    return render(request, "rooms/host/list.html", {"rooms": queries.host_rooms(current_user(request).pk)})


@host_page
@require_http_methods(PAGE)
def new(request: HttpRequest) -> HttpResponse:
    """Register a room; it is a draft until its host publishes it."""
    host = current_user(request)
    form = RoomForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            room = services.register_room(host=host, **form.values())
        except DomainError as error:
            form.take(error)
        else:
            messages.success(request, _("The room is saved. Now add photographs"))
            return redirect("rooms_host:photos", slug=room.slug)
    return render(request, "rooms/host/edit.html", {"form": form}, status=422 if form.errors else 200)


@host_page
@require_http_methods(PAGE)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything about one room; saving may publish or pause it too."""
    room = own_room(request, slug)
    form = RoomForm(request.POST if request.method == "POST" else None, room=room)
    status = 200
    if form.is_bound and form.is_valid():
        values = form.values() | {"version": form.cleaned_data["version"]}
        try:
            saved = services.edit_room(room_id=room.pk, host_id=room.host_id, language=language_now(), **values)
        except DomainError as error:
            status = _refuse_edit(form, error)
        else:
            messages.success(request, saved_words(saved))
            return redirect("rooms_host:edit", slug=slug)
    elif form.errors:
        status = 422
    context = {"form": form, "room": room, "shown": queries.host_room(room.host_id, slug)}
    return render(request, "rooms/host/edit.html", context, status=status)


@host_page
@require_POST
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the room for bookings, or pause it."""
    room = own_room(request, slug)
    change = services.publish_room if request.POST.get("status") == Room.Status.LISTED else services.pause_room
    try:
        saved = change(room_id=room.pk, host_id=room.host_id)
    except DomainError as error:
        messages.error(request, refused_words(error))
        return redirect("rooms_host:edit", slug=slug)
    messages.success(request, saved_words(saved))
    return redirect("rooms_host:list")


@host_page
@require_http_methods(PAGE)
def deletion(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once, then take the room down; refused while stays lie ahead, and it says which."""
    room = own_room(request, slug)
    ahead = _stays_ahead(room)
    status = 200
    if request.method == "POST":
        try:
            services.archive_room(room_id=room.pk, host_id=room.host_id)
        except services.StaysAhead as error:
            ahead, status = error.facts["reservations"], 409
        else:
            messages.success(request, _("The room is taken down"))
            return redirect("rooms_host:list")
    return render(request, "rooms/host/deletion.html", {"room": room, "ahead": ahead}, status=status)


def saved_words(room: Room) -> str:
    """What saving has done, by the state the room is in now."""
    if room.status == Room.Status.LISTED:
        return _("Saved. Guests can book the room")
    if room.status == Room.Status.PAUSED:
        return _("Saved. The room takes no new bookings; those it has stand")
    return _("Saved as a draft. Only you see it")


def _refuse_edit(form: RoomForm, error: DomainError) -> int:
    """Tell what was refused; after somebody else's edit, saving again keeps what was typed here."""
    form.take(error)
    if isinstance(error, Conflict) and "version" in error.facts:
        form.start_from(error.facts["version"])
    return error.status


def _stays_ahead(room: Room) -> list[str]:
    nights = Night.objects.filter(room_id=room.pk).reserved_from(today_in(room.time_zone))
    return sorted(set(nights.values_list("reservation", flat=True)))
