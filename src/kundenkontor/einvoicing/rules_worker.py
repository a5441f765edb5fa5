"""The other side of ``rules``: one Saxon processor, one thread, documents in, violations out.

Only the worker process may import this module: the native library comes with it.
"""

from __future__ import annotations

import json
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import saxonche

from kundenkontor.einvoicing.svrl import violations_of


def serve(descriptor: int) -> None:
    """Answer requests on the pipe until it closes. Stylesheets are compiled when first asked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe, folder = Connection(descriptor), Path(os.environ["KUNDENKONTOR_RULES"])
    with saxonche.PySaxonProcessor(license=False) as processor:
        compiler, compiled = processor.new_xslt30_processor(), {}
        while True:
            try:
                request = json.loads(pipe.recv_bytes())
            except EOFError:
                break
            for name in request["rule_sets"]:
                if name not in compiled:
                    compiled[name] = compiler.compile_stylesheet(stylesheet_file=str(folder / name))
            pipe.send_bytes(json.dumps(_answer(processor, compiled, request)).encode())


def _answer(processor: Any, compiled: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"violations": []}
    try:
        document = processor.parse_xml(xml_text=request["xml"])
        for name in request["rule_sets"]:
            report = compiled[name].transform_to_string(xdm_node=document)
            answer["violations"] += violations_of(report.encode())
    except Exception as error:  # Saxon's errors have no common base; the parent must hear of each
        answer["error"] = f"{type(error).__name__}: {error}"
    answer["rss_mb"] = _peak_memory_mb()
    return answer


def _peak_memory_mb() -> int:
    """The peak of this program alone: what getrusage says is inherited from a large parent through fork and exec."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0
