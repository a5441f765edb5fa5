"""The other side of ``rules``: one Saxon processor, one thread, documents in, violations out."""

from __future__ import annotations

import json
import os
import resource
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from lxml import etree

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_FAILED = f"{_SVRL}failed-assert"
_REPORTED = f"{_SVRL}successful-report"


def serve(descriptor: int) -> None:
    """Answer requests on the pipe until it closes. Stylesheets are compiled when first asked for."""
    import saxonche  # type: ignore[import-not-found]  # native: no other process may load it

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
    answer["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return answer


def violations_of(report: bytes) -> list[dict[str, str]]:
    """Read Schematron's report (SVRL). A rule without a flag is fatal, as Factur-X leaves it out."""
    rows = []
    for node in etree.fromstring(report, etree.XMLParser(resolve_entities=False, no_network=True)):
        if node.tag not in (_FAILED, _REPORTED):
            continue
        text = " ".join((node.findtext(f"{_SVRL}text") or "").split())
        rows.append(
            {
                "rule_id": node.get("id") or text.partition("]")[0].lstrip("["),
                "flag": "warning" if node.get("flag") in ("warning", "information") else "fatal",
                "text": text,
                "location": node.get("location", ""),
            }
        )
    return rows
