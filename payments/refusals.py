"""Why a payout came to nothing, and so who can do something about it (pure).

Source of the codes: https://docs.stripe.com/error-codes and https://docs.stripe.com/api/payouts/failures.
"""

from __future__ import annotations

from enum import StrEnum

# A payout that had arrived and that the gateway, the bank or somebody at the gateway's desk sent back.
RETURNED_CODE = "transfer_reversed"


class Cause(StrEnum):
    """Whose matter a refusal is.

    ``account``: the host's bank account, so its host must act. ``balance``: we have too little at the gateway, so
    operators must, and it goes out by itself as soon as there is enough. ``passing``: the gateway's, for a while.
    ``returned``: it had arrived and came back. ``ours``: anything else; operators look into it.
    """

    ACCOUNT = "account"
    BALANCE = "balance"
    PASSING = "passing"
    RETURNED = "returned"
    OURS = "ours"


_CODES: dict[Cause, frozenset[str]] = {
    Cause.BALANCE: frozenset({"balance_insufficient", "insufficient_funds"}),
    Cause.PASSING: frozenset({"lock_timeout", "gateway_error"}),
    Cause.RETURNED: frozenset({RETURNED_CODE}),
    Cause.ACCOUNT: frozenset(
        {
            "account_closed",
            "account_frozen",
            "account_number_invalid",
            "bank_account_bad_routing_numbers",
            "bank_account_declined",
            "bank_account_restricted",
            "bank_account_unusable",
            "bank_account_unverified",
            "bank_ownership_changed",
            "debit_not_authorized",
            "incorrect_account_holder_address",
            "incorrect_account_holder_name",
            "incorrect_account_holder_tax_id",
            "invalid_account_number",
            "invalid_account_number_length",
            "invalid_currency",
            "no_account",
            "routing_number_invalid",
        }
    ),
}


def cause_of(code: str) -> Cause:
    """What a gateway's code for a refused payout is about; what we do not know is ours to look into."""
    return next((cause for cause, codes in _CODES.items() if code in codes), Cause.OURS)
