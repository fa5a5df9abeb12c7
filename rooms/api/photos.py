"""Photographs of a room: upload, order, description, removal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from airbnb.accounts.access import current_user
from airbnb.errors import NotFound
from airbnb.rest import StrictSerializer, etag_response, valid
from rooms import services
from rooms.api.outputs import PhotoOutput
from rooms.api.resource import RoomScoped, WholeNumber
from rooms.api.rooms import I18nText
from rooms.api.shapes import photo_json
from rooms.models import Photo
from rooms.queries.pages import photo_facts
from rooms.texts import written_in


class NewPhoto(StrictSerializer):
    """An upload: the picture as ``image``, and what it shows."""

    image = serializers.FileField(allow_empty_file=True)
    alt = serializers.CharField(max_length=200, required=False, allow_blank=True)
    alt_ko = serializers.CharField(max_length=200, required=False, allow_blank=True)
    alt_en = serializers.CharField(max_length=200, required=False, allow_blank=True)


class PhotoChanges(StrictSerializer):
    """A photograph's place in the row (0 is the cover) and what it shows."""

    position = WholeNumber(min_value=0, max_value=100, required=False)
    alt = serializers.CharField(max_length=200, required=False, allow_blank=True)
    alt_i18n = I18nText(required=False)


class PhotosResource(RoomScoped):
    """The photographs of a room."""

    parser_classes = [MultiPartParser, JSONParser]

    @extend_schema(operation_id="listPhotos", responses=PhotoOutput(many=True))
    def get(self, request: Request, room_code: str) -> Response:
        """In order; the host also sees those that are still worked on or were refused."""
        own = self.is_own(request)
        shown = [photo for photo in self.room.photos.all() if own or photo.state == Photo.State.READY]
        return etag_response(request, [photo_json(photo_facts(photo)) for photo in shown])

    @extend_schema(
        operation_id="addPhoto",
        request={"multipart/form-data": NewPhoto},
        responses={201: PhotoOutput},
    )
    def post(self, request: Request, room_code: str) -> Response:
        """Upload one picture (JPEG, PNG or WebP, at most 10 MB); it is worked into its sizes shortly after."""
        sent: Any = request.data
        reader = NewPhoto(data=_one_of_each(sent) if isinstance(sent, Mapping) else sent)
        reader.is_valid(raise_exception=True)
        given, user = reader.validated_data, current_user(request)
        alt = {"ko": given.get("alt_ko", ""), "en": given.get("alt_en", "")}
        photo = services.add_photo(
            room_id=self.room.pk,
            host_id=user.pk,
            file=given["image"],
            size=given["image"].size,
            alt_i18n=written_in(given["alt"], user.language, alt) if given.get("alt") else written_in("", "", alt),
        )
        return Response(photo_json(photo_facts(photo)), status=201)


def _one_of_each(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a form, with the names that programs commonly give the file."""
    return {"image" if name in ("photo", "file") else name: sent[name] for name in sent}


class PhotoResource(RoomScoped):
    """One photograph."""

    @extend_schema(operation_id="readPhoto", responses=PhotoOutput)
    def get(self, request: Request, room_code: str, photo_code: str) -> Response:
        """Its state and sizes."""
        return etag_response(request, self._json(photo_code, request))

    @extend_schema(operation_id="editPhoto", request=PhotoChanges, responses=PhotoOutput)
    def patch(self, request: Request, room_code: str, photo_code: str) -> Response:
        """Move it or describe it."""
        given, user = valid(PhotoChanges, request), current_user(request)
        alt: dict[str, Any] | None = given.get("alt_i18n")
        if "alt" in given:
            alt = {**(alt or {}), user.language: given["alt"]}
        services.edit_photo(
            room_id=self.room.pk, host_id=user.pk, code=photo_code, alt_i18n=alt, position=given.get("position")
        )
        return Response(self._json(photo_code, request))

    @extend_schema(operation_id="deletePhoto", responses={204: None})
    def delete(self, request: Request, room_code: str, photo_code: str) -> Response:
        """Remove it with its files."""
        services.delete_photo(room_id=self.room.pk, host_id=current_user(request).pk, code=photo_code)
        return Response(status=204)

    def _json(self, code: str, request: Request) -> dict[str, Any]:
        found = self.room.photos.filter(code=code).first()
        if found is None or not (self.is_own(request) or found.state == Photo.State.READY):
            raise NotFound()
        return photo_json(photo_facts(found))
