"""What operators are told: what only a person can settle."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.texts.phrases import Text

_PAYOUTS = _("See the payouts")

OPERATOR: dict[str, Text] = {
    "refund_stuck": Text(
        _("A refund of %(amount)s failed: %(code)s"),
        _(
            "The gateway refused it, or the bank sent it back. The money is still owed to %(guest)s: send it again, "
            "or settle it with them by hand."
        ),
        "failed_refunds",
        _("See the refunds"),
    ),
    "payout_stuck": Text(
        _("A payout of %(amount)s failed: %(code)s"),
        _(
            "The gateway refused it (%(failure)s), and it will not be tried by itself. The money is still owed to "
            "%(host)s: mend the cause and send it again. The host knows that we are on it."
        ),
        "payouts",
        _PAYOUTS,
    ),
    "payout_stuck:account": Text(
        _("The bank of %(host)s does not take a payout of %(amount)s: %(code)s"),
        _(
            "The reason given is %(failure)s. The host was asked for other bank details; with those it goes out by "
            "itself."
        ),
        "payouts",
        _PAYOUTS,
    ),
    "payout_stuck:returned": Text(
        _("A payout of %(amount)s came back: %(code)s"),
        _(
            "It had been sent, and the gateway has the money again. It is owed to %(host)s: find out why, then send it "
            "again. New bank details send it by themselves."
        ),
        "payouts",
        _PAYOUTS,
    ),
    "payout_stuck:gateway_balance": Text(
        _("Too little at the gateway for a payout of %(amount)s: %(code)s"),
        _(
            "Put money there for %(host)s. The payout is tried every hour, and goes out by itself when there is "
            "enough; you can send it again at once."
        ),
        "payouts",
        _PAYOUTS,
    ),
    "payout_stuck:partly_returned": Text(
        _("%(amount)s of a payout came back: %(code)s"),
        _(
            "Part of what had been sent to %(host)s is at the gateway again. The books count all of it as sent: find "
            "out why, and settle the difference with the host."
        ),
        "payouts",
        _PAYOUTS,
    ),
    "payout_stuck:balance": Text(
        _("The books owe less than a payout of %(amount)s: %(code)s"),
        _("It is held. Compare the ledger of %(host)s with their payouts, then send it again."),
        "payouts",
        _PAYOUTS,
    ),
}
