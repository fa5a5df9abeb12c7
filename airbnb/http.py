"""The one outgoing HTTP client: a total deadline for every call, and never inside a transaction.

A client's read timeout counts between bytes, so a peer that drips one byte a second holds a caller for hours. Here
the time left until the deadline bounds each look-up of a name, each connect, handshake, read and write.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LookUpTimeout
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from airbnb import correlation
from airbnb.db import forbid_transaction

CONNECT_S = 1.0
TOTAL_S = 4.0
# A pool of its own for looking up names: the system call knows no timeout. When all of it hangs, calls fail fast.
_names = ThreadPoolExecutor(max_workers=4, thread_name_prefix="names")
_deadline: ContextVar[float | None] = ContextVar("http_deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Inside, everything that goes out ends within ``seconds`` in all, or sooner where an outer deadline says so."""
    ends, outer = time.monotonic() + seconds, _deadline.get()
    token = _deadline.set(ends if outer is None else min(ends, outer))
    try:
        yield
    finally:
        _deadline.reset(token)


def time_left() -> float | None:
    """Seconds until the deadline in force, not below zero; None without one."""
    ends = _deadline.get()
    return None if ends is None else max(0.0, ends - time.monotonic())


def _within(timeout: float | None, late: type[Exception]) -> float | None:
    """The smaller of a timeout and the time left; raises ``late`` when there is none."""
    left = time_left()
    if left is not None and left <= 0:
        raise late("the deadline of the call has passed")
    return timeout if left is None else left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection on which every operation ends by the deadline."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What arrives within the time left."""
        return self._inner.read(max_bytes, _within(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Piece by piece, so that a peer that takes single bytes gains no time."""
        connection = self._inner.get_extra_info("socket")
        while buffer:
            connection.settimeout(_within(timeout, httpcore.WriteTimeout))
            try:
                buffer = buffer[connection.send(buffer) :]
            except TimeoutError as slow:
                raise httpcore.WriteTimeout(str(slow)) from slow
            except OSError as broken:
                raise httpcore.WriteError(str(broken)) from broken

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The handshake; the standard library counts its timeout over the whole of it."""
        limit = _within(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, limit))

    def close(self) -> None:
        """Hang up."""
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        """What the connection is made of."""
        return self._inner.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    """Opens connections within the time left, whatever the number of addresses."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """The first address that answers; all of them share one timeout."""
        with deadline(CONNECT_S if timeout is None else timeout):
            stream = self._first(_addresses(host, port), port, local_address, socket_options)
        return _Stream(stream)

    def _first(
        self, addresses: list[str], port: int, local: str | None, options: Iterable[Any] | None
    ) -> httpcore.NetworkStream:
        lost: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses:
            try:
                return super().connect_tcp(address, port, _within(None, httpcore.ConnectTimeout), local, options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as problem:
                lost = problem
        raise lost


def _addresses(host: str, port: int) -> list[str]:
    """The addresses of a name, looked up within the time left."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        found = _names.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(each[4][0]) for each in found.result(_within(None, httpcore.ConnectTimeout))))
    except LookUpTimeout as slow:
        raise httpcore.ConnectTimeout(f"{host} was not looked up in time") from slow
    except OSError as unknown:
        raise httpcore.ConnectError(str(unknown)) from unknown


class GuardedTransport(httpx.HTTPTransport):
    """Refuses to send while a database transaction is open, so a slow peer can never hold locks."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name = name
        self._pool._network_backend = _Backend()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request under the guard."""
        forbid_transaction(f"a call to {self.name}")
        request.headers.setdefault(correlation.HEADER, correlation.current())
        limits = request.extensions.get("timeout", {})
        limits["pool"] = _within(limits.get("pool"), httpx.PoolTimeout)
        return super().handle_request(request)


class DeadlineClient(httpx.Client):
    """Every exchange ends within ``total_s`` seconds, its body included (bodies are read whole, never streamed)."""

    def __init__(self, *, total_s: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.total_s = total_s

    def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:
        """One exchange within the deadline."""
        with deadline(self.total_s):
            return super().send(request, **kwargs)


def client(name: str, *, timeout_s: float = TOTAL_S, connect_s: float = CONNECT_S) -> httpx.Client:
    """A client for the peer ``name``: it follows no redirects, connects within ``connect_s`` seconds and ends every
    exchange within ``timeout_s`` seconds in all, or by the :func:`deadline` in force if that comes sooner."""
    return DeadlineClient(
        total_s=timeout_s,
        transport=GuardedTransport(name, retries=0),
        timeout=httpx.Timeout(timeout_s, connect=connect_s),
        follow_redirects=False,
        headers={"User-Agent": "Binbang"},
    )
