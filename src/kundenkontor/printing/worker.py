"""A render process: frozen documents come in on stdin, XML and PDF go out on stdout.

Started by ``pool`` as a program of its own, so it shares nothing with a web or job
process: no settings, no database, no secrets in its environment.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from functools import cache
from importlib import import_module
from typing import Any, BinaryIO

from kundenkontor.printing.errors import RenderingError, UnknownTemplate
from kundenkontor.printing.protocol import ONLY_XML, receive, send

_ADDRESS_SPACE = 4 * 1024**3
_PAGE = os.sysconf("SC_PAGE_SIZE")


def make_documents(text: str, *, only_xml: bool = False) -> tuple[bytes, bytes]:
    """XML ("" bytes where its kind has none) and PDF of a frozen paper. Raise RenderingError or ValueError.

    The paper names its template: the folder beside this module whose ``making.py`` sets it. ``only_xml``: no PDF.
    """
    values = json.loads(text)
    made: tuple[bytes, bytes] = _template(values["template"]).make(values, only_xml=only_xml)
    return made


@cache
def _template(name: str) -> Any:
    if not name.isidentifier():
        raise UnknownTemplate(name)
    try:
        return import_module(f"kundenkontor.printing.{name}.making")
    except ModuleNotFoundError as error:
        raise UnknownTemplate(name) from error


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """One answer per request until the other side closes: code and params of a refusal, XML, PDF and memory held."""
    while (wish := receive(requests)) is not None and (paper := receive(requests)) is not None:
        answer = _answer(paper.decode("utf-8"), only_xml=wish == ONLY_XML)
        send(answers, *answer, str(resident_bytes()).encode())


def _answer(text: str, *, only_xml: bool) -> tuple[bytes, bytes, bytes, bytes]:
    try:
        return b"", b"", *make_documents(text, only_xml=only_xml)
    except RenderingError as error:
        return error.code.encode(), json.dumps(error.params).encode(), b"", b""
    except Exception as error:  # whatever goes wrong with one document must not end the run
        reason = json.dumps({"reason": f"{type(error).__name__}: {error}"})
        return RenderingError.code.encode(), reason.encode(), b"", b""


def resident_bytes() -> int:
    """Memory of this process now; where the system does not tell, its peak."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * _PAGE
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not break the protocol
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
