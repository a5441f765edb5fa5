"""Schematron's report (SVRL) as rows that can cross a process border."""

from __future__ import annotations

from lxml import etree

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_FAILED = f"{_SVRL}failed-assert"
_REPORTED = f"{_SVRL}successful-report"


def violations_of(report: bytes) -> list[dict[str, str]]:
    """Read Schematron's report (SVRL). A rule without a flag is fatal, as Factur-X leaves it out."""
    rows = []
    for node in etree.fromstring(report, etree.XMLParser(resolve_entities=False, no_network=True)):
        if node.tag not in (_FAILED, _REPORTED):
            continue
        text = " ".join((node.findtext(f"{_SVRL}text") or "").split())
        rows.append(
            {
                "rule_id": node.get("id") or _id_in(text),
                "flag": "warning" if node.get("flag") in ("warning", "information") else "fatal",
                "text": text,
                "location": node.get("location", ""),
            }
        )
    return rows


def _id_in(text: str) -> str:
    """The id that a sentence begins with, ``[BR-1]-…``; the profile's "not used here" rules have none."""
    head, bracket, _ = text.partition("]")
    return head[1:] if bracket and head.startswith("[") else ""
