"""Files that were once taken wrongly: nothing is lost, and the preview shows what it will write."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.events.actor import SYSTEM
from kundenkontor.imports.models import ImportUpload
from kundenkontor.imports.planning.queries import preview_import
from kundenkontor.imports.planning.report import ImportReport
from kundenkontor.imports.reading.columns import CONTRACT_COLUMNS, CUSTOMER_COLUMNS
from kundenkontor.imports.reading.encodings import odd_letters
from kundenkontor.imports.reading.reading import read_customers
from kundenkontor.imports.uploads.commands import store_upload
from kundenkontor.imports.words import COLUMNS
from kundenkontor.imports.writing.commands import import_files
from kundenkontor.parties.models import Customer, Seller
from tests.imports.conftest import EXAMPLES, TODAY
from tests.office.steps import bytes_of, desk

FAULTS = EXAMPLES.parent / "faults"


def fault(name: str) -> bytes:
    return (FAULTS / name).read_bytes()


def take_in(seller: Seller, customers: bytes | None, contracts: bytes | None = None) -> ImportReport:
    return import_files(seller, customers, contracts, cut_over_date=None, on=TODAY, actor=SYSTEM)


def preview_page(seller: Seller, customers: bytes | None, contracts: bytes | None = None, show: str = "") -> str:
    """The page of the preview as Clara sees it, without its marks."""
    upload = store_upload(
        seller,
        ("kunden.csv", customers) if customers else None,
        ("vertraege.csv", contracts) if contracts else None,
        cut_over_date=None,
        next_numbers={},
        on=TODAY,
        actor=SYSTEM,
    )
    page = desk().get(reverse("office:import-preview", args=[upload.pk]) + f"?show={show}").content.decode()
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_stray_quotes_lose_no_row(seller: Seller) -> None:
    page = preview_page(seller, fault("stray-quotes.csv"))
    report = take_in(seller, fault("stray-quotes.csv"))

    assert [(one.line, one.code) for one in report.problems] == [(2, "row_broken")]
    assert list(Customer.objects.order_by("number").values_list("number", "company")) == [
        ("Q3", "Muster KG"),
        ("Q4", 'Monitorladen 24"'),
    ]
    assert "Lines read: 3, rows found: 3" in page


def test_a_cell_over_lines_is_named_and_its_lines_are_counted(seller: Seller) -> None:
    content = 'Kundennummer;Firma;Straße;Land\nQ1;"Zur\nTraube";"Weg 1\nTür 2";AT\n'.encode()

    (problem,) = take_in(seller, content).problems

    assert (problem.code, problem.params, problem.is_warning) == ("runs_over_lines", {"first": 2, "last": 4}, True)
    assert Customer.objects.get().street == "Weg 1 Tür 2"
    assert "Lines read: 3, rows found: 1" in preview_page(seller, content)


@pytest.mark.parametrize(
    ("name", "told"), [("code-page-850.csv", "code page 850 (DOS)"), ("utf8-twice.csv", "UTF-8, encoded twice")]
)
def test_an_encoding_that_can_be_told_is_read_right_and_shown(seller: Seller, name: str, told: str) -> None:
    page = preview_page(seller, fault(name), show="new")

    assert told in page
    assert "Jäger & Söhne OHG" in page and "Große Gasse 1" in page and "Wien" in page
    assert take_in(seller, fault(name)).problems == []
    assert Customer.objects.get(number="D2").street == "Schöne Zeile 2"


@pytest.mark.parametrize(
    "word", ["J„ger", "S”hne", "M™hlmann", "Stra▀e", "JÃ¤ger", "GroÃŸe", "M³ller", "KlŠrchen", "ï¿½x\ufffd"]
)
def test_letters_that_cannot_stand_inside_a_word_are_asked_about(seller: Seller, word: str) -> None:
    reading = read_customers(f"Kundennummer;Firma;Land\nK1;{word} Müller;AT\n".encode())

    assert [(one.code, one.field) for one in reading.problems] == [("letters_odd", "company")]
    assert len(reading.rows) == 1


@pytest.mark.parametrize(
    "text",
    ["Gasthaus „Zur Traube“", "O’Brien & Søn", "SÃO PAULO", "Łódź – Čeština", "ÖBB", "Müller·Bau", "Café “Élan”"],
)
def test_what_people_write_is_not_asked_about(text: str) -> None:
    assert odd_letters(text) == ""


def test_a_short_row_is_refused_and_empties_nothing(seller: Seller) -> None:
    first = take_in(seller, fault("short-rows-1-customers.csv"), fault("short-rows-1-contracts.csv"))
    before = [list(model.objects.order_by("pk").values()) for model in (Customer, Contract)]

    second = take_in(seller, fault("short-rows-2-customers.csv"), fault("short-rows-2-contracts.csv"))

    assert first.problems == []
    assert [(one.file, one.line, one.code) for one in second.problems if one.code == "too_few_fields"] == [
        ("customers", 2, "too_few_fields"),
        ("contracts", 2, "too_few_fields"),
    ]
    assert [list(model.objects.order_by("pk").values()) for model in (Customer, Contract)] == before


def test_the_same_file_again_leaves_a_checked_greek_vat_id_checked(seller: Seller) -> None:
    files = fault("short-rows-1-customers.csv"), fault("short-rows-1-contracts.csv")
    take_in(seller, *files)
    Customer.objects.filter(number="N3").update(vat_id_state="checked")

    again = take_in(seller, *files)

    assert Customer.objects.filter(number="N3").values_list("vat_id", "vat_id_state").get() == (
        "EL094259216",
        "checked",
    )
    assert {name: count for name, count in again.counts["customers"].items() if count} == {"unchanged": 2}
    assert {name: count for name, count in again.counts["contracts"].items() if count} == {"unchanged": 1}


def test_a_vat_id_kept_in_the_old_spelling_is_the_same_one(seller: Seller) -> None:
    take_in(seller, fault("short-rows-1-customers.csv"))
    Customer.objects.filter(number="N3").update(vat_id="GR094259216", vat_id_state="checked")

    take_in(seller, fault("short-rows-1-customers.csv"))

    assert Customer.objects.get(number="N3").vat_id_state == "checked"


def test_a_gross_price_stays_gross(seller: Seller) -> None:
    take_in(seller, fault("short-rows-1-customers.csv"), fault("short-rows-1-contracts.csv"))
    ContractPrice.objects.update(amount=Decimal("11.90"), is_gross=True)
    moved = fault("short-rows-1-contracts.csv").replace(b"2027-03-01", b"2027-04-01")

    kept = take_in(seller, None, fault("short-rows-1-contracts.csv"))
    later = take_in(seller, None, moved)

    assert [(one.code, one.is_warning) for one in kept.problems] == [("price_gross", True)]
    assert kept.counts["contracts"]["unchanged"] == 1 and later.counts["contracts"]["changed"] == 1
    assert list(ContractPrice.objects.values_list("amount", "is_gross", "valid_from")) == [
        (Decimal("11.90"), True, date(2027, 4, 1))
    ]


def test_countries_are_understood_by_name(seller: Seller) -> None:
    assert take_in(seller, fault("country-names.csv")).problems == []
    found = dict(Customer.objects.values_list("last_name", "country"))
    assert found["Probe Großbritannien"] == found["Probe Vereinigtes Königreich"] == "GB"
    assert (found["Probe Türkei"], found["Probe USA"], found["Probe Griechenland"]) == ("TR", "US", "GR")
    assert len(found) == 21 and len(set(found.values())) == 20


def test_the_preview_names_new_rows_with_their_values(seller: Seller) -> None:
    files = fault("short-rows-1-customers.csv"), fault("short-rows-1-contracts.csv")

    page = preview_page(seller, *files, show="new")

    for said in ("Hellas Web", "VAT id: EL094259216", "City: Athen", "Net price: 9.99", "Webhosting S y.example"):
        assert said in page, said
    assert "Customers 2 new" in page and "Lines read: 1, rows found: 1; UTF-8" in page


def test_a_changed_row_says_what_it_was(seller: Seller) -> None:
    take_in(seller, fault("short-rows-1-customers.csv"))

    page = preview_page(seller, fault("short-rows-1-customers.csv").replace(b"Athen", b"Patras"), show="changed")

    assert "City: Athen → Patras" in page and "Hellas Web" in page


def test_the_format_is_on_the_page_in_the_docs_and_in_the_template(db: None) -> None:
    client: Client = desk()
    page = unescape(client.get("/office/imports/format/").content.decode())
    documented = (EXAMPLES.parents[2] / "docs" / "operations" / "import.md").read_text()
    for kind, columns in (("customers", CUSTOMER_COLUMNS), ("contracts", CONTRACT_COLUMNS)):
        template = bytes_of(client.get(f"/office/imports/format/{kind}.csv"))
        assert template.decode("utf-8-sig").strip().split(",") == [column.name for column in columns]
        for column in columns:
            assert str(COLUMNS[column.name]) in page
            assert f"| {column.name} | {column.german} |" in documented
    assert client.get("/office/imports/format/else.csv").status_code == 404


def test_an_empty_template_is_a_file_without_rows(seller: Seller) -> None:
    content = bytes_of(desk().get("/office/imports/format/customers.csv"))

    assert preview_import(seller, content, None, on=TODAY).outcomes() == []
    assert ImportUpload.objects.count() == 0
