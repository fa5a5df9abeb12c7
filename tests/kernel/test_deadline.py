"""No outgoing call lasts longer than its deadline, whatever the peer does: real sockets, peers that misbehave."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from airbnb import http

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n"
DRIP_S = 0.05


def drip_body(peer: socket.socket, over: threading.Event) -> None:
    """A good head, then one byte every now and then: each byte comes long before a read timeout."""
    peer.recv(65536)
    peer.sendall(HEAD)
    while not over.wait(DRIP_S):
        peer.sendall(b"x")


def drip_head(peer: socket.socket, over: threading.Event) -> None:
    peer.recv(65536)
    for byte in HEAD * 10:
        if over.wait(DRIP_S):
            return
        peer.sendall(bytes([byte]))


def black_hole(peer: socket.socket, over: threading.Event) -> None:
    over.wait(10)


def deaf(peer: socket.socket, over: threading.Event) -> None:
    """Takes a little of what is sent, over and over: every write makes progress and none ends."""
    while not over.wait(DRIP_S):
        peer.recv(1024)


def answers(peer: socket.socket, over: threading.Event) -> None:
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


Peer = Callable[[socket.socket, threading.Event], None]


@contextmanager
def listening(behave: Peer) -> Iterator[str]:
    over, server = threading.Event(), socket.create_server(("127.0.0.1", 0), backlog=8)

    def serve() -> None:
        while True:
            try:
                peer, _address = server.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(peer,), daemon=True).start()

    def talk(peer: socket.socket) -> None:
        with peer:
            try:
                behave(peer, over)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    finally:
        over.set()
        server.close()


def seconds_of(call: Callable[[], object], error: type[Exception]) -> float:
    begun = time.monotonic()
    with pytest.raises(error):
        call()
    return time.monotonic() - begun


@pytest.mark.parametrize("peer", [drip_body, drip_head, black_hole])
def test_a_peer_that_drips_or_is_silent_ends_with_the_deadline(peer: Peer) -> None:
    with listening(peer) as url, http.client("peer", timeout_s=0.4) as client:
        assert 0.35 <= seconds_of(lambda: client.get(url), httpx.ReadTimeout) < 1.5


def test_the_control_without_a_total_deadline_a_drip_holds_the_caller() -> None:
    with listening(drip_body) as url, httpx.Client(timeout=0.4) as plain:
        begun = time.monotonic()
        with plain.stream("GET", url) as answer:
            for _ in answer.iter_raw(1):
                if time.monotonic() - begun > 1.0:
                    break
        assert time.monotonic() - begun > 1.0, "each byte starts the plain client's timeout again"


def test_a_peer_that_hardly_takes_what_is_sent_ends_too() -> None:
    with listening(deaf) as url, http.client("peer", timeout_s=0.4) as client:
        seconds = seconds_of(lambda: client.post(url, content=b"x" * 30_000_000), httpx.TimeoutException)
        assert seconds < 2


def test_several_calls_share_an_outer_deadline() -> None:
    with listening(black_hole) as url, http.client("peer", timeout_s=5) as client, http.deadline(0.4):
        assert seconds_of(lambda: client.get(url), httpx.ReadTimeout) < 1.5
        begun = time.monotonic()
        with pytest.raises(httpx.TimeoutException):
            client.get(url)
        assert time.monotonic() - begun < 0.2, "nothing is begun when no time is left"


def test_an_inner_deadline_cannot_outlast_the_outer_one() -> None:
    with http.deadline(0.5), http.deadline(60):
        left = http.time_left()
    assert left is not None
    assert left <= 0.5
    assert http.time_left() is None


def test_connecting_ends_with_its_own_limit() -> None:
    """A listener whose queue is full answers no connection at all."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(server.getsockname())
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with http.client("peer", timeout_s=4, connect_s=0.3) as client:
            assert seconds_of(lambda: client.get(url), httpx.ConnectTimeout) < 1.5
        for each in waiting:
            each.close()


def test_a_name_that_is_not_looked_up_in_time_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(http.socket, "getaddrinfo", lambda *a, **k: over.wait(10))
    with http.client("peer", connect_s=0.3) as client:
        assert seconds_of(lambda: client.get("http://somewhere.example/"), httpx.ConnectTimeout) < 1.5
    over.set()


def test_a_name_is_looked_up_and_a_good_peer_answers() -> None:
    with listening(answers) as url, http.client("peer") as client:
        assert client.get(url.replace("127.0.0.1", "localhost")).text == "ok"
