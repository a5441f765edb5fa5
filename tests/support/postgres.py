"""The PostgreSQL of the tests: one server shared by all pytest processes, one database per process.

Its files are in memory where there is room: a database is a thousand of them, and tests make and drop hundreds.

The server stays up while anybody holds the shared lock; the last one to leave stops it. A killed pytest
leaves its lock to the kernel, so nothing has to be tidied up by hand.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from psycopg import sql

from kundenkontor.config.database.postgres import APP_ROLE, OWNER_ROLE, SUPERUSER, Cluster, PostgresFailed

PROJECT = Path(__file__).resolve().parents[2]
MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3  # of which it takes half a gigabyte
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_connections": "300",
    "min_wal_size": "64MB",
    "max_wal_size": "256MB",
    "autovacuum_naptime": "10min",
    "scram_iterations": "1",  # thousands of connections prove that they know a password
    "log_min_error_statement": "error",
}
KEPT_TEMPLATES = 4


def directory_of(project: Path) -> Path:
    """Where the tests of this checkout keep their server; it stays when they end, with its templates."""
    own = MEMORY / f"kundenkontor-{os.getuid()}-{hashlib.sha256(str(project).encode()).hexdigest()[:12]}"
    try:
        if not own.exists() and roomy_memory():
            own.mkdir(mode=0o755)
        if own.lstat().st_uid == os.getuid():
            return own
    except OSError:
        pass  # there is no such memory here, or somebody else's
    return project / "var" / "test-postgres"


def roomy_memory() -> Path | None:
    """Where files are in memory, if this machine has such a place with room in it."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM else None


DIRECTORY = directory_of(PROJECT)


@contextmanager
def locked(name: str, *, shared: bool = False) -> Iterator[IO[str]]:
    """Hold a lock of all processes."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    with (DIRECTORY / f"{name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield file


@contextmanager
def shared_cluster() -> Iterator[Cluster]:
    """The test server, started if it is not running."""
    with locked("start"):
        users = (DIRECTORY / "users.lock").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster = Cluster(DIRECTORY / "cluster", DIRECTORY / "secrets", FAST)
        if not cluster.is_running():
            _start(cluster)
    try:
        yield cluster
    finally:
        with locked("start"):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if cluster.process:
                    cluster.process.returncode = 0  # others go on with it
            else:
                cluster.stop()
            users.close()


def _start(cluster: Cluster) -> None:
    """A server without fsync may not survive a power cut: then it is made anew."""
    try:
        cluster.start()
    except PostgresFailed:
        shutil.rmtree(cluster.directory, ignore_errors=True)
        cluster.directory.mkdir()
        cluster.start()
    cluster.ensure_roles()
    with cluster.connect() as connection:
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
        connection.execute(statement.format(sql.Identifier(SUPERUSER), sql.Literal(cluster.password(SUPERUSER))))


def schema_hash() -> str:
    """Changes with every migration, SQL file, dependency, declaration of a table and rule about rights."""
    source = PROJECT / "src" / "kundenkontor"
    files = [*source.glob("*/migrations/*.py"), *source.rglob("*.sql"), PROJECT / "requirements.lock"]
    files += [*source.rglob("models.py"), source / "access" / "walls.py", source / "kernel" / "tables.py"]
    files += [source / "config" / "database" / name for name in ("grants.py", "migrating.py")]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def template_database(cluster: Cluster) -> str:
    """The name of a migrated database that holds no test data; made once per schema."""
    name = f"template_{schema_hash()}"
    with locked("template"), cluster.connect() as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            _drop_old_templates(cluster)
            making = f"making_{schema_hash()}"
            drop_database(cluster, making)
            cluster.ensure_database(making)
            migrate(cluster, making)
            statement = "ALTER DATABASE {} RENAME TO {}"
            connection.execute(sql.SQL(statement).format(sql.Identifier(making), sql.Identifier(name)))
    return name


def _drop_old_templates(cluster: Cluster) -> None:
    with cluster.connect() as connection:
        query = "SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%%' ORDER BY oid DESC OFFSET %s"
        old = [row[0] for row in connection.execute(query, [KEPT_TEMPLATES])]
    for name in old:
        drop_database(cluster, name)


def migrate(cluster: Cluster, database: str) -> None:
    """Run the product's own ``kundenkontor migrate`` on it."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "kundenkontor.config.settings",
        "KUNDENKONTOR_MODE": "test",
        "DATABASE_URL": cluster.url(APP_ROLE, database),
        "DATABASE_OWNER_URL": cluster.url(OWNER_ROLE, database),
    }
    command = [sys.executable, "-m", "kundenkontor.cli.main", "migrate"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"The test template could not be migrated:\n{done.stdout}\n{done.stderr}")


def clone_database(cluster: Cluster, template: str, name: str) -> None:
    """A new database with everything the template has."""
    drop_database(cluster, name)
    with locked("clone"), cluster.connect() as connection:
        statement = "CREATE DATABASE {} TEMPLATE {} OWNER {}"
        names = (sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER_ROLE))
        connection.execute(sql.SQL(statement).format(*names))


def drop_database(cluster: Cluster, name: str) -> None:
    with cluster.connect() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def drop_orphans(cluster: Cluster) -> None:
    """Remove databases of pytest processes that are gone. Their names are test_<pid>_<count>."""
    with cluster.connect() as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'").fetchall()
    for (name,) in rows:
        pid = name.split("_")[1]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            drop_database(cluster, name)


def migrate_into(cluster: Cluster, name: str) -> None:
    """Make a database of this name on a server of the test's own, with everything the product has."""
    cluster.ensure_database(name)
    migrate(cluster, name)
