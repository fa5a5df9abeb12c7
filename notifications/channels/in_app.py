"""The list in the app: the notification's own row is the message, so there is nothing left to send."""

from __future__ import annotations

from notifications.channels import Message


class InApp:
    """Delivered by being written; kept as a channel so that every way out looks the same."""

    def send(self, message: Message) -> None:
        """The row is already there for its reader."""
