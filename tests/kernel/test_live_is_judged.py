"""The control of ``make bench-live``: what is too slow, too little or answered wrongly is no promise kept."""

from __future__ import annotations

import socket
from threading import Thread

import pytest

from benchmarks.live import messages, pages
from benchmarks.live.judging import Kept, Promise, percentile

PROMISE = Promise("an answer", 0.95, 0.5, 20)


def test_the_promised_times_are_these() -> None:
    assert (pages.PROMISE.share, pages.PROMISE.limit_s, pages.PROMISE.least) == (0.95, 2.0, 20)
    assert (messages.PROMISE.share, messages.PROMISE.limit_s, messages.PROMISE.least) == (0.99, 0.5, 300)


@pytest.mark.parametrize(("share", "found"), [(0.5, 10), (0.95, 19), (0.99, 20), (1.0, 20), (0.01, 1)])
def test_a_percentile_is_that_of_the_nearest_rank(share: float, found: int) -> None:
    assert percentile([float(each) for each in range(20, 0, -1)], share) == found


def test_enough_in_time_is_good() -> None:
    kept = Kept(PROMISE, [0.5] * 19 + [9.0])
    assert kept.good
    assert str(kept) == (
        "an answer: 20 of at least 20, p50 0.500 s, p95 0.500 s, most 9.000 s (p95 limit 0.5 s), 0 wrong: good"
    )


@pytest.mark.parametrize(
    "kept",
    [
        Kept(PROMISE, [0.1] * 18 + [0.51] * 2),
        Kept(PROMISE, [0.1] * 19),
        Kept(PROMISE, []),
        Kept(PROMISE, [0.1] * 20, ["answered 503"]),
    ],
    ids=["too slow", "too few", "none", "answered wrongly"],
)
def test_anything_else_is_not(kept: Kept) -> None:
    assert not kept.good
    assert "BAD" in str(kept)


def answer(server: socket.socket, times: int) -> None:
    for _time in range(times):  # the one that was met with silence still stands in line
        with server.accept()[0] as asked:
            asked.recv(64)
            asked.sendall(b"+PONG\r\n")


def test_whether_redis_is_up_hangs_or_is_gone_is_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert messages.state_of(port) == "stopped"
        Thread(target=answer, args=(server, 2), daemon=True).start()
        assert messages.state_of(port) == "up"
    assert messages.state_of(port) == "gone"
