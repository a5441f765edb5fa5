"""Documents in the office: list, detail, cancelling, correcting, drafts, one-off items."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from kundenkontor.billing.models import OneOffItem
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.models import Correction, Invoice, InvoiceLine, ManualDraft, ManualDraftLine
from kundenkontor.papers.models import RenderFailure
from kundenkontor.parties.models import Seller, SellerTaxSetting
from kundenkontor.taxes.models import TaxRate
from kundenkontor.web.gate.once import new_key
from tests.office.steps import bytes_of, desk, queries, submit
from tests.support.billing import bill, hosting
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, contract, issue, line
from tests.support.jobs import run_jobs
from tests.support.money import money_of, open_amount
from tests.support.papers import of_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]


@pytest.fixture
def seller() -> Seller:
    return alpenhost()


def page(url: str, role: str = "clerk") -> str:
    answer = desk(role).get(url)
    assert answer.status_code == 200, url
    return str(answer.content.decode())


@pytest.mark.feature("M11")
@pytest.mark.feature("M12")
@pytest.mark.feature("M13")
@pytest.mark.feature("M14")
@pytest.mark.feature("M15")
def test_the_list_shows_every_document_with_number_date_amount_and_status(seller: Seller) -> None:
    issue(ada(seller))
    issue(bob(seller), line("20.00"))
    text = page("/office/invoices/")
    for shown in ("RE2026000001", "RE2026000002", "23 Nov 2026", "EUR\u00a012.00", "EUR\u00a024.00", "Open"):
        assert shown in text


@pytest.mark.feature("M16")
def test_a_credit_note_is_a_row_with_a_negative_amount(seller: Seller) -> None:
    invoice = issue(ada(seller))
    submit(desk(), f"/office/invoices/{invoice.pk}/cancel/", bill_again="no", reason="wrong")
    text = page("/office/invoices/?type=381")
    assert "\u221212.00" in text and "Credit note" in text
    assert "cancelled" in page("/office/invoices/?state=cancelled")
    assert "RE2026000001" not in page("/office/invoices/?state=open")


def test_documents_are_found_by_number_customer_and_domain(seller: Seller) -> None:
    hosting(ada(seller), "10.00")
    bill(seller)
    issue(bob(seller))
    for text in ("re2026000001", "11001", "Huber", "grüne-wiese"):
        found = page(f"/office/invoices/?q={text}")
        assert "RE2026000001" in found and "RE2026000002" not in found, text


def test_the_list_is_saved_as_csv_with_its_filters(seller: Seller) -> None:
    issue(ada(seller))
    issue(bob(seller))
    answer = desk().get("/office/invoices/?q=11001&format=csv")
    lines = bytes_of(answer).decode().splitlines()
    assert len(lines) == 2 and "RE2026000001" in lines[1] and "12.00" in lines[1]


def test_the_lists_need_the_same_queries_for_one_and_three_rows(seller: Seller) -> None:
    customer = ada(seller)
    issue(customer)
    client = desk()
    queries(client, "/office/invoices/")  # what a process looks up once
    before = queries(client, "/office/invoices/")
    issue(customer)
    issue(customer)
    assert queries(client, "/office/invoices/") == before


@pytest.mark.feature("M18")
def test_a_document_shows_lines_sums_and_opens_its_stored_files(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer, line(contract=contract(customer)))
    text = page(f"/office/invoices/{invoice.pk}/")
    assert "Webhosting M" in text and "V150001" in text and "EUR\u00a012.00" in text
    pdf = desk().get(f"/office/invoices/{invoice.pk}/file.pdf")
    assert bytes_of(pdf).startswith(b"%PDF") and pdf["Content-Disposition"].startswith("inline")
    again = desk().get(f"/office/invoices/{invoice.pk}/file.pdf")
    assert bytes_of(again).startswith(b"%PDF")
    lines = bytes_of(desk().get(f"/office/invoices/{invoice.pk}/lines.csv")).decode()
    assert "V150001" in lines


def test_a_failed_rendering_is_listed_and_tried_again(seller: Seller) -> None:
    invoice = issue(ada(seller))
    run_jobs("nothing")
    RenderFailure.objects.create(**of_paper(invoice), last_error="no font")
    assert "no font" in page("/office/invoices/not-rendered/")
    submit(desk(), f"/office/invoices/{invoice.pk}/render/")
    run_jobs("render")
    assert not RenderFailure.objects.exists()


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
        submit(desk(), f"/office/invoices/drafts/{draft.pk}/issue/")
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
    submit(desk(), f"/office/invoices/drafts/{draft.pk}/issue/")
    assert Invoice.objects.filter(type_code="380").count() == 2 and not ManualDraft.objects.exists()
    assert money_of(customer).open == "12.00"


def test_a_repeated_cancellation_changes_nothing(seller: Seller) -> None:
    invoice = issue(ada(seller))
    for _click in range(2):
        answer = submit(desk(), f"/office/invoices/{invoice.pk}/cancel/", key="c" * 20, bill_again="no", reason="x")
        assert answer.status_code == 302
    assert Correction.objects.count() == 1
    refused = submit(desk(), f"/office/invoices/{invoice.pk}/cancel/", bill_again="no", reason="x")
    assert refused.status_code == 422 and "already cancelled" in refused.content.decode()


def test_a_partial_correction_is_calculated_before_it_is_issued(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer, line("30.00"), line("50.00"))
    url = f"/office/invoices/{invoice.pk}/correct/"
    values = {"way_1": "days", "value_1": "10", "way_2": "amount", "value_2": "5.00", "reason": "outage"}
    calculated = submit(desk(), url, step="calculate", **values)
    text = calculated.content.decode()
    assert "EUR\u00a018.00" in text and "EUR\u00a015.00" in text and not Correction.objects.exists()
    answer = submit(desk(), url, step="issue", **values)
    correction = Correction.objects.select_related("invoice").get()
    assert answer["Location"] == f"/office/invoices/{correction.pk}/"
    assert correction.invoice.amount_due == Decimal("18.00") and not correction.is_full
    assert open_amount(invoice) == "78.00"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("05.11.2026 – 07.11.2026", ("2026-11-05", "2026-11-07")),
        ("2026-11-05 - 2026-11-07", ("2026-11-05", "2026-11-07")),
        ("5.11.26", ("2026-11-05", "2026-11-05")),
        ("07.11.2026 – 05.11.2026", None),
        ("5 – 7", None),
        ("31.11.2026", None),
    ],
)
def test_a_correction_takes_back_the_days_that_are_named(
    seller: Seller, text: str, days: tuple[str, str] | None
) -> None:
    invoice = issue(ada(seller), line("30.00"))
    values = {"way_1": "dates", "value_1": text, "reason": "outage", "step": "issue"}

    answer = submit(desk(), f"/office/invoices/{invoice.pk}/correct/", **values)

    assert answer.status_code == (302 if days else 422)
    taken = InvoiceLine.objects.filter(corrected_position=1).values_list("period_start", "period_end")
    assert [(str(start), str(end)) for start, end in taken] == ([days] if days else [])


def test_a_correction_that_is_too_large_keeps_what_was_typed(seller: Seller) -> None:
    invoice = issue(ada(seller), line("30.00"))
    values = {"way_1": "amount", "value_1": "31.00", "reason": "typo"}
    answer = submit(desk(), f"/office/invoices/{invoice.pk}/correct/", step="calculate", **values)
    assert answer.status_code == 422 and 'value="31.00"' in answer.content.decode()
    nothing = submit(desk(), f"/office/invoices/{invoice.pk}/correct/", step="calculate", reason="x")
    assert nothing.status_code == 422


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
    answer = submit(clara, f"{draft_url}issue/")
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
    old = typed_in(page(url))
    change, key, clara = {**old, "line0-is_removed": "on"}, new_key(), desk()
    for _click in range(2):
        assert submit(clara, url, key=key, **change)["Location"] == url
    assert "changed meanwhile" not in clara.get(url).content.decode()

    for path, fields in ((url, old), (f"{url}issue/", {"lines": old["lines"]})):
        clara = desk()
        assert submit(clara, path, **fields)["Location"] == url
        assert "changed meanwhile" in clara.get(url).content.decode()
    assert [line.net_price for line in draft.lines.all()] == [Decimal("20.00")]
    submit(desk(), f"{url}issue/", lines=typed_in(page(url))["lines"])
    assert Invoice.objects.filter(type_code="380").count() == 2


def typed_in(text: str) -> dict[str, str]:
    """What a browser would send of the texts and choices on a page."""
    fields = dict(re.findall(r'<input type="(?:text|hidden)" name="((?:line|order|buyer)[^"]*)" value="([^"]*)"', text))
    chosen = re.findall(r'<select name="(line\d+-contract)".*?<option value="(\d+)" selected', text, re.DOTALL)
    return {**fields, **dict(chosen)}


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
    assert submit(desk(), f"{draft_url}issue/").status_code == 422 and not Invoice.objects.exists()


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
    answer = submit(desk(), f"{draft_url}issue/")
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


@pytest.mark.feature("M65")
def test_a_one_off_item_joins_the_next_invoice_and_can_be_discarded_until_then(seller: Seller) -> None:
    customer = ada(seller)
    url = f"/office/invoices/one-offs/new/?customer={customer.pk}"
    values = {
        "name": "Traffic",
        "quantity": "3",
        "net_price": "2.50",
        "service_start": "2026-11-01",
        "service_end": "2026-11-20",
    }
    submit(desk(), url, **values)
    submit(desk(), url, **{**values, "name": "Backup"})
    backup = OneOffItem.objects.get(name="Backup")
    submit(desk(), f"/office/invoices/one-offs/{backup.pk}/discard/")
    invoice = bill(seller)[0]
    assert invoice.amount_due == Decimal("9.00")
    text = page("/office/invoices/one-offs/")
    assert "discarded" in text and invoice.number in text
    traffic = OneOffItem.objects.get(name="Traffic")
    submit(desk(), f"/office/invoices/one-offs/{traffic.pk}/discard/")
    traffic.refresh_from_db()
    assert traffic.discarded_at is None


def test_the_auditor_reads_documents_and_changes_none(seller: Seller) -> None:
    invoice = issue(ada(seller))
    otto = desk("auditor")
    assert otto.get(f"/office/invoices/{invoice.pk}/").status_code == 200
    for act in ("cancel", "correct", "send", "render"):
        assert submit(otto, f"/office/invoices/{invoice.pk}/{act}/").status_code == 403
    assert submit(otto, "/office/invoices/drafts/new/").status_code == 403
    assert submit(desk("support"), f"/office/invoices/{invoice.pk}/cancel/").status_code == 403


def test_no_page_says_gutschrift_on_a_button(seller: Seller) -> None:
    invoice = issue(ada(seller))
    buttons = re.findall(r"<button[^>]*>(.*?)</button>", page(f"/office/invoices/{invoice.pk}/"), re.DOTALL)
    assert not any("Gutschrift" in one for one in buttons)
