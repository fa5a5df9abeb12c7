"""Every write of the payments context."""

from __future__ import annotations

from payments.services.asking import payouts_to_ask_about, refunds_to_ask_about
from payments.services.capturing import (
    ENDING,
    NotAuthorized,
    begin_capturing,
    begin_confirming,
    tell_ending,
    want_capture,
)
from payments.services.choosing import choose_gateway
from payments.services.clawbacks import refund_entries
from payments.services.comparing import begin_comparison, drop_comparison, finish_comparison, movements_since
from payments.services.earnings import keep_only, move_payouts, plan_again, plan_payouts
from payments.services.giving_up import give_up, give_up_payment
from payments.services.inbox import (
    begin_message,
    finish_message,
    park_message,
    postpone_message,
    put_message_off,
    store_message,
    work_message_again,
)
from payments.services.movements import record_movement, unbooked
from payments.services.payees import BankUnreachable, register_payee, withdraw_payee
from payments.services.payouts import (
    PayoutNotOpen,
    begin_payout,
    hold_payout,
    let_payout_go,
    record_payout,
    release_payout,
    send_payout_again,
    send_payouts_that_waited,
    wake_payouts,
)
from payments.services.recording import GATEWAY_FAILURES, begin_sending, record
from payments.services.refunds import (
    RefundTooLarge,
    begin_refund,
    promise_refund,
    promise_refunds,
    record_refund,
    refuse_payment,
    send_refunds_that_waited,
    set_apart,
    try_refund_again,
)
from payments.services.standing import force_gateway, look_at_what_waited, note_standing, renumber_standing

__all__ = [
    "ENDING",
    "GATEWAY_FAILURES",
    "BankUnreachable",
    "NotAuthorized",
    "PayoutNotOpen",
    "RefundTooLarge",
    "begin_capturing",
    "begin_comparison",
    "begin_confirming",
    "begin_message",
    "begin_payout",
    "begin_refund",
    "begin_sending",
    "choose_gateway",
    "drop_comparison",
    "finish_comparison",
    "finish_message",
    "force_gateway",
    "give_up",
    "give_up_payment",
    "hold_payout",
    "keep_only",
    "let_payout_go",
    "look_at_what_waited",
    "move_payouts",
    "movements_since",
    "note_standing",
    "park_message",
    "payouts_to_ask_about",
    "plan_again",
    "plan_payouts",
    "postpone_message",
    "promise_refund",
    "promise_refunds",
    "put_message_off",
    "record",
    "record_movement",
    "record_payout",
    "record_refund",
    "refund_entries",
    "refunds_to_ask_about",
    "refuse_payment",
    "register_payee",
    "release_payout",
    "renumber_standing",
    "send_payout_again",
    "send_payouts_that_waited",
    "send_refunds_that_waited",
    "set_apart",
    "store_message",
    "tell_ending",
    "try_refund_again",
    "unbooked",
    "wake_payouts",
    "want_capture",
    "withdraw_payee",
    "work_message_again",
]
