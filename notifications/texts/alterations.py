"""The words about changes of a booking, by kind and variant; ``own`` is what the reader did themselves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.texts.phrases import Text

_LOOK = _("Look at the change")
_TRIP = _("See my trip")
_BOOKING = _("See the booking")

GUEST: dict[str, Text] = {
    "alteration_proposed": Text(
        _("%(host)s proposes a change of your stay at %(room)s"),
        _("%(new_dates)s, %(new_people)s: %(new_total)s in all instead of %(total)s. Please answer by %(until)s."),
        "alteration",
        _("Answer the proposal"),
    ),
    "alteration_proposed:own": Text(
        _("You proposed a change of your stay at %(room)s"),
        _("%(new_dates)s, %(new_people)s. %(host)s answers by %(until)s. Until then your stay is as it was."),
        "alteration",
        _LOOK,
    ),
    "alteration_accepted": Text(
        _("%(host)s agreed to your change: pay %(difference)s"),
        _("%(room)s, %(new_dates)s, %(new_people)s. Pay by %(until)s and it is done; until then nothing changes."),
        "alteration",
        _("Pay the difference"),
    ),
    "alteration_payment_failed": Text(
        _("The payment for your change at %(room)s did not go through"),
        _("Nothing was charged and your stay is as it was: %(dates)s. You can pay %(difference)s by %(until)s."),
        "alteration",
        _("Try again"),
    ),
    "alteration_pay_later": Text(
        _("Your change at %(room)s is kept until %(until)s"),
        _(
            "Payments are briefly unavailable, so nothing was charged and your stay is as it was: %(dates)s. "
            "You can pay %(difference)s when they are back; we write to you then."
        ),
        "alteration",
        _LOOK,
    ),
    "alteration_payable": Text(
        _("Payments are back: you can pay for your change at %(room)s now"),
        _("%(new_dates)s, %(new_people)s. Pay %(difference)s by %(until)s and it is done; until then nothing changes."),
        "alteration",
        _("Pay the difference"),
    ),
    "payment_action_required:change": Text(
        _("One more step to pay for your change at %(room)s"),
        _("Your bank wants to know that it is you. Until then nothing changes, and your stay is as it was: %(dates)s."),
        "alteration",
        _("Continue at the bank"),
    ),
    "alteration_closed": Text(
        _("The change of your stay at %(room)s is off"),
        _("Your stay is as it was: %(dates)s, %(people)s."),
        "trip",
        _TRIP,
    ),
    "alteration_closed:declined": Text(
        _("%(host)s cannot change your stay at %(room)s"),
        _("Your stay is as it was: %(dates)s, %(people)s."),
        "trip",
        _TRIP,
    ),
    "alteration_closed:expired": Text(
        _("The proposed change at %(room)s was not answered in time"),
        _("Your stay is as it was: %(dates)s, %(people)s."),
        "trip",
        _TRIP,
    ),
    "alteration_closed:unpaid": Text(
        _("The change at %(room)s was not paid in time"),
        _("Your stay is as it was: %(dates)s, %(people)s. Nothing was charged."),
        "trip",
        _TRIP,
    ),
}

HOST: dict[str, Text] = {
    "alteration_proposed": Text(
        _("%(guest)s would like to change the stay at %(room)s"),
        _("%(new_dates)s, %(new_people)s: %(new_total)s in all instead of %(total)s. Please answer by %(until)s."),
        "host_alteration",
        _("Answer the proposal"),
    ),
    "alteration_proposed:own": Text(
        _("You proposed a change to %(guest)s"),
        _("%(room)s, %(new_dates)s, %(new_people)s. The answer comes by %(until)s; until then nothing changes."),
        "host_alteration",
        _LOOK,
    ),
    "alteration_accepted": Text(
        _("You agreed to the change of %(guest)s"),
        _("%(room)s, %(new_dates)s. It is done when the guest has paid %(difference)s, by %(until)s."),
        "host_alteration",
        _LOOK,
    ),
    "alteration_closed": Text(
        _("The change of %(guest)s’s booking is off"),
        _("%(room)s: the booking is as it was, %(dates)s, %(people)s. The other nights are free again."),
        "host_reservation",
        _BOOKING,
    ),
    "alteration_closed:declined": Text(
        _("%(guest)s declined your change"),
        _("%(room)s: the booking is as it was, %(dates)s, %(people)s. The other nights are free again."),
        "host_reservation",
        _BOOKING,
    ),
    "alteration_closed:expired": Text(
        _("The proposed change with %(guest)s was not answered in time"),
        _("%(room)s: the booking is as it was, %(dates)s, %(people)s. The other nights are free again."),
        "host_reservation",
        _BOOKING,
    ),
    "alteration_closed:unpaid": Text(
        _("%(guest)s did not pay for the change in time"),
        _("%(room)s: the booking is as it was, %(dates)s, %(people)s. The other nights are free again."),
        "host_reservation",
        _BOOKING,
    ),
}
