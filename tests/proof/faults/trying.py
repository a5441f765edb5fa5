"""A copy of the tree in which one fault is planted at a time, and the tests that run against it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import cache_from_source
from pathlib import Path

from tests.proof.faults.changes import Fault
from tests.proof.faults.drawing import PROJECT
from tests.proof.faults.reaching import nearest_tests
from tests.support import postgres

COPIED = ("src", "tests", "docs", "deploy", ".ci")
LINKED = ("node_modules", ".venv")
HANGING = 60
LEAST = 90  # seconds for a fault: a test that hangs must have the time to do so
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
HUNG = re.compile(r"^(tests/\S+::\w+)[^\n]*\s*Timeout \(.*?\)!", re.MULTILINE)
PASSED, STOPPED = 0, 5


@dataclass
class Copy:
    """The folder, and the tests that are known to pass in it when nothing is planted."""

    folder: Path
    sound: set[str] = field(default_factory=set)

    def run(self, tests: list[str], seconds: float) -> tuple[int | None, str]:
        """Pytest's exit code, or ``None`` when the time was over; and what it printed."""
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-vv",  # so that a test that hangs is named
            "-x",
            "--tb=no",
            "-rfE",
            "-m",
            "not browser and not screenshots",
        ]
        command += ["-o", f"faulthandler_timeout={HANGING}", "-o", "faulthandler_exit_on_timeout=true", *tests]
        environment = os.environ | {"PYTHONPATH": str(self.folder / "src")}
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=pipe, stderr=subprocess.STDOUT, start_new_session=True
        ) as running:
            try:
                output = running.communicate(timeout=seconds)[0]
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGINT)  # so that fixtures end servers of their own
                try:
                    running.communicate(timeout=20)
                except subprocess.TimeoutExpired:
                    os.killpg(running.pid, signal.SIGKILL)
                    running.communicate()
                return None, ""
        return running.returncode, output.decode(errors="replace")

    @contextmanager
    def planted(self, fault: Fault) -> Iterator[None]:
        file = self.folder / fault.file
        source = file.read_bytes()
        _rewrite(file, fault.applied_to(source))
        try:
            yield
        finally:
            _rewrite(file, source)


def _rewrite(file: Path, source: bytes) -> None:
    """What was compiled goes too: Python takes it for that of a file as long and of the same second."""
    file.write_bytes(source)
    Path(cache_from_source(str(file))).unlink(missing_ok=True)


@contextmanager
def copied() -> Iterator[Copy]:
    """Thrown away at the end; its test server is its own and stays up meanwhile."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for one in COPIED:
            shutil.copytree(PROJECT / one, folder / one, ignore=shutil.ignore_patterns("__pycache__"), symlinks=True)
        for file in (one for one in PROJECT.iterdir() if one.is_file() and one.name != ".git"):
            shutil.copy2(file, folder)
        for one in LINKED:
            (folder / one).symlink_to(PROJECT / one)
        postgres.DIRECTORY = postgres.directory_of(folder)
        try:
            with postgres.shared_cluster():
                yield Copy(folder)
        finally:
            shutil.rmtree(postgres.DIRECTORY, ignore_errors=True)


@dataclass(frozen=True)
class Outcome:
    fault: Fault
    by: str | None
    tests: int
    is_time_over: bool
    seconds: float

    def __str__(self) -> str:
        if self.by:
            return f"caught    {shown(self.fault)}\n          by {self.by} ({self.seconds:.0f} s)"
        over = "time was over" if self.is_time_over else "all ran"
        return f"SURVIVED  {shown(self.fault)}\n          {self.tests} tests, {over} ({self.seconds:.0f} s)"


def shown(fault: Fault) -> str:
    change = f"{_short(fault.before)} → {_short(fault.after)}"
    return f"{fault.file}:{fault.line} {fault.function}, {fault.kind}: {change}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"`{line}`" if len(line) <= 60 else f"`{line[:57]}…`"


def try_fault(copy: Copy, fault: Fault, seconds: float) -> Outcome:
    """Caught is what a test sees that passes without the fault; a test that fails by itself is left out."""
    tests, began, seconds = nearest_tests(fault), time.monotonic(), max(seconds, LEAST)
    catcher: str | None = None
    is_over = False
    while tests and not catcher and not is_over:
        with copy.planted(fault):
            code, output = copy.run(tests, max(10, seconds - (time.monotonic() - began)))
        is_over = code is None
        found = _catcher(code, output)
        if not found:
            break
        if not found.startswith("tests/"):
            code, output = copy.run(["--collect-only", *tests], HANGING)
            assert code == PASSED, output  # only the fault may keep tests from being run
            catcher = found
        elif found in copy.sound:
            catcher = found
        elif copy.run([found], HANGING)[0] == PASSED:
            copy.sound.add(found)
            catcher = found
        else:
            tests = [one for one in tests if not found.startswith(one)]
    return Outcome(fault, catcher, len(tests), is_over, time.monotonic() - began)


def _catcher(code: int | None, output: str) -> str | None:
    """The first test that failed, or what else ended the run."""
    if code in (None, PASSED, STOPPED):
        return None
    failed = FAILED.search(output) or HUNG.search(output)
    return failed.group(1) if failed else f"no test can be run: {output.strip()[-200:]}"
