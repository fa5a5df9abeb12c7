"""E-mail through Django's backends: a file locally, SMTP by setting (EMAIL_URL)."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from airbnb.db import forbid_transaction
from notifications.channels import ChannelFailed, Message
from notifications.kinds import KINDS
from notifications.letters import Letter, letter


class Email:
    """A mail in two forms: HTML, and a plain twin that says the same."""

    def send(self, message: Message) -> None:
        """Send one mail; raises what the backend raises, and ChannelFailed when it took nothing."""
        forbid_transaction("a mail")
        if mail(message).send() != 1:
            raise ChannelFailed("the mail was not taken")


def mail(message: Message) -> EmailMultiAlternatives:
    """The mail in its recipient's language. Its Message-ID is the same at every attempt (RFC 5322, 3.6.4)."""
    with translation.override(message.language):
        written = letter(message.kind, message.role, message.params, is_critical=KINDS[message.kind].is_critical)
        context = {"letter": written, "name": message.name, "base_url": settings.BASE_URL}
        text = render_to_string("notifications/email/notice.txt", context)
        html = render_to_string("notifications/email/notice.html", context)
    made = EmailMultiAlternatives(
        subject=_one_line(written),
        body=text.strip() + "\n",
        to=[message.email],
        headers={
            "Message-ID": f"<{message.key}@{_domain()}>",
            "Content-Language": message.language,
            "Auto-Submitted": "auto-generated",
            "X-Correlation-ID": message.correlation_id,
        },
    )
    made.attach_alternative(html, "text/html")
    return made


def _one_line(written: Letter) -> str:
    return " ".join(written.subject.split())


def _domain() -> str:
    return urlsplit(settings.BASE_URL).hostname or "binbang.example"
