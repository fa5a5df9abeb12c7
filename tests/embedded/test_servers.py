"""The embedded PostgreSQL and Valkey: start, keep data, demand a password, say why they fail."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from airbnb.embedded.placement import existing_shelter, server_binaries, under_a_name
from airbnb.embedded.postgres import DidNotStart, Postgres
from airbnb.embedded.preparation import compiled_messages_are_fresh, migration_stamp
from airbnb.embedded.processes import Account, run_as
from airbnb.embedded.testing import start_test_servers
from airbnb.embedded.valkey import Valkey


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server whose data pytest's closed folder holds: as root it must find a place that is open to it."""
    server = Postgres(tmp_path_factory.mktemp("server"), durable=False).start()
    yield server
    server.stop()
    shutil.rmtree(server.home)


def test_a_durable_database_keeps_its_rows(folder: Path) -> None:
    server = Postgres(folder / "postgres").start()
    server.create_database("stays")
    server.create_database("stays")
    with psycopg.connect(server.url("stays")) as connection:
        connection.execute("CREATE TABLE night (day date)")
        connection.execute("INSERT INTO night VALUES ('2026-12-24')")
    server.stop()
    again = Postgres(folder / "postgres").start()
    try:
        with psycopg.connect(again.url("stays")) as connection:
            assert connection.execute("SELECT count(*) FROM night").fetchone() == (1,)
            settings = connection.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
            assert settings.fetchone() == ("on", "on")
    finally:
        again.stop()


def test_the_database_folds_and_sorts_hangul_and_accents(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url("postgres")) as connection:
        assert connection.execute("SELECT 'Ärger' ILIKE 'ärger', '가' < '나'").fetchone() == (True, True)


def test_the_database_demands_its_password(postgres: Postgres) -> None:
    url = postgres.url("postgres").replace(postgres.password, "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_the_password_file_is_private(postgres: Postgres) -> None:
    assert (postgres.home / "password").stat().st_mode & 0o777 == 0o600
    assert not list(postgres.home.glob(".initdb-*"))


def test_a_refused_statement_says_why(postgres: Postgres) -> None:
    with pytest.raises(RuntimeError, match="does not exist"):
        postgres.query("SELECT * FROM nowhere")


def test_a_second_server_on_the_same_data_is_refused_with_its_last_lines(postgres: Postgres) -> None:
    second = Postgres(postgres.home, durable=False)
    with pytest.raises(DidNotStart, match=r'lock file "postmaster.pid" already exists'):
        second.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another place")
def test_root_in_a_closed_folder_gets_a_place_of_its_own(postgres: Postgres, tmp_path: Path) -> None:
    stand_in = Postgres(tmp_path / "postgres", durable=False).home
    assert stand_in == existing_shelter(tmp_path / "postgres")
    assert stand_in.stat().st_uid == 0
    stand_in.chmod(0o777)
    with pytest.raises(PermissionError, match="not ours alone"):
        Postgres(tmp_path / "postgres", durable=False)
    shutil.rmtree(stand_in)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_an_account_without_a_name_can_make_a_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nameless = Account(54321, 54321)
    initdb = server_binaries(nameless) / "initdb"
    folder.chmod(0o777)
    monkeypatch.setattr("os.geteuid", lambda: nameless.uid)
    if not under_a_name() or run_as(nameless, [*under_a_name(), "true"]).returncode != 0:
        pytest.skip("user namespaces are forbidden here")
    assert run_as(nameless, [initdb, "-D", folder / "data", "--no-sync"]).returncode != 0
    done = run_as(nameless, [*under_a_name(), initdb, "-D", folder / "data", "--no-sync"])
    assert done.returncode == 0, done.stdout
    assert (folder / "data").stat().st_uid == nameless.uid


def test_valkey_keeps_its_keys_through_a_kill(folder: Path) -> None:
    server = Valkey(folder / "valkey").start()
    with redis.Redis.from_url(server.url) as client:
        client.set("room", "hanok")
        assert client.execute_command("WAITAOF", 1, 0, 5000)[0] == 1
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.stop()
    again = Valkey(folder / "valkey").start()
    with redis.Redis.from_url(again.url) as client:
        assert client.get("room") == b"hanok"
    again.stop()


def test_valkey_demands_its_password_and_hides_it(folder: Path) -> None:
    server = Valkey(folder / "valkey", durable=False).start()
    try:
        with (
            pytest.raises(redis.AuthenticationError),
            redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as stranger,
        ):
            stranger.ping()
        assert (folder / "valkey" / "valkey.conf").stat().st_mode & 0o777 == 0o600
    finally:
        server.stop()


def test_valkey_that_cannot_start_shows_its_last_lines(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = Valkey(folder / "valkey", durable=False, port=taken.getsockname()[1])
        with pytest.raises(DidNotStart, match="Address already in use"):
            server.start()
        server.stop()


def test_inside_a_test_run_the_parents_servers_are_used() -> None:
    servers = start_test_servers()
    assert servers.database_url == os.environ["DATABASE_URL"]
    servers.stop()
    with psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT current_setting('fsync')").fetchone() == ("off",)


def test_migrate_is_skipped_only_while_files_and_rows_are_the_same(postgres: Postgres, folder: Path) -> None:
    migrations = folder / "rooms" / "migrations"
    migrations.mkdir(parents=True)
    (migrations / "0001_initial.py").write_text("one")
    (folder / "requirements.lock").write_text("Django==5.2.8")
    postgres.create_database("binbang")
    stamps = {migration_stamp(folder, postgres)}
    postgres.query("CREATE TABLE django_migrations (app text, name text)", "binbang")
    postgres.query("INSERT INTO django_migrations VALUES ('rooms', '0001_initial')", "binbang")
    stamps.add(migration_stamp(folder, postgres))
    assert migration_stamp(folder, postgres) in stamps
    (migrations / "0002_calendar.py").write_text("two")
    stamps.add(migration_stamp(folder, postgres))
    (folder / "requirements.lock").write_text("Django==5.2.9")
    stamps.add(migration_stamp(folder, postgres))
    assert len(stamps) == 4
    assert migration_stamp(folder, None) is None


def test_messages_are_compiled_again_when_a_text_is_newer(folder: Path) -> None:
    texts = folder / "locale" / "ko" / "LC_MESSAGES"
    texts.mkdir(parents=True)
    (texts / "django.po").touch()
    assert not compiled_messages_are_fresh(folder)
    (texts / "django.mo").touch()
    assert compiled_messages_are_fresh(folder)
    os.utime(texts / "django.mo", (1, 1))
    assert not compiled_messages_are_fresh(folder)
