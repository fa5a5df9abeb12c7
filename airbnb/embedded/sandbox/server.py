"""The sandbox as an HTTP server: keys checked, faults played, every answer in one piece."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from . import approval, oracle
from .desk import Answer, Desk
from .dialects import Dialect, stripe_dialect
from .errors import ApiError
from .faults import Faults, changed
from .forms import parse
from .idempotency import fingerprint
from .toss import window
from .toss.dialect import toss_dialect
from .webhooks import Courier

MAX_BODY = 256 * 1024
TIMEOUT_HANGS_S = 20.0
DRIP_S = 1.0


class Hangup(Exception):
    """Close the connection without a word."""


class SandboxServer(ThreadingHTTPServer):
    """One thread a connection, all on the same books."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, desk: Desk, courier: Courier, secret_key: str, toss_key: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.desk, self.courier = desk, courier
        self.stripe = stripe_dialect(desk.store, secret_key)
        self.toss = toss_dialect(desk.store, toss_key)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no news; anything else goes to the log."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection; answers are buffered so that head and body leave in one send."""

    protocol_version = "HTTP/1.1"
    server_version = "PaymentSandbox"
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 75
    server: SandboxServer

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: the books are the record."""

    def do_GET(self) -> None:
        """Read something."""
        self._serve()

    def do_POST(self) -> None:
        """Change something."""
        self._serve()

    def do_DELETE(self) -> None:
        """The gateway deletes nothing; answered 404 like any unknown path."""
        self._serve()

    def _serve(self) -> None:
        url = urlsplit(self.path)
        try:
            body = self._body()
            said = body if self.command == "POST" else url.query
            if url.path.startswith("/v1/"):
                self._gateway(self.server.stripe, url.path, said)
            elif url.path.startswith("/toss/v1/"):
                self._gateway(self.server.toss, url.path.removeprefix("/toss"), said)
            elif url.path.startswith("/toss/window/"):
                self._window(url.path.rsplit("/", 1)[-1], body)
            elif url.path.startswith("/authenticate/"):
                self._authenticate(url.path.rsplit("/", 1)[-1], body, url.query)
            else:
                self._control(url.path, body)
        except ApiError as refusal:
            self._json(refusal.status, refusal.body)
        except Hangup:
            self.close_connection = True
        finally:
            self.server.courier.wake()

    def _body(self) -> str:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            raise ApiError(413, "invalid_request_error", "Request is too large")
        try:
            return self.rfile.read(length).decode()
        except UnicodeDecodeError:
            raise ApiError(400, "invalid_request_error", "Invalid UTF-8") from None

    def _gateway(self, dialect: Dialect, path: str, text: str) -> None:
        self.server.desk.came.append(time.time())
        dialect.authorize(self.headers.get("Authorization", ""))
        params = dialect.parse(self.command, text)
        endpoint, ids = dialect.find(self.command, path)
        given = self.headers.get("Idempotency-Key") if self.command == "POST" else None
        key = dialect.scoped(given, path)
        print_ = fingerprint(self.command, path, text)
        keys, headers = dialect.keys, {"Idempotency-Key": given} if given else {}
        fault = self._fault()
        with keys.running(key):
            remembered = keys.answer(key, print_)
            self._stall(fault)
            if remembered is None:
                status, body = self._act(
                    fault.mode, dialect, key, print_, lambda: endpoint(self.server.desk, params, *ids)
                )
            else:
                (status, body), headers = remembered, {**headers, **dialect.replayed}
        if self.server.desk.faults.webhooks == "early":
            self.server.courier.flush()
        if fault.mode == "drop_after":
            raise Hangup
        if fault.mode == "drip":
            self._drip(status, json.dumps(body).encode(), fault.latency_s(DRIP_S))
        self._json(status, body, headers)

    def _drip(self, status: int, body: bytes, pause_s: float) -> None:
        """A good answer that never gets there: each byte comes long before a reader's patience ends."""
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        for byte in head.encode() + body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(pause_s)
        raise Hangup

    def _fault(self) -> Faults:
        """What this call suffers; counts down ``times``."""
        desk = self.server.desk
        with desk.store.lock:
            fault = desk.faults
            if not fault.strikes():
                return Faults()
            if fault.times:
                left = {"times": fault.times - 1} if fault.times > 1 else {"mode": "none"}
                desk.faults = changed(fault, left)
            return fault

    def _stall(self, fault: Faults) -> None:
        if fault.mode == "slow":
            time.sleep(fault.latency_s(1.0))
        elif fault.mode in ("timeout", "drop_before"):
            time.sleep(fault.latency_s(TIMEOUT_HANGS_S if fault.mode == "timeout" else 0.0))
            raise Hangup

    def _act(self, mode: str, dialect: Dialect, key: str | None, print_: str, endpoint: Callable[[], Answer]) -> Answer:
        """Do it and remember the answer in one transaction; a 500 is remembered like any other answer."""
        with self.server.desk.store.transaction():
            if mode == "error":
                answer = dialect.failure
            else:
                answer = self._try(endpoint)
                if mode == "error_after":
                    answer = dialect.failure
            dialect.keys.remember(key, print_, *answer)
        return answer

    @staticmethod
    def _try(endpoint: Callable[[], Answer]) -> Answer:
        try:
            return endpoint()
        except ApiError as refusal:
            if not refusal.keep:
                raise
            return refusal.status, refusal.body

    def _window(self, payment_key: str, body: str) -> None:
        """Toss Payments' window: a page, and what is pressed on it."""
        desk = self.server.desk
        if self.command == "GET":
            language = self.headers.get("Accept-Language", "ko")
            self._send(200, window.page(desk, payment_key, language).encode(), "text/html; charset=utf-8")
            return
        target = window.decide(desk, payment_key, str(parse(body).get("decision", "")))
        self._send(303, b"", "text/plain", {"Location": target})

    def _authenticate(self, intent_id: str, body: str, query: str) -> None:
        given, desk = parse(body or query), self.server.desk
        secret = str(given.get("secret", ""))
        if self.command == "GET":
            language = self.headers.get("Accept-Language", "ko")
            self._send(200, approval.page(desk, intent_id, secret, language).encode(), "text/html; charset=utf-8")
            return
        target = approval.decide(desk, intent_id, secret, str(given.get("decision", "")))
        self._send(303, b"", "text/plain", {"Location": target})

    def _control(self, path: str, body: str) -> None:
        desk, call = self.server.desk, (self.command, path)
        if call == ("GET", "/_health"):
            self._json(200, {"status": "ok"})
        elif call == ("GET", "/_ledger"):
            self._json(200, oracle.ledger(desk))
        elif call == ("GET", "/_came"):
            self._json(200, {"at": list(desk.came)})
        elif call == ("GET", "/_toss_events"):
            self._json(200, {"events": [each["message"] for each in desk.store.all("toss_event", newest_first=True)]})
        elif call == ("GET", "/_faults"):
            self._json(200, desk.faults.as_json())
        elif call == ("POST", "/_faults"):
            self._set_faults(body)
        elif call == ("POST", "/_webhook_url"):
            given = _json_body(body)
            self.server.courier.send_to(str(given.get("url", "")), str(given.get("gateway", "stripe")))
            self._json(200, {"url": given.get("url", "")})
        elif call == ("POST", "/_reset"):
            self._reset()
        else:
            raise ApiError(404, "invalid_request_error", f"Unrecognized request URL ({self.command}: {path}).")

    def _set_faults(self, body: str) -> None:
        desk = self.server.desk
        try:
            with desk.store.lock:
                desk.faults = changed(desk.faults, _json_body(body))
                desk.store.clock_s = desk.faults.clock_s
        except ValueError as problem:
            raise ApiError(400, "invalid_request_error", str(problem)) from None
        self._json(200, desk.faults.as_json())

    def _reset(self) -> None:
        desk = self.server.desk
        with desk.store.lock:
            desk.store.clear()
            desk.failing.clear()
            desk.faults = changed(type(desk.faults)(), {})
            desk.store.clock_s = 0.0
        self._json(200, {"status": "empty"})

    def _json(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(body).encode(), "application/json", headers)

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _json_body(body: str) -> Any:
    try:
        given = json.loads(body or "{}")
    except ValueError:
        raise ApiError(400, "invalid_request_error", "the body must be JSON") from None
    return given
