"""The data folder and the commands around it: lock, `env`, `reset`, secrets, ports, bootstrap."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from airbnb.embedded import bootstrap
from airbnb.embedded.__main__ import main
from airbnb.embedded.processes import spawn
from airbnb.embedded.stack import PortTaken, Stack
from airbnb.embedded.state import State
from airbnb.embedded.supervision import Supervisor


@pytest.fixture
def state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    monkeypatch.setenv("DATA_DIR", str(folder / "data"))
    made = State(folder / "data")
    yield made
    made.release()


def test_env_prints_the_running_stack_and_nothing_else(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    state.claim()
    state.publish({"PORT": "8001", "BASE_URL": "http://127.0.0.1:8001"})
    assert main(["env"]) == 0
    assert capsys.readouterr().out == "BASE_URL=http://127.0.0.1:8001\nPORT=8001\n"
    assert state.environment_file.stat().st_mode & 0o777 == 0o600


def test_env_without_a_stack_fails_on_standard_error(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env"]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "nothing is running" in output.err


def test_env_while_starting_says_so(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    state.claim()
    assert main(["env"]) == 1
    assert "still starting" in capsys.readouterr().err


def test_variables_of_a_killed_stack_are_not_believed(state: State) -> None:
    state.claim()
    state.publish({"PORT": "8001"})
    os.close(state.lock)  # what the kernel does when the process is killed: the file stays, the lock goes
    state.lock = -1
    assert state.environment_file.exists()
    assert main(["env"]) == 1


def test_a_second_start_is_refused_by_name(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    state.claim()
    state.publish({"BASE_URL": "http://127.0.0.1:8001"})
    assert main(["run"]) == 1
    message = capsys.readouterr().err
    assert "already running" in message
    assert "http://127.0.0.1:8001" in message


def test_a_start_waits_for_leftovers_of_a_killed_one(state: State, folder: Path) -> None:
    state.claim()
    leftover = spawn(["sleep", "0.5"], log=folder / "log", keep_fds=(state.children_lock,))
    state.release()
    state.claim()
    assert leftover.wait(0.3) == 0


def test_exec_joins_the_running_stack(state: State, folder: Path) -> None:
    state.claim()
    state.publish({"SECRET_KEY": "local"})
    out = folder / "out"
    assert main(["exec", "sh", "-c", f'echo "$SECRET_KEY" > {out}']) == 0
    assert out.read_text() == "local\n"
    assert main(["exec", "false"]) == 1


def test_reset_is_refused_while_running(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    state.claim()
    assert main(["reset"]) == 1
    assert "is running" in capsys.readouterr().err
    assert state.folder.exists()


@pytest.mark.parametrize(("answer", "code", "kept"), [("n", 1, True), ("", 1, True), ("y", 0, False)])
def test_reset_asks_first(answer: str, code: int, kept: bool, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    state.claim()
    state.release()
    monkeypatch.setattr("builtins.input", lambda question: answer)
    assert main(["reset"]) == code
    assert state.folder.exists() is kept


def test_reset_with_yes_asks_nothing(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    state.claim()
    state.release()
    monkeypatch.setenv("YES", "1")
    assert main(["reset"]) == 0
    assert not state.folder.exists()


def test_reset_never_deletes_a_folder_that_is_not_ours(
    folder: Path, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "data").mkdir()
    monkeypatch.setenv("YES", "1")
    assert main(["reset"]) == 0
    assert (folder / "data").exists()


def test_secrets_are_made_once_and_private(state: State) -> None:
    state.claim()
    secret = state.secret("stripe_key", "sk_test_")
    assert secret.startswith("sk_test_")
    assert len(secret) >= 50
    assert state.secret("stripe_key", "sk_test_") == secret
    assert (state.secrets / "stripe_key").stat().st_mode & 0o777 == 0o600


def test_ports_stay_the_same_until_somebody_takes_one(state: State) -> None:
    state.claim()
    port = state.port("sandbox")
    assert state.port("sandbox") == port
    with socket.create_server(("127.0.0.1", port)):
        assert state.port("sandbox") != port


def test_given_addresses_are_used_and_nothing_is_started_for_them(state: State) -> None:
    given = {
        "DATABASE_URL": "postgresql://db.example/binbang",
        "REDIS_URL": "redis://cache.example",
        "STRIPE_SECRET_KEY": "sk_test_given",
        "STRIPE_WEBHOOK_SECRET": "whsec_given",
    }
    state.claim()
    supervisor = Supervisor(lambda text: None)
    stack = Stack(state, supervisor, given)
    stack.start_services()
    assert supervisor.children == []
    assert stack.environment == given


def test_a_taken_port_is_named(state: State) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} is taken"):
            Stack(state, Supervisor(lambda text: None), {"PORT": str(port)}).up()


def test_with_test_servers_hands_on_the_exit_code() -> None:
    script = "import os, sys; sys.exit(7 if os.environ['TEST_SERVERS'] == '1' else 1)"
    assert main(["with-test-servers", sys.executable, "-c", script]) == 7


class TestBootstrap:
    """The environment is made again when, and only when, the lock, the interpreter or the place changed."""

    @pytest.fixture(autouse=True)
    def place(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bootstrap, "PROJECT", folder)
        monkeypatch.setattr(bootstrap, "VENV", folder / ".venv")
        for name in ("requirements.lock", "requirements-local.lock", "requirements-dev.lock"):
            (folder / name).write_text("")

    def test_it_installs_once_by_path_and_keeps_standard_output_clean(self, folder: Path) -> None:
        copy = folder / "airbnb" / "embedded" / "bootstrap.py"
        copy.parent.mkdir(parents=True)
        copy.write_text(Path(bootstrap.__file__).read_text())
        interpreter = folder / ".venv" / "bin" / "python"
        interpreter.parent.mkdir(parents=True)
        interpreter.write_text(
            f'#!/bin/sh\n[ "$1" = -c ] && exec {sys.executable} "$@"\necho installed; echo "$@" >> {folder}/calls\n'
        )
        interpreter.chmod(0o755)
        argv = [sys.executable, "-I", str(copy), "requirements-dev.lock"]
        first, second = (subprocess.run(argv, capture_output=True, text=True, check=True) for _ in range(2))
        assert "installing requirements-dev.lock" in first.stderr
        assert (first.stdout, second.stdout, second.stderr) == ("", "", "")
        calls = (folder / "calls").read_text().splitlines()
        assert len(calls) == 1
        assert calls[0].startswith("-m pip install")
        assert calls[0].endswith(f"--require-hashes -r {folder}/requirements-dev.lock")

    def test_a_changed_lock_is_installed_again(self, folder: Path) -> None:
        (folder / ".venv").mkdir()
        lock = folder / "requirements-dev.lock"
        for included in bootstrap.included(lock):
            bootstrap.stamp_path(included).write_text(bootstrap.fingerprint(included))
        assert bootstrap.main([lock.name]) == 0
        lock.write_text("Django==5.2.8")
        assert not bootstrap.is_installed(lock)
        assert bootstrap.is_installed(folder / "requirements-local.lock")

    def test_an_old_python_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bootstrap, "OLDEST", (99, 0))
        assert bootstrap.main(["requirements.lock"]) == 1
