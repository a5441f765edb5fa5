"""``kundenkontor up``, which ``make run`` calls."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest

from kundenkontor.config.database.postgres import APP_ROLE, OWNER_ROLE, Cluster
from tests.support.browser import free_port, wait_until_ready
from tests.support.patience import CEILING, allowed, wait_until
from tests.support.postgres import clone_database, drop_database
from tests.support.processes import Started, StartUp

PRODUCTION = {"KUNDENKONTOR_MODE": "production", "BASE_URL": "https://kunden.example", "SECRET_KEY": "x7" * 40}


@pytest.fixture
def var_dir(passable_folder: Path) -> Path:
    return passable_folder / "var"


@pytest.fixture
def url(cluster: Cluster, template: str) -> Iterator[dict[str, str]]:
    """DATABASE_URL and DATABASE_OWNER_URL of a migrated database that nobody else uses."""
    name = f"test_{os.getpid()}_up"
    clone_database(cluster, template, name)
    yield {"DATABASE_URL": cluster.url(APP_ROLE, name), "DATABASE_OWNER_URL": cluster.url(OWNER_ROLE, name)}
    drop_database(cluster, name)


def page(started: Started, path: str) -> str:
    with urlopen(started.url + path, timeout=CEILING) as answer:
        return str(answer.read().decode())


def alive_below(var_dir: Path) -> list[str]:
    """Command lines of processes that still use this data folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(var_dir) in line and int(folder.name) != os.getpid():
            found.append(line[:200].decode(errors="replace"))
    return found


@pytest.mark.slow
def test_a_first_start_leads_to_the_login_and_a_second_keeps_the_data(start_up: StartUp, var_dir: Path) -> None:
    first = start_up(var_dir)
    first.wait_until_ready()
    assert 'name="password"' in page(first, "/account/login/")
    assert first.interrupt() < allowed(5)
    assert first.process.returncode == 0
    key = (var_dir / "secrets" / "secret_key").read_text()
    assert alive_below(var_dir) == []

    second = start_up(var_dir)
    second.wait_until_ready()

    assert "Creating the database" in first.output
    assert "Creating the database" not in second.output
    assert "demo data" not in second.output
    assert (var_dir / "secrets" / "secret_key").read_text() == key
    assert second.interrupt() < allowed(5)


@pytest.mark.slow
def test_a_second_start_on_the_same_data_is_refused_while_the_first_runs(
    start_up: StartUp, var_dir: Path, url: dict[str, str]
) -> None:
    first = start_up(var_dir, KUNDENKONTOR_MODE="test", **url)
    first.wait_until_ready()

    second = start_up(var_dir, KUNDENKONTOR_MODE="test", **url)

    assert second.process.wait(timeout=CEILING) == 1
    assert second.output.strip().endswith(f"Kundenkontor already runs with the data in {var_dir}.")
    assert first.interrupt() < allowed(5)


@pytest.mark.slow
def test_children_end_when_their_parent_is_killed(start_up: StartUp, var_dir: Path, url: dict[str, str]) -> None:
    started = start_up(var_dir, KUNDENKONTOR_MODE="test", **url)
    started.wait_until_ready()

    started.process.send_signal(signal.SIGKILL)
    started.process.wait()

    again = start_up(var_dir, KUNDENKONTOR_MODE="test", **url)
    again.wait_until_ready()
    assert again.interrupt() < allowed(5)
    wait_until(lambda: alive_below(var_dir) == [], "the end of an orphan, which finishes the job in its hands")


def test_a_taken_port_is_said_in_one_sentence(start_up: StartUp, var_dir: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        started = start_up(var_dir, PORT=str(port))

        assert started.process.wait(timeout=CEILING) == 1
    lines = started.output.strip().splitlines()
    assert len(lines) == 1
    assert f"Port {port} is taken" in lines[0]


def child_of(started: Started, word: str) -> int:
    """The process that ``up`` started with this word in its command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if parent == started.process.pid and any(one.endswith(word) for one in words):
            return int(folder.name)
    raise AssertionError(f"no {word} below {started.process.pid}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("word", "sentence"),
    [("serve", "The web server ended unexpectedly"), ("worker", "The worker ended unexpectedly")],
)
def test_a_part_that_ends_on_its_own_ends_everything_and_is_named(
    start_up: StartUp, var_dir: Path, url: dict[str, str], word: str, sentence: str
) -> None:
    started = start_up(var_dir, KUNDENKONTOR_MODE="test", **url)
    started.wait_until_ready()

    os.kill(child_of(started, word), signal.SIGKILL)

    assert started.process.wait(timeout=CEILING) == 1
    assert f"Error: {sentence}" in started.output
    assert alive_below(var_dir) == []


@pytest.mark.slow
def test_an_own_database_that_is_lost_ends_everything_and_is_named(start_up: StartUp, var_dir: Path) -> None:
    started = start_up(var_dir, KUNDENKONTOR_MODE="test")
    started.wait_until_ready()

    os.kill(child_of(started, "bin/postgres"), signal.SIGKILL)

    assert started.process.wait(timeout=CEILING) == 1
    assert "Error: The database ended unexpectedly" in started.output
    assert "Error: The w" not in started.output
    again = start_up(var_dir, KUNDENKONTOR_MODE="test")
    again.wait_until_ready()
    assert again.interrupt() < allowed(5)


@pytest.mark.slow
def test_web_server_and_worker_run_on_their_own_after_migrate(
    var_dir: Path, url: dict[str, str], start_command: Callable[..., subprocess.Popen[bytes]]
) -> None:
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "KUNDENKONTOR_VAR": str(var_dir), "PORT": str(port), **url}
    assert start_command("migrate", env=environment).wait(timeout=CEILING) == 0
    assert start_command("worker", "--once", env=environment).wait(timeout=CEILING) == 0
    serve = start_command("serve", env=environment)
    wait_until_ready(f"http://127.0.0.1:{port}/health/", serve)
    with urlopen(f"http://localhost:{port}/account/login/", timeout=CEILING) as answer:
        assert "static/" in answer.read().decode()


@pytest.fixture
def start_command() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts a console command; what still runs at the end of the test is stopped."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-m", "kundenkontor.cli.main", *words], env=env))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=CEILING)


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[dict[str, str]]:
    """DATABASE_URL and DATABASE_OWNER_URL of a database without a table."""
    name = f"test_{os.getpid()}_empty"
    cluster.ensure_database(name)
    yield {"DATABASE_URL": cluster.url(APP_ROLE, name), "DATABASE_OWNER_URL": cluster.url(OWNER_ROLE, name)}
    drop_database(cluster, name)


@pytest.mark.parametrize(
    ("database_url", "sentence"),
    [
        ("postgresql://nobody@127.0.0.1:1/x", "The database of DATABASE_URL cannot be used"),
        ("mysql://localhost/x", "must begin with postgresql://"),
        ("postgresql://app:ge#heim@host/kk", "are written as percent codes"),
        ("postgresql://app:ge/heim@host/kk", "are written as percent codes"),
        ("postgresql://app:ge@heim@host/kk", "are written as percent codes"),
    ],
)
def test_a_broken_database_is_said_in_one_sentence(
    start_up: StartUp, var_dir: Path, database_url: str, sentence: str
) -> None:
    started = start_up(var_dir, DATABASE_URL=database_url)

    assert started.process.wait(timeout=CEILING) == 1
    assert re.fullmatch(rf"Error: [^\n]*{re.escape(sentence)}[^\n]*\n", started.output)
    assert "heim" not in started.output


@pytest.mark.parametrize(
    ("owner_url", "sentence"),
    [
        ("postgresql://nobody@127.0.0.1:1/x", "The database of DATABASE_OWNER_URL cannot be used"),
        ("mysql://localhost/x", "DATABASE_OWNER_URL must begin with postgresql://"),
        ("", "DATABASE_OWNER_URL must name the owner's role"),
    ],
)
def test_a_broken_address_of_the_owner_is_said_in_one_sentence(
    start_up: StartUp, var_dir: Path, empty: dict[str, str], owner_url: str, sentence: str
) -> None:
    started = start_up(var_dir, DATABASE_URL=empty["DATABASE_URL"], DATABASE_OWNER_URL=owner_url)

    assert started.process.wait(timeout=CEILING) == 1
    assert re.fullmatch(rf"Error: [^\n]*{re.escape(sentence)}[^\n]*\n", started.output)


@pytest.mark.parametrize(
    ("command", "database_url", "sentence"),
    [
        ("worker", "mysql://localhost/x", "must begin with postgresql://"),
        ("verify", "postgresql://app:ge#heim@host/kk", "are written as percent codes"),
        ("verify", "", "bring it up to date first: kundenkontor migrate"),
        ("serve", "", "bring it up to date first: kundenkontor migrate"),
        ("worker", "", "bring it up to date first: kundenkontor migrate"),
        ("migrate", "", "DATABASE_OWNER_URL must name the owner's role"),
    ],
)
def test_every_command_says_in_one_sentence_what_is_wrong_with_its_database(
    var_dir: Path, empty: dict[str, str], command: str, database_url: str, sentence: str
) -> None:
    environment = {"PATH": os.environ["PATH"], "KUNDENKONTOR_VAR": str(var_dir), **PRODUCTION}
    environment["DATABASE_URL"] = database_url or empty["DATABASE_URL"]

    done = subprocess.run(
        [sys.executable, "-m", "kundenkontor.cli.main", command],
        env=environment, capture_output=True, text=True, timeout=CEILING, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert re.fullmatch(rf"Error: [^\n]*{re.escape(sentence)}[^\n]*\n", done.stderr)


@pytest.mark.security("Invoice Ninja CVE-2024-55555")
def test_production_does_not_start_with_the_default_secret(
    start_up: StartUp, var_dir: Path, url: dict[str, str]
) -> None:
    started = start_up(var_dir, KUNDENKONTOR_MODE="production", BASE_URL="https://kunden.example", **url)

    assert started.process.wait(timeout=CEILING) == 1
    assert "SECRET_KEY must be set" in started.output


@pytest.mark.slow
@pytest.mark.security("Odoo CVE-2021-45111")
def test_a_first_start_that_is_stopped_leaves_nothing_and_the_next_one_fills_the_demo(
    start_up: StartUp, var_dir: Path, url: dict[str, str]
) -> None:
    first = start_up(var_dir, **url)
    first.wait_until("demo: invoices of")
    assert first.interrupt() < allowed(5)
    assert rows_of(url, "parties_seller") == rows_of(url, "access_user") == rows_of(url, "events_event") == 0

    second = start_up(var_dir, **url)
    second.wait_until_ready()
    assert rows_of(url, "access_user") == 5
    for name in ("kunde", "agentur", "clara", "admin", "otto"):
        assert re.search(rf"^  {name} +kundenkontor-demo ", second.output, re.M)
    second.interrupt()

    third = start_up(var_dir, **PRODUCTION, **url)
    assert third.process.wait(timeout=CEILING) == 1
    assert "demo logins" in third.output


def rows_of(url: dict[str, str], table: str) -> int:
    with psycopg.connect(url["DATABASE_OWNER_URL"]) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])
