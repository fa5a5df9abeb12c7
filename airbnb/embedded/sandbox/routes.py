"""Which path does what: the part of the gateway's API that the sandbox knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import accounts, balance, bank, intents, refunds, transfers
from .desk import Answer, Desk
from .errors import ApiError, invalid
from .forms import Params, refuse_unknown
from .objects import created_range, expanded, get, listing, matches

Endpoint = Callable[..., Answer]


def show_charge(desk: Desk, params: Params, charge_id: str) -> Answer:
    """``GET /v1/charges/{id}``."""
    return 200, expanded(desk.store, get(desk.store, "charge", charge_id), params)


def list_charges(desk: Desk, params: Params) -> Answer:
    """``GET /v1/charges``, of one ``payment_intent`` if asked."""
    refuse_unknown(params, "payment_intent", "limit", "starting_after", "created")
    found = desk.store.all("charge", newest_first=True)
    wanted = (each for each in found if matches(each, params, "payment_intent"))
    return 200, listing(desk.store, wanted, params, "/v1/charges")


def show_event(desk: Desk, params: Params, event_id: str) -> Answer:
    """``GET /v1/events/{id}``."""
    return 200, expanded(desk.store, get(desk.store, "event", event_id), params)


def list_events(desk: Desk, params: Params) -> Answer:
    """``GET /v1/events``, of one ``type`` and within ``created`` if asked."""
    refuse_unknown(params, "type", "types", "limit", "starting_after", "created")
    types = params.get("types", [])
    if not isinstance(types, list):
        raise invalid("Invalid array", param="types")
    found = desk.store.created_between("event", *created_range(params))
    wanted = (each for each in found if matches(each, params, "type") and (not types or each["type"] in types))
    return 200, listing(desk.store, wanted, params, "/v1/events")


ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", r"/v1/payment_intents", intents.create),
    ("GET", r"/v1/payment_intents", intents.index),
    ("GET", r"/v1/payment_intents/search", intents.search),
    ("GET", r"/v1/payment_intents/(pi_\w+)", intents.show),
    ("POST", r"/v1/payment_intents/(pi_\w+)", intents.change),
    ("POST", r"/v1/payment_intents/(pi_\w+)/confirm", intents.confirm),
    ("POST", r"/v1/payment_intents/(pi_\w+)/capture", intents.capture),
    ("POST", r"/v1/payment_intents/(pi_\w+)/cancel", intents.cancel),
    ("GET", r"/v1/charges", list_charges),
    ("GET", r"/v1/charges/(ch_\w+)", show_charge),
    ("POST", r"/v1/refunds", refunds.create),
    ("GET", r"/v1/refunds", refunds.index),
    ("GET", r"/v1/refunds/(re_\w+)", refunds.show),
    ("POST", r"/v1/transfers", transfers.create),
    ("GET", r"/v1/transfers", transfers.index),
    ("GET", r"/v1/transfers/(tr_\w+)", transfers.show),
    ("POST", r"/v1/transfers/(tr_\w+)/reversals", transfers.reverse),
    ("GET", r"/v1/events", list_events),
    ("GET", r"/v1/events/(evt_\w+)", show_event),
    ("POST", r"/v1/accounts", accounts.create),
    ("GET", r"/v1/accounts/(acct_\w+)", accounts.show),
    ("GET", r"/v1/account", accounts.own),
    ("GET", r"/v1/balance", balance.show),
    ("GET", r"/v1/balance_transactions", balance.index),
    ("GET", r"/v1/balance_transactions/(txn_\w+)", balance.show_transaction),
    ("POST", r"/v1/payouts", bank.pay_out),
    ("GET", r"/v1/payouts", bank.list_payouts),
    ("GET", r"/v1/payouts/(po_\w+)", bank.show_payout),
    ("POST", r"/v1/topups", bank.top_up),
    ("GET", r"/v1/topups", bank.list_topups),
    ("GET", r"/v1/topups/(tu_\w+)", bank.show_topup),
)


def find(method: str, path: str) -> tuple[Endpoint, tuple[Any, ...]]:
    """The endpoint and the ids in its path; 404 in the gateway's own words when there is none."""
    for wanted, pattern, endpoint in ROUTES:
        found = re.fullmatch(pattern, path)
        if found and wanted == method:
            return endpoint, found.groups()
    raise ApiError(404, "invalid_request_error", f"Unrecognized request URL ({method}: {path}).")
