"""``make run`` from a fresh clone to the login page."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

from kundenkontor.config.database.postgres import Cluster
from tests.proof.benchmarks.figures import Figure, absolute
from tests.support.browser import free_port
from tests.support.processes import PASSED_ON

LIMIT = 120


def measure(cluster: Cluster) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="kundenkontor-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", ".", str(clone)], check=True)
        first = seconds_to_login(clone)
        again = seconds_to_login(clone)
    return [
        absolute("make run: fresh clone to the login page", 1, first, "s", LIMIT, "lower"),
        Figure("make run: second start to the login page", 1, again, "s"),
    ]


def seconds_to_login(clone: Path) -> float:
    """Start, ask for ``/`` until the login page is there, stop."""
    port = free_port()
    # what installs packages behind a proxy or from a mirror needs its settings
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "NPM_", "npm_", "SSL_"))}
    kept |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | kept | {"PORT": str(port)}
    with (clone.parent / "output.txt").open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            ["make", "run"], cwd=clone, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _wait_for_login(port, process, clone.parent / "output.txt")
            return time.perf_counter() - started
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)


def _wait_for_login(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    end = time.monotonic() + 5 * LIMIT
    while time.monotonic() < end:
        assert process.poll() is None, output.read_text()
        try:
            with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                if b"password" in answer.read():
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(output.read_text())
