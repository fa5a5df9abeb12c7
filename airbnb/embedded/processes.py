"""Child processes that never outlive their parent, and the small facts about them."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Argument = str | os.PathLike[str]

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """A system account that a child runs under instead of root."""

    uid: int
    gid: int


def spawn(
    argv: Sequence[Argument],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] = "/",
    account: Account | None = None,
    dies_by: signal.Signals = signal.SIGTERM,
    keep_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start ``argv`` in a session of its own, with its output appended to ``log``.

    On Linux the kernel sends ``dies_by`` to the child when the *thread* that called this ends, so even
    ``kill -9`` of the parent leaves nothing behind. Call it from a thread that lives as long as the child.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [os.fspath(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
            pass_fds=tuple(keep_fds),
            preexec_fn=_tied_to_parent(os.getpid(), dies_by),
            user=None if account is None else account.uid,
            group=None if account is None else account.gid,
            extra_groups=None if account is None else [],
        )


def run_as(account: Account | None, argv: Sequence[Argument]) -> subprocess.CompletedProcess[str]:
    """Run ``argv`` to its end under ``account``; the result carries its exit code and output."""
    return subprocess.run(
        [os.fspath(part) for part in argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        check=False,
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
    )


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send ``number`` to the child's whole process group; a group that is gone already is no error."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        # macOS answers "not permitted" for a group of which only a zombie is left.
        return


def finish(process: subprocess.Popen[bytes], number: signal.Signals, grace: float) -> None:
    """Ask a child to stop with ``number``, wait ``grace`` seconds, then kill what is left of its group."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            signal_group(process, signal.SIGKILL)
    signal_group(process, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """True when a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that just ended do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def last_lines(path: Path, count: int = 20) -> str:
    """The last ``count`` lines of a log file; empty when there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 16_384))
        lines = log.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-count:])


def end_with_parent() -> None:
    """Ask the kernel to send us SIGTERM when our own parent ends (Linux; elsewhere nothing happens)."""
    tie = _tied_to_parent(os.getppid(), signal.SIGTERM)
    if tie is not None:
        tie()


def interruption_of_parent() -> Callable[[], bool]:
    """A question to ask again and again: has our parent been told to stop, without telling us?

    GNU make does that: on an INT or HUP sent to it alone it waits for its children, which know nothing. It stops
    catching the signal at that moment, which Linux shows; elsewhere the answer is always no.
    """
    parent = os.getppid()
    caught = _caught_signals(parent)
    wanted = caught & (1 << (signal.SIGINT - 1) | 1 << (signal.SIGHUP - 1))
    return lambda: _caught_signals(parent) & wanted != wanted


def _caught_signals(pid: int) -> int:
    """The signals a process has handlers for, as the kernel's mask; 0 where that cannot be asked."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("SigCgt:")), "SigCgt: 0")
    return int(line.split()[1], 16)


def _tied_to_parent(parent: int, number: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    libc = _LIBC

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # the parent died between fork and prctl
            os._exit(1)

    return tie
