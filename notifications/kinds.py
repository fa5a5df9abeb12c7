"""What can be told: every kind of notification, its topic, and the channels it goes through."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

IN_APP, EMAIL, KAKAOTALK = "in_app", "email", "kakaotalk"
EVERYWHERE = (IN_APP, EMAIL, KAKAOTALK)
QUIETLY = (IN_APP,)
WRITTEN = (IN_APP, EMAIL)


class Topic(StrEnum):
    """What people can switch on and off together."""

    BOOKING = "booking"
    STAY = "stay"
    REVIEW = "review"


TOPICS: dict[Topic, Promise] = {
    Topic.BOOKING: _("Bookings, payments and refunds"),
    Topic.STAY: _("Before and during a stay"),
    Topic.REVIEW: _("Reviews"),
}
# Needed for a booking to stand on: e-mail cannot be switched off for these.
CRITICAL = frozenset({Topic.BOOKING})


@dataclass(frozen=True)
class Kind:
    """A kind of notification; ``icon`` is a name in the sprite."""

    name: str
    topic: Topic
    channels: tuple[str, ...]
    icon: str

    @property
    def is_critical(self) -> bool:
        """Whether it must go out whatever was switched off."""
        return self.topic in CRITICAL

    def may_switch_off(self, channel: str) -> bool:
        """Whether a person can do without it in this channel."""
        return may_switch_off(self.topic, channel)


def may_switch_off(topic: Topic, channel: str) -> bool:
    """The in-app list is always kept; e-mail always goes out for what concerns a booking."""
    return channel != IN_APP and not (topic in CRITICAL and channel == EMAIL)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("reservation_held", Topic.BOOKING, EVERYWHERE, "clock"),
        Kind("hold_extended", Topic.BOOKING, QUIETLY, "clock"),
        Kind("payments_unavailable", Topic.BOOKING, EVERYWHERE, "card"),
        Kind("payments_available", Topic.BOOKING, EVERYWHERE, "card"),
        Kind("reservation_expired", Topic.BOOKING, EVERYWHERE, "clock"),
        Kind("request_expired", Topic.BOOKING, EVERYWHERE, "clock"),
        Kind("reservation_requested", Topic.BOOKING, EVERYWHERE, "message"),
        Kind("request_reminder", Topic.BOOKING, EVERYWHERE, "clock"),
        Kind("request_unpaid", Topic.BOOKING, EVERYWHERE, "card"),
        Kind("reservation_declined", Topic.BOOKING, EVERYWHERE, "x"),
        Kind("reservation_confirmed", Topic.BOOKING, EVERYWHERE, "check"),
        Kind("alteration_proposed", Topic.BOOKING, EVERYWHERE, "calendar"),
        Kind("alteration_accepted", Topic.BOOKING, EVERYWHERE, "card"),
        Kind("alteration_payment_failed", Topic.BOOKING, EVERYWHERE, "card"),
        Kind("alteration_pay_later", Topic.BOOKING, EVERYWHERE, "card"),
        Kind("alteration_payable", Topic.BOOKING, EVERYWHERE, "card"),
        Kind("alteration_closed", Topic.BOOKING, EVERYWHERE, "x"),
        Kind("reservation_altered", Topic.BOOKING, EVERYWHERE, "calendar"),
        Kind("reservation_cancelled", Topic.BOOKING, EVERYWHERE, "x"),
        Kind("grace_given", Topic.BOOKING, EVERYWHERE, "undo"),
        Kind("payment_failed", Topic.BOOKING, EVERYWHERE, "card"),
        Kind("payment_action_required", Topic.BOOKING, WRITTEN, "shield"),
        Kind("payment_refused", Topic.BOOKING, EVERYWHERE, "undo"),
        Kind("refund_sent", Topic.BOOKING, EVERYWHERE, "undo"),
        Kind("authorization_released", Topic.BOOKING, WRITTEN, "undo"),
        Kind("refund_failed", Topic.BOOKING, EVERYWHERE, "alert"),
        Kind("refund_stuck", Topic.BOOKING, WRITTEN, "alert"),
        Kind("payout_sent", Topic.BOOKING, WRITTEN, "wallet"),
        Kind("payout_failed", Topic.BOOKING, EVERYWHERE, "alert"),
        Kind("payout_held", Topic.BOOKING, EVERYWHERE, "bank"),
        Kind("payout_stuck", Topic.BOOKING, WRITTEN, "alert"),
        Kind("bank_details_changed", Topic.BOOKING, WRITTEN, "shield"),
        Kind("stay_started", Topic.STAY, EVERYWHERE, "key"),
        Kind("stay_completed", Topic.REVIEW, EVERYWHERE, "star"),
        Kind("review_written", Topic.REVIEW, WRITTEN, "star"),
        Kind("reviews_published", Topic.REVIEW, WRITTEN, "star"),
        Kind("review_hidden", Topic.REVIEW, WRITTEN, "flag"),
        Kind("review_answered", Topic.REVIEW, WRITTEN, "message"),
    )
}
