"""KakaoTalk AlimTalk: approved templates with variables, to a telephone number.

The port is the same for a provider and for the local file; which one is used is the setting MESSENGER_ADAPTER.
"""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils import translation
from django.utils.module_loading import import_string

from airbnb import clock
from airbnb.accounts.people import Person
from airbnb.db import forbid_transaction
from notifications.channels import Channel, Message
from notifications.wording import values, words

# AlimTalk takes at most 1,000 characters (Kakao's guide for business messages).
LIMIT = 1000


class Messenger(Channel, Protocol):
    """A channel to telephones; the local file does without a number."""

    needs_phone: bool


def adapter() -> Messenger:
    """The adapter that the settings name."""
    return cast(Messenger, import_string(settings.MESSENGER_ADAPTER)())


def in_use() -> bool:
    """Whether anybody is told by KakaoTalk here: only where the settings name an adapter."""
    return bool(settings.MESSENGER_ADAPTER)


def template_code(message: Message) -> str:
    """The name under which the text is approved, e.g. ``BB_RESERVATION_CONFIRMED_GUEST_KO``."""
    variant = message.params.get("variant", "")
    parts = ("BB", message.kind, variant, message.role, message.language)
    return "_".join(part.upper() for part in parts if part)


def alimtalk(message: Message) -> dict[str, Any]:
    """The request as providers take it: the template's code, its variables, and the text they make."""
    with translation.override(message.language):
        said = words(message.kind, message.role, message.params)
        variables = values(message.params)
    return {
        "key": message.key,
        "to": message.phone,
        "template": template_code(message),
        "variables": variables,
        "text": f"{said.title}\n\n{said.text}"[:LIMIT],
        "button": {"name": said.button, "url": settings.BASE_URL + said.url},
        "correlation_id": message.correlation_id,
    }


def address_of(person: Person) -> str:
    """Where this person is reached: a telephone number, or nothing when the adapter needs one and there is none."""
    if not in_use():
        return ""
    return person.phone or ("" if adapter().needs_phone else f"account:{person.code}")


class FileAdapter:
    """Writes each message as one line of JSON, for development and tests; an account without a number will do."""

    needs_phone = False

    def send(self, message: Message) -> None:
        """Append one line under a lock, so that several workers can write at once."""
        forbid_transaction("a KakaoTalk message")
        path = Path(settings.MESSENGER_FILE_PATH)
        path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(alimtalk(message) | {"at": clock.now().isoformat()}, ensure_ascii=False)
        with path.open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(line + "\n")
