"""The commands of the local stack: ``python -m airbnb.embedded run|env|reset|exec|with-test-servers``."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from airbnb.embedded.placement import existing_shelter
from airbnb.embedded.postgres import DidNotStart
from airbnb.embedded.processes import end_with_parent, interruption_of_parent
from airbnb.embedded.stack import PROJECT, PortTaken, Stack
from airbnb.embedded.state import AlreadyRunning, NotRunning, State
from airbnb.embedded.supervision import GaveUp, StopAsked, Supervisor
from airbnb.embedded.testing import start_test_servers

COMMANDS_AROUND_OTHERS = {
    "exec": "run a command with the running stack's variables",
    "with-test-servers": "run a command with throw-away servers",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    asked = _parser().parse_args(arguments)
    state = State(PROJECT / (os.environ.get("DATA_DIR") or ".data"))
    try:
        if asked.command == "run":
            return run(state, tied=asked.tied)
        if asked.command == "env":
            return print_environment(state)
        if asked.command == "reset":
            return reset(state)
        if asked.command == "exec":
            return _run({**os.environ, **state.running_environment()}, asked.argv)
        return with_test_servers(asked.argv)
    except (AlreadyRunning, NotRunning) as problem:
        print(problem, file=sys.stderr)
        return 1


def run(state: State, *, tied: bool = False) -> int:
    """Run the whole stack until a signal asks it to stop (0) or a part of it cannot be kept alive (1)."""
    supervisor = Supervisor(say, note_pids=state.note_pids)
    if tied:
        end_with_parent()
        supervisor.must_stop = interruption_of_parent()
    with supervisor.signals():
        state.claim()
        stack = Stack(state, supervisor, os.environ)
        code = 0
        try:
            stack.up()
            say(f"ready: {stack.address}/")
            if sign_ins := stack.demo_sign_ins():
                say(sign_ins)
            supervisor.watch()
        except StopAsked:
            say("stopping")
        except (GaveUp, DidNotStart, PortTaken) as problem:
            # A Ctrl-C that reached a helper as well is still a Ctrl-C.
            code = 0 if supervisor.stop_asked else 1
            say(f"stopping: {problem}")
        finally:
            supervisor.stop_all()
            state.release()
        return code


def print_environment(state: State) -> int:
    """Print the variables of the running stack, one KEY=VALUE a line and nothing else."""
    for name, value in sorted(state.running_environment().items()):
        print(f"{name}={value}")
    return 0


def reset(state: State) -> int:
    """Throw the local data away, after asking (``YES=1`` answers). Refused while the stack runs."""
    if state.is_running():
        print(f"the stack is running; stop it before its data in {state.folder} is thrown away", file=sys.stderr)
        return 1
    if not state.lock_file.exists():
        print(f"nothing to throw away in {state.folder}")
        return 0
    if os.environ.get("YES") != "1" and not _agreed(f"Delete all local data in {state.folder}? [y/N] "):
        print("kept")
        return 1
    stand_in = existing_shelter(state.folder / "postgres")
    for folder in (state.folder, stand_in):
        if folder is not None:
            shutil.rmtree(folder)
    print(f"deleted {state.folder}")
    return 0


def with_test_servers(argv: list[str]) -> int:
    """Run a command with throw-away servers in its environment; returns the command's exit code."""
    servers = start_test_servers()
    try:
        return _run(dict(os.environ), argv)
    finally:
        servers.stop()


def say(text: str) -> None:
    """One message to the person at the terminal; a closed terminal is no reason to fall over."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115


def _run(environment: dict[str, str], argv: list[str]) -> int:
    if not argv:
        print("a command is missing", file=sys.stderr)
        return 2
    return subprocess.run(argv, env=environment, cwd=Path.cwd(), check=False).returncode


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m airbnb.embedded", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("run", help="run everything until Ctrl-C")
    start.add_argument("--tied", action="store_true", help="stop when the parent process ends (Linux)")
    commands.add_parser("env", help="print the variables of the running stack")
    commands.add_parser("reset", help="throw the local data away")
    for name, words in COMMANDS_AROUND_OTHERS.items():
        commands.add_parser(name, help=words).add_argument("argv", nargs=argparse.REMAINDER)
    return parser


if __name__ == "__main__":
    sys.exit(main())
