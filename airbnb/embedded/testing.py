"""Throw-away PostgreSQL and Valkey for a test run: random ports, no fsync, gone with the process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from airbnb.embedded.postgres import Postgres
from airbnb.embedded.valkey import Valkey

FLAG = "TEST_SERVERS"
DATABASE = "binbang"


@dataclass(frozen=True)
class TestServers:
    """The running servers of a test run; ``stop()`` ends them and may be called twice."""

    __test__ = False  # the name starts like a test class

    database_url: str
    redis_url: str
    stop: Callable[[], None]


def start_test_servers() -> TestServers:
    """Start both servers and put DATABASE_URL, REDIS_URL and TEST_SERVERS=1 into ``os.environ``.

    Call it before the settings load. Where the flag is set already (a worker of pytest-xdist, or a command
    under ``with-test-servers``) the parent's servers are used and ``stop`` does nothing. URLs of a
    developer's own servers are never used: tests drop and flush.
    """
    if os.environ.get(FLAG) == "1":
        return TestServers(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], lambda: None)
    folder = Path(tempfile.mkdtemp(prefix="binbang-tests-"))
    folder.chmod(0o711)  # the database runs under another account where we are root
    valkey = Valkey(folder / "valkey", durable=False)
    postgres = Postgres(folder / "postgres", durable=False)

    def stop() -> None:
        postgres.stop()
        valkey.stop()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    valkey.spawn()
    postgres.start()
    postgres.create_database(DATABASE)
    valkey.wait_ready()
    os.environ.update({FLAG: "1", "DATABASE_URL": postgres.url(DATABASE), "REDIS_URL": valkey.url})
    return TestServers(postgres.url(DATABASE), valkey.url, stop)
