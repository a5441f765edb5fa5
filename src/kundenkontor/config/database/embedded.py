"""The PostgreSQL of our own, for commands called beside a running ``kundenkontor up`` or without one."""

from __future__ import annotations

import atexit
import fcntl
import os
import time
from pathlib import Path

from kundenkontor.config.database.postgres import APP_ROLE, OWNER_ROLE, Cluster, PostgresFailed

DATABASE = "kundenkontor"
PATIENCE_SECONDS = 30.0


def var_dir() -> Path:
    """Where the data are, before the settings can be loaded."""
    home = Path(os.environ.get("KUNDENKONTOR_HOME", Path.cwd()))
    return Path(os.environ.get("KUNDENKONTOR_VAR", home / "var")).absolute()


def use_own_database(*, create: bool = False) -> None:
    """Without DATABASE_URL: point it at the server under VAR_DIR, started for this command if it does not run.

    Does nothing where there is no such server yet, unless ``create``. Raises PostgresFailed.
    """
    folder = var_dir()
    if os.environ.get("DATABASE_URL") or not (create or (folder / "postgres" / "initialised").exists()):
        return
    cluster = Cluster(folder / "postgres", folder / "secrets")
    if not cluster.is_running():
        start_for_this_process(cluster, folder)
    if create:
        cluster.ensure_roles()
        cluster.ensure_database(DATABASE)
    os.environ["DATABASE_URL"] = cluster.url(APP_ROLE, DATABASE)
    os.environ["DATABASE_OWNER_URL"] = cluster.url(OWNER_ROLE, DATABASE)
    key = folder / "secrets" / "secret_key"
    if key.exists() and os.environ.get("KUNDENKONTOR_MODE") != "production":
        os.environ.setdefault("SECRET_KEY", key.read_text().strip())


def start_for_this_process(cluster: Cluster, folder: Path) -> None:
    """Start the server and stop it at exit; the lock of ``up`` is held meanwhile. Raises PostgresFailed."""
    lock = (folder / "up.lock").open("a")
    end = time.monotonic() + PATIENCE_SECONDS
    while not cluster.is_running():
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # a start or stop is under way
            if time.monotonic() > end:
                raise PostgresFailed(f"Kundenkontor is starting or stopping with the data in {folder}.") from None
            time.sleep(0.2)
            continue
        cluster.start()
        atexit.register(lock.close)
        atexit.register(cluster.stop)
