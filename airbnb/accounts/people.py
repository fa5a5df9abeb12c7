"""Facts about people for contexts that write to them or show their names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from airbnb.accounts.models import User


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is and how to reach them, in their language ("ko" or "en")."""

    id: int
    code: str
    name: str
    email: str
    phone: str
    language: str
    is_active: bool


def people(ids: Iterable[int]) -> dict[int, Person]:
    """Several persons by id, in one query; unknown ids are left out."""
    return {user.pk: _person(user) for user in User.objects.filter(pk__in=set(ids))}


def operators() -> list[Person]:
    """Everybody who keeps order here and can sign in."""
    return [_person(user) for user in User.objects.filter(is_operator=True, is_active=True).order_by("pk")]


def person(user_id: int) -> Person:
    """One person; raises User.DoesNotExist."""
    return _person(User.objects.get(pk=user_id))


def _person(user: User) -> Person:
    return Person(user.pk, user.code, user.shown_name, user.email, user.phone, user.language, user.is_active)
