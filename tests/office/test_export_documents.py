"""``kundenkontor export-documents`` copies what is stored, byte for byte."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from kundenkontor.cli.export_documents import command
from kundenkontor.invoicing.commands.files import render_invoices
from kundenkontor.invoicing.models import InvoiceFile
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue

pytestmark = [pytest.mark.django_db]


def export(folder: Path, *options: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(command, [str(folder), *options])
    return result.exit_code, (folder / "uebersicht.csv").read_text("utf-8-sig").splitlines()


def test_stored_files_and_an_overview_are_written_for_a_customer_and_a_period(tmp_path: Path) -> None:
    seller = alpenhost()
    mine, other = issue(ada(seller), on=date(2026, 10, 5)), issue(bob(seller))
    render_invoices([mine.pk, other.pk], on=TODAY, actor=CLARA)
    code, overview = export(tmp_path, "--customer", "11001")
    assert code == 0 and len(overview) == 2 and overview[1].startswith("RE2026000001;380;05.10.2026;11001;")
    for kind in ("pdf", "xml"):
        content = (tmp_path / "2026-10" / f"{mine.number}.{kind}").read_bytes()
        stored = InvoiceFile.objects.select_related("file").get(invoice=mine, kind=kind).file
        assert hashlib.sha256(content).hexdigest() == stored.sha256 and stored.sha256 in overview[1]
    code, overview = export(tmp_path / "november", "--since", "2026-11-01")
    assert code == 0 and len(overview) == 2 and "RE2026000002" in overview[1]


def test_a_document_without_files_is_listed_and_the_exit_code_says_so(tmp_path: Path) -> None:
    issue(ada(alpenhost()))
    code, overview = export(tmp_path)
    assert code == 1 and "fehlt;fehlt" in overview[1]
