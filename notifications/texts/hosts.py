"""What hosts are told, by kind and variant."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.texts.phrases import Text

_BOOKING = _("See the booking")
_REVIEW = _("Write a review")
_READ = _("Read the reviews")
_EARNINGS = _("See my earnings")

HOST: dict[str, Text] = {
    "payout_sent": Text(
        _("%(amount)s is on its way to you"),
        _("For the stay at %(room)s, %(dates)s. It goes to %(bank)s, account ending in %(last4)s."),
        "host_earnings",
        _EARNINGS,
    ),
    "payout_sent:less": Text(
        _("%(amount)s is on its way to you"),
        _(
            "For the stay at %(room)s, %(dates)s. It goes to %(bank)s, account ending in %(last4)s. "
            "%(kept)s was kept back for an earlier refund."
        ),
        "host_earnings",
        _EARNINGS,
    ),
    "payout_failed": Text(
        _("Your bank did not accept the payout of %(amount)s"),
        _("For the stay at %(room)s, %(dates)s. The money is still yours: please check your bank details."),
        "host_bank_account",
        _("Check bank details"),
    ),
    "payout_failed:ours": Text(
        _("The payout of %(amount)s is late"),
        _("For the stay at %(room)s, %(dates)s. It could not be sent, and we are on it: you need not do anything."),
        "host_earnings",
        _EARNINGS,
    ),
    "payout_failed:returned": Text(
        _("The payout of %(amount)s came back to us"),
        _(
            "For the stay at %(room)s, %(dates)s. The money is still yours, and we are on it. If your bank details "
            "have changed, please tell us the new ones."
        ),
        "host_earnings",
        _EARNINGS,
    ),
    "payout_held": Text(
        _("%(amount)s waits for your bank details"),
        _("For the stay at %(room)s, %(dates)s. Tell us where the money shall go, and it is sent."),
        "host_bank_account",
        _("Add bank details"),
    ),
    "payout_held:ours": Text(
        _("The payout of %(amount)s is late"),
        _("For the stay at %(room)s, %(dates)s. It could not be sent, and we are on it: you need not do anything."),
        "host_earnings",
        _EARNINGS,
    ),
    "bank_details_changed": Text(
        _("Your bank details were changed"),
        _(
            "From %(in_force_from)s on, payouts go to %(bank)s, account ending in %(last4)s. "
            "If this was not you, withdraw the change before then and set a new password."
        ),
        "host_earnings",
        _("Look at the change"),
    ),
    "bank_details_changed:first": Text(
        _("Your bank details were added"),
        _("Payouts go to %(bank)s, account ending in %(last4)s. If this was not you, please tell us at once."),
        "host_earnings",
        _EARNINGS,
    ),
    "request_expired": Text(
        _("The request of %(guest)s has ended"),
        _("%(room)s, %(dates)s: the time to answer is over and the dates are free again."),
        "host_reservation",
        _BOOKING,
    ),
    "request_expired:accepted": Text(
        _("The booking of %(guest)s could not be confirmed"),
        _("%(room)s, %(dates)s: you said yes, but the payment could not be taken. The dates are free again."),
        "host_reservation",
        _BOOKING,
    ),
    "request_expired:unpaid": Text(
        _("%(guest)s did not pay for %(room)s"),
        _("You had said yes to %(dates)s; the time to pay is over and the dates are free again."),
        "host_reservation",
        _BOOKING,
    ),
    "request_unpaid": Text(
        _("You said yes, but the card of %(guest)s did not go through"),
        _("%(room)s, %(dates)s: the guest can pay with another card until %(until)s. The dates are kept until then."),
        "host_reservation",
        _BOOKING,
    ),
    "request_reminder": Text(
        _("%(guest)s still waits for your answer"),
        _("%(room)s, %(dates)s, %(people)s. Please answer by %(answer_by)s."),
        "host_reservation",
        _("Answer the request"),
    ),
    "request_reminder:last": Text(
        _("Last call: answer %(guest)s by %(answer_by)s"),
        _("%(room)s, %(dates)s, %(people)s. After that the request ends, and the dates are free again."),
        "host_reservation",
        _("Answer the request"),
    ),
    "reservation_declined": Text(
        _("We declined the request of %(guest)s for you"),
        _("%(room)s, %(dates)s are free again. The guest is charged nothing."),
        "host_reservation",
        _BOOKING,
    ),
    "reservation_requested": Text(
        _("%(guest)s would like to stay at %(room)s"),
        _("%(dates)s, %(people)s, %(total)s in all. Please answer by %(answer_by)s."),
        "host_reservation",
        _("Answer the request"),
    ),
    "reservation_confirmed": Text(
        _("%(guest)s booked %(room)s"),
        _(
            "%(dates)s, %(people)s. Check-in %(check_in_at)s, check-out %(check_out_at)s. Paid %(total)s; "
            "you receive %(payout)s."
        ),
        "host_reservation",
        _BOOKING,
    ),
    "reservation_altered": Text(
        _("The booking of %(guest)s has changed"),
        _("%(room)s: now %(dates)s, %(people)s, %(total)s in all."),
        "host_reservation",
        _BOOKING,
    ),
    "reservation_cancelled": Text(
        _("%(guest)s cancelled the stay at %(room)s"),
        _("%(dates)s are free again. %(refund)s of %(total)s goes back to the guest (%(rule)s)."),
        "host_reservation",
        _BOOKING,
    ),
    "reservation_cancelled:request": Text(
        _("%(guest)s took the request for %(room)s back"),
        _("%(dates)s are free again. There is nothing left to answer."),
        "host_reservation",
        _BOOKING,
    ),
    "reservation_cancelled:host": Text(
        _("You cancelled the stay of %(guest)s at %(room)s"),
        _("%(dates)s stay blocked. The guest gets everything back: %(refund)s."),
        "host_reservation",
        _BOOKING,
    ),
    "reservation_cancelled:operator": Text(
        _("We cancelled the stay of %(guest)s at %(room)s"),
        _("%(dates)s. %(refund)s of %(total)s goes back to the guest (%(rule)s)."),
        "host_reservation",
        _BOOKING,
    ),
    "grace_given": Text(
        _("We gave %(guest)s %(amount)s back"),
        _("For the stay at %(room)s, %(dates)s: %(reason)s. We bear it: what you receive stays the same."),
        "host_reservation",
        _BOOKING,
    ),
    "stay_started": Text(
        _("%(guest)s can check in to %(room)s now"),
        _("%(dates)s, %(people)s."),
        "host_reservation",
        _BOOKING,
    ),
    "stay_completed": Text(
        _("How was %(guest)s as a guest?"),
        _("%(room)s, %(dates)s. You can write until %(closes)s; both reviews become public together."),
        "host_review",
        _REVIEW,
    ),
    "review_written": Text(
        _("%(author)s has written about the stay at %(room)s"),
        _("Reviews become public when both are in, or 14 days after the check-out. Until then nobody sees them."),
        "host_review",
        _("Your reviews"),
    ),
    "reviews_published": Text(
        _("The reviews of the stay of %(guest)s at %(room)s are public"),
        _("%(dates)s. You can read them, and answer once within 30 days."),
        "host_reviews",
        _READ,
    ),
    "review_answered": Text(
        _("%(author)s answered your review"),
        _("It was about the stay at %(room)s, %(dates)s."),
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
