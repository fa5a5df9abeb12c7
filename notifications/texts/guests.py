"""What guests are told, by kind and variant."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.texts.phrases import Text

_TRIP = _("See my trip")
_PAY = _("Continue to payment")
_SEARCH = _("Find a room")
_REVIEW = _("Write a review")
_READ = _("Read the reviews")

GUEST: dict[str, Text] = {
    "reservation_held": Text(
        _("We are holding %(room)s until %(until)s"),
        _("%(dates)s, %(total)s in all. You are not charged yet. If you do not pay, the dates are let go."),
        "checkout",
        _PAY,
    ),
    "hold_extended": Text(
        _("Your dates at %(room)s are held until %(until)s"),
        _("%(dates)s, %(total)s in all. The price stays the same."),
        "checkout",
        _PAY,
    ),
    "payments_unavailable": Text(
        _("Your dates are held until %(until)s"),
        _(
            "Payments are briefly unavailable, so nothing was charged. %(room)s, %(dates)s: pay %(total)s when they "
            "are back; dates and price stay. If you no longer want the room, do nothing and it is let go."
        ),
        "checkout",
        _PAY,
    ),
    "payments_available": Text(
        _("Payments are back: you can pay for %(room)s now"),
        _("%(dates)s, %(total)s in all. Your dates are held until %(until)s."),
        "checkout",
        _PAY,
    ),
    "reservation_expired": Text(
        _("%(room)s is no longer held for you"),
        _("%(dates)s are free again. Nothing was charged."),
        "room",
        _("Look again"),
    ),
    "request_expired": Text(
        _("%(room)s did not answer in time"),
        _("Your request for %(dates)s has ended. Nothing was charged; %(total)s is released on your card."),
        "search",
        _SEARCH,
    ),
    "request_expired:accepted": Text(
        _("Your stay at %(room)s could not be confirmed"),
        _("%(host)s said yes, but the payment could not be taken. %(dates)s are free again, and nothing was charged."),
        "search",
        _SEARCH,
    ),
    "request_expired:unpaid": Text(
        _("%(room)s is no longer kept for you"),
        _("%(host)s had said yes to %(dates)s, but it was not paid in time. Nothing was charged."),
        "room",
        _("Look again"),
    ),
    "request_unpaid": Text(
        _("%(host)s said yes: please pay for %(room)s again"),
        _("Your card did not go through. %(dates)s are kept until %(until)s; paid with another card, the stay stands."),
        "checkout",
        _("Try another card"),
    ),
    "reservation_requested": Text(
        _("You asked for %(room)s"),
        _("%(host)s answers by %(answer_by)s. %(dates)s, %(total)s in all, charged only after a yes."),
        "trip",
        _TRIP,
    ),
    "reservation_declined": Text(
        _("%(room)s cannot take you on these dates"),
        _("%(dates)s. Nothing was charged; %(total)s is released on your card."),
        "search",
        _SEARCH,
    ),
    "reservation_confirmed": Text(
        _("Your stay at %(room)s is booked"),
        _("Check-in %(check_in_at)s, check-out %(check_out_at)s. %(people)s, %(total)s paid. %(host)s expects you."),
        "trip",
        _TRIP,
    ),
    "reservation_altered": Text(
        _("Your stay at %(room)s has changed"),
        _("It is now %(dates)s, %(people)s, %(total)s in all."),
        "trip",
        _TRIP,
    ),
    "reservation_cancelled": Text(
        _("Your stay at %(room)s is cancelled"),
        _("%(dates)s. You get %(refund)s of %(total)s back (%(rule)s)."),
        "trip",
        _TRIP,
    ),
    "reservation_cancelled:nothing": Text(
        _("Your stay at %(room)s is cancelled"),
        _("%(dates)s. By the terms you agreed to, nothing of %(total)s comes back (%(rule)s)."),
        "trip",
        _TRIP,
    ),
    "reservation_cancelled:request": Text(
        _("You took back your request for %(room)s"),
        _("%(dates)s. Nothing was charged; %(total)s is released on your card."),
        "search",
        _SEARCH,
    ),
    "reservation_cancelled:host": Text(
        _("%(host)s had to cancel your stay at %(room)s"),
        _("%(dates)s. We are sorry. You get everything back: %(refund)s."),
        "search",
        _SEARCH,
    ),
    "reservation_cancelled:operator": Text(
        _("We cancelled your stay at %(room)s"),
        _("%(dates)s. We are sorry. You get %(refund)s back (%(rule)s)."),
        "search",
        _SEARCH,
    ),
    "grace_given": Text(
        _("We give you %(amount)s back"),
        _("For your stay at %(room)s, %(dates)s: %(reason)s. It goes back the way you paid."),
        "trip",
        _TRIP,
    ),
    "payment_failed": Text(
        _("The payment for %(room)s did not go through"),
        _("%(dates)s. Nothing was charged. While your dates are held you can pay %(amount)s with another card."),
        "checkout",
        _("Try another card"),
    ),
    "payment_failed:differs": Text(
        _("The payment for %(room)s was not what we agreed"),
        _("%(dates)s. Another sum than %(amount)s was taken. It does not count: all of it goes back to you."),
        "trip",
        _TRIP,
    ),
    "payment_action_required": Text(
        _("One more step to pay for %(room)s"),
        _("Your bank wants to know that it is you. %(dates)s, %(total)s in all; the dates are kept meanwhile."),
        "checkout",
        _("Continue at the bank"),
    ),
    "payment_refused": Text(
        _("All of %(amount)s comes back to you"),
        _("Your payment for %(room)s arrived after the dates (%(dates)s) had gone. Nothing is kept."),
        "search",
        _SEARCH,
    ),
    "payment_refused:beside": Text(
        _("All of %(amount)s comes back to you"),
        _("This payment for %(room)s was not needed. Your booking (%(dates)s) stands as it was."),
        "trip",
        _TRIP,
    ),
    "payment_refused:again": Text(
        _("All of %(amount)s comes back to you"),
        _("Your payment for %(room)s could not be kept. %(dates)s are still held: you can pay again in time."),
        "checkout",
        _("Pay again"),
    ),
    "refund_sent": Text(
        _("%(amount)s is on its way back to you"),
        _("For %(room)s, %(dates)s. Your card shows it by %(arrives)s."),
        "trip",
        _TRIP,
    ),
    "authorization_released": Text(
        _("%(amount)s is no longer held on your card"),
        _("For %(room)s, %(dates)s. It was never charged."),
        "trip",
        _TRIP,
    ),
    "refund_failed": Text(
        _("Your refund of %(amount)s is delayed"),
        _("For %(room)s, %(dates)s. The bank did not take it yet. We see to it; you need not do anything."),
        "trip",
        _TRIP,
    ),
    "stay_started": Text(
        _("Welcome to %(room)s"),
        _("Your stay has begun: %(dates)s. Have a good rest."),
        "trip",
        _TRIP,
    ),
    "stay_completed": Text(
        _("How was %(room)s?"),
        _("You can review it until %(closes)s. %(host)s sees it only when both have written or the time is up."),
        "trip_review",
        _REVIEW,
    ),
    "review_written": Text(
        _("%(author)s has written about your stay at %(room)s"),
        _("Reviews become public when both are in, or 14 days after the check-out. Until then nobody sees them."),
        "trip_review",
        _("Your reviews"),
    ),
    "reviews_published": Text(
        _("The reviews of your stay at %(room)s are public"),
        _("%(dates)s. You can read them, and answer once within 30 days."),
        "reviews",
        _READ,
    ),
    "review_answered": Text(
        _("%(author)s answered your review of %(room)s"),
        _("Everyone can read the answer beneath your review."),
        "review",
        _("Read the answer"),
    ),
    "review_hidden": Text(
        _("We took down your review of the stay at %(room)s"),
        _("%(dates)s. Nobody but you can see it now; the reason stands beside it."),
        "review",
        _("Read the reason"),
    ),
}
