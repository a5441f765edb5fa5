"""PDF inline, several documents as a ZIP with ranges, forwarding to stored addresses."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kundenkontor.documents.errors import FileDamaged
from kundenkontor.documents.models import DownloadSelection
from kundenkontor.documents.queries import read_file
from kundenkontor.documents.storage import DirectoryStorage
from kundenkontor.events.models import Event
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.papers.jobs import mend_due
from kundenkontor.papers.models import PaperFile
from kundenkontor.web.gate.once import new_key
from tests.portal.builders import House, client_of, house, login
from tests.support.builders import CLARA, TODAY, issue, line
from tests.support.jobs import run_jobs
from tests.support.papers import find_file, get_file, render_invoices

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> House:
    return house()


@pytest.mark.feature("M18", "M19", "M20", "M33")
def test_a_pdf_opens_inline_even_if_nobody_rendered_it_before(home: House) -> None:
    ada = client_of(login("ada", home.ada))
    address = reverse("portal:invoice-pdf", args=[home.invoices[0].pk])
    answer = get_file(ada, address)
    content = answer.getvalue()
    assert content.startswith(b"%PDF-") and int(answer["Content-Length"]) == len(content)
    assert answer["Content-Disposition"] == f'inline; filename="{home.invoices[0].number}.pdf"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert ada.get(address).getvalue() == content
    assert ada.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    xml = ada.get(reverse("portal:invoice-xml", args=[home.invoices[0].pk]))
    assert xml["Content-Disposition"].startswith("attachment") and b"CrossIndustryInvoice" in xml.getvalue()


def zip_of(client: Client, ids: list[int], kinds: str = "pdf") -> str:
    """The address of an archive, all documents made."""
    render_invoices(ids, on=TODAY, actor=CLARA)
    return str(client.post(reverse("portal:select"), {"invoice": ids, "action": kinds})["Location"])


@pytest.mark.feature("M34", "M35")
def test_chosen_documents_come_as_one_zip_with_overview(home: House) -> None:
    ada = client_of(login("ada", home.ada))
    ids = [one.pk for one in home.invoices]
    answer = ada.get(zip_of(ada, ids, "pdf+xml"))
    content = answer.getvalue()
    assert int(answer["Content-Length"]) == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = [f"{one.number}.{kind}" for one in home.invoices for kind in ("pdf", "xml")]
        assert archive.namelist() == ["uebersicht.csv", *names]
        stored = find_file(home.invoices[0], "pdf")
        assert stored is not None and archive.read(names[0]) == read_file(stored)
        overview = archive.read("uebersicht.csv").decode()
    assert all(one.number in overview for one in home.invoices) and "PDF, XML" in overview
    assert Event.objects.filter(name="documents.selected", customer_id=home.ada.pk).count() == 1


@pytest.mark.feature("M34")
def test_a_range_resumes_the_same_bytes_and_another_login_gets_nothing(home: House) -> None:
    ada = client_of(login("ada", home.ada))
    render_invoices([one.pk for one in home.invoices], on=TODAY, actor=CLARA)
    form = {"since": "2026-11-01", "until": "2026-11-30", "kinds": "pdf"}
    address = ada.post(reverse("portal:period"), form)["Location"]
    whole = ada.get(address)
    content, middle = whole.getvalue(), int(whole["Content-Length"]) // 2
    first = ada.get(address, headers={"Range": f"bytes=0-{middle - 1}"})
    rest = ada.get(address, headers={"Range": f"bytes={middle}-", "If-Range": whole["ETag"]})
    assert (first.status_code, rest.status_code) == (206, 206)
    assert rest["Content-Range"] == f"bytes {middle}-{len(content) - 1}/{len(content)}"
    assert first.getvalue() + rest.getvalue() == content
    assert ada.get(address, headers={"Range": "bytes=-10"}).getvalue() == content[-10:]
    assert ada.get(address, headers={"Range": f"bytes={len(content)}-"}).status_code == 416
    assert ada.get(address, headers={"Range": "bytes=0-1", "If-Range": '"old"'}).status_code == 200
    assert client_of(login("colleague", home.ada)).get(address).status_code == 404
    assert client_of(login("bob", home.bob)).get(address).status_code == 404


def test_what_is_issued_or_rendered_later_does_not_slip_in(home: House) -> None:
    ada = client_of(login("ada", home.ada))
    form = {"since": "2026-11-01", "until": "2026-11-30", "kinds": "pdf"}
    address = ada.post(reverse("portal:period"), form)["Location"]
    before = ada.get(address)
    assert run_jobs("render_for_readers", reacting=False) == ["render_for_readers"]
    assert PaperFile.objects.filter(customer_id=home.ada.pk, kind="pdf").count() == len(home.invoices)
    after = ada.get(address)
    content = after.getvalue()
    assert content == before.getvalue() and after["ETag"] == before["ETag"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["uebersicht.csv", "FEHLT.txt"]
        assert "noch nicht erstellt" in archive.read("uebersicht.csv").decode()
        assert all(one.number in archive.read("FEHLT.txt").decode() for one in home.invoices)


@pytest.mark.invariant("I-D1")
@pytest.mark.parametrize(("language", "name"), [("de", "FEHLT.txt"), ("en", "MISSING.txt")])
def test_an_archive_says_which_documents_are_damaged_and_holds_the_others(
    home: House, language: str, name: str, settings: Any
) -> None:
    ada = client_of(login("ada", home.ada, language=language))
    ids = [one.pk for one in home.invoices]
    address = zip_of(ada, ids)
    file = find_file(home.invoices[0], "pdf")
    assert file is not None
    path = DirectoryStorage(settings.STORED_FILES_DIR).path(file.sha256)
    path.chmod(0o640)
    path.write_bytes(b"x" * file.size)

    with zipfile.ZipFile(io.BytesIO(ada.get(zip_of(ada, ids)).getvalue())) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["uebersicht.csv", name, *(f"{one.number}.pdf" for one in home.invoices[1:])]
        said = archive.read(name).decode()
        assert home.invoices[0].number in said and home.invoices[1].number not in said
    with pytest.raises(FileDamaged):  # chosen while it was whole: the archive ends, and no damaged byte goes out
        ada.get(address).getvalue()
    mend_due(0)
    with zipfile.ZipFile(io.BytesIO(ada.get(address).getvalue())) as archive:
        assert archive.testzip() is None and len(archive.namelist()) == 1 + len(ids)


def test_an_empty_period_and_an_empty_choice_are_said_in_words(home: House) -> None:
    ada = client_of(login("ada", home.ada))
    answer = ada.post(reverse("portal:period"), {"since": "2020-01-01", "until": "2020-12-31", "kinds": "pdf"})
    assert answer.status_code == 422 and "kein Dokument" in answer.content.decode()
    backwards = ada.post(reverse("portal:period"), {"since": "2026-12-31", "until": "2026-01-01", "kinds": "pdf"})
    assert "endet vor seinem Beginn" in backwards.content.decode()
    answer = ada.post(reverse("portal:select"), {"action": "pdf"}, follow=True)
    assert "mindestens ein Dokument" in answer.content.decode()
    assert ada.post(reverse("portal:select"), {"action": "exe"}).status_code == 404
    assert not DownloadSelection.objects.exists()


@pytest.mark.feature("M20")
def test_a_document_is_forwarded_to_a_stored_address_only_and_once(home: House) -> None:
    ada = client_of(login("ada", home.ada))
    address, key = reverse("portal:forward", args=[home.invoices[0].pk]), new_key()
    early = ada.post(address, {"to": home.contact.email, "idempotency_key": new_key()})
    assert early.status_code == 503 and "wird gerade erstellt" in early.content.decode()
    render_invoices([home.invoices[0].pk], on=TODAY, actor=CLARA)
    for _ in range(2):
        answer = ada.post(address, {"to": home.contact.email, "idempotency_key": key})
        assert answer.status_code == 302
    mail = OutgoingMail.objects.get(kind="forward")
    assert mail.recipient == home.contact.email and len(mail.attachments) == 1
    assert ada.post(address, {"to": "mallory@evil.example", "idempotency_key": new_key()}).status_code == 409
    assert ada.post(address, {"to": home.bobs_contact.email, "idempotency_key": new_key()}).status_code == 409
    assert OutgoingMail.objects.filter(kind="forward").count() == 1


@pytest.mark.feature("M33")
def test_the_lines_come_as_csv(home: House) -> None:
    """Each cell is what the document says of the line; German numbers and days, English ones for English readers."""
    found = issue(
        home.ada,
        line("30.00", quantity="15", base="30", discount="10", contract=home.contracts[0], cost_centre="KST 7"),
        line("8.00", name="Arbeit; nach Aufwand", rate=Decimal(10), kind="set_up"),
    )
    address = reverse("portal:invoice-lines", args=[found.pk])
    answer = client_of(login("ada", home.ada)).get(address)
    assert answer["Content-Disposition"] == f'attachment; filename="{found.number}.csv"'
    head, *rows = csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"), newline=""), delimiter=";")
    assert [dict(zip(head, row, strict=True)) for row in rows] == [
        {"Position": "1", "Vertrag": "D1", "Leistung": "Webhosting M", "Domain oder Paket": "grüne-wiese.at",
         "Von": "01.11.2026", "Bis": "30.11.2026", "Menge": "15", "Bezugsmenge": "30", "Nettopreis": "30,00",
         "Rabatt": "1,50", "Nettobetrag": "13,50", "USt-Kategorie": "S", "Satz": "20,00", "Kostenstelle": "KST 7"},
        {"Position": "2", "Vertrag": "", "Leistung": "Arbeit; nach Aufwand, einmalige Einrichtung",
         "Domain oder Paket": "",
         "Von": "01.11.2026", "Bis": "30.11.2026", "Menge": "1", "Bezugsmenge": "1", "Nettopreis": "8,00",
         "Rabatt": "0,00", "Nettobetrag": "8,00", "USt-Kategorie": "S", "Satz": "10,00", "Kostenstelle": ""},
    ]  # fmt: skip
    english = client_of(login("ada-en", home.ada, language="en")).get(address).getvalue().decode("utf-8-sig")
    assert english.splitlines()[1].startswith("1,D1,Webhosting M,grüne-wiese.at,2026-11-01,2026-11-30,15,30,30.00,1.50")
