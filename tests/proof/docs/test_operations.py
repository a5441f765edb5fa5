"""The commands of docs/operations, executed as they stand there, on a PostgreSQL that only this test uses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from kundenkontor.config.database.postgres import Cluster, find_bin_dir
from tests.proof.docs.blocks import blocks_of
from tests.proof.docs.populating import SCRIPT

SHELL = ["bash", "-euo", "pipefail", "-c"]
PASSWORDS = {"OWNER_PASSWORD": "owner/pass:1", "APP_PASSWORD": "app'pass@2"}


@dataclass
class Machine:
    """A machine with a PostgreSQL, an empty data folder and the settings of a production service."""

    cluster: Cluster
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        host = str(self.cluster.socket_dir).replace("/", "%2F")
        where = f"@/kundenkontor?host={host}&port={self.cluster.port}"
        passwords = {
            name: value.replace("/", "%2F").replace(":", "%3A").replace("@", "%40") for name, value in PASSWORDS.items()
        }
        programs = f"{Path(sys.executable).parent}:{find_bin_dir()}:{os.environ['PATH']}"
        self.environment = PASSWORDS | {
            "PATH": programs,
            "HOME": str(self.folder),
            "PYTHONPATH": str(Path.cwd()),
            "DJANGO_SETTINGS_MODULE": "kundenkontor.config.settings",
            "PGHOST": str(self.cluster.socket_dir),
            "PGPORT": str(self.cluster.port),
            "PGUSER": "postgres",
            "PGPASSWORD": self.cluster.password("postgres"),
            "BACKUPS": str(self.folder / "backups"),
            "SAFE": str(self.folder / "safe"),
            "KUNDENKONTOR_MODE": "production",
            "KUNDENKONTOR_VAR": str(self.folder / "var"),
            "SECRET_KEY": "k5" * 40,
            "BASE_URL": "https://kunden.example",
            "DATABASE_URL": f"postgresql://kundenkontor_app:{passwords['APP_PASSWORD']}{where}",
            "DATABASE_OWNER_URL": f"postgresql://kundenkontor_owner:{passwords['OWNER_PASSWORD']}{where}",
        }
        (self.folder / "backups").mkdir()
        (self.folder / "safe").mkdir()
        (self.folder / "var").mkdir()

    def run(self, script: str) -> str:
        done = subprocess.run([*SHELL, script], env=self.environment, cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def lose_everything(self) -> None:
        """The disk with database and data folder is gone; roles, settings and backups are left."""
        self.run('dropdb --force kundenkontor && rm -r "$KUNDENKONTOR_VAR" && mkdir "$KUNDENKONTOR_VAR"')


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Not below pytest's own folder: another pytest that starts meanwhile closes that one to the server's user."""
    with TemporaryDirectory(prefix="kk-operations-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = Cluster(folder / "pg", folder / "secrets", {"shared_buffers": "64MB", "fsync": "off"})
        cluster.start()
        try:
            yield Machine(cluster, folder)
        finally:
            cluster.stop()


def rows(machine: Machine) -> dict[str, int]:
    with psycopg.connect(machine.environment["DATABASE_OWNER_URL"]) as connection:
        tables = ("invoicing_invoice", "ledger_posting", "events_event", "events_eventseal", "documents_storedfile")
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # type: ignore[index]


@pytest.mark.slow
def test_install_upgrade_backup_and_restore_work_as_written(machine: Machine) -> None:
    for block in blocks_of("install.md"):
        said = machine.run(block)
    assert "https://kunden.example/zugang/" in said
    machine.run(f"python - <<'EOF'\n{SCRIPT}\nEOF")
    before = rows(machine)
    files = sorted(path.name for path in (machine.folder / "var" / "files").glob("??/??/*"))
    assert before["invoicing_invoice"] == 2
    assert len(files) == 1

    for block in blocks_of("upgrade.md"):
        machine.run(block)
    back_up, keep_keys, make_database, restore = blocks_of("backup.md")
    assert "Sealed by key" in machine.run(back_up)
    machine.run(keep_keys)
    machine.lose_everything()
    machine.run(make_database)
    said = machine.run(restore)

    assert "Restored: database and 1 files" in said
    assert "✗" not in said
    assert "nothing is issued" in said
    assert rows(machine) == before | {name: before[name] + 1 for name in ("events_event", "events_eventseal")}
    assert sorted(path.name for path in (machine.folder / "var" / "files").glob("??/??/*")) == files
    backup = next((machine.folder / "backups").glob("*.tar"))
    assert backup.stat().st_mode & 0o077 == 0
    for block in blocks_of("monitoring.md"):
        machine.run(block)
    assert_app_role_is_bounded(machine)
    assert_filled_is_refused(machine, backup)
    assert_damage_is_found(machine)


def assert_app_role_is_bounded(machine: Machine) -> None:
    """After the restore the application has its rights again, and no more."""
    with psycopg.connect(machine.environment["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) FROM invoicing_invoice").fetchone() == (2,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM invoicing_invoice")


def assert_filled_is_refused(machine: Machine, backup: Path) -> None:
    command = [*SHELL, f"kundenkontor restore {backup}"]
    done = subprocess.run(command, env=machine.environment, cwd=machine.folder, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.strip() == "Error: The database is not empty; a backup is restored into an empty one only."


def assert_damage_is_found(machine: Machine) -> None:
    """What the documents call the check finds a changed file."""
    stored = next((machine.folder / "var" / "files").glob("??/??/*"))
    stored.chmod(0o600)
    stored.write_bytes(b"x" * stored.stat().st_size)
    done = subprocess.run(
        [*SHELL, "kundenkontor verify"], env=machine.environment, cwd=machine.folder, capture_output=True
    )
    assert done.returncode == 1


@pytest.mark.slow
def test_a_backup_comes_back_into_the_embedded_database_and_commands_find_it(machine: Machine) -> None:
    for block in blocks_of("install.md"):
        machine.run(block)
    machine.run(f"python - <<'EOF'\n{SCRIPT}\nEOF")
    for block in blocks_of("backup.md")[:2]:
        machine.run(block)
    other = machine.folder / "other"
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        del machine.environment[name]
    machine.environment["KUNDENKONTOR_VAR"] = str(other)

    said = machine.run(blocks_of("backup.md")[3])

    assert "Restored: database and 1 files" in said
    assert not Cluster(other / "postgres", other / "secrets").is_running()
