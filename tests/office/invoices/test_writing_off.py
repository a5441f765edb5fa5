"""Writing off on the document's page: seen before it is booked, once only, said honestly on both faces."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from kundenkontor.invoicing.models import Invoice
from kundenkontor.parties.models import SellerTaxSetting
from kundenkontor.receivables.models import WriteOff
from kundenkontor.web.gate.once import new_key
from tests.office.steps import bytes_of, desk, submit
from tests.portal.builders import client_of, login
from tests.support.builders import TODAY, ada, alpenhost, issue, line
from tests.support.money import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]
FORM = {"lost_on": "23.11.2026", "reason": "insolvent"}


def page(client: Any, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode()).replace("\u00a0", " ")


def url_of(invoice: Invoice, more: str = "") -> str:
    return f"/office/invoices/{invoice.pk}/{more}"


def test_the_loss_is_shown_by_rate_before_it_is_booked_once() -> None:
    invoice = issue(ada(alpenhost()), line("100.00"), line("50.00", rate=Decimal(10)))
    clerk, key = desk(), new_key()

    shown = page(clerk, url_of(invoice, "write-off/"))
    assert "EUR 175.00" in shown and "EUR 20.00" in shown and "EUR 5.00" in shown and "corrected in the return" in shown
    for _ in range(2):
        assert submit(clerk, url_of(invoice, "write-off/"), key=key, **FORM).status_code == 302

    assert WriteOff.objects.get().amount == Decimal("175.00")
    shown = page(clerk, url_of(invoice))
    assert "written off" in shown and "insolvent" in shown and "Written off" in shown  # state, list, event
    assert f'{url_of(invoice, "write-off/")}"' not in shown


def test_a_seller_with_vat_on_receipt_reads_that_it_was_never_due() -> None:
    seller = alpenhost()
    SellerTaxSetting.objects.create(seller=seller, kind="cash_accounting", valid_from=date(2026, 1, 1), applies=True)

    assert "never due" in page(desk(), url_of(issue(ada(seller)), "write-off/"))


def test_taken_back_it_is_open_again_and_the_payment_is_next() -> None:
    invoice = issue(ada(alpenhost()))
    clerk = desk()
    submit(clerk, url_of(invoice, "write-off/"), **FORM)
    back = reverse("office:write-off-back", args=[WriteOff.objects.get().pk])
    assert back in page(clerk, url_of(invoice))

    refused = submit(clerk, back, what="arrived", amount="12.01", arrived_on="", reason="paid")
    assert refused.status_code == 422 and b"12.01" in refused.content
    answer = submit(clerk, back, what="arrived", amount="12.00", arrived_on="", reason="paid")

    assert answer.headers["Location"] == f"/office/payments/new/?invoice={invoice.pk}"
    assert page(clerk, answer.headers["Location"])
    assert WriteOff.objects.get(reverses__isnull=False).happened_on == TODAY
    assert back not in page(clerk, url_of(invoice))


def test_only_those_who_handle_money_write_off() -> None:
    invoice = issue(ada(alpenhost()))

    for role in ("support", "auditor"):
        assert desk(role).get(url_of(invoice, "write-off/")).status_code == 403
        assert url_of(invoice, "write-off/") not in page(desk(role), url_of(invoice))


def test_the_books_list_losses_with_their_vat_and_what_is_owed_again_against_them() -> None:
    invoice = issue(ada(alpenhost()))
    clerk = desk()
    submit(clerk, url_of(invoice, "write-off/"), **FORM)
    loss = WriteOff.objects.get()
    submit(clerk, reverse("office:write-off-back", args=[loss.pk]), what="mistake", amount="6", reason="half of it")

    shown = page(clerk, "/office/books/written-off/")
    assert all(f'value="{amount}"' in shown for amount in ("12.00", "2.00", "-6.00", "-1.00"))
    assert b"insolvent" in bytes_of(clerk.get("/office/books/written-off/?format=csv"))


def test_the_customer_reads_it_and_that_the_claim_stays() -> None:
    customer = ada(alpenhost())
    invoice = issue(customer)
    submit(desk(), url_of(invoice, "write-off/"), **FORM)

    shown = page(client_of(login("ada", customer, language="en")), f"/rechnungen/{invoice.pk}/")

    assert "written off" in shown and "The claim itself stays" in shown and "paid</" not in shown


def test_a_balance_that_could_settle_it_is_named_before() -> None:
    customer = ada(alpenhost())
    invoice = issue(customer)
    pay(customer, "5.00", allocations=[])

    assert "balance of EUR 5.00" in page(desk(), url_of(invoice, "write-off/"))


def test_the_journal_leads_from_a_loss_to_its_document() -> None:
    invoice = issue(ada(alpenhost()))
    submit(desk(), url_of(invoice, "write-off/"), **FORM)

    shown = page(desk("auditor"), "/office/books/journal/")

    assert "Uncollectible receivables S 20" in shown and "Written off" in shown
    assert shown.count(url_of(invoice)) == 4  # two postings of the document, two of the loss


def test_money_that_is_left_over_names_what_was_written_off() -> None:
    customer = ada(alpenhost())
    invoice = issue(customer)
    clerk = desk()
    before = pay(customer, "1.00", allocations=[])
    assert "is written off" not in page(clerk, f"/office/payments/{before.pk}/")
    submit(clerk, url_of(invoice, "write-off/"), **FORM)

    payment = pay(customer, "12.00")

    assert f"{invoice.number} is written off" in page(clerk, f"/office/payments/{payment.pk}/")
