"""One render process and its replacement: used up, grown, too slow or killed, the next call has a fresh one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from threading import Event, Timer

from kundenkontor.printing import errors
from kundenkontor.printing.errors import RenderingError, RenderTimedOut, WorkerLost
from kundenkontor.printing.protocol import ALL_FILES, ONLY_XML, receive, send

LARGEST_RESIDENT = 300 * 1024**2  # a document of 600 lines adds about 140 MB to this
_ANSWER_PARTS = 5
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_REFUSALS = {
    refusal.code: refusal
    for refusal in vars(errors).values()
    if isinstance(refusal, type) and issubclass(refusal, RenderingError)
}


class RenderProcess:
    """Not for several threads at once."""

    def __init__(self, documents: int) -> None:
        self._limit = documents
        self._process: subprocess.Popen[bytes] | None = None
        self._done = 0

    @property
    def process_id(self) -> int | None:
        """Of the running process; None between two."""
        return self._process.pid if self._process else None

    def render(self, document: str, timeout: float, *, only_xml: bool = False) -> tuple[bytes, bytes]:
        """XML and PDF. Raise WorkerLost, RenderTimedOut or what the document is refused for."""
        process = self._process or self._spawn()
        expired = Event()
        timer = Timer(timeout, _expire, (process, expired))
        timer.start()
        try:
            answer = _exchange(process, ONLY_XML if only_xml else ALL_FILES, document)
        finally:
            timer.cancel()
        if answer is None:
            self.stop()
            raise RenderTimedOut(f"{timeout:g}") if expired.is_set() else WorkerLost(f"exit {process.returncode}")
        return self._accept(*answer)

    def _accept(self, code: bytes, params: bytes, xml: bytes, pdf: bytes, resident: bytes) -> tuple[bytes, bytes]:
        self._done += 1
        if self._done >= self._limit or int(resident) > LARGEST_RESIDENT:
            self.stop()
        if code:
            raise _refusal(code.decode(), params.decode())
        return xml, pdf

    def _spawn(self) -> subprocess.Popen[bytes]:
        self._done = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kundenkontor.printing.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        return self._process

    def stop(self) -> None:
        """Closing its input ends it; kill it if it does not listen."""
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            try:
                stream.close()
            except BrokenPipeError:
                pass
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _expire(process: subprocess.Popen[bytes], expired: Event) -> None:
    expired.set()
    process.kill()


def _exchange(process: subprocess.Popen[bytes], wish: bytes, document: str) -> list[bytes] | None:
    """The parts of the answer, or None when the process is gone."""
    assert process.stdin is not None and process.stdout is not None
    try:
        send(process.stdin, wish, document.encode("utf-8"))
    except BrokenPipeError:
        return None
    parts: list[bytes] = []
    while len(parts) < _ANSWER_PARTS and (part := receive(process.stdout)) is not None:
        parts.append(part)
    return parts if len(parts) == _ANSWER_PARTS else None


def _environment() -> dict[str, str]:
    """No secrets: the worker parses what customers wrote and needs none. One thread each: the pool fills the cores."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    path = os.pathsep.join(filter(None, sys.path))
    return kept | {"PYTHONPATH": path, "PYTHONUTF8": "1", "RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


def _refusal(code: str, params: str) -> RenderingError:
    """The refusal as the worker raised it: its class and params, so that it can speak the reader's language."""
    kind = _REFUSALS[code]
    return kind(**json.loads(params))
