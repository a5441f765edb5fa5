"""Files that nobody here wrote: official unit tests, test suites and invoices of many producers.

They lie in the folder named by KUNDENKONTOR_CORPORA (default: ../shared/corpora).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from kundenkontor.einvoicing.cii import read_cii, write_cii
from kundenkontor.einvoicing.errors import NotAnInvoice
from kundenkontor.einvoicing.rules import OfficialRules, RuleSet
from kundenkontor.einvoicing.validation import xsd_errors
from tests.einvoicing.hybrids import extract_xml

CORPORA = Path(os.environ.get("KUNDENKONTOR_CORPORA", Path(__file__).parents[3] / "shared" / "corpora")) / "einvoice"
pytestmark = [
    pytest.mark.skipif(not CORPORA.is_dir(), reason="no corpora: set KUNDENKONTOR_CORPORA to their folder"),
    pytest.mark.slow,
]
_TEST_SETS = "{http://difi.no/xsd/vefa/validator/1.0}"
_OTHER_RULES = ("PEPPOL-", "BR-DE-")  # of XRechnung and Peppol, which judged the manifest too


def manifest(kind: str, form: str) -> list[dict[str, str]]:
    if not CORPORA.is_dir():
        return []
    with (CORPORA / "MANIFEST.tsv").open(newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in rows if row["kind"] == kind and row["type"] == form]


def content_of(row: dict[str, str]) -> bytes:
    content = (CORPORA / row["path"]).read_bytes()
    return extract_xml(content) if row["type"] == "pdf" else content


CII = manifest("CII", "xml") + manifest("CII", "pdf")


@pytest.mark.parametrize("row", CII, ids=lambda row: str(row["path"]))
def test_a_foreign_invoice_is_read_and_written_by_the_schema(row: dict[str, str]) -> None:
    invoice = read_cii(content_of(row))

    assert invoice.number
    written = write_cii(invoice)
    assert read_cii(written) is not None
    if invoice.lines and invoice.vat_breakdown:
        assert xsd_errors(written) == []


@pytest.mark.parametrize("row", manifest("CII", "xml"), ids=lambda row: str(row["path"]))
def test_the_verdict_of_the_manifest_is_ours(row: dict[str, str], official_rules: OfficialRules) -> None:
    report = official_rules.check(content_of(row), rule_sets=[RuleSet.EN16931_CII])
    fatal = {violation.rule_id for violation in report if violation.flag == "fatal"}
    expected = {rule for rule in row["fatal rules"].split(",") if rule and not rule.startswith(_OTHER_RULES)}

    assert fatal == expected


@pytest.mark.parametrize("row", manifest("ZUGFeRD1", "pdf"), ids=lambda row: str(row["path"]))
def test_zugferd_1_is_found_in_its_pdf_and_said_to_be_another_format(row: dict[str, str]) -> None:
    with pytest.raises(NotAnInvoice, match="CrossIndustryDocument"):
        read_cii(content_of(row))


def unit_tests() -> Iterator[tuple[str, RuleSet, str, str, bytes]]:
    """(id, rule set, success or error, rule id, document) of each official test."""
    rule_sets = {
        "cii": RuleSet.EN16931_CII,
        "Invoice-unit-UBL": RuleSet.EN16931_UBL,
        "CreditNote-unit-UBL": RuleSet.EN16931_UBL,
    }
    for folder, rule_set in rule_sets.items():
        for path in sorted((CORPORA / "cen-unit-tests" / folder).glob("*.xml")):
            for number, test in enumerate(etree.parse(str(path)).getroot().iter(f"{_TEST_SETS}test")):
                *_, document = test
                for verdict in test.iterfind(f"{_TEST_SETS}assert/*"):
                    kind = etree.QName(verdict).localname
                    if kind in ("success", "error", "warning"):
                        name = f"{folder}/{path.stem}-{number}"
                        yield (name, rule_set, kind, (verdict.text or "").strip(), etree.tostring(document))


def test_the_official_unit_tests_agree(official_rules: OfficialRules) -> None:
    """Each says of one rule whether it must fire on a fragment; one test, for they are a thousand."""
    wrong, count = [], 0
    for name, rule_set, kind, rule_id, document in unit_tests():
        count += 1
        fired = rule_id in {row.rule_id for row in official_rules.check(document, rule_sets=[rule_set])}
        if fired != (kind != "success"):
            wrong.append((name, kind, rule_id))

    assert wrong == []
    assert count > 1000
