"""What sort of place a room is: the closed list of the HTTP contract, in both languages."""

from __future__ import annotations

from rooms.texts import Texts, texts

KINDS: dict[str, Texts] = {
    "house": texts("독채", "Whole house"),
    "apartment": texts("아파트", "Apartment"),
    "hanok": texts("한옥", "Hanok"),
    "guesthouse": texts("게스트하우스", "Guesthouse"),
    "private_room": texts("개인실", "Private room"),
    "cabin": texts("오두막", "Cabin"),
}

STATUSES: dict[str, Texts] = {
    "draft": texts("작성 중", "Draft"),
    "listed": texts("공개 중", "Listed"),
    "paused": texts("잠시 쉼", "Paused"),
    "archived": texts("내린 방", "Archived"),
}


def kind_name(kind: str) -> Texts:
    """The name of a kind; raises KeyError for an unknown one."""
    return KINDS[kind]


def status_name(status: str) -> Texts:
    """The name of a room's status; raises KeyError for an unknown one."""
    return STATUSES[status]
