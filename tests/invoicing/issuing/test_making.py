"""What cannot be made is known before a number is drawn: letters without a font, too many lines."""

from __future__ import annotations

from typing import Any

import pytest

from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.errors import DraftsRefused
from kundenkontor.invoicing.issuing import making
from kundenkontor.invoicing.issuing.lines import Item
from kundenkontor.invoicing.models import Invoice
from kundenkontor.parties.models import Customer, Seller
from tests.support.builders import CLARA, TODAY, ada, alpenhost, issue, line

pytestmark = pytest.mark.django_db
LETTERS = "中"


def refused(customer: Customer, *lines: Any, **changes: Any) -> list[str]:
    """The codes of the refusals; no number was drawn."""
    with pytest.raises(DraftsRefused) as refusal:
        issue(customer, *lines, **changes)
    assert not Invoice.objects.exists()
    return [reason.code for reason in refusal.value.refusals]


@pytest.mark.parametrize("column", ["number", "company", "street", "city"])
def test_a_customer_that_no_font_can_write_gets_no_number(column: str) -> None:
    customer = ada(alpenhost(), **{column: f"Haus {LETTERS}"})

    assert refused(customer) == ["letters_of_buyer"]


def test_an_invoice_address_counts_where_documents_go_there() -> None:
    customer = ada(alpenhost(), invoice_city=LETTERS, invoice_street="Ring 1", invoice_country="AT")
    assert issue(customer).number
    Customer.objects.filter(pk=customer.pk).update(has_invoice_address=True, snapshot=None)

    with pytest.raises(DraftsRefused) as refusal:
        issue(customer)

    assert [reason.code for reason in refusal.value.refusals] == ["letters_of_buyer"]


def test_a_seller_that_no_font_can_write_is_refused() -> None:
    seller = alpenhost(closing_text_en=f"Thank you {LETTERS}")

    assert refused(ada(seller)) == ["letters_of_seller"]


PRINTED = [name for name in Item._fields if name != "article_number"]


@pytest.mark.parametrize("field", PRINTED)
def test_a_line_that_no_font_can_write_is_named(field: str) -> None:
    customer = ada(alpenhost())
    changes: dict[str, Any] = {field: f"{LETTERS}.at"}

    assert refused(customer, line(), line(**changes)) == ["letters_of_line"]


def test_a_contract_number_that_no_font_can_write_is_named() -> None:
    assert refused(ada(alpenhost()), line(contract_number=f"V-{LETTERS}")) == ["letters_of_line"]


def test_what_only_the_xml_says_may_have_any_letters() -> None:
    assert issue(ada(alpenhost()), line(article_number=LETTERS)).number


@pytest.mark.parametrize("field", ["order_number", "buyer_reference", "cost_centre", "note"])
def test_all_texts_of_the_head_are_looked_at(field: str) -> None:
    head: dict[str, Any] = {field: LETTERS}

    assert refused(ada(alpenhost()), **head) == ["letters_of_head"]


def test_references_and_the_text_of_a_document_are_looked_at() -> None:
    assert refused(ada(alpenhost()), note=f"Danke {LETTERS}", order_number="ö") == ["letters_of_head"]


def test_letters_of_europe_are_no_obstacle() -> None:
    customer = ada(alpenhost(), company="Łódź Čeština Ελληνικά Български Größe € – „Ær“")

    assert issue(customer, line(identifier="grüne-wiese.at")).issue_date == TODAY


def test_a_document_of_too_many_lines_is_refused_and_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST_LINES", 3)
    customer = ada(alpenhost())

    assert refused(customer, *[line() for _ in range(4)]) == ["too_many_lines"]
    assert issue(customer, *[line() for _ in range(3)]).number


def test_what_was_issued_is_correctable_whatever_stands_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seller: Seller = alpenhost()
    customer = ada(seller)
    invoice = issue(customer, line(), line())
    monkeypatch.setattr(making, "MOST_LINES", 1)
    Customer.objects.filter(pk=customer.pk).update(company=LETTERS)

    assert cancel_invoice(invoice, bill_again=False, reason="moved", on=TODAY, actor=CLARA).correction.number
