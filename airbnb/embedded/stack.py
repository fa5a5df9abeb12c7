"""Binbang's own stack: which processes run, with which environment, and in which order they start."""

from __future__ import annotations

import http.client
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from airbnb.embedded import commands
from airbnb.embedded.postgres import Postgres
from airbnb.embedded.preparation import compiled_messages_are_fresh, migration_stamp
from airbnb.embedded.private_files import write_private
from airbnb.embedded.processes import Argument, is_free, spawn
from airbnb.embedded.state import State
from airbnb.embedded.supervision import Child, Process, Supervisor
from airbnb.embedded.valkey import Valkey

PROJECT = Path(__file__).resolve().parents[2]
DATABASE = "binbang"
TOSS_VALUES = ("TOSS_SECRET_KEY", "TOSS_WEBHOOK_SECRET", "TOSS_API_BASE")
# In which order things stop, highest first: nothing loses what it still needs.
DATABASE_STAGE, BROKER_STAGE, SANDBOX_STAGE, TASKS_STAGE, WEB_STAGE = range(5)


class PortTaken(RuntimeError):
    """Another program listens on PORT."""


class Stack:
    """The local stack of one data folder: ``up`` returns when the site answers."""

    def __init__(self, state: State, supervisor: Supervisor, environ: Mapping[str, str]) -> None:
        self.state = state
        self.supervisor = supervisor
        self.given = environ
        self.web_port = int(environ.get("PORT") or 8000)
        self.environment: dict[str, str] = {}
        self.postgres: Postgres | None = None

    @property
    def address(self) -> str:
        """Where the site is reached."""
        return f"http://127.0.0.1:{self.web_port}"

    def up(self) -> None:
        """Start everything and wait for ``/readyz``.

        Raises PortTaken, DidNotStart or GaveUp; what was started by then is the supervisor's to stop.
        """
        if not is_free(self.web_port):
            raise PortTaken(f"port {self.web_port} is taken by another program; choose one with PORT=8001")
        self._base_environment()
        self.start_services()
        self._prepare()
        self._start_web()
        self._start_workers()
        self._seed()
        self._start_timers()
        self.state.publish(self.environment)

    def demo_sign_ins(self) -> str:
        """What the seed command left for people to sign in with; empty without demo data."""
        path = self.state.folder / "demo_sign_ins.txt"
        return path.read_text().rstrip() if path.exists() else ""

    # --------------------------------------------------------------------------------------- environment
    def _base_environment(self) -> None:
        folder = self.state.folder
        self.environment = {
            "BASE_URL": self.given.get("BASE_URL") or self.address,
            "DATA_DIR": str(folder),
            "EMAIL_FILE_PATH": self._folder("EMAIL_FILE_PATH", "mail"),
            "ENVIRONMENT": self.given.get("ENVIRONMENT") or "development",
            "MEDIA_ROOT": self._folder("MEDIA_ROOT", "media"),
            "MESSENGER_FILE_PATH": self.given.get("MESSENGER_FILE_PATH") or str(folder / "messenger.jsonl"),
            "PORT": str(self.web_port),
            "WEB_THREADS": str(commands.WEB_THREADS),
            "SECRET_KEY": self.given.get("SECRET_KEY") or self.state.secret("secret_key", "local-stack-"),
        }
        (folder / "static").mkdir(exist_ok=True)  # the web server looks for it, though files come from the packages
        if self.environment["ENVIRONMENT"] == "development":
            self.environment["LOCAL_STACK"] = "1"

    def _folder(self, variable: str, default: str) -> str:
        path = Path(self.given.get(variable) or self.state.folder / default)
        path.mkdir(parents=True, exist_ok=True)
        return str(path)

    # ------------------------------------------------------------------------------------------ services
    def start_services(self) -> None:
        """PostgreSQL, Valkey and the sandbox, side by side; one whose address was given is not started."""
        valkey = self._valkey()
        sandbox_port = self._sandbox()
        self.postgres = self._postgres()
        if self.postgres is not None:
            self.postgres.create_database(DATABASE)
        if valkey is not None:
            self.supervisor.wait_until(valkey.is_ready, "Valkey", 60)
        if sandbox_port:
            self.supervisor.wait_until(lambda: _status(sandbox_port, "/_health") == 200, "the payment sandbox", 60)

    def _postgres(self) -> Postgres | None:
        if self.given.get("DATABASE_URL"):
            self.environment["DATABASE_URL"] = self.given["DATABASE_URL"]
            self.supervisor.say("database: the given DATABASE_URL")
            return None
        port, log = self.state.port("postgres"), self.state.log("postgres")
        keep = (self.state.children_lock,)
        server = Postgres(self.state.folder / "postgres", log=log, port=port, keep_fds=keep)
        server.prepare()
        child = Child("PostgreSQL", server.spawn, log, DATABASE_STAGE, 4.0, signal.SIGINT)
        self.supervisor.start(child)
        self.supervisor.wait_until(server.is_ready, "PostgreSQL", 60)
        self.environment["DATABASE_URL"] = server.url(DATABASE)
        self.supervisor.say(f"PostgreSQL is up (data in {server.data})")
        return server

    def _valkey(self) -> Valkey | None:
        if self.given.get("REDIS_URL"):
            self.environment["REDIS_URL"] = self.given["REDIS_URL"]
            self.supervisor.say("broker and cache: the given REDIS_URL")
            return None
        port, log = self.state.port("valkey"), self.state.log("valkey")
        keep = (self.state.children_lock,)
        server = Valkey(self.state.folder / "valkey", log=log, port=port, keep_fds=keep)
        self.supervisor.start(Child("Valkey", server.spawn, log, BROKER_STAGE, 2.0))
        self.environment["REDIS_URL"] = server.url
        return server

    def _sandbox(self) -> int:
        """Start the payment sandbox; its port, or 0 when a real gateway key was given."""
        if self.given.get("STRIPE_SECRET_KEY"):
            names = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE", *TOSS_VALUES)
            self.environment |= {name: self.given[name] for name in names if self.given.get(name)}
            self.supervisor.say("payments: the given STRIPE_SECRET_KEY")
            return 0
        port, folder = self.state.port("sandbox"), self.state.folder / "sandbox"
        folder.mkdir(exist_ok=True)
        url = f"http://127.0.0.1:{port}"
        keys = {
            "STRIPE_SECRET_KEY": self.state.secret("stripe_key", "sk_test_"),
            "STRIPE_WEBHOOK_SECRET": self.state.secret("webhook", "whsec_"),
            "TOSS_SECRET_KEY": self.state.secret("toss_key", "test_sk_"),
            "TOSS_WEBHOOK_SECRET": self.state.secret("toss_webhook", "hook_"),
        }
        options = (
            f"--secret-key {keys['STRIPE_SECRET_KEY']} --webhook-secret {keys['STRIPE_WEBHOOK_SECRET']}",
            f"--webhook-url {self.address}/gateways/stripe/webhook/ --toss-key {keys['TOSS_SECRET_KEY']}",
            f"--toss-webhook-url {self.address}/gateways/toss/webhook/?secret={keys['TOSS_WEBHOOK_SECRET']}",
        )
        argv = commands.sandbox(port, folder / "sandbox.sqlite3", *options)
        self._child("payment-sandbox", argv, SANDBOX_STAGE, grace=1.5)
        addresses = {"PAYMENT_SANDBOX_URL": url, "STRIPE_API_BASE": url, "TOSS_API_BASE": f"{url}/toss"}
        self.environment |= keys | addresses
        if self.given.get("TOSS_SECRET_KEY"):  # the real Toss Payments beside the sandbox's Stripe
            self.environment |= {name: self.given.get(name, "") for name in TOSS_VALUES}
        return port

    # --------------------------------------------------------------------------------------- preparation
    def _prepare(self) -> None:
        """Migrate and compile messages where there is something to do."""
        steps = []
        stamp_file = self.state.folder / "migrated"
        stamp = migration_stamp(PROJECT, self.postgres)
        if stamp is None or not stamp_file.exists() or stamp_file.read_text() != stamp:
            steps.append(self._command("migrate", "migrate", "--no-input"))
        if not compiled_messages_are_fresh(PROJECT):
            steps.append(self._command("compile-messages", "compile_messages"))
        if steps:
            self.supervisor.say("preparing: " + ", ".join(step.name for step in steps))
            self.supervisor.wait_all(steps, 600)
        write_private(stamp_file, migration_stamp(PROJECT, self.postgres) or "")

    def _seed(self) -> None:
        """Fill demo data once, unless DEMO=0; before the timers run, which would do today what belongs to the past."""
        stamp = self.state.folder / "demo_seeded"
        if self.given.get("DEMO") == "0" or stamp.exists():
            return
        self.supervisor.say("filling demo data (first start only)")
        self.supervisor.run_to_end(self._command("seed", "seed_demo"), 1800)
        stamp.touch()

    # ----------------------------------------------------------------------------------------- processes
    def _start_web(self) -> None:
        """The site alone, and wait for it: on two cores everything at once would take twice as long."""
        for number in range(1, commands.WEB_SERVERS + 1):
            self._child(f"web-{number}", commands.web(self.web_port), WEB_STAGE)
        self.supervisor.wait_until(lambda: _status(self.web_port, "/readyz") == 200, "the site", 300)

    def _start_workers(self) -> None:
        """Nobody at the site has to wait for them: what they find late, they catch up."""
        for name in commands.QUEUES:
            self._child(name, commands.worker(name, self.web_port), TASKS_STAGE, dies_by=signal.SIGKILL)

    def _start_timers(self) -> None:
        """The beat, that has everything done which is due by today's clock."""
        schedule = self.state.folder / "beat"
        schedule.mkdir(exist_ok=True)
        self._child("beat", commands.beat(schedule), TASKS_STAGE, dies_by=signal.SIGKILL)

    def _child(
        self,
        name: str,
        argv: Sequence[Argument],
        stage: int,
        grace: float = 3.0,
        dies_by: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Start one long-lived process. ``dies_by`` is for the death of the supervisor itself.

        A task worker is killed then: a polite one would wait for a broker that is gone, and every delivery is
        safe to repeat.
        """
        log = self.state.log(name)
        self.supervisor.start(Child(name, lambda: self._spawn(argv, log, dies_by), log, stage, grace))

    def _command(self, name: str, *arguments: str) -> Child:
        log = self.state.log(name)
        argv = [sys.executable, str(PROJECT / "manage.py"), *arguments]
        return Child(name, lambda: self._spawn(argv, log, signal.SIGKILL), log)

    def _spawn(self, argv: Sequence[Argument], log: Path, dies_by: signal.Signals) -> Process:
        return spawn(
            argv,
            log=log,
            env={**self.given, **self.environment, "PYTHONUNBUFFERED": "1"},
            cwd=PROJECT,
            dies_by=dies_by,
            keep_fds=(self.state.children_lock,),
        )


def _status(port: int, path: str) -> int:
    """The HTTP status of one GET; 0 when nobody answers within two seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
