"""The supervisor with cheap children: restart, giving up, stopping, and never leaving a process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airbnb.embedded.processes import finish, spawn
from airbnb.embedded.supervision import Child, GaveUp, Patience, StopAsked, Supervisor

PROJECT = Path(__file__).resolve().parents[2]
CHEAP_STACK = Path(__file__).with_name("cheap_stack.py")
Eventually = Callable[[Callable[[], bool]], None]
IsAlive = Callable[[int], bool]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(said.append, Patience(first_pause=0.01))
    yield made
    made.stop_all()


def child(folder: Path, *argv: str, name: str = "sleeper", stage: int = 0) -> Child:
    log = folder / f"{name}.log"
    return Child(name, lambda: spawn(argv, log=log), log, stage, grace=0.3)


def pid_of(one: Child) -> int:
    assert one.process is not None
    return one.process.pid


def test_a_killed_child_is_started_again(supervisor: Supervisor, said: list[str], folder: Path) -> None:
    sleeper = child(folder, "sleep", "600")
    supervisor.start(sleeper)
    first = pid_of(sleeper)
    os.kill(first, signal.SIGKILL)
    supervisor.wait_until(lambda: sleeper.process is not None and sleeper.process.pid != first, "restart", 10)
    assert said == ["sleeper ended (SIGKILL); starting it again in 0.0 s", "sleeper started again"]


def test_what_a_dead_child_started_dies_before_its_successor_starts(
    supervisor: Supervisor, folder: Path, eventually: Eventually, is_alive: IsAlive
) -> None:
    parent = child(folder, "sh", "-c", "sleep 600 & echo $!; wait")
    supervisor.start(parent)
    eventually(lambda: parent.log.exists() and parent.log.read_text().strip() != "")
    grandchild = int(parent.log.read_text().split()[0])
    os.kill(pid_of(parent), signal.SIGKILL)
    supervisor.wait_until(lambda: len(parent.log.read_text().split()) == 2, "restart", 10)
    eventually(lambda: not is_alive(grandchild))


def test_a_child_that_keeps_dying_stops_everything_with_its_last_lines(supervisor: Supervisor, folder: Path) -> None:
    supervisor.start(child(folder, "sh", "-c", "echo the disk is full; exit 3", name="writer"))
    with (
        supervisor.signals(),
        pytest.raises(GaveUp, match=r"(?s)writer died 5 times within 60 s:.*the disk is full"),
    ):
        supervisor.watch()


def test_old_deaths_are_forgiven(said: list[str], folder: Path) -> None:
    supervisor = Supervisor(said.append, Patience(deaths=2, window=0.0, first_pause=0.01))
    fragile = child(folder, "sh", "-c", "echo again; exit 3")
    supervisor.start(fragile)
    supervisor.wait_until(lambda: fragile.log.read_text().count("again") >= 4, "four lives", 10)
    supervisor.stop_all()


def test_children_stop_by_falling_stage(folder: Path) -> None:
    supervisor = Supervisor(lambda text: None)
    order = folder / "order"
    for stage in (0, 2, 1):
        script = f"trap 'echo {stage} >> {order}; exit 0' TERM; echo up; while :; do sleep 0.02; done"
        supervisor.start(child(folder, "sh", "-c", script, name=f"stage-{stage}", stage=stage))
    logs = [one.log for one in supervisor.children]
    supervisor.wait_until(lambda: all(log.exists() and log.read_text() for log in logs), "all up", 10)
    supervisor.stop_all()
    assert order.read_text().split() == ["2", "1", "0"]


def test_a_failing_step_shows_its_last_lines(supervisor: Supervisor, folder: Path) -> None:
    step = child(folder, "sh", "-c", "echo relation does not exist; exit 1", name="migrate")
    with pytest.raises(GaveUp, match=r"(?s)migrate failed:.*relation does not exist"):
        supervisor.run_to_end(step, 10)


def test_a_step_that_takes_too_long_is_killed(
    supervisor: Supervisor, folder: Path, eventually: Eventually, is_alive: IsAlive
) -> None:
    step = child(folder, "sh", "-c", "echo $$; exec sleep 600", name="seed")
    with pytest.raises(GaveUp, match="seed took more than 0 seconds"):
        supervisor.run_to_end(step, 0.4)
    assert not is_alive(int(step.log.read_text()))


def test_a_signal_ends_the_watch_at_once(supervisor: Supervisor) -> None:
    with supervisor.signals():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StopAsked):
            supervisor.watch()


def hears_hangups() -> None:
    """Tests that run under ``nohup`` hand its deafness on, and the supervisor rightly keeps it."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def begin(kind: str, folder: Path) -> subprocess.Popen[str]:
    """A supervisor as a process of its own."""
    argv = [sys.executable, str(CHEAP_STACK), kind, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment, preexec_fn=hears_hangups)


def cheap_stack(kind: str, folder: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """A supervisor, once it has said which children it has."""
    process = begin(kind, folder)
    assert process.stdout is not None
    line = next((each for each in process.stdout if each.startswith("pids ")), "")
    assert line, "it ended before it named its children"
    return process, [int(word) for word in line.split()[1:]]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_each_stop_signal_leaves_no_process(number: signal.Signals, folder: Path, is_alive: IsAlive) -> None:
    process, pids = cheap_stack("quiet", folder)
    process.send_signal(number)
    assert process.wait(30) == 0
    assert len(pids) == 2
    assert not [pid for pid in pids if is_alive(pid)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what the parent was told")
def test_an_interrupt_that_make_keeps_to_itself_is_noticed(folder: Path) -> None:
    (folder / "Makefile").write_text(f"run:\n\t@exec {sys.executable} {CHEAP_STACK} quiet {folder}\n")
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    make = subprocess.Popen(
        ["make", "run"], cwd=folder, stdout=subprocess.PIPE, text=True, env=environment, preexec_fn=hears_hangups
    )
    assert make.stdout is not None
    while not make.stdout.readline().startswith("pids "):
        assert make.poll() is None
    make.send_signal(signal.SIGINT)
    make.wait(30)


def test_a_child_that_ignores_the_signal_is_killed(folder: Path, is_alive: IsAlive) -> None:
    process, pids = cheap_stack("stubborn", folder)
    output = process.stdout
    process.terminate()
    assert process.wait(30) == 0
    assert output is not None
    assert "did not stop" in output.read()
    assert not is_alive(pids[0])


def test_giving_up_ends_with_exit_code_one_and_the_reason(folder: Path) -> None:
    process = begin("broken", folder)
    said, _ = process.communicate(timeout=60)
    assert "the disk is full" in said
    assert process.returncode == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
@pytest.mark.parametrize("kind", ["quiet", "servers"])
def test_kill_9_of_the_supervisor_leaves_nothing(
    kind: str, folder: Path, eventually: Eventually, is_alive: IsAlive
) -> None:
    process, pids = cheap_stack(kind, folder)
    assert all(is_alive(pid) for pid in pids)
    process.kill()
    process.wait(30)
    eventually(lambda: not any(is_alive(pid) for pid in pids))


def test_finish_kills_what_a_child_leaves_behind(folder: Path, eventually: Eventually, is_alive: IsAlive) -> None:
    log = folder / "log"
    process = spawn(["sh", "-c", "sleep 600 & echo $!; exec sleep 600"], log=log)
    eventually(lambda: log.read_text() != "")
    finish(process, signal.SIGTERM, 1.0)
    eventually(lambda: not is_alive(int(log.read_text())))
