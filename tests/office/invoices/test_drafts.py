"""Invoices written by hand: saved, looked at and issued as they are typed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from kundenkontor.documents.models import StoredFile
from kundenkontor.events.models import Event
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.models import Invoice, ManualDraft, ManualDraftLine, NumberSeries
from kundenkontor.parties.models import Seller, SellerTaxSetting
from kundenkontor.taxes.models import TaxRate
from kundenkontor.web.gate.once import new_key
from tests.office.steps import desk, issue_as_shown, queries, submit, typed_in
from tests.support.billing import bill, hosting
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, contract, issue
from tests.support.jobs import run_jobs
from tests.support.money import money_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]


@pytest.fixture
def seller() -> Seller:
    return alpenhost()


def page(url: str, role: str = "clerk") -> str:
    answer = desk(role).get(url)
    assert answer.status_code == 200, url
    return str(answer.content.decode())


def test_a_draft_of_many_billed_lines_offers_no_other_contract_and_asks_nothing_per_line(seller: Seller) -> None:
    """A cancelled collective invoice of an agency has hundreds of lines; each stays on its contract."""
    customer, counts = ada(seller, is_collective=True), []
    for numbers in (["A1"], ["B1", "B2", "B3"]):
        for number in numbers:
            hosting(customer, "10.00", number=number)
        invoice = bill(seller)[0]
        draft = cancel_invoice(invoice, bill_again=True, reason="", on=TODAY, actor=CLARA).draft
        assert draft is not None and draft.lines.count() == len(numbers)
        counts.append(queries(desk(), f"/office/invoices/drafts/{draft.pk}/"))
        text = page(f"/office/invoices/drafts/{draft.pk}/")
        assert text.count("<select") == 1 and all(f"· {number} " in text for number in numbers)
        issue_as_shown(desk(), f"/office/invoices/drafts/{draft.pk}/")
    assert counts[0] == counts[1]


def test_cancelling_shows_the_numbers_and_opens_a_draft_to_issue_anew(seller: Seller) -> None:
    customer = ada(seller)
    hosting(customer, "10.00")
    invoice = bill(seller)[0]
    url = f"/office/invoices/{invoice.pk}/cancel/"
    assert "EUR\u00a012.00" in page(url)
    answer = submit(desk(), url, bill_again="yes", reason="address")
    draft = ManualDraft.objects.get(replaces=invoice)
    assert answer["Location"] == f"/office/invoices/drafts/{draft.pk}/"
    assert "Replaces RE2026000001" in page(answer["Location"])
    issue_as_shown(desk(), f"/office/invoices/drafts/{draft.pk}/")
    assert Invoice.objects.filter(type_code="380").count() == 2 and not ManualDraft.objects.exists()
    assert money_of(customer).open == "12.00"


def test_a_manual_invoice_is_written_calculated_and_issued(seller: Seller) -> None:
    customer = ada(seller)
    clara = desk()
    draft_url = submit(clara, "/office/invoices/drafts/new/", customer=str(customer.pk))["Location"]
    values = {
        "line0-item_name": "Migration",
        "line0-quantity": "2",
        "line0-net_price": "80.00",
        "line0-discount_percent": "10",
        "line0-period_start": "2026-11-01",
        "line0-period_end": "2026-11-30",
        "order_number": "PO 7",
        "buyer_reference": "LW-4",
    }
    assert submit(clara, draft_url, **values)["Location"] == draft_url
    text = page(draft_url)
    assert "EUR\u00a0144.00" in text and "EUR\u00a0172.80" in text
    answer = issue_as_shown(clara, draft_url)
    invoice = Invoice.objects.get()
    assert answer["Location"] == f"/office/invoices/{invoice.pk}/"
    assert "The invoice is issued." in clara.get(answer["Location"]).content.decode()
    assert invoice.amount_due == Decimal("172.80")
    assert (invoice.order_number, invoice.buyer_reference) == ("PO 7", "LW-4")


def test_a_quantity_of_nought_is_refused_and_a_changed_contract_brings_its_own_identifier(seller: Seller) -> None:
    customer = ada(seller)
    first, second = contract(customer), contract(customer, number="V150002", identifier="blaue-wiese.at")
    draft_url = submit(desk(), "/office/invoices/drafts/new/", customer=str(customer.pk))["Location"]
    values = {
        "line0-item_name": "Server",
        "line0-net_price": "12",
        "line0-period_start": "2026-11-01",
        "line0-period_end": "2026-11-30",
    }
    submit(desk(), draft_url, **values, **{"line0-contract": str(first.pk)})
    submit(desk(), draft_url, **values, **{"line0-contract": str(second.pk), "line0-quantity": "0"})

    line = ManualDraftLine.objects.get()
    assert (line.contract, line.identifier, line.quantity) == (second, "blaue-wiese.at", Decimal(0))
    assert "Line 1 has no quantity." in page(draft_url)


@pytest.mark.invariant("I-B2")
def test_a_draft_that_a_colleague_changed_is_neither_saved_nor_issued_from_an_old_page(seller: Seller) -> None:
    """The lines of an old page would take the charges of other lines, and what nobody saw would be issued."""
    customer = ada(seller, is_collective=True)
    hosting(customer, "10.00")
    hosting(customer, "20.00", number="V150002")
    submit(desk(), f"/office/invoices/{bill(seller)[0].pk}/cancel/", bill_again="yes", reason="address")
    draft = ManualDraft.objects.get()
    url = f"/office/invoices/drafts/{draft.pk}/"
    old = typed_in(page(url), "lines")
    change, key, clara = {**old, "line0-is_removed": "on"}, new_key(), desk()
    for _click in range(2):
        assert submit(clara, url, key=key, **change)["Location"] == url
    assert "changed meanwhile" not in clara.get(url).content.decode()

    for path in (url, f"{url}issue/"):
        clara = desk()
        assert submit(clara, path, **old)["Location"] == url
        assert "changed meanwhile" in clara.get(url).content.decode()
    assert [line.net_price for line in draft.lines.all()] == [Decimal("20.00")]
    issue_as_shown(desk(), url)
    assert Invoice.objects.filter(type_code="380").count() == 2


def test_issuing_a_draft_takes_what_is_typed_and_asks_about_another_sum_than_was_shown(seller: Seller) -> None:
    draft_url = submit(desk(), "/office/invoices/drafts/new/", customer=str(ada(seller).pk))["Location"]
    days = {"line0-period_start": "2026-11-01", "line0-period_end": "2026-11-30"}
    submit(desk(), draft_url, **{"line0-item_name": "Server", "line0-net_price": "10"}, **days)
    typed = typed_in(page(draft_url), "lines") | {"line0-net_price": "11.00", "note": "Thank you"}

    clara = desk()
    assert submit(clara, f"{draft_url}issue/", **typed)["Location"] == draft_url
    text = clara.get(draft_url).content.decode()
    assert "the sum is now EUR\u00a013.20" in text and not Invoice.objects.exists()

    typed = typed_in(text, "lines") | {"note": "Thank you very much"}  # the sum stays as it was shown
    key = new_key()
    answers = [submit(clara, f"{draft_url}issue/", key=key, **typed)["Location"] for _click in range(2)]
    invoice = Invoice.objects.get()
    assert answers == [f"/office/invoices/{invoice.pk}/"] * 2
    assert (invoice.amount_due, invoice.note) == (Decimal("13.20"), "Thank you very much")


@pytest.mark.parametrize(
    "typed",
    [
        {"description": "Umzug von drei Postfächern"},
        {"quantity": "3"},
        {"period_start": "2026-11-01"},
        {"contract": ""},
    ],
)
def test_a_line_without_name_and_price_is_asked_about_if_anything_was_typed(
    seller: Seller, typed: dict[str, str]
) -> None:
    customer = ada(seller)
    if "contract" in typed:
        typed["contract"] = str(hosting(customer, "10.00").pk)
    draft_url = submit(desk(), "/office/invoices/drafts/new/", customer=str(customer.pk))["Location"]
    answer = submit(desk(), draft_url, **{f"line0-{name}": text for name, text in typed.items()})
    shown = typed_in(answer.content.decode(), "lines")
    assert answer.status_code == 422 and {name: shown[f"line0-{name}"].strip() for name in typed} == typed
    assert (
        submit(
            desk(), draft_url, **{"line0-is_removed": "on"}, **{f"line0-{k}": v for k, v in typed.items()}
        ).status_code
        == 302
    )


def test_what_is_typed_wrong_or_may_not_be_issued_is_kept_when_issuing_is_refused(seller: Seller) -> None:
    draft_url = submit(desk(), "/office/invoices/drafts/new/", customer=str(ada(seller).pk))["Location"]
    days = {"line0-period_start": "2026-11-01", "line0-period_end": "2026-11-30"}
    submit(desk(), draft_url, **{"line0-item_name": "Server", "line0-net_price": "10"}, **days)
    typed = typed_in(page(draft_url), "lines")
    for change, sentence in (
        ({"line0-net_price": "ten"}, "Please check one entry"),
        ({"line0-quantity": "0"}, "Line 1 has no quantity."),
    ):
        answer = submit(desk(), f"{draft_url}issue/", **typed | change | {"note": "Thank you"})
        text = answer.content.decode()
        assert answer.status_code == 422 and sentence in text
        shown = typed_in(text, "lines")
        assert {name: shown[name].strip() for name in ("note", *change)} == {"note": "Thank you", **change}
    assert not Invoice.objects.exists() and ManualDraft.objects.get().note == ""


@pytest.mark.feature("M36")
def test_what_speaks_against_a_draft_is_shown_with_a_link_to_the_field(seller: Seller) -> None:
    customer = ada(seller, street="", vat_id="", vat_id_state="none")
    draft_url = submit(desk(), "/office/invoices/drafts/new/", customer=str(customer.pk))["Location"]
    values = {
        "line0-item_name": "Server",
        "line0-net_price": "12000",
        "line0-period_start": "2026-11-01",
        "line0-period_end": "2026-11-30",
    }
    submit(desk(), draft_url, **values)
    text = page(draft_url)
    assert "address is incomplete" in text and f"/office/customers/{customer.pk}/edit/" in text
    assert "Issue the invoice" not in text
    assert issue_as_shown(desk(), draft_url).status_code == 422 and not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("change", "sentence", "place"),
    [
        ({"vat_id_state": "unchecked"}, "The VAT id DE136695976 has not been checked", "/office/customers/vat-ids/?q="),
        ({"vat_id": "", "vat_id_state": "none"}, "No VAT rate is known for DE", "/office/catalogue/rates/"),
    ],
)
def test_a_draft_that_cannot_be_taxed_says_why_and_leads_to_where_that_is_mended(
    seller: Seller, change: dict[str, str], sentence: str, place: str
) -> None:
    SellerTaxSetting.objects.create(seller=seller, kind="oss", valid_from=date(2020, 1, 1), applies=True)
    TaxRate.objects.filter(country="DE").delete()
    customer = ada(seller, country="DE", postal_code="10115", **{"vat_id": "DE136695976"} | change)
    draft_url = submit(desk(), "/office/invoices/drafts/new/", customer=str(customer.pk))["Location"]
    period = {"line0-period_start": "2026-11-01", "line0-period_end": "2026-11-30"}
    submit(desk(), draft_url, **{"line0-item_name": "Server", "line0-net_price": "12"}, **period)

    text = page(draft_url)
    assert sentence in text and f'href="{place}' in text and "Unexpected error" not in text
    answer = issue_as_shown(desk(), draft_url)
    assert answer.status_code == 422 and sentence in answer.content.decode()


def test_a_negative_price_is_refused_where_it_is_typed_and_a_negative_quantity_is_a_discount(seller: Seller) -> None:
    """BR-27: its document could never be rendered."""
    customer = ada(seller)
    draft_url = submit(desk(), "/office/invoices/drafts/new/", customer=str(customer.pk))["Location"]
    days = {"period_start": "2026-11-01", "period_end": "2026-11-30"}
    typed = {f"line0-{name}": value for name, value in {"item_name": "Goodwill", "net_price": "-5", **days}.items()}

    answer = submit(desk(), draft_url, **typed)

    assert answer.status_code == 422 and "A price is never negative" in answer.content.decode()
    assert submit(desk(), draft_url, **typed | {"line0-net_price": "5", "line0-quantity": "-1"}).status_code == 302

    url = f"/office/invoices/one-offs/new/?customer={customer.pk}"
    item = {"name": "Goodwill", "quantity": "-1", "service_start": "2026-11-01", "service_end": "2026-11-01"}
    answer = submit(desk(), url, **item, net_price="-2.50")
    assert answer.status_code == 422 and "A price is never negative" in answer.content.decode()
    submit(desk(), url, **item, net_price="2.50")
    submit(desk(), url, **item | {"name": "Work", "quantity": "1"}, net_price="10")
    assert bill(seller)[0].total_without_vat == Decimal("7.50")


def test_looking_at_a_draft_writes_nothing(seller: Seller) -> None:
    customer = ada(seller)
    draft_url = submit(desk(), "/office/invoices/drafts/new/", customer=str(customer.pk))["Location"]
    seller.refresh_from_db()
    before = customer.snapshots.count()
    page(draft_url)
    assert customer.snapshots.count() == before


def test_a_draft_is_looked_at_as_the_pdf_of_what_is_typed_before_a_number_exists(seller: Seller) -> None:
    issue(ada(seller))
    draft_url = submit(desk(), "/office/invoices/drafts/new/", customer=str(bob(seller).pk))["Location"]
    days = {"line0-period_start": "2026-11-01", "line0-period_end": "2026-11-30"}
    typed = typed_in(page(draft_url), "lines") | {"line0-item_name": "Migration", "line0-net_price": "80", **days}
    before = NumberSeries.objects.get().next_number, Invoice.objects.count(), Event.objects.count()

    early = submit(desk(), f"{draft_url}preview/", **typed)
    assert early.status_code == 422 and "is still being set" in early.content.decode()
    run_jobs("make_unstored", reacting=False)
    answer = submit(desk(), f"{draft_url}preview/", **typed)

    text = PdfReader(BytesIO(answer.content)).pages[0].extract_text().replace("\u00a0", " ")
    assert "ENTWURF" in text and "Migration" in text and "96,00 EUR" in text and "RE2026" not in text
    assert b"factur-x.xml" not in answer.content
    assert before == (NumberSeries.objects.get().next_number, Invoice.objects.count(), Event.objects.count())
    assert not StoredFile.objects.exists() and not ManualDraft.objects.get().lines.exists()
    wrong = submit(desk(), f"{draft_url}preview/", **typed | {"line0-quantity": "0"})
    assert wrong.status_code == 422 and "Line 1 has no quantity." in wrong.content.decode()
