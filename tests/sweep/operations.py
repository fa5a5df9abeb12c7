"""The operations that are swept, each with the state that it needs."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.sim.world import ASKS, RETURN_URL, VISA, World
from tests.sweep.sweeping import Operation


def _held(world: World) -> str:
    from reservations import services

    guest, room = world.guests[0], world.rooms[0]
    made = world.do(lambda: services.hold(guest=guest, room_id=room.pk, stay=world.stay(40, 3), guests=2))
    world.background.until_quiet(60)
    return made.code


def _pay(world: World, code: str, method: str = VISA) -> Any:
    from reservations import services

    guest = world.guests[0]
    return world.do(lambda: services.pay(code=code, guest=guest, payment_method=method, return_url=RETURN_URL))


def _confirmed(world: World) -> str:
    code = _held(world)
    assert _pay(world, code).status == "confirmed"
    world.background.until_quiet(60)
    return code


def _status(world: World, code: str, *allowed: str) -> list[str]:
    from reservations.models import Reservation

    status = Reservation.objects.values_list("status", flat=True).get(code=code)
    return [] if status in allowed else [f"{code} is {status}, not {' or '.join(allowed)}"]


# ------------------------------------------------------------------------------------------------- hold
def _request(world: World, given: None = None) -> Any:
    client = _client()
    client.force_authenticate(world.guests[0])
    stay = world.stay(40, 3)
    body = {
        "room": world.rooms[0].code,
        "check_in": stay.check_in.isoformat(),
        "check_out": stay.check_out.isoformat(),
        "guests": 2,
    }
    return world.do(lambda: client.post("/api/v1/reservations/", body, format="json"))


@cache
def _client() -> Any:
    """One for all: it sets up the whole middleware once."""
    from rest_framework.test import APIClient

    return APIClient(headers={"Idempotency-Key": "the-same", "Accept-Language": "en"})


def _request_again(world: World, given: None) -> None:
    answer = _request(world)
    assert answer.status_code in (200, 201), (answer.status_code, answer.content)


def _one_hold(world: World, given: None) -> list[str]:
    from reservations.models import Reservation

    count = Reservation.objects.count()
    return [] if count == 1 else [f"{count} reservations for one key"]


# ------------------------------------------------------------------------------------- the bank, the way back
def _approved_at_the_bank(world: World) -> str:
    code = _held(world)
    assert _pay(world, code, ASKS).status == "requires_action"
    world.background.until_quiet(60)
    intent = next(each for each in world.gateway.store.intents.values() if each.reservation == code)
    world.do(lambda: world.gateway.answer_bank(intent.id, approve=True))
    return code


def _come_back(world: World, code: str) -> None:
    from payments import charging, queries

    world.do(lambda: charging.settle(queries.payment_of(code).id))


def _message(world: World, code: str) -> None:
    """The gateway's last message arrives and is worked on; one that was not answered is sent again."""
    world.hand_over(world.gateway, world.gateway.store.messages[-1])
    world.background.work_off()


# ------------------------------------------------------------------------------------------------- cancel
def _cancel(world: World, code: str, *, by: Any = None) -> None:
    from reservations import services

    actor = by or world.guests[0]
    token = world.do(lambda: services.preview_cancellation(code, actor).token)
    world.do(lambda: services.cancel(code, actor, token, "plans have changed"))


def _cancel_as_host(world: World, code: str) -> None:
    _cancel(world, code, by=world.hosts[0])


def _refund_promised(world: World) -> str:
    """Cancelled and promised; nobody has sent it yet."""
    code = _confirmed(world)
    world.broker.lost = True
    _cancel(world, code)
    while world.task("events.sweep"):
        pass
    from airbnb.events.models import Delivery

    for pk in Delivery.objects.pending().values_list("pk", flat=True):
        world.task("events.deliver", pk)
    world.broker.lost = False
    return code


def _send_refund(world: World, code: str) -> None:
    world.task("payments.send_refunds")
    world.background.work_off()


# ------------------------------------------------------------------------------------------------ capture
def _held_on_request(world: World) -> str:
    """In a room whose host decides."""
    from reservations import services

    guest, room = world.guests[0], world.rooms[2]
    made = world.do(lambda: services.hold(guest=guest, room_id=room.pk, stay=world.stay(40, 3), guests=2))
    world.background.until_quiet(60)
    return made.code


def _requested(world: World) -> str:
    """Asked for; the money is set aside."""
    code = _held_on_request(world)
    assert _pay(world, code).status == "requested"
    world.background.until_quiet(60)
    return code


def _accept(world: World, code: str) -> None:
    from reservations import services

    world.do(lambda: services.accept_request(code, world.hosts[0]))


def _decline(world: World, code: str) -> None:
    """Refused, and a worker has the gateway let the money go."""
    from reservations import services

    world.do(lambda: services.refuse_request(code, world.hosts[0], "not this time"))
    world.background.work_off()
    world.time.advance(5)  # payments are looked at a few seconds later
    world.background.work_off()


# -------------------------------------------------------------------------------------------------- alter
def _proposed(world: World) -> list[str]:
    """The host proposes a night more; the guest has to pay for it."""
    from reservations import services

    code = _confirmed(world)
    longer = world.stay(40, 4)
    asked = {"code": code, "actor": world.hosts[0], "check_in": longer.check_in, "check_out": longer.check_out}
    made = world.do(lambda: services.propose_alteration(**asked))
    world.background.until_quiet(60)
    return [code, made.code]


def _accept_and_pay(world: World, given: list[str]) -> None:
    from reservations import services

    code, alteration = given
    paid = {"payment_method": VISA, "return_url": RETURN_URL}
    guest = world.guests[0]
    world.do(lambda: services.accept_alteration(code=code, alteration=alteration, actor=guest, **paid))


def _altered_or_not(world: World, given: list[str]) -> list[str]:
    """Either the new stay is paid and stands, or the old one is untouched."""
    from reservations.models import Alteration, Reservation

    stay, alteration = Reservation.objects.get(code=given[0]), Alteration.objects.get(code=given[1])
    nights = 4 if alteration.status == "applied" else 3
    fine = stay.status == "confirmed" and stay.stay.length == nights and alteration.status in ("proposed", "applied")
    return [] if fine else [f"{stay.code} is {stay.status}, {stay.stay}, and the alteration {alteration.status}"]


# ------------------------------------------------------------------------------------------------- payout
def _owed_to_the_host(world: World) -> str:
    """A day after check-in; nothing was released yet."""
    code = _confirmed(world)
    world.time.advance(42 * 24 * 3600)
    world.task("reservations.move_stays")
    for name in ("delivery", "message"):
        while name in {waiting for waiting, _due in world.background.waiting()}:
            world.background.tick(15, {"events.sweep", "notifications.send_due"})
    return code


def _pay_the_host(world: World, code: str) -> None:
    world.task("payments.release_payouts")
    world.task("payments.send_payouts")
    world.background.work_off()


def _paid_once(world: World, code: str) -> list[str]:
    sent = [each for each in world.gateway.store.transfers.values() if each.reservation == code]
    return [] if len(sent) == 1 else [f"{len(sent)} transfers for {code}"]


# ------------------------------------------------------------------------------------------- the background
def _paid_not_told(world: World) -> list[Any]:
    """Confirmed; its deliveries are messages that wait for a worker."""
    code = _held(world)
    assert _pay(world, code).status == "confirmed"
    return [code, list(world.broker.messages)]


def _deliver(world: World, given: list[Any]) -> None:
    world.broker.messages[:] = given[1]
    world.background.work_off()


def _let_expire(world: World, code: str) -> None:
    world.time.advance(16 * 60)
    world.task("reservations.expire_holds")
    world.background.work_off()


OPERATIONS = (
    Operation("hold", lambda world: None, _request, again=_request_again, ends=_one_hold),
    Operation("pay", _held, _pay, ends=lambda world, code: _status(world, code, "held", "confirmed")),
    Operation(
        "confirm", _approved_at_the_bank, _come_back, ends=lambda w, code: _status(w, code, "paying", "confirmed")
    ),
    Operation("webhook", _approved_at_the_bank, _message, again=_message, ends=lambda w, c: _status(w, c, "confirmed")),
    Operation("request", _held_on_request, _pay, ends=lambda w, code: _status(w, code, "held", "requested")),
    Operation("capture", _requested, _accept, ends=lambda w, code: _status(w, code, "requested", "confirmed")),
    Operation("decline", _requested, _decline, ends=lambda w, code: _status(w, code, "requested", "declined")),
    Operation("cancel", _confirmed, _cancel, ends=lambda w, code: _status(w, code, "confirmed", "cancelled")),
    Operation("host cancel", _confirmed, _cancel_as_host, ends=lambda w, c: _status(w, c, "confirmed", "cancelled")),
    Operation("refund", _refund_promised, _send_refund, ends=lambda w, code: _status(w, code, "cancelled")),
    Operation("alter", _proposed, _accept_and_pay, ends=_altered_or_not),
    Operation("payout", _owed_to_the_host, _pay_the_host, ends=_paid_once),
    Operation("deliver", _paid_not_told, _deliver, ends=lambda w, given: _status(w, given[0], "confirmed")),
    Operation("expire", _held, _let_expire, ends=lambda w, code: _status(w, code, "held", "expired")),
)
