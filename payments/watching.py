"""Watching over the gateways: probing one that rests, and keeping breaker and database in step."""

from __future__ import annotations

from threading import Lock, Thread
from uuid import uuid4

import structlog
from django.db import connection

from airbnb.db import forbid_transaction
from payments import gateways
from payments.gateways.breaker import Kept, Standing
from payments.gateways.guarding import breaker_of
from payments.models import GatewayState
from payments.models.gateway import ANSWERS_AGAIN, NOTICED
from payments.services.standing import know_gateway, note_standing, renumber_standing

log = structlog.get_logger(__name__)

_probing = Lock()


def watch(name: str) -> Standing:
    """Make the memory that is behind follow the newer one, and probe a gateway whose rest is over.

    Run every two seconds, so a gateway is found to be back without anybody paying, and what a crash left half done
    (the breaker opened and the row did not say so, or the other way round) is told then. No transaction may be open.
    """
    forbid_transaction("watching a gateway")
    breaker = breaker_of(name)
    row = GatewayState.objects.filter(pk=name).first()
    row = row or know_gateway(gateway=name)
    kept = Kept(row.state, row.epoch, row.forced)
    standing = breaker.learn(kept)
    if standing.epoch > kept.epoch:
        follow(name, standing, NOTICED)
    elif standing.epoch == kept.epoch and (standing.state, standing.forced) != (kept.state, kept.forced):
        row = renumber_standing(gateway=name)
        standing = breaker.learn(Kept(row.state, row.epoch, row.forced))
    return probe(name) if standing.due else standing


def probe(name: str) -> Standing:
    """Ask a resting gateway whether it answers, if nobody else does: at most as often as it takes to be sure."""
    breaker, token = breaker_of(name), uuid4().hex
    standing = breaker.ask(probe_token=token)
    if standing.verdict != "probe":
        return standing
    for _turn in range(breaker.limits.successes):
        up = _answers(name)
        standing = breaker.tell("up" if up else "down", epoch=standing.epoch, token=token)
        log.info("gateway_probed", gateway=name, up=up, state=standing.state)
        if standing.changed:
            follow(name, standing, ANSWERS_AGAIN)
        if standing.changed or not up:
            break
    return standing


def look(name: str) -> Standing:
    """How it stands now; when it is time to probe, that is begun beside the caller."""
    standing = breaker_of(name).ask()
    if standing.due:
        probe_soon(name)
    return standing


def probe_soon(name: str) -> None:
    """Probe in a thread of its own: whoever noticed that it is time does not wait for it."""
    if _probing.acquire(blocking=False):
        Thread(target=_probe_beside, args=(name,), daemon=True, name=f"probe-{name}").start()


def _probe_beside(name: str) -> None:
    try:
        probe(name)
    except Exception:
        log.exception("probe_failed", gateway=name)
    finally:
        connection.close()
        _probing.release()


def obey(name: str) -> None:
    """Have the breaker follow the row at once, after an operator has changed it; the watch would do it soon."""
    row = GatewayState.objects.get(pk=name)
    breaker_of(name).learn(Kept(row.state, row.epoch, row.forced))


def follow(name: str, standing: Standing, reason: str) -> None:
    """Write a change of the breaker into the database, where it is told; the breaker keeps the row's number."""
    epoch = standing.epoch if standing.shared else None
    kept = note_standing(gateway=name, state=standing.state, epoch=epoch, reason=reason)
    if not standing.shared:
        breaker_of(name).local.renumber(kept)


def _answers(name: str) -> bool:
    try:
        return gateways.named(name).ping()
    except Exception:
        log.exception("ping_failed", gateway=name)
        return False
