"""Channels: the port through which a notification leaves the house, and the register of its adapters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Message:
    """A notification addressed to one person, ready for a channel.

    ``key`` is the same at every attempt, so that a peer can tell a repetition. ``params`` are the stored facts;
    the channel writes the words, in ``language``.
    """

    key: str
    kind: str
    role: str
    params: dict[str, Any]
    language: str
    email: str
    phone: str
    name: str
    correlation_id: str


class ChannelFailed(Exception):
    """The message did not go out now; another attempt may succeed."""


class Channel(Protocol):
    """What every adapter does: send one message, or raise. Called outside any transaction."""

    def send(self, message: Message) -> None:
        """Hand the message over; any exception counts as a failed attempt."""


_ADAPTERS = {
    "in_app": "notifications.channels.in_app.InApp",
    "email": "notifications.channels.email.Email",
    "kakaotalk": "notifications.channels.kakaotalk.adapter",
}


def channel(name: str) -> Channel:
    """The adapter of a channel as the settings choose it; KeyError for an unknown channel."""
    adapter: Channel = import_string(_ADAPTERS[name])()
    return adapter
