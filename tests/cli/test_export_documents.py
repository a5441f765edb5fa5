"""``kundenkontor export-documents`` copies what is stored, byte for byte."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kundenkontor.cli.export_documents import command
from kundenkontor.invoicing.issuing.series_commands import set_series
from kundenkontor.papers.models import PaperFile
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue
from tests.support.papers import render_invoices

pytestmark = [pytest.mark.django_db]


def export(folder: Path, *options: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(command, [str(folder), *options])
    overview = folder / _seller(options) / "uebersicht.csv"
    return result.exit_code, overview.read_text("utf-8-sig").splitlines()


def _seller(options: tuple[str, ...]) -> str:
    return options[options.index("--seller") + 1] if "--seller" in options else "alpenhost"


def test_stored_files_and_an_overview_are_written_for_a_customer_and_a_period(tmp_path: Path) -> None:
    seller = alpenhost()
    mine, other = issue(ada(seller), on=date(2026, 10, 5)), issue(bob(seller))
    render_invoices([mine.pk, other.pk], on=TODAY, actor=CLARA)
    code, overview = export(tmp_path, "--customer", "11001")
    assert code == 0 and len(overview) == 2 and overview[1].startswith("alpenhost;RE2026000001;380;05.10.2026;11001;")
    for kind in ("pdf", "xml"):
        content = (tmp_path / "alpenhost" / "2026-10" / f"{mine.number}.{kind}").read_bytes()
        stored = PaperFile.objects.select_related("file").get(paper_id=mine.pk, kind=kind).file
        assert hashlib.sha256(content).hexdigest() == stored.sha256 and stored.sha256 in overview[1]
    code, overview = export(tmp_path / "november", "--since", "2026-11-01")
    assert code == 0 and len(overview) == 2 and "RE2026000002" in overview[1]


def test_a_customer_who_is_not_there_is_said(tmp_path: Path) -> None:
    alpenhost()
    result = CliRunner().invoke(command, [str(tmp_path), "--customer", "K9"])
    assert result.exit_code == 2 and "has no customer “K9”" in result.output


def test_a_file_that_was_altered_after_its_export_is_written_anew(tmp_path: Path) -> None:
    invoice = issue(ada(alpenhost()))
    render_invoices([invoice.pk], on=TODAY, actor=CLARA)
    export(tmp_path)
    copied = tmp_path / "alpenhost" / "2026-11" / f"{invoice.number}.xml"
    content = copied.read_bytes()
    copied.write_bytes(content.replace(b"12.00", b"99.00"))
    assert len(copied.read_bytes()) == len(content) and copied.read_bytes() != content

    export(tmp_path)

    assert copied.read_bytes() == content


def test_the_same_number_of_two_sellers_is_two_files_in_one_directory(tmp_path: Path) -> None:
    first, other = issue(ada(alpenhost())), alpenhost(short_name="other", name="Other GmbH")
    same: dict[str, Any] = {"pattern": "RE{year}{number:06}", "next_number": 1, "is_shared": True}
    set_series(other.pk, "invoice", **same, on=TODAY, actor=CLARA)
    second = issue(ada(other))
    assert first.number == second.number
    render_invoices([first.pk, second.pk], on=TODAY, actor=CLARA)

    overviews = [export(tmp_path, "--seller", name)[1][1] for name in ("alpenhost", "other")]

    assert [row.split(";")[0] for row in overviews] == ["alpenhost", "other"]
    copies = [tmp_path / name / "2026-11" / f"{first.number}.pdf" for name in ("alpenhost", "other")]
    assert copies[0].read_bytes() != copies[1].read_bytes()


def test_a_document_without_files_is_listed_and_the_exit_code_says_so(tmp_path: Path) -> None:
    issue(ada(alpenhost()))
    code, overview = export(tmp_path)
    assert code == 1 and "fehlt;fehlt" in overview[1]
