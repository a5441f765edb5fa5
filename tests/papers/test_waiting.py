"""A file for somebody who waits: made by the worker, whole or not handed out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kundenkontor.documents.commands import store_file
from kundenkontor.documents.models import DamagedFile, StoredFile
from kundenkontor.documents.queries import verify_file
from kundenkontor.documents.storage import DirectoryStorage
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.models import Event
from kundenkontor.integrity import check_integrity
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import INVOICE, paper_of
from kundenkontor.jobs.queries import is_asked
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.messaging.sending.commands import send_mail
from kundenkontor.papers.jobs import mend_due, render_for_reader
from kundenkontor.papers.models import PaperFile, RenderFailure
from tests.office.steps import desk, submit
from tests.portal.builders import client_of, login
from tests.support.builders import TODAY, ada, alpenhost, invoice_contact, issue
from tests.support.jobs import run_jobs
from tests.support.papers import deliver_invoices, find_file, get_file, key_of, render_invoices, render_pool

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.STORED_FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture(autouse=True, scope="module")
def pool() -> Iterator[None]:
    yield
    render_pool().close()
    render_pool.cache_clear()


@pytest.fixture
def rendered() -> Invoice:
    invoice = issue(ada(alpenhost()))
    render_invoices([invoice.pk], on=TODAY, actor=SYSTEM)
    return invoice


def reader(invoice: Invoice) -> Client:
    return client_of(login("ada", invoice.customer))


def address_of(invoice: Invoice, name: str = "pdf") -> str:
    return reverse(f"portal:invoice-{name}", args=[invoice.pk])


def stored(invoice: Invoice, name: str = "pdf") -> StoredFile:
    file = find_file(invoice, name)
    assert file is not None
    return file


def damage(root: Path, file: StoredFile, content: bytes | None = None) -> None:
    """Other bytes of the same size, or those given."""
    path = DirectoryStorage(root).path(file.sha256)
    path.chmod(0o640)
    path.write_bytes(b"x" * file.size if content is None else content)


def lose(root: Path, file: StoredFile) -> None:
    DirectoryStorage(root).path(file.sha256).unlink()


@pytest.mark.invariant("I-D1")
@pytest.mark.parametrize("name", ["pdf", "xml"])
@pytest.mark.parametrize("harm", [damage, lose])
def test_what_is_missing_or_damaged_is_handed_to_nobody_and_made_again(
    rendered: Invoice, files: Path, name: str, harm: Any
) -> None:
    ada_ = reader(rendered)
    before = ada_.get(address_of(rendered, name)).getvalue()
    harm(files, stored(rendered, name))

    answer = ada_.get(address_of(rendered, name))
    assert answer.status_code == 503 and answer.headers["Retry-After"] == str(4)
    page = answer.content.decode()
    assert "wird gerade erstellt" in page and '<meta http-equiv="refresh" content="4">' in page
    assert DamagedFile.objects.get().file == stored(rendered, name)

    run_jobs("render_for_reader", reacting=False)
    assert ada_.get(address_of(rendered, name)).getvalue() == before
    assert not DamagedFile.objects.exists()
    assert Event.objects.filter(name="paper.mended", subject_id=rendered.pk).count() == 1


def test_who_has_to_wait_is_no_error_in_the_log(
    rendered: Invoice, files: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="django.request")
    lose(files, stored(rendered, "pdf"))
    assert reader(rendered).get(address_of(rendered)).status_code == 503
    assert [one.levelname for one in caplog.records if one.name == "django.request"] == ["INFO"]


def test_whoever_waits_for_one_file_has_that_one_made_again_and_no_other(rendered: Invoice, files: Path) -> None:
    client = reader(rendered)
    for name in ("pdf", "xml"):
        damage(files, stored(rendered, name))
        assert client.get(address_of(rendered, name)).status_code == 503

    render_for_reader(INVOICE.code, rendered.pk, "xml", SYSTEM)

    assert [row.file for row in DamagedFile.objects.all()] == [stored(rendered, "pdf")]


def test_what_cannot_be_made_again_is_said_to_the_reader_and_seen_by_staff(files: Path) -> None:
    """As stored by a version of the program that set it differently."""
    invoice = issue(ada(alpenhost()))
    old = store_file(b"%PDF-1.7 as it was", "application/pdf")
    PaperFile.objects.create(**key_of(invoice), customer=invoice.customer, kind="pdf", file=old, created_at=utc_now())
    damage(files, old)
    ada_ = reader(invoice)
    assert ada_.get(address_of(invoice)).status_code == 503
    run_jobs("render_for_reader", reacting=False)

    answer = ada_.get(address_of(invoice))
    page = answer.content.decode()
    assert answer.status_code == 503 and "ist beschädigt" in page and "http-equiv" not in page
    staff = desk("administrator")
    assert "tored files are missing or damaged" in staff.get(reverse("office:home")).content.decode()
    listed = staff.get(reverse("office:damaged-files")).content.decode()
    assert old.sha256 in listed and invoice.number in listed
    assert staff.get(reverse("office:invoice-file", args=[invoice.pk, "pdf"])).status_code == 503

    damage(files, old, b"%PDF-1.7 as it was")  # the backup gave it back
    submit(staff, reverse("office:mend-files"))
    mend_due(0)
    assert not DamagedFile.objects.exists()
    assert ada_.get(address_of(invoice)).getvalue() == b"%PDF-1.7 as it was"


def test_a_damaged_file_that_is_no_document_waits_for_the_backup(files: Path) -> None:
    file = store_file(b"a picture", "image/png")
    lose(files, file)
    check_integrity(SYSTEM)
    mend_due(0)
    row = DamagedFile.objects.get()
    assert "backup" in row.last_error or "Sicherung" in row.last_error
    assert (row.file, row.state, row.attempts) == (file, "queued", 1)


def test_a_document_whose_logo_is_damaged_fails_and_staff_see_the_file(files: Path) -> None:
    seller = alpenhost(logo=store_file(b"<svg/>", "image/svg+xml"))
    invoice = issue(ada(seller))
    assert seller.logo is not None
    damage(files, seller.logo)
    assert render_invoices([invoice.pk], on=TODAY, actor=SYSTEM) == []
    assert DamagedFile.objects.get().file == seller.logo
    assert RenderFailure.objects.get().paper_id == invoice.pk


def test_no_damaged_attachment_is_mailed(rendered: Invoice, files: Path) -> None:
    invoice_contact(rendered.customer)
    deliver_invoices([rendered.pk], on=TODAY, actor=SYSTEM)
    mail = OutgoingMail.objects.get(related_id=rendered.pk)
    damage(files, stored(rendered))

    assert send_mail(mail.pk) == "queued"
    mend_due(0)
    assert verify_file(stored(rendered))
    OutgoingMail.objects.update(next_attempt_at=utc_now())
    assert send_mail(mail.pk) == "done"


def test_who_reloads_asks_the_worker_once() -> None:
    invoice = issue(ada(alpenhost()))
    ada_ = reader(invoice)
    for _ in range(3):
        assert ada_.get(address_of(invoice)).status_code == 503
    assert is_asked(render_for_reader, kind=INVOICE.code, id_=invoice.pk, name="pdf")
    assert run_jobs("render_for_reader", reacting=False) == ["render_for_reader"]


def test_what_could_not_be_made_is_said_in_words() -> None:
    invoice = issue(ada(alpenhost()))
    paper = paper_of(invoice)
    RenderFailure.objects.create(**key_of(invoice), customer=invoice.customer, number=paper.number, attempts=1)
    answer = reader(invoice).get(address_of(invoice))
    assert answer.status_code == 503 and "konnte nicht erstellt werden" in answer.content.decode()


def test_a_file_that_nobody_made_yet_opens_after_the_worker_made_it() -> None:
    invoice = issue(ada(alpenhost()))
    assert get_file(reader(invoice), address_of(invoice)).getvalue().startswith(b"%PDF-")
