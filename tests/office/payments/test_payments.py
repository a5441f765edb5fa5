"""Payments by hand, balances, open items."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kundenkontor.invoicing.models import Invoice
from kundenkontor.parties.models import Seller
from kundenkontor.payments.models import Allocation, Payment, Refund
from kundenkontor.receivables.models import OpenItem
from kundenkontor.web.gate.once import new_key
from tests.office.steps import desk, queries, submit
from tests.support.builders import ada, alpenhost, bob, issue, line
from tests.support.money import balance_of, money_of, open_amount, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]
DAY = {"received_on": "2026-11-23", "method": "transfer"}


@pytest.fixture
def seller() -> Seller:
    return alpenhost()


def page(url: str) -> str:
    return str(desk().get(url).content.decode())


@pytest.mark.feature("M24")
@pytest.mark.feature("M26")
@pytest.mark.feature("M51")
def test_booking_a_payment_turns_the_invoice_from_open_to_paid(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer)
    url = f"/office/payments/new/?invoice={invoice.pk}"
    assert 'value="12.00"' in page(url) and "Open" in page(f"/office/invoices/{invoice.pk}/")
    clara = desk()
    answer = submit(clara, url, amount="12.00", reference=invoice.number, step="book", **DAY)
    assert "The payment is booked." in clara.get(answer["Location"]).content.decode()
    assert "paid" in page(f"/office/invoices/{invoice.pk}/") and money_of(customer).open == "0.00"


@pytest.mark.feature("M25")
def test_a_payment_that_is_only_received_settles_when_it_is_booked(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer)
    url = f"/office/payments/new/?customer={customer.pk}"
    answer = submit(desk(), url, amount="12.00", is_waiting="on", step="book", **DAY)
    assert open_amount(invoice) == "12.00" and "received, but not booked" in page(answer["Location"])
    submit(desk(), f"{answer['Location']}book/")
    assert open_amount(invoice) == "0.00"


def test_suggesting_fills_in_what_booking_would_settle_and_books_nothing(seller: Seller) -> None:
    customer = ada(seller)
    first, second = issue(customer), issue(customer, line("20.00"))
    url = f"/office/payments/new/?customer={customer.pk}"
    answer = submit(desk(), url, amount="30.00", reference=second.number, step="suggest", **DAY)
    text = answer.content.decode()
    items = {item.invoice.pk: item.pk for item in OpenItem.objects.all()}
    assert f'name="item_{items[second.pk]}" value="24.00"' in text
    assert f'name="item_{items[first.pk]}" value="6.00"' in text and not Payment.objects.exists()


def test_chosen_allocations_are_kept_and_the_rest_becomes_a_balance(seller: Seller) -> None:
    customer = ada(seller)
    first, second = issue(customer), issue(customer)
    items = {item.invoice.pk: item.pk for item in OpenItem.objects.all()}
    url = f"/office/payments/new/?customer={customer.pk}"
    submit(desk(), url, amount="15.00", step="book", **DAY, **{f"item_{items[second.pk]}": "12.00"})
    assert (open_amount(first), open_amount(second)) == ("12.00", "0.00")
    assert balance_of(customer).open_amount == 3


def test_nought_typed_for_an_item_settles_nothing_of_it(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer)
    url = f"/office/payments/new/?customer={customer.pk}"
    submit(desk(), url, amount="12.00", step="book", **DAY, **{f"item_{OpenItem.objects.get().pk}": "0"})
    assert (open_amount(invoice), balance_of(customer).open_amount) == ("12.00", Decimal(12))


def test_too_much_for_an_item_is_refused_and_nothing_typed_is_lost(seller: Seller) -> None:
    customer = ada(seller)
    issue(customer)
    item = OpenItem.objects.get()
    url = f"/office/payments/new/?customer={customer.pk}"
    answer = submit(desk(), url, amount="50.00", step="book", **DAY, **{f"item_{item.pk}": "13.00"})
    assert answer.status_code == 422 and 'value="13.00"' in answer.content.decode() and not Payment.objects.exists()


def test_many_payments_are_checked_then_booked_together(seller: Seller) -> None:
    one, two = issue(ada(seller)), issue(bob(seller), line("20.00"))
    rows = {
        "row0-who": one.number,
        "row0-amount": "12.00",
        "row0-received_on": "2026-11-23",
        "row1-who": "11002",
        "row1-amount": "10.00",
        "row1-received_on": "2026-11-23",
    }
    checked = submit(desk(), "/office/payments/many/", step="check", **rows).content.decode()
    assert "Book 2 payments over EUR\u00a022.00" in checked and not Payment.objects.exists()
    for _click in range(2):
        submit(desk(), "/office/payments/many/", key="m" * 20, step="book", **rows)
    assert Payment.objects.count() == 2
    assert (open_amount(one), open_amount(two)) == ("0.00", "14.00")


def test_rows_are_checked_one_after_the_other_on_the_same_documents(seller: Seller) -> None:
    invoice = issue(ada(seller))
    row = {"who": invoice.number, "amount": "10.00", "received_on": "2026-11-23"}
    rows = {f"row{n}-{name}": text for n in range(2) for name, text in row.items()}

    answer = submit(desk(), "/office/payments/many/", step="check", **rows)

    first, second = [preview for _, preview in answer.context["rows"] if preview]
    assert (first.settles, first.rest) == (f"{invoice.number} EUR\u00a010.00", "")
    assert (second.settles, second.rest) == (f"{invoice.number} EUR\u00a02.00", "EUR\u00a08.00")


def test_a_wrong_row_stops_all_and_says_where(seller: Seller) -> None:
    rows = {"row0-who": "nobody", "row0-amount": "12.00", "row0-received_on": "2026-11-20"}
    answer = submit(desk(), "/office/payments/many/", step="book", **rows)
    assert answer.status_code == 422 and "No invoice and no customer" in answer.content.decode()
    rows = {"row0-who": issue(ada(seller)).number, "row0-amount": "12.00", "row0-received_on": "2027-11-20"}
    answer = submit(desk(), "/office/payments/many/", step="check", **rows)
    assert answer.status_code == 422 and "received after today" in answer.content.decode()


def test_undoing_a_payment_needs_a_reason_and_opens_what_it_settled(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer)
    paid = submit(desk(), f"/office/payments/new/?customer={customer.pk}", amount="12.00", step="book", **DAY)
    url = f"{paid['Location']}reverse/"
    assert invoice.number in page(url)
    assert submit(desk(), url, reason="").status_code == 422
    submit(desk(), url, reason="returned")
    assert open_amount(invoice) == "12.00" and "returned" in page(paid["Location"])


def test_undoing_an_allocation_opens_the_document_and_keeps_the_money(seller: Seller) -> None:
    customer = ada(seller)
    invoice = issue(customer)
    paid = submit(desk(), f"/office/payments/new/?customer={customer.pk}", amount="12.00", step="book", **DAY)
    allocation = Allocation.objects.get()
    url = f"{paid['Location']}allocations/{allocation.pk}/undo/"
    assert url in page(paid["Location"]) and f"Open again: {invoice.number}" in page(url)
    submit(desk(), url, reason="Meant for another invoice")
    assert money_of(customer) == ("12.00", "12.00", "12.00")
    assert url not in page(paid["Location"]) and url not in desk("auditor").get(paid["Location"]).content.decode()
    again = submit(desk(), url, reason="Twice")
    assert again.status_code == 422 and "already undone" in again.content.decode()


def test_a_balance_is_offset_or_refunded_never_more_than_is_left(seller: Seller) -> None:
    customer = ada(seller)
    submit(desk(), f"/office/payments/new/?customer={customer.pk}", amount="20.00", step="book", **DAY)
    item = balance_of(customer)
    invoice = issue(customer)
    owed = OpenItem.objects.get(invoice=invoice)
    too_much = submit(desk(), f"/office/payments/open-items/{item.pk}/refund/", amount="20.01")
    assert too_much.status_code == 422
    submit(desk(), f"/office/payments/open-items/{item.pk}/offset/", open_item=str(owed.pk), amount="12.00")
    submit(desk(), f"/office/payments/open-items/{item.pk}/refund/", amount="8.00", reference="R 1")
    assert open_amount(invoice) == "0.00" and money_of(customer).balance == "0.00"
    assert Refund.objects.get().reference == "R 1"


def test_before_a_payment_is_undone_the_page_says_what_became_of_its_rest(seller: Seller) -> None:
    customer = ada(seller)
    paid = submit(desk(), f"/office/payments/new/?customer={customer.pk}", amount="50.00", step="book", **DAY)
    balance, later = balance_of(customer), issue(customer)
    owed = OpenItem.objects.get(invoice=later)
    submit(desk(), f"/office/payments/open-items/{balance.pk}/offset/", open_item=owed.pk, amount="12.00")
    submit(desk(), f"/office/payments/open-items/{balance.pk}/refund/", amount="30.00", reference="")
    url = f"{paid['Location']}reverse/"

    text = page(url)
    assert f"Open again: {later.number}" in text and "refunded of what was left over" in text
    submit(desk(), url, reason="Returned by the bank")

    assert money_of(customer) == ("12.00", "42.00", "0.00")
    assert f"/office/customers/{customer.pk}/" in page("/office/payments/open-items/")


def test_open_items_show_what_is_overdue_and_what_we_owe(seller: Seller) -> None:
    customer = ada(seller)
    issue(customer, on=date(2026, 10, 1))
    assert "overdue" in page("/office/payments/open-items/?kind=overdue")
    assert "RE2026000001" not in page("/office/payments/open-items/?kind=balance")


def test_the_auditor_books_nothing_and_lists_need_the_same_queries(seller: Seller) -> None:
    customer = ada(seller)
    otto = desk("auditor")
    assert otto.get("/office/payments/").status_code == 200
    assert otto.get("/office/payments/new/").status_code == 403
    assert submit(otto, "/office/payments/many/").status_code == 403
    urls = ("/office/payments/", "/office/payments/open-items/")
    counts = []
    for rows in (1, 2):
        for _ in range(rows):
            issue(customer)
            submit(desk(), f"/office/payments/new/?customer={customer.pk}", amount="1.00", step="book", **DAY)
        counts.append([queries(desk(), url) for url in urls])
    assert counts[0] == counts[1]


def test_a_balance_is_proposed_for_what_is_issued_against_it(seller: Seller) -> None:
    customer = ada(seller)
    pay(customer, "5.00")
    balance = OpenItem.objects.get(customer=customer)
    assert "can be offset" not in page("/office/")
    first, second = issue(customer), issue(customer)

    assert "Balances can be offset with what the customer owes" in page("/office/")
    assert f"/office/payments/open-items/{balance.pk}/offset/" in page("/office/payments/open-items/?kind=offset")
    url = f"/office/payments/open-items/{balance.pk}/offset/?item={second.open_item_id}"
    assert url in page(f"/office/invoices/{second.pk}/")
    assert f'value="{second.open_item_id}" selected' in page(url)
    submit(desk(), url, open_item=second.open_item_id, amount="5.00")

    assert (open_amount(first), open_amount(second)) == ("12.00", "7.00")
    assert "which can settle this" not in page(f"/office/invoices/{first.pk}/")


def test_a_payment_far_above_what_is_open_wants_a_tick_and_is_booked_with_it_once(seller: Seller) -> None:
    customer = ada(seller)
    issue(customer)
    url = f"/office/payments/new/?customer={customer.pk}"
    asked = submit(desk(), url, amount="1200.00", step="book", **DAY)
    text = asked.content.decode()
    assert asked.status_code == 422 and "1,188.00 more than is open" in text.replace("EUR\u00a0", "")
    assert 'name="is_meant"' in text and not Payment.objects.exists()
    key = new_key()
    for _click in range(2):
        assert submit(desk(), url, key=key, amount="1200.00", step="book", is_meant="on", **DAY).status_code == 302
    assert Payment.objects.get().amount == Decimal("1200.00")


def test_a_small_rest_and_an_advance_by_hand_want_no_tick(seller: Seller) -> None:
    customer = ada(seller)
    issue(customer)
    url = f"/office/payments/new/?customer={customer.pk}"
    assert submit(desk(), url, amount="50.00", step="book", **DAY).status_code == 302


def test_a_reference_that_names_anothers_document_or_number_or_a_settled_one_wants_a_tick(seller: Seller) -> None:
    customer, other = ada(seller), bob(seller)
    issue(customer), issue(other), issue(customer, line("20.00"))
    settled = Invoice.objects.order_by("pk").first()
    assert settled is not None
    url = f"/office/payments/new/?customer={customer.pk}"
    submit(desk(), url, amount="12.00", step="book", reference=settled.number, **DAY)
    assert Payment.objects.count() == 1
    for reference, sentence in (
        ("Rechnung RE 2026 000002", "names RE2026000002, a document of"),
        ("Kd. 11002", "names 11002"),
        (settled.number, "of which nothing is open"),
    ):
        answer = submit(desk(), url, amount="12.00", step="book", reference=reference, **DAY)
        assert answer.status_code == 422 and sentence in answer.content.decode(), reference
    assert submit(desk(), url, amount="12.00", step="book", reference="RE2026000003 Kd 11001", **DAY).status_code == 302


def test_a_reference_that_names_another_document_than_the_payment_goes_to_wants_a_tick(seller: Seller) -> None:
    customer = ada(seller)
    first, second = issue(customer), issue(customer)
    items = {item.invoice.pk: item.pk for item in OpenItem.objects.all()}
    url, sentence = f"/office/payments/new/?customer={customer.pk}", f"names {second.number}, of which this payment"
    typed = {"amount": "12.00", "reference": second.number, "step": "book", f"item_{items[first.pk]}": "12.00"}
    answer = submit(desk(), url, **typed, **DAY)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    row = {"row0-who": first.number, "row0-amount": "12.00", "row0-received_on": "2026-11-23"}
    many = submit(desk(), "/office/payments/many/", step="check", **row, **{"row0-reference": second.number})
    assert many.content.decode().count("kk-row-warn") == 1 and sentence in many.content.decode()
    assert submit(desk(), url, **typed, **DAY, is_meant="on").status_code == 302


def test_a_payment_of_all_that_its_reference_names_wants_no_tick(seller: Seller) -> None:
    customer = ada(seller)
    both = [issue(customer), issue(customer, line("20.00"))]
    row = {"row0-who": both[0].number, "row0-amount": "35.99", "row0-received_on": "2026-11-23"}
    reference = {"row0-reference": f"{both[0].number} und {both[1].number}"}
    assert submit(desk(), "/office/payments/many/", step="book", **row, **reference).status_code == 302


def test_of_many_payments_the_odd_row_is_amber_and_none_is_booked_before_its_tick(seller: Seller) -> None:
    one, two = issue(ada(seller)), issue(bob(seller), line("20.00"))
    rows = {"row0-who": one.number, "row0-amount": "12.00", "row0-received_on": "2026-11-23"}
    rows |= {"row1-who": two.number, "row1-amount": "2400.00", "row1-received_on": "2026-11-23"}
    checked = submit(desk(), "/office/payments/many/", step="check", **rows).content.decode()
    assert checked.count("kk-row-warn") == 1 and 'name="row1-is_meant"' in checked
    assert submit(desk(), "/office/payments/many/", step="book", **rows).status_code == 422
    assert not Payment.objects.exists()
    assert submit(desk(), "/office/payments/many/", step="book", **rows, **{"row1-is_meant": "on"}).status_code == 302
    assert Payment.objects.count() == 2


def test_a_row_that_names_what_the_row_before_it_settles_is_amber(seller: Seller) -> None:
    customer = ada(seller)
    invoice, other = issue(customer), issue(customer, line("20.00"))
    row = {"who": invoice.number, "received_on": "2026-11-23"}
    rows = {f"row{n}-{name}": text for n in range(3) for name, text in row.items()}
    rows |= {"row0-amount": "7.00", "row1-amount": "5.00", "row2-amount": "12.00"}
    url = "/office/payments/many/"
    text = submit(desk(), url, step="check", **rows).content.decode()
    assert text.count("kk-row-warn") == 1 and 'name="row2-is_meant"' in text
    assert f"names {invoice.number}, of which nothing is open" in text
    assert submit(desk(), url, step="book", **rows).status_code == 422 and not Payment.objects.exists()
    assert submit(desk(), url, step="book", **rows, **{"row2-is_meant": "on"}).status_code == 302
    assert (open_amount(invoice), open_amount(other)) == ("0.00", "12.00")


def test_many_payments_are_of_the_seller_chosen_on_top_and_an_unknown_number_shows_whom_it_may_mean(
    seller: Seller,
) -> None:
    second = alpenhost(name="Nordnetz UG", short_name="nordnetz")
    customer, other = ada(seller), ada(second, company="Nordkunde")
    invoice = issue(customer)
    row = {"row0-amount": "12.00", "row0-received_on": "2026-11-23"}
    url = "/office/payments/many/"

    both = submit(desk(), url, step="check", **row, **{"row0-who": "11001"})
    assert both.status_code == 422 and "Several have this number" in both.content.decode()
    assert f'value="customer{other.pk}"' in both.content.decode()
    one = submit(desk(), url, step="check", seller=str(second.pk), **row, **{"row0-who": "11001"})
    assert one.status_code == 200 and "Nordkunde" in one.content.decode()

    unknown = submit(desk(), url, step="check", **row, **{"row0-who": "Huber"})
    assert unknown.status_code == 422 and f'value="customer{customer.pk}"' in unknown.content.decode()
    short = submit(desk(), url, step="check", **row, **{"row0-who": "1"})
    picked = {"row0-who": "1", "row0-pick": f"document{invoice.pk}"}
    assert f'value="document{invoice.pk}"' in short.content.decode()
    assert submit(desk(), url, step="book", **row, **picked).status_code == 302
    assert (Payment.objects.get().customer, open_amount(invoice)) == (customer, "0.00")
