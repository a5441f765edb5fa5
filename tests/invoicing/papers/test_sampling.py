"""The official rules over a sample of the stored documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kundenkontor.documents.commands import store_files
from kundenkontor.documents.models import DamagedFile
from kundenkontor.documents.queries import read_file
from kundenkontor.documents.storage import DirectoryStorage
from kundenkontor.events.actor import SYSTEM
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.models import Invoice, RulesSample
from kundenkontor.invoicing.papers.sampling import sample_rules
from kundenkontor.kernel.clock import utc_now
from kundenkontor.papers.models import PaperFile
from tests.office.steps import desk
from tests.support.books import check_books
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue
from tests.support.papers import find_file, key_of, render_invoices

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.STORED_FILES_DIR = tmp_path


def test_documents_rendered_since_the_last_sample_are_judged_once() -> None:
    invoice = issue(ada(alpenhost()))
    cancel_invoice(invoice, bill_again=False, reason="Irrtum", on=TODAY, actor=CLARA)
    render_invoices(list(Invoice.objects.values_list("pk", flat=True)), on=TODAY, actor=SYSTEM)

    assert sample_rules() == 2
    assert sample_rules() == 0

    assert {row.violations for row in RulesSample.objects.all()} == {""}
    assert check_books() == []


@pytest.mark.invariant("I-T1")
def test_what_the_official_rules_object_to_is_found_by_verify_and_shown_to_staff() -> None:
    seller = alpenhost()
    good, bad = issue(ada(seller)), issue(bob(seller))
    render_invoices([good.pk], on=TODAY, actor=SYSTEM)
    _store_xml(bad, _xml_of(good).replace(b"<ram:GrandTotalAmount>", b"<ram:GrandTotalAmount>9"))

    assert sample_rules() == 2

    stored_by_hand, finding = check_books()
    assert stored_by_hand.code == "files_are_as_recorded"
    assert (finding.code, finding.count) == ("samples_keep_the_official_rules", 1)
    assert bad.number in finding.examples[0] and "BR-CO-15" in finding.examples[0]
    assert "Sampled e-invoices break the official rules" in desk().get("/office/").content.decode()


def _xml_of(invoice: Invoice) -> bytes:
    file = find_file(invoice, "xml")
    assert file is not None
    return read_file(file)


def _store_xml(invoice: Invoice, xml: bytes) -> None:
    """What a defect of our own could have stored."""
    (file,) = store_files([(xml, "application/xml")])
    PaperFile.objects.create(
        customer_id=invoice.customer_id, **key_of(invoice), kind="xml", file=file, created_at=utc_now()
    )


def test_a_document_whose_file_is_gone_stops_no_sample(tmp_path: Path) -> None:
    invoice = issue(ada(alpenhost()))
    render_invoices([invoice.pk], on=TODAY, actor=SYSTEM)
    xml = find_file(invoice, "xml")
    assert xml is not None
    DirectoryStorage(tmp_path).path(xml.sha256).unlink()
    sample_rules()
    assert DamagedFile.objects.get().file == xml and not RulesSample.objects.exists()
