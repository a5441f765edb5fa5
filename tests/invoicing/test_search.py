"""Finding documents by everything that stands on them, in every spelling of it."""

from __future__ import annotations

import pytest

from kundenkontor.access.rls import portal_read
from kundenkontor.invoicing.models import Invoice, SearchToken
from kundenkontor.invoicing.search import index_invoices, numbers_meant, query_words, search_ids, tokens_of
from kundenkontor.parties.models import Customer
from kundenkontor.parties.rules import sort_key_of
from tests.office.steps import desk
from tests.support.billing import bill, hosting
from tests.support.builders import ada, alpenhost, bob, contract, issue, line


def test_domains_are_found_whole_by_label_and_in_both_spellings() -> None:
    tokens = tokens_of(["shop.Grüne-Wiese.at"])
    assert {"shop.gruene-wiese.at", "gruene-wiese.at", "gruene", "grune", "wiese", "shop"} <= tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Müller  AG", ["mueller", "ag"]),
        ("%_'; DROP", ["drop"]),
        ("", []),
        ("  ...  ", []),
        ("a " * 50, ["a"]),
        ("Ring 5/Tür 2,(Hof)", ["ring", "5", "tuer", "2", "hof"]),
        ("1.234,56 €", ["1.234,56"]),
        ("EUR 1.234,56", ["1.234,56"]),
        ("Huber & Söhne – § 19", ["huber", "soehne", "19"]),
        ("Kunde 11001 / Rechnung RE1", ["11001", "re1"]),
        ("Rechnung", ["rechnung"]),
        ("ada@Huber.example", ["ada@huber.example"]),
    ],
)
def test_what_is_typed_becomes_plain_words(text: str, words: list[str]) -> None:
    assert query_words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "shop.grüne-wiese.at",
        "A/B (c), d",
        "Straße 5/2",
        "ada@huber.example",
        "Müller·Bau",
        "Postfach_2",
        "9,99",
        "x-y",
        "Webhosting M",
        "Tür 2 & Hof",
        "c/o § 3a",
    ],
)
def test_index_and_query_cut_alike(text: str) -> None:
    tokens = tokens_of([text])

    assert all(any(token.startswith(word) for token in tokens) for word in query_words(text))


def found(customer: Customer, text: str) -> list[int]:
    with portal_read([customer.pk]):
        query = search_ids(customer.pk, text)
        assert query is not None
        return sorted(query.distinct())


@pytest.mark.django_db
@pytest.mark.invariant("I-A1")
def test_search_finds_the_documents_of_its_customer_only_under_row_level_security() -> None:
    seller = alpenhost()
    her, his = ada(seller), bob(seller)
    service = contract(her)
    hers = issue(her, line(contract=service), line("5.00", name="Größeres Postfach"))
    other = issue(her, line("7.00", name="SSL-Zertifikat"))
    foreign = issue(his, line("9.00", name="Webhosting M", identifier="grüne-wiese.at"))
    ids = [hers.pk, other.pk, foreign.pk]
    index_invoices(ids)
    count = SearchToken.objects.count()
    index_invoices(ids)
    assert SearchToken.objects.count() == count

    for text in ("gruene", "grüne-wiese.at", "grune", "V150001", "150001", "wiese webhost", "postf größ"):
        assert found(her, text) == [hers.pk], text
    assert found(her, hers.number) == [hers.pk]
    assert found(her, "RE2026") == [hers.pk, other.pk]
    assert found(her, "zertifikat") == [other.pk]
    assert found(her, "wiese zertifikat") == found(her, "100%") == []
    with portal_read([her.pk]):
        assert search_ids(her.pk, " ") is None
        assert not SearchToken.objects.filter(customer_id=his.pk).exists()


@pytest.mark.django_db
def test_everything_that_stands_on_a_document_finds_it_in_any_of_its_ways() -> None:
    customer = ada(alpenhost())
    first = issue(
        customer, line("1029.00", identifier="xn--grne-wiese-beb.at"), order_number="B/77", note="Danke, Frau Maß!"
    )
    Customer.objects.filter(pk=customer.pk).update(
        company="Søndergård & Töchter", street="Neue Gasse 3/2", postal_code="8010", city="Graz",
        email="rg@neu.example",
        vat_id="ATU12345675", has_invoice_address=True, invoice_care_of="Kanzlei Bauer", snapshot=None,
    )  # fmt: skip
    customer.refresh_from_db()
    second = issue(
        customer,
        line(
            "7.00",
            identifier="müller-bau.at",
            description="Tarif „Groß“ (2 GB)",
            order_number="PO-4711",
            buyer_reference="Abt. 47",
        ),
    )
    index_invoices([first.pk, second.pk])
    number, reference = first.number, first.payment_reference
    digits = number.removeprefix("RE")
    for text in (
        number, number.lower(), digits, digits[4:], f"{number[:2]} {digits[:4]} {digits[4:]}",
        f"{number[:2]}-{digits[:4]}-{digits[4:]}", reference,
        " ".join(reference[start : start + 4] for start in range(0, len(reference), 4)),
        "grüne-wiese.at", "gruene-wiese", "xn--grne-wiese-beb.at", "wiese", "B/77", "maß", "mass", "danke frau",
        "1.234,80", "1234,80", "1,234.80", "1234.80", "1029,00", "Landstraßer", "landstrasser hauptstrasse",
        "1030 Wien", "wien", "ada@huber.example", "huber.example", "ATU87654325", "ATU 8765 4325", "87654325",
        "U87654325",
    ):  # fmt: skip
        assert found(customer, text) == [first.pk], text
    for text in (
        "graz", "neue gasse 3/2", "rg@neu.example", "neu.example", "søndergård", "sondergard", "töchter", "toechter",
        "tochter",
        "müller-bau.at", "mueller-bau", "muller", "xn--mller-bau-q9a.at", "groß", "gross 2 gb", "kanzlei bauer", "8,40",
        "po-4711", "abt 47",
    ):  # fmt: skip
        assert found(customer, text) == [second.pk], text
    for text in ("23.11.2026", "2026-11-23", "11001", "österreich", "Austria", "01.11.2026"):
        assert found(customer, text) == [first.pk, second.pk], text
    assert first.pk in found(customer, digits[4:].lstrip("0"))
    for text in ("linz", "RE2099", "1.234,81", "24.11.2025", "99.99.2026", "wiese graz"):
        assert found(customer, text) == [], text


@pytest.mark.django_db
def test_signs_single_letters_and_what_stands_beside_an_amount_hide_nothing() -> None:
    address = {"invoice_care_of": "Weiß", "invoice_street": "Quai 3", "invoice_city": "Paris", "invoice_country": "FR"}
    customer = ada(alpenhost(), email="rg@xn--grne-wiese-beb.at", has_invoice_address=True, **address)
    invoice = issue(customer, line("1029.00", name="Tarif X & SSL 5", exemption_reason=""), order_number="Z 7")
    index_invoices([invoice.pk])
    for text in (
        "Tarif X & SSL 5", "Tarif X", "ssl 5", "Huber & Söhne", "Landstraßer Hauptstraße 1, 1030 Wien", "c/o Weiß",
        "Z 7",
        "1.234,80 EUR", "1.234,80\u00a0EUR", "EUR 1.234,80", "€ 1234.80", "-1.234,80", "\u22121.234,80", "205,80",
        f"Kunde 11001 / Rechnung {invoice.number}", "Quai 3, Paris, Frankreich", "France",
        "rg@grüne-wiese.at", "grüne-wiese", "rg@xn--grne-wiese-beb.at", "gruene-wiese.at",
    ):  # fmt: skip
        assert found(customer, text) == [invoice.pk], text
    for text in ("Tarif Y", "Rechnung RE1", "1.234,81 EUR"):
        assert found(customer, text) == [], text
    assert "Söhne" in desk().get("/office/customers/", {"q": "RG@Grüne-Wiese.at"}).content.decode()
    for text in ("1.234,80 EUR", "EUR\u00a01,234.80", "\u22121.234,80", "205,80", "rg@grüne-wiese.at"):
        assert invoice.number in desk().get("/office/invoices/", {"q": text}).content.decode(), text


@pytest.mark.django_db
def test_a_set_up_is_found_by_what_its_document_calls_it() -> None:
    customer = ada(alpenhost())
    with_set_up = issue(customer, line("30.00"), line("50.00", kind="set_up"))
    index_invoices([with_set_up.pk, issue(customer).pk])
    for text in ("Einrichtung", "einmalige Einrichtung", "set-up", "setup"):
        assert found(customer, text) == [with_set_up.pk], text


@pytest.mark.django_db
def test_the_office_finds_a_document_by_the_same_ways() -> None:
    seller = alpenhost()
    customer = ada(seller)
    row = hosting(customer, "1029.00")
    row.identifier = "xn--grne-wiese-beb.at"
    row.save()
    (invoice,) = bill(seller)
    Customer.objects.filter(pk=customer.pk).update(sort_key=sort_key_of(customer.company, "", ""))
    other = issue(bob(seller), line("7.00"))
    digits = invoice.number.removeprefix("RE")
    grouped = " ".join(invoice.payment_reference[start : start + 4] for start in range(0, 24, 4)).strip()
    for text in ("grüne-wiese.at", digits, digits[4:], invoice.payment_reference, grouped, "1.234,80",
                 "ATU 8765 4325", "ada@huber.example", "huber.example", "söhne", "soehne"):  # fmt: skip
        page = desk().get("/office/invoices/", {"q": text}).content.decode()
        assert invoice.number in page and other.number not in page, text
    assert other.number in desk().get("/office/invoices/", {"q": "graz"}).content.decode()
    assert Invoice.objects.filter(number__in=numbers_meant("0")).count() == 0
