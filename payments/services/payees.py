"""Where a host's money goes: registered at the gateway, in force a day after a change, withdrawn before its time.

The account's number passes through on its way to the gateway and is never kept.
"""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from airbnb import clock, db
from airbnb.errors import Invalid, Unavailable
from airbnb.events.bus import publish
from payments import gateways
from payments.events import PayeeChanged
from payments.gateways.port import PayeeOutcome, PayeeRequest
from payments.models import Payee
from payments.states import PayeeStatus

# The banks are Korean, and so is what their accounts are kept in.
CURRENCY = "KRW"
NUMBER = re.compile(r"\d{6,20}")
# A changed account waits this long, so that whoever took over a host's account cannot take their money with it.
CHANGE_WAITS = timedelta(hours=24)


class BankUnreachable(Unavailable):
    """The gateway did not say whether it takes the account."""

    code = "bank_unreachable"
    title = _("The bank account could not be checked just now")


def register_payee(*, host_id: int, bank: str, account_number: str, holder: str) -> Payee:
    """Make a host's bank account known at the gateway; the first is in force at once, a changed one after 24 hours.

    Until then the account before it stays in force; one that was given before and still waits is withdrawn. Raises
    Invalid when the gateway refuses the account, BankUnreachable when it does not answer: nothing is changed then.
    Talks to the gateway: no transaction may be open.
    """
    db.forbid_transaction("registering a bank account")
    if not NUMBER.fullmatch(account_number):
        raise Invalid({"account_number": [_("Enter the account number in digits")]})
    with db.write():
        payee = Payee.objects.create(
            host_id=host_id,
            gateway=gateways.for_payouts(CURRENCY).name,
            bank=bank,
            last4=account_number[-4:],
            holder=holder,
            currency=CURRENCY,
            created_at=clock.now(),
        )
    request = PayeeRequest(
        key=f"payee:{payee.pk}",
        payee_id=str(payee.pk),
        country=payee.country,
        currency=payee.currency,
        bank_code=bank,
        account_number=account_number,
        holder=holder,
    )
    return _record(payee, gateways.named(payee.gateway).register_payee(request))


def _record(payee: Payee, outcome: PayeeOutcome) -> Payee:
    if outcome.destination:
        with db.write():
            _take_over(payee, outcome.destination)
        return payee
    if not outcome.failure_code:
        raise BankUnreachable()
    with db.write():
        payee.refuse(outcome.failure_code)
        payee.save()
    raise Invalid({"account_number": [_("The bank does not know this account. Please check the number")]})


def _take_over(payee: Payee, destination: str) -> None:
    _lock(payee.host_id)
    at = clock.now()
    earlier = Payee.objects.in_force(payee.host_id, at)
    _withdraw_coming(payee.host_id)
    payee.register(destination, in_force_from=at + CHANGE_WAITS if earlier else at)
    payee.save()
    assert payee.in_force_from is not None
    publish(
        PayeeChanged(
            payee_id=str(payee.pk),
            host_id=payee.host_id,
            bank=payee.bank,
            last4=payee.last4,
            in_force_from=payee.in_force_from.isoformat(),
            first=earlier is None,
        )
    )


def withdraw_payee(*, host_id: int) -> bool:
    """Take back a change that still waits; the account in force stays. False when none waits."""
    with db.write():
        _lock(host_id)
        return _withdraw_coming(host_id)


def _withdraw_coming(host_id: int) -> bool:
    waiting = Payee.objects.filter(host_id=host_id, status=PayeeStatus.REGISTERED, in_force_from__gt=clock.now())
    found = list(waiting.select_for_update())
    for payee in found:
        payee.withdraw()
        payee.save()
    return bool(found)


def _lock(host_id: int) -> None:
    """One change of a host's accounts at a time."""
    db.lock(f"payee:{host_id}")
