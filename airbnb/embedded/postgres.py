"""A real PostgreSQL server from a PyPI wheel, as a child of this process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from airbnb.embedded.placement import data_home, server_binaries, service_account, under_a_name
from airbnb.embedded.private_files import kept_secret
from airbnb.embedded.processes import Account, Argument, finish, free_port, last_lines, run_as, spawn

USER = "binbang"
STATUS_LINE = 7  # of postmaster.pid, where the server writes "ready" (pg_ctl waits for the same)

COMMON = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Commits are on disk before they are answered: money depends on them, even on a demo laptop.
DURABLE = {"fsync": "on", "synchronous_commit": "on"}
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


class DidNotStart(RuntimeError):
    """The server ended, or said nothing, before it was ready; the message carries its last log lines."""


class Postgres:
    """One PostgreSQL server on a free port of 127.0.0.1 with its data, password and log in ``data_dir``.

    ``durable=False`` is for tests: no fsync, fast to make and to throw away, nothing to recover.
    """

    stop_signal = signal.SIGINT  # fast shutdown: sessions are ended, the data is left clean

    def __init__(
        self,
        data_dir: Path | str,
        *,
        durable: bool = True,
        log: Path | None = None,
        port: int | None = None,
        keep_fds: Sequence[int] = (),
    ) -> None:
        self.durable = durable
        self.account: Account | None = service_account()
        self.home = data_home(Path(data_dir).absolute(), self.account)
        self.data = self.home / "data"
        self.log = log or self.home / "postgres.log"
        self.bin = server_binaries(self.account)
        self.port = port or free_port()
        self.keep_fds = keep_fds
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def password(self) -> str:
        """The superuser's password: beside the data, because the two are worth nothing without each other."""
        return kept_secret(self.home / "password")

    def url(self, database: str) -> str:
        """The connection URL of ``database``; the port is this run's own."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self, timeout: float = 60.0) -> Postgres:
        """Make the data folder if it is missing, start, and return when connections are accepted.

        Raises DidNotStart after ``timeout`` seconds or when the server ends at once.
        """
        self.prepare()
        self.process = self.spawn()
        self.wait_ready(timeout)
        return self

    def prepare(self) -> None:
        """``initdb`` once. An interrupted one is thrown away: only a whole folder gets its final name."""
        if (self.data / "PG_VERSION").exists():
            return
        unfinished = self.home / "data.new"
        self._own_folder(unfinished)
        with self._password_file() as password_file:
            options: list[Argument] = [
                "-D",
                unfinished,
                "-U",
                USER,
                "--auth=scram-sha-256",
                f"--pwfile={password_file}",
            ]
            options += ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
            options += [] if self.durable else ["--no-sync"]
            done = run_as(self.account, [*under_a_name(), self.bin / "initdb", *options])
        if done.returncode != 0:
            raise DidNotStart(f"initdb failed:\n{done.stdout}")
        unfinished.rename(self.data)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server in the foreground of its own session; does not wait for it."""
        settings = COMMON | (DURABLE if self.durable else THROW_AWAY) | {"port": str(self.port)}
        options: list[Argument] = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.process = spawn(
            [self.bin / "postgres", "-D", self.data, *options],
            log=self.log,
            account=self.account,
            dies_by=signal.SIGINT if self.durable else signal.SIGQUIT,
            keep_fds=self.keep_fds,
        )
        return self.process

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Return when the server accepts connections; DidNotStart otherwise."""
        deadline = time.monotonic() + timeout
        while self.process is not None and self.process.poll() is None and time.monotonic() < deadline:
            if self.is_ready():
                return
            time.sleep(0.02)
        raise DidNotStart(f"PostgreSQL did not start:\n{last_lines(self.log)}")

    def is_ready(self) -> bool:
        """True once this very process has written "ready" into its status file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        ours = self.process is not None and lines[:1] == [str(self.process.pid)]
        return ours and len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"

    def create_database(self, name: str) -> None:
        """Make the database ``name`` unless it exists already."""
        if self.query(f"SELECT 1 FROM pg_database WHERE datname = '{name}'").strip() != "1":
            self.query(f'CREATE DATABASE "{name}"')

    def stop(self, grace: float = 8.0) -> None:
        """End the server: fast shutdown with a clean data folder, or at once when the data is thrown away."""
        if self.process is not None:
            finish(self.process, self.stop_signal if self.durable else signal.SIGQUIT, grace)
            self.process = None

    def query(self, statement: str, database: str = "postgres") -> str:
        """Run one statement; its rows as text, one a line. RuntimeError when it is refused."""
        target: list[Argument] = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database]
        done = subprocess.run(
            [self.bin / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *target, "-c", statement],
            env={**os.environ, "PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "10"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"PostgreSQL refused {statement!r}: {done.stderr.strip()}")
        return done.stdout

    def _own_folder(self, folder: Path) -> None:
        """An empty 0700 folder that belongs to the server's account."""
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(folder, self.account.uid, self.account.gid)

    @contextmanager
    def _password_file(self) -> Iterator[str]:
        """The password in a short-lived 0600 file of the server's account: initdb reads no pipe then."""
        with tempfile.NamedTemporaryFile("w", dir=self.home, prefix=".initdb-") as file:
            if self.account is not None:
                os.chown(file.name, self.account.uid, self.account.gid)
            file.write(self.password)
            file.flush()
            yield file.name
