"""Starting ``kundenkontor up`` as a user does, and talking to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.browser import free_port
from tests.support.patience import CEILING

PASSED_ON = ("PATH", "HOME", "LANG", "CI", "PYTHONPATH")  # the last: the tree that is being tried


@dataclass
class Started:
    """A running ``kundenkontor up`` in a process group of its own; its output goes to a file."""

    process: subprocess.Popen[bytes]
    output_file: Path
    port: int

    @property
    def output(self) -> str:
        return self.output_file.read_text(errors="replace")

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def wait_until_ready(self) -> None:
        """Until it has printed its address. Raises AssertionError with the output."""
        self.wait_until("Kundenkontor is ready")

    def wait_until(self, said: str, seconds: float = CEILING) -> None:
        """Until it has printed this. Raises AssertionError with the output."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if said in self.output:
                return
            assert self.process.poll() is None, self.output
            time.sleep(0.1)
        raise AssertionError(f"not said after {seconds} s: {said}\n{self.output}")

    def interrupt(self) -> float:
        """SIGINT to the whole group, as Ctrl-C does; returns the seconds until the end."""
        begin = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(timeout=CEILING)
        return time.monotonic() - begin


class StartUp(Protocol):
    def __call__(self, var_dir: Path, **environment: str) -> Started: ...


@pytest.fixture
def start_up() -> Iterator[StartUp]:
    """Starts ``kundenkontor up``; what still runs at the end of the test is stopped."""
    started: list[Started] = []

    def start(var_dir: Path, **environment: str) -> Started:
        started.append(run_up(var_dir, **environment))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.interrupt()


def run_up(var_dir: Path, **environment: str) -> Started:
    """``kundenkontor up`` with nothing of this test run in its environment."""
    wanted = int(environment.get("PORT", free_port()))
    clean = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    clean |= {"KUNDENKONTOR_VAR": str(var_dir), **environment, "PORT": str(wanted)}
    output = var_dir.parent / f"output-{time.monotonic_ns()}.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "kundenkontor.cli.main", "up"],
            env=clean, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    return Started(process, output, wanted)
