"""Signed messages of the gateway to a whole stack: while Redis is up, while it hangs, and while it is gone."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import socket
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from benchmarks.live.judging import Kept, Promise
from tests.stack import RunningStack, until

PROMISE = Promise("a gateway's message is answered", 0.99, 0.5, 300)
# So that a run is longer than the broker is left alone after a failure, and meets the next attempts, too.
SENDERS, PAUSE_S = 2, 0.1
WARMING = 10  # the first requests of a process load what it needs, which is no matter of the broker's
COUNT = """
from payments.models import WebhookMessage
print(WebhookMessage.objects.filter(event_id__startswith="{}").count())
"""


def measure(stack: RunningStack) -> list[Kept]:
    """Three runs, each judged alone: the first message that finds the broker hung is among its own."""
    _post(stack, f"evt_warm_{uuid.uuid4().hex[:8]}", WARMING)
    kept = [_run(stack, "up")]
    with hung(stack):
        kept.append(_run(stack, "stopped"))
    with gone(stack):
        kept.append(_run(stack, "gone"))
    return kept


def _run(stack: RunningStack, how: str) -> Kept:
    prefix = f"evt_{uuid.uuid4().hex[:10]}"
    times, wrong = _post(stack, prefix, PROMISE.least)
    stored = int(stack.manage("shell", "--no-imports", "-c", COUNT.format(prefix)).splitlines()[-1])
    if stored != PROMISE.least:
        wrong.append(f"{stored} of {PROMISE.least} are stored")
    if (was := state_of(_port(stack))) != how:
        wrong.append(f"Redis was {was}")
    return Kept(replace(PROMISE, what=f"{PROMISE.what}, Redis {how}"), times, wrong)


def _post(stack: RunningStack, prefix: str, count: int) -> tuple[list[float], list[str]]:
    """Send so many; the seconds of each, and what was answered otherwise than with 200."""
    times: list[float] = []
    wrong: list[str] = []

    def send(numbers: range) -> None:
        with httpx.Client(base_url=stack.url, timeout=30) as gateway:
            for number in numbers:
                body = _message(f"{prefix}_{number}")
                headers = {"Content-Type": "application/json", "Stripe-Signature": _signature(stack, body)}
                begun = time.perf_counter()
                try:
                    status = str(gateway.post("/gateways/stripe/webhook/", content=body, headers=headers).status_code)
                except httpx.HTTPError as problem:
                    status = type(problem).__name__
                times.append(time.perf_counter() - begun)
                time.sleep(PAUSE_S)
                if status != "200":
                    wrong.append(f"answered {status}")

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, [range(first, count, SENDERS) for first in range(SENDERS)]))
    return times, wrong


def _message(event: str) -> bytes:
    about = {"object": {"id": f"pi_{event}", "object": "payment_intent"}}
    return json.dumps({"id": event, "type": "payment_intent.succeeded", "data": about}).encode()


def _signature(stack: RunningStack, body: bytes) -> str:
    at = int(time.time())
    secret = stack.env["STRIPE_WEBHOOK_SECRET"].encode()
    return f"t={at},v1={hmac.new(secret, f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"


@contextmanager
def hung(stack: RunningStack) -> Iterator[None]:
    """Redis takes connections and never answers: its process is stopped."""
    broker = broker_of(stack)
    os.kill(broker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(broker, signal.SIGCONT)


@contextmanager
def gone(stack: RunningStack) -> Iterator[None]:
    """Redis is killed and does not come back, for the stack's own process, which would start it again, is stopped."""
    assert stack.process is not None
    os.kill(stack.process.pid, signal.SIGSTOP)
    try:
        os.kill(broker_of(stack), signal.SIGKILL)
        yield
    finally:
        os.kill(stack.process.pid, signal.SIGCONT)
    until(lambda: broker_of(stack), "Redis is back", 60)


def broker_of(stack: RunningStack) -> int:
    """The process id of this stack's Redis, known by its port; 0 when there is none that lives."""
    title = f"127.0.0.1:{_port(stack)}".encode()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").strip()
        except OSError:  # it has ended meanwhile
            continue
        if b"valkey-server" in command and command.endswith(title):
            return int(folder.name)
    return 0


def _port(stack: RunningStack) -> int:
    return int(stack.env["REDIS_URL"].rpartition(":")[2].partition("/")[0])


def state_of(port: int) -> str:
    """What comes of a question at this port of this machine: an answer (up), silence (stopped), or nobody (gone)."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
            asked.sendall(b"PING\r\n")
            return "up" if asked.recv(64) else "gone"
    except TimeoutError:
        return "stopped"
    except ConnectionError:
        return "gone"
