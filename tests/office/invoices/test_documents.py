"""Documents in the office: list, detail, cancelling, correcting, undoing, one-off items."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from kundenkontor.billing.models import OneOffItem
from kundenkontor.delivery.models import Delivery
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.models import Correction, InvoiceLine, ManualDraft
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.papers.models import RenderFailure
from kundenkontor.parties.models import Seller
from kundenkontor.web.gate.once import new_key
from tests.office.steps import bytes_of, desk, queries, submit, typed_in
from tests.portal.builders import client_of, login
from tests.support.billing import bill, hosting
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, contract, issue, line
from tests.support.jobs import run_jobs
from tests.support.money import open_amount
from tests.support.papers import get_file, of_paper

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


def test_a_set_up_is_named_as_on_the_document(seller: Seller) -> None:
    invoice = issue(ada(seller), line("30.00"), line("50.00", kind="set_up"))
    assert page(f"/office/invoices/{invoice.pk}/").count("Webhosting M, one-time set-up") == 1


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
    pdf = get_file(desk(), f"/office/invoices/{invoice.pk}/file.pdf")
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
    typed = typed_in(text, "shown_sum")
    more = submit(desk(), url, step="issue", **typed | {"value_2": "10.00"})
    assert more.status_code == 422 and "The sum is now EUR\u00a024.00" in more.content.decode()
    assert not Correction.objects.exists()
    key = new_key()
    answers = [submit(desk(), url, key=key, step="issue", **typed) for _click in range(2)]
    assert len({one["Location"] for one in answers}) == 1
    answer = answers[0]
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
    url, values = f"/office/invoices/{invoice.pk}/correct/", {"way_1": "dates", "value_1": text, "reason": "outage"}

    answer = submit(desk(), url, step="calculate", **values)
    if days:
        answer = submit(desk(), url, step="issue", **typed_in(answer.content.decode(), "shown_sum"))

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


def test_until_it_is_sent_an_issued_invoice_is_undone_by_one_click_and_nothing_of_it_is_mailed(seller: Seller) -> None:
    seller.mails_automatically = True
    seller.save()
    invoice = issue(ada(seller, email="ada@leitner.example"), line("12.00"))
    run_jobs("react")  # the mail is planned and waits for its PDF
    url, key = f"/office/invoices/{invoice.pk}/", new_key()
    assert "Undo" in page(url) and Delivery.objects.get().state == "waiting"

    answers = [submit(desk(), f"{url}undo/", key=key)["Location"] for _click in range(2)]

    draft = ManualDraft.objects.get(replaces=invoice)
    assert answers == [f"/office/invoices/drafts/{draft.pk}/"] * 2
    assert Correction.objects.get().is_full and open_amount(invoice) == "0.00"
    run_jobs()
    assert not OutgoingMail.objects.exists()
    assert {row.parked_reason for row in Delivery.objects.all()} == {"taken_back_unsent"}
    assert "Taken back before it was sent" in page(url) and "Undo" not in page(url)


def test_what_was_sent_is_not_undone_by_one_click(seller: Seller) -> None:
    seller.mails_automatically = True
    seller.save()
    invoice = issue(ada(seller, email="ada@leitner.example"), line("12.00"))
    run_jobs("render")
    url = f"/office/invoices/{invoice.pk}/"
    assert "Undo" not in page(url)
    clara = desk()
    submit(clara, f"{url}undo/")
    assert "was already sent" in clara.get(url).content.decode() and not Correction.objects.exists()


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


def test_what_was_cancelled_shows_no_day_and_no_amount_to_pay(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer)
    cancel_invoice(invoice, bill_again=False, reason="", on=TODAY, actor=CLARA)
    reader = client_of(login("ada", customer, language="en"))
    for text in (page(f"/office/invoices/{invoice.pk}/"), reader.get(f"/rechnungen/{invoice.pk}/").content.decode()):
        assert "Due" not in text and "Payable" not in text and "Cancelled amount" in text
    for listed in (page("/office/invoices/"), reader.get("/rechnungen/").content.decode()):
        assert "30 Nov 2026" not in listed
