"""The official rules run apart from us: a death, a hang or a leak there costs one answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings

from kundenkontor.einvoicing.cii import write_cii
from kundenkontor.einvoicing.errors import RulesTimedOut, RulesUnavailable
from kundenkontor.einvoicing.model import Invoice
from kundenkontor.einvoicing.rules import OfficialRules, RuleSet
from kundenkontor.einvoicing.svrl import violations_of
from kundenkontor.einvoicing.validation import xsd_errors
from tests.einvoicing.builders import EXAMPLES, cii_of
from tests.einvoicing.strategies import invoices
from tests.support.patience import wait_until


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_passes_schema_and_official_rules(name: str, official_rules: OfficialRules) -> None:
    assert xsd_errors(cii_of(name)) == []
    assert official_rules.check(cii_of(name)) == []


@pytest.mark.invariant("I-T1")
@given(written=invoices())
@settings(deadline=None, max_examples=30)
def test_any_invoice_that_adds_up_passes_schema_and_official_rules(
    written: Invoice, official_rules: OfficialRules
) -> None:
    xml = write_cii(written)

    assert xsd_errors(xml) == []
    assert [row for row in official_rules.check(xml) if row.flag == "fatal"] == []


def test_a_violation_says_rule_text_and_place(official_rules: OfficialRules) -> None:
    broken = cii_of("at-domestic").replace(b"<ram:GrandTotalAmount>", b"<ram:GrandTotalAmount>9")

    found = {row.rule_id: row for row in official_rules.check(broken, rule_sets=[RuleSet.EN16931_CII])}

    assert found.keys() == {"BR-CO-15", "BR-CO-16"}
    assert found["BR-CO-15"].flag == "fatal"
    assert found["BR-CO-15"].text.startswith("[BR-CO-15]-Invoice total amount with VAT")
    assert "CrossIndustryInvoice" in found["BR-CO-15"].location


def test_a_warning_is_not_fatal(official_rules: OfficialRules) -> None:
    xml = cii_of("at-domestic").replace(
        b"<ram:Name>Handbuch</ram:Name>", b"<ram:Name>Handbuch</ram:Name><ram:Description/>"
    )

    assert [(row.rule_id, row.flag) for row in official_rules.check(xml)] == [("PEPPOL-EN16931-R008", "warning")]


def test_a_rule_without_flag_is_fatal_and_its_id_may_stand_in_the_text() -> None:
    report = (
        b'<o xmlns:s="http://purl.oclc.org/dsdl/svrl"><s:failed-assert location="/x"><s:text> [BR-1]-Two\n words'
        b"</s:text></s:failed-assert><s:fired-rule/></o>"
    )

    expected = {"rule_id": "BR-1", "flag": "fatal", "text": "[BR-1]-Two words", "location": "/x"}
    assert violations_of(report) == [expected]


def test_a_dead_worker_costs_one_answer() -> None:
    with OfficialRules() as rules:
        assert rules.check(cii_of("at-domestic")) == []
        assert rules.process_id is not None
        os.kill(rules.process_id, signal.SIGKILL)
        with pytest.raises(RulesUnavailable):
            rules.check(cii_of("at-domestic"))
        assert rules.check(cii_of("at-domestic")) == []


def test_ctrl_c_in_the_terminal_leaves_the_end_of_the_worker_to_its_parent() -> None:
    with OfficialRules() as rules:
        assert rules.check(cii_of("at-domestic")) == []
        assert rules.process_id is not None
        os.kill(rules.process_id, signal.SIGINT)
        assert rules.check(cii_of("at-domestic")) == []


def test_a_slow_answer_ends_the_worker() -> None:
    with OfficialRules(timeout_seconds=0.001) as rules:
        with pytest.raises(RulesTimedOut):
            rules.check(cii_of("collective-600-lines"))
        assert rules.process_id is None


def test_the_worker_is_replaced_after_its_share_of_documents() -> None:
    with OfficialRules(recycle_after=2) as rules:
        rules.check(cii_of("at-domestic"))
        first = rules.process_id
        rules.check(cii_of("at-domestic"))
        assert rules.process_id is None
        rules.check(cii_of("at-domestic"))
        assert rules.process_id not in (None, first)


def test_the_worker_is_replaced_when_its_memory_grows() -> None:
    with OfficialRules(max_rss_mb=1) as rules:
        rules.check(cii_of("at-domestic"))
        assert rules.process_id is None


def test_threads_share_one_worker_and_get_their_own_answers(official_rules: OfficialRules) -> None:
    broken = cii_of("at-domestic").replace(b"<ram:GrandTotalAmount>", b"<ram:GrandTotalAmount>9")
    documents = [cii_of("at-domestic"), broken] * 10

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(official_rules.check, documents))

    assert [bool(answer) for answer in answers] == [False, True] * 10


def test_the_worker_ends_with_its_parent() -> None:
    code = (
        "import os, signal; from kundenkontor.einvoicing.rules import OfficialRules, RuleSet\n"
        "from tests.einvoicing.builders import cii_of\n"
        "rules = OfficialRules(); rules.check(cii_of('at-domestic'), rule_sets=[RuleSet.EN16931_CII])\n"
        "print(rules.process_id, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).parents[2]
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=root, check=False).stdout
    worker = Path("/proc") / output.decode().strip()

    wait_until(lambda: not worker.exists(), "the end of the worker")


def test_xsd_errors_name_line_and_element() -> None:
    errors = xsd_errors(cii_of("at-domestic").replace(b"<ram:TypeCode>380</ram:TypeCode>", b""))

    assert len(errors) == 1
    assert errors[0].startswith("2: ")
    assert "TypeCode" in errors[0]
