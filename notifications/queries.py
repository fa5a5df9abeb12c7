"""What others may ask about notifications: the bell's number, and what was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notifications.channels import kakaotalk
from notifications.kinds import EMAIL, KAKAOTALK, KINDS, TOPICS, Topic, may_switch_off
from notifications.models import ChannelPreference, Notification
from notifications.wording import Words, words


@dataclass(frozen=True)
class Shown:
    """A notification as its reader sees it, in the active language."""

    id: str
    kind: str
    icon: str
    reservation: str
    words: Words
    created_at: datetime
    is_unread: bool


@dataclass(frozen=True)
class Wish:
    """A switch on the settings page; ``fixed``: this one always stays on."""

    topic: Topic
    channel: str
    label: Any
    is_on: bool
    fixed: bool


def unread_count(user_id: int) -> int:
    """The number on the bell."""
    return Notification.objects.of(user_id).unread().count()


def notifications_of(user_id: int, *, offset: int = 0, limit: int = 30) -> list[Shown]:
    """A person's notifications, newest first."""
    return [_shown(each) for each in Notification.objects.of(user_id)[offset : offset + limit]]


def told_about(reservation: str, user_id: int) -> list[Shown]:
    """What this person was told about one reservation, newest first."""
    return [_shown(each) for each in Notification.objects.of(user_id).filter(reservation=reservation)[:50]]


def wishes_of(user_id: int) -> list[Wish]:
    """Every switch there is, with its state."""
    kept = {(each.topic, each.channel): each.is_on for each in ChannelPreference.objects.filter(user_id=user_id)}
    return [
        Wish(topic, name, label, kept.get((topic, name), True) or fixed, fixed)
        for topic, label in TOPICS.items()
        for name in _switches(topic)
        for fixed in [not may_switch_off(topic, name)]
    ]


def was_told(reservation: str, user_id: int, kind: str, *, since: datetime) -> bool:
    """Whether this person was told this about the reservation since then."""
    told = Notification.objects.of(user_id).filter(reservation=reservation, kind=kind)
    return told.filter(created_at__gte=since).exists()


def _switches(topic: Topic) -> list[str]:
    """The channels that anything of this topic uses, besides the list in the app."""
    used = {name for kind in KINDS.values() if kind.topic == topic for name in kind.channels}
    ours = (EMAIL, KAKAOTALK) if kakaotalk.in_use() else (EMAIL,)
    return [name for name in ours if name in used]


def _shown(each: Notification) -> Shown:
    return Shown(
        id=str(each.pk),
        kind=each.kind,
        icon=KINDS[each.kind].icon,
        reservation=each.reservation,
        words=words(each.kind, each.role, each.params),
        created_at=each.created_at,
        is_unread=each.is_unread,
    )
