"""What operators are told: what only a person can settle."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.texts.phrases import Text

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
}
