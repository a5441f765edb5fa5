"""``kundenkontor up``: everything on one machine, for a first look and for small installations."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import click

from kundenkontor.cli.start import said_in_one_sentence, start_django
from kundenkontor.config.database.address import DatabaseUnusable, check_database
from kundenkontor.config.database.postgres import APP_ROLE, OWNER_ROLE, Cluster, PostgresFailed

DATABASE = "kundenkontor"
STOP_SECONDS = 2.0
READY_SECONDS = 60.0


class Stopped(BaseException):
    """SIGINT, SIGTERM or SIGHUP arrived. Not an Exception, so that nothing on the way swallows it."""


@dataclass(frozen=True, slots=True)
class Running:
    """What this process started and must see alive. ``database`` is None where it is somebody else's."""

    processes: dict[str, subprocess.Popen[bytes]]
    database: Cluster | None

    def refuse_dead(self) -> None:
        """The database first: without it the others end too. Raises ClickException."""
        if self.database and self.database.has_ended:
            reason = f"{self.database.last_log_line()} (see {self.database.log_file})"
            raise click.ClickException(f"The database ended unexpectedly: {reason}")
        names = {"serve": "The web server", "worker": "The worker"}
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise click.ClickException(f"{names[name]} ended unexpectedly; its last lines stand above.")


@click.command()
@click.option("--bind", envvar="BIND", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(1, 65535))
def command(bind: str, port: int) -> None:
    """Start database, web server and worker, and keep them running.

    The first start creates the database under ./var and fills it with demo data; DATABASE_URL and
    DATABASE_OWNER_URL name another PostgreSQL. Ctrl-C stops everything.
    """
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _stop)
    os.environ["PORT"], os.environ["BIND"] = str(port), bind
    with ExitStack() as stack:
        try:
            run(stack, bind, port)
        except Stopped:
            click.echo("Stopping …")
            for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(sign, signal.SIG_IGN)
        except PostgresFailed as error:
            raise click.ClickException(str(error)) from error


def _stop(number: int, frame: object) -> None:
    raise Stopped


def run(stack: ExitStack, bind: str, port: int) -> None:
    """Start one thing after the other, each only when the one below answers."""
    var_dir = Path(os.environ.get("KUNDENKONTOR_VAR", "var")).absolute()
    var_dir.mkdir(parents=True, exist_ok=True)
    stack.enter_context(only_one(var_dir))
    refuse_taken_port(bind, port)
    database = None if os.environ.get("DATABASE_URL") else stack.enter_context(embedded_postgres(var_dir))
    check_databases()
    if os.environ.get("KUNDENKONTOR_MODE") != "production":
        os.environ.setdefault("SECRET_KEY", stored_secret(var_dir / "secrets" / "secret_key"))
    prepare()
    processes = stack.enter_context(children())
    running = Running(processes, database)
    wait_for_page(f"http://{local_host(bind)}:{port}/health/", running)
    say_ready()
    watch(running)


@contextmanager
def only_one(var_dir: Path) -> Iterator[None]:
    """Two starts on one data folder would take each other's database down."""
    with (var_dir / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(f"Kundenkontor already runs with the data in {var_dir}.") from None
        yield


def refuse_taken_port(bind: str, port: int) -> None:
    """Ask before anything is started. Raises ClickException."""
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except (OSError, OverflowError) as error:
            reason = "is taken by another program" if "in use" in str(error) else f"cannot be used ({error})"
            raise click.ClickException(f"Port {port} {reason}; choose another one: PORT={port + 1} make run") from None


@contextmanager
def embedded_postgres(var_dir: Path) -> Iterator[Cluster]:
    """The server under VAR_DIR/postgres, and the URLs of its roles in the environment."""
    is_new = not (var_dir / "postgres" / "initialised").exists()
    click.echo("Creating the database …" if is_new else "Starting the database …")
    cluster = Cluster(var_dir / "postgres", var_dir / "secrets")
    try:
        cluster.start()
        cluster.ensure_roles()
        cluster.ensure_database(DATABASE)
        os.environ["DATABASE_URL"] = cluster.url(APP_ROLE, DATABASE)
        os.environ["DATABASE_OWNER_URL"] = cluster.url(OWNER_ROLE, DATABASE)
        yield cluster
    finally:
        cluster.stop()


def check_databases() -> None:
    """One sentence if one cannot be reached, rather than a traceback later. Raises ClickException."""
    url = os.environ["DATABASE_URL"]
    try:
        check_database(url)
        check_database(os.environ.get("DATABASE_OWNER_URL") or url, "DATABASE_OWNER_URL", is_owner=True)
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from None


def stored_secret(path: Path) -> str:
    """A random key of this installation, made at the first start."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(60))
    return path.read_text().strip()


def prepare() -> None:
    """Migrations, static files and, in demo mode on an empty database, demo data."""
    start_django()
    from django.conf import settings  # noqa: PLC0415  # needs Django
    from django.core.management import call_command  # noqa: PLC0415

    from kundenkontor.config.checks import refuse_weak_settings  # noqa: PLC0415
    from kundenkontor.config.database.migrating import migrate_database  # noqa: PLC0415

    with said_in_one_sentence():
        refuse_weak_settings()
        click.echo("Bringing the database up to date …")
        migrate_database(click.echo)
        refuse_weak_settings(with_database=True)
        click.echo("Collecting the static files …")
        call_command("collectstatic", interactive=False, verbosity=0)
        if settings.MODE == "demo":
            fill_with_demo_data()


def fill_with_demo_data() -> None:
    """Once: a database that has a seller is left alone."""
    from kundenkontor import demo  # noqa: PLC0415  # needs Django
    from kundenkontor.parties.models import Seller  # noqa: PLC0415

    if not Seller.objects.exists():
        click.echo("Filling the database with demo data …")
        demo.fill(lambda step: click.echo(f"  demo: {step}"))


@contextmanager
def children() -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Web server and worker, in sessions of their own: only this process decides when they stop."""
    from django.db import connections  # noqa: PLC0415  # needs Django

    connections.close_all()
    click.echo("Starting web server and worker …")
    environment = os.environ | {"KUNDENKONTOR_PARENT": str(os.getpid())}
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in ("serve", "worker"):
            command_line = [sys.executable, "-m", "kundenkontor.cli.main", name]
            processes[name] = subprocess.Popen(command_line, env=environment, start_new_session=True)
        yield processes
    finally:
        stop_children(processes)


def stop_children(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask, wait 2 s for all together, then kill with everything they started."""
    for process in processes.values():
        _signal(process.terminate)
    end = time.monotonic() + STOP_SECONDS
    while time.monotonic() < end and any(process.poll() is None for process in processes.values()):
        time.sleep(0.05)
    for process in processes.values():
        _signal(lambda group=process.pid: os.killpg(group, signal.SIGKILL))  # type: ignore[misc]
        process.wait()


def _signal(send: Callable[[], Any]) -> None:
    try:
        send()
    except ProcessLookupError:
        pass


def local_host(bind: str) -> str:
    if ":" in bind:
        return f"[{'::1' if bind == '::' else bind}]"
    return "127.0.0.1" if bind == "0.0.0.0" else bind  # nosec B104  # compared, not bound


def wait_for_page(url: str, running: Running) -> None:
    """Wait until the web server answers. Raises ClickException if it does not within a minute."""
    from django.conf import settings  # noqa: PLC0415  # needs Django

    request = Request(url, headers={"Host": settings.ALLOWED_HOSTS[0]})
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        running.refuse_dead()
        try:
            with urlopen(request, timeout=5):  # nosec B310  # our own address
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise click.ClickException(f"The web server did not answer within {READY_SECONDS:.0f} s.")


def say_ready() -> None:
    """The address, and in demo mode who may sign in."""
    from django.conf import settings  # noqa: PLC0415  # needs Django

    from kundenkontor import demo  # noqa: PLC0415

    lines = [f"\nKundenkontor is ready: {settings.BASE_URL}/"]
    lines += [demo.logins()] if settings.MODE == "demo" else []
    lines += [f"Ctrl-C stops it; the data stays in {settings.VAR_DIR}"]
    click.echo("\n".join(filter(None, lines)))
    sys.stdout.flush()


def watch(running: Running) -> None:
    """Until a signal arrives; what ends on its own ends everything."""
    while True:
        running.refuse_dead()
        time.sleep(0.5)
