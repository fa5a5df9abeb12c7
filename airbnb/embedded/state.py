"""The data folder of one local stack: its lock, its secrets, its ports, and what is running."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from airbnb.embedded.private_files import kept_secret, write_private
from airbnb.embedded.processes import free_port, is_free


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this data folder."""


class NotRunning(RuntimeError):
    """No stack runs with this data folder."""


class State:
    """Paths and small files under DATA_DIR. Nothing is created until ``claim`` is called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.logs = self.folder / "logs"
        self.secrets = self.folder / "secrets"
        self.lock_file = self.folder / "supervisor.lock"
        self.children_file = self.folder / "children.lock"
        self.pids_file = self.folder / "children.pids"
        self.environment_file = self.folder / "running.env"
        self.ports_file = self.folder / "ports.json"
        self.lock = -1
        self.children_lock = -1

    def claim(self) -> None:
        """Take the folder for this process, for as long as it lives; waits for leftovers of a killed one.

        Raises AlreadyRunning when another supervisor has it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = os.open(self.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        if not _locked(self.lock):
            raise AlreadyRunning(f"already running: {self._holder()} holds {self.folder}")
        os.ftruncate(self.lock, 0)
        os.write(self.lock, f"{os.getpid()}\n".encode())
        self.environment_file.unlink(missing_ok=True)
        self.logs.mkdir(exist_ok=True)
        self.secrets.mkdir(exist_ok=True, mode=0o700)
        self._await_leftovers()

    def release(self) -> None:
        """Give the folder back: nothing runs any more."""
        self.environment_file.unlink(missing_ok=True)
        self.pids_file.unlink(missing_ok=True)
        for descriptor in (self.children_lock, self.lock):
            if descriptor >= 0:
                os.close(descriptor)
        self.children_lock = self.lock = -1

    def is_running(self) -> bool:
        """True while a supervisor holds the folder."""
        try:
            descriptor = os.open(self.lock_file, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            return not _locked(descriptor)
        finally:
            os.close(descriptor)

    def running_environment(self) -> dict[str, str]:
        """The variables of the running stack. NotRunning when there is none, or when it is still starting."""
        if not self.is_running():
            raise NotRunning(f"nothing is running with {self.folder}; start it with `make run`")
        try:
            lines = self.environment_file.read_text().splitlines()
        except FileNotFoundError:
            raise NotRunning(f"the stack in {self.folder} is still starting") from None
        return dict(line.split("=", 1) for line in lines)

    def publish(self, environment: dict[str, str]) -> None:
        """Store the variables of the running stack for `make env`, readable by the owner alone."""
        write_private(self.environment_file, "".join(f"{k}={v}\n" for k, v in environment.items()))

    def note_pids(self, pids: list[int]) -> None:
        """Remember the children, for a system whose kernel does not end them with us."""
        write_private(self.pids_file, "".join(f"{pid}\n" for pid in pids))

    def secret(self, name: str, prefix: str = "") -> str:
        """A generated secret, kept between starts."""
        return kept_secret(self.secrets / name, prefix)

    def port(self, name: str) -> int:
        """A free port, the same at every start as long as nobody else took it."""
        ports = json.loads(self.ports_file.read_text()) if self.ports_file.exists() else {}
        port = int(ports.get(name, 0))
        if port == 0 or not is_free(port):
            ports[name] = port = free_port()
            write_private(self.ports_file, json.dumps(ports))
        return port

    def log(self, name: str) -> Path:
        """The log file of one child; a grown one is put aside first (one old copy is kept)."""
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > 10_000_000:
            path.replace(path.with_suffix(".log.1"))
        return path

    def _holder(self) -> str:
        pid = self.lock_file.read_text().strip() or "a process"
        try:
            address = self.running_environment().get("BASE_URL", "")
        except NotRunning:
            address = "still starting"
        return f"process {pid} ({address})"

    def _await_leftovers(self) -> None:
        """Children of a killed supervisor inherited ``children.lock``: wait until the last one is gone.

        Linux ends them at once; elsewhere the noted processes are killed after three seconds.
        """
        self.children_lock = os.open(self.children_file, os.O_RDWR | os.O_CREAT, 0o600)
        for attempt in range(150):
            if _locked(self.children_lock):
                return
            if attempt == 30:
                self._kill_noted()
            time.sleep(0.1)
        raise AlreadyRunning(f"processes of an earlier start still hold {self.folder}: {self._noted()}")

    def _noted(self) -> list[int]:
        return [int(line) for line in self.pids_file.read_text().split()] if self.pids_file.exists() else []

    def _kill_noted(self) -> None:
        for pid in self._noted():
            asked = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
            if any(word in asked.stdout for word in ("airbnb", str(self.folder), "postgres")):
                try:
                    os.killpg(pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    continue


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
