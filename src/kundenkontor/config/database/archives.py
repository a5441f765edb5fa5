"""One file with what an installation holds: database, stored files, anchors, secret key; not the keys of the chain.

Order matters. The anchors are read before the dump, so every anchored seal is in it; the files after it, because
they are written before the row that names them and never changed.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from kundenkontor.config.database.grants import tables_of
from kundenkontor.config.database.postgres import PostgresFailed, find_bin_dir

DUMP = "database.dump"
ANCHORS = "anchors.log"
SECRET_KEY = "secrets/secret_key"  # nosec B105  # a file name
SEALED_BY = "sealed_by"  # the ids of the keys of the chain
STORED_FILE = re.compile("files/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}")
Progress = Callable[[str, int, int], None]


class ArchiveRefused(Exception):
    """Nothing was written; the message is one sentence for people."""


def write_archive(
    target: Path, database_url: str, var_dir: Path, progress: Progress, sealed_by: Sequence[str] = ()
) -> int:
    """Write the tar file, readable by its owner only; return the number of stored files in it.

    Raises ArchiveRefused if the target exists or the database cannot be dumped.
    """
    if target.exists():
        raise ArchiveRefused(f"{target} exists already.")
    partial = target.with_name(f"{target.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            _add_bytes(archive, SEALED_BY, "\n".join(sealed_by).encode())
            count = _add_everything(archive, database_url, var_dir, progress, target.parent)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(target)
    return count


def _add_everything(archive: tarfile.TarFile, url: str, var_dir: Path, progress: Progress, room: Path) -> int:
    for name in (ANCHORS, SECRET_KEY):
        path = var_dir / name
        if path.exists():
            _add_bytes(archive, name, path.read_bytes())
    progress("database", 0, 1)
    with tempfile.TemporaryDirectory(dir=room) as folder:
        dump = Path(folder) / DUMP
        _run_client("pg_dump", ["--format=custom", f"--file={dump}"], url)
        archive.add(dump, DUMP)
    progress("database", 1, 1)
    files = sorted(path for path in (var_dir / "files").glob("??/??/*") if len(path.name) == 64)
    for done, path in enumerate(files, 1):
        archive.add(path, str(path.relative_to(var_dir)))
        progress("files", done, len(files))
    return len(files)


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))


def keys_of(source: Path) -> list[str]:
    """The ids of the keys that sealed what is in a backup."""
    with tarfile.open(source) as archive:
        found = next((member for member in archive if member.name == SEALED_BY and member.isfile()), None)
        content = archive.extractfile(found) if found else None
        return content.read().decode("ascii").split() if content else []


def read_archive(source: Path, database_url: str, var_dir: Path, progress: Progress) -> int:
    """Fill an empty database and an empty data folder; return the number of stored files.

    The database comes in whole or not at all. Raises ArchiveRefused if anything is there already.
    """
    refuse_filled(database_url, var_dir)
    with tarfile.open(source) as archive, tempfile.TemporaryDirectory(dir=var_dir) as folder:
        members = list(_known_members(archive))
        if DUMP not in {member.name for member in members}:
            raise ArchiveRefused(f"{source} is not a backup of Kundenkontor.")
        for done, member in enumerate(members, 1):
            _write_member(archive, member, Path(folder) if member.name == DUMP else var_dir)
            progress("files", done, len(members))
        progress("database", 0, 1)
        options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
        target = f"--dbname={conninfo_to_dict(database_url)['dbname']}"
        _run_client("pg_restore", [*options, target, str(Path(folder) / DUMP)], database_url)
        progress("database", 1, 1)
    return sum(STORED_FILE.fullmatch(member.name) is not None for member in members)


def refuse_filled(database_url: str, var_dir: Path) -> None:
    """Raise ArchiveRefused unless database and data folder are empty."""
    with psycopg.connect(database_url) as connection:
        if tables_of(connection):
            raise ArchiveRefused("The database is not empty; a backup is restored into an empty one only.")
    if any((var_dir / "files").glob("??/??/*")) or (var_dir / ANCHORS).exists():
        raise ArchiveRefused(f"{var_dir} holds stored files already; a backup is restored into an empty folder only.")


def _known_members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Only plain files with the names that ``write_archive`` gives: no path leaves the folder."""
    for member in archive:
        if member.isfile() and (member.name in (DUMP, ANCHORS, SECRET_KEY) or STORED_FILE.fullmatch(member.name)):
            yield member


def _write_member(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    content, target = archive.extractfile(member), folder / member.name
    assert content is not None
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o750 if member.name.startswith("files/") else 0o700)
    mode = 0o640 if member.name.startswith("files/") else 0o600
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        shutil.copyfileobj(content, file, 1024**2)
        file.flush()
        os.fsync(file.fileno())


def _run_client(program: str, arguments: list[str], url: str) -> None:
    """Run a PostgreSQL client; the password goes through the environment, not the command line."""
    command = [_client(program), *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(
        command, env=environment | libpq_environment(url), capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ArchiveRefused(f"{program} failed: {last}")


def _client(program: str) -> str:
    try:
        candidate = find_bin_dir() / program
    except PostgresFailed:
        candidate = Path(program)
    found = str(candidate) if candidate.exists() else shutil.which(program)
    if found is None:
        raise ArchiveRefused(f"{program} was not found; install PostgreSQL's client programs.")
    return found


def libpq_environment(url: str) -> dict[str, str]:
    """``postgresql://user:password@host/name?sslmode=…`` as libpq's variables."""
    names = {"dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
    parts = conninfo_to_dict(url)
    return {names.get(key, f"PG{key.upper()}"): str(value) for key, value in parts.items() if value is not None}
