"""Contracts in the office: what was billed stays, the rest counts from the next period."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from kundenkontor.billing.runs.commands import confirm_run, finish_run, preview_run, run_chunks, start_run
from kundenkontor.contracts.commands import end_contract
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.events.models import Event
from kundenkontor.invoicing.models import InvoiceLine
from kundenkontor.parties.models import Customer
from tests.office.steps import desk, submit
from tests.support import builders
from tests.support.builders import CLARA, TODAY

pytestmark = pytest.mark.django_db


def ada() -> Customer:
    return builders.ada(builders.alpenhost())


def values(customer: Customer, **changes: str) -> dict[str, str]:
    product = builders.contract(customer, number="V0", identifier="x.at").product
    Contract.objects.filter(number="V0").delete()
    return {
        "number": "V9", "product": str(product.pk), "description": "Webhosting M", "identifier": "huber.at",
        "quantity": "2", "start_date": "01.11.2026", "period_months": "1", "amount": "9,90", "price_kind": "net",
        "set_up_fee": "15,00", "discount_percent": "10", "discount_until": "31.12.2026", "cost_centre": "IT",
        **changes,
    }  # fmt: skip


def make(customer: Customer, **changes: str) -> Contract:
    sent = values(customer, **changes)
    response = submit(desk(), reverse("office:contract-new", args=[customer.pk]), **sent)
    assert response.status_code == 302, response.context["form"].errors
    return Contract.objects.get(number=sent["number"])


def bill(customer: Customer, until: date) -> None:
    run = start_run(customer.seller, until, on=TODAY, actor=CLARA)
    preview_run(run)
    run.refresh_from_db()
    confirmed = confirm_run(run, issue_date=TODAY, actor=CLARA)
    run_chunks(confirmed, actor=CLARA)
    assert finish_run(confirmed, on=TODAY, actor=CLARA)


def edit_values(contract: Contract, **changes: str) -> dict[str, str]:
    sent = {
        "product": str(contract.product_id), "description": contract.description, "identifier": contract.identifier,
        "quantity": "2", "start_date": "01.11.2026", "period_months": "1", "set_up_fee": "15,00",
        "discount_percent": "10", "discount_until": "31.12.2026", "cost_centre": "IT",
    }  # fmt: skip
    return {**sent, **changes}


@pytest.mark.feature("M28")
@pytest.mark.feature("M29")
@pytest.mark.feature("M65")
def test_a_contract_made_by_hand_is_billed_with_price_set_up_fee_and_discount() -> None:
    customer = ada()
    contract = make(customer)

    bill(customer, date(2026, 11, 30))

    lines = {line.kind: line for line in InvoiceLine.objects.filter(contract=contract)}
    assert lines["set_up"].net_amount == Decimal("15.00")
    assert lines["recurring"].net_amount == Decimal("17.82")
    assert lines["recurring"].cost_centre == "IT"
    page = desk().get(reverse("office:contract", args=[contract.pk])).content.decode()
    assert "30 Nov 2026" in page.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("field", "value"),
    [("start_date", "01.10.2026"), ("period_months", "12"), ("cut_over_date", "01.12.2026"), ("set_up_fee", "9,00")],
)
def test_what_was_billed_is_refused_with_the_reason(field: str, value: str) -> None:
    customer = ada()
    contract = make(customer)
    bill(customer, date(2026, 11, 30))

    url = reverse("office:contract-edit", args=[contract.pk])
    response = submit(desk(), url, **edit_values(contract, **{field: value}))

    assert response.status_code == 422 and list(response.context["form"].errors) == [field]
    free = submit(desk(), url, **edit_values(contract, description="New words", quantity="3"))
    assert free.status_code == 302
    contract.refresh_from_db()
    assert (contract.description, contract.quantity) == ("New words", Decimal(3))


def test_before_it_is_billed_everything_may_change_and_the_first_price_moves_with_the_start() -> None:
    contract = make(ada())
    url = reverse("office:contract-edit", args=[contract.pk])
    response = submit(desk(), url, **edit_values(contract, start_date="15.11.2026", period_months="12"))
    assert response.status_code == 302
    contract.refresh_from_db()
    assert contract.start_date == date(2026, 11, 15)
    assert ContractPrice.objects.get(contract=contract).valid_from == date(2026, 11, 15)


@pytest.mark.feature("M63")
def test_a_new_price_counts_for_periods_beginning_on_or_after_its_day() -> None:
    customer = ada()
    contract = make(customer, set_up_fee="", discount_percent="")
    bill(customer, date(2026, 11, 30))
    url = reverse("office:contract-price", args=[contract.pk])

    refused = submit(desk(), url, valid_from="01.11.2026", amount="12,00", price_kind="net")
    assert refused.status_code == 422 and "valid_from" in refused.context["form"].errors
    assert submit(desk(), url, valid_from="01.12.2026", amount="12,00", price_kind="net").status_code == 302
    bill(customer, date(2026, 12, 31))

    prices = InvoiceLine.objects.filter(contract=contract).order_by("period_start").values_list("net_price", flat=True)
    assert list(prices) == [Decimal("9.9"), Decimal("12")]


def test_after_an_end_was_taken_back_the_rest_of_the_period_is_billed_next_at_its_price() -> None:
    customer = ada()
    contract = make(customer, set_up_fee="", discount_percent="")
    end_contract(contract, date(2026, 11, 10), on=TODAY, actor=CLARA)
    bill(customer, date(2026, 11, 30))
    end_contract(contract, None, on=TODAY, actor=CLARA)
    url = reverse("office:contract-price", args=[contract.pk])
    assert submit(desk(), url, valid_from="05.11.2026", amount="12,00", price_kind="net").status_code == 302

    page = desk().get(reverse("office:contract", args=[contract.pk])).content.decode().replace("\u00a0", " ")

    assert "11 Nov 2026 – 30 Nov 2026, EUR 9.90 net (cut)" in page


def test_a_future_price_can_be_taken_back_the_first_and_billed_ones_cannot() -> None:
    customer = ada()
    contract = make(customer)
    bill(customer, date(2026, 11, 30))
    submit(desk(), reverse("office:contract-price", args=[contract.pk]),
           valid_from="01.12.2026", amount="12", price_kind="net")  # fmt: skip
    first, future = ContractPrice.objects.filter(contract=contract).order_by("valid_from")

    submit(desk(), reverse("office:contract-price-withdraw", args=[contract.pk, first.pk]))
    submit(desk(), reverse("office:contract-price-withdraw", args=[contract.pk, future.pk]))

    assert [price.pk for price in ContractPrice.objects.filter(contract=contract)] == [first.pk]
    assert Event.objects.filter(name="contract.price_withdrawn").count() == 1


def test_an_end_inside_a_billed_period_needs_the_promise_to_credit_the_rest() -> None:
    customer = ada()
    contract = make(customer)
    bill(customer, date(2026, 11, 30))
    url = reverse("office:contract-end", args=[contract.pk])

    refused = submit(desk(), url, end_date="15.11.2026")
    assert refused.status_code == 422 and "end_date" in refused.context["form"].errors
    assert submit(desk(), url, end_date="15.11.2026", credits_rest="on").status_code == 302

    contract.refresh_from_db()
    assert contract.end_date == date(2026, 11, 15)
    assert Event.objects.get(name="contract.ended").payload["credits_rest"] is True
    submit(desk(), url, end_date="")
    contract.refresh_from_db()
    assert contract.end_date is None


def test_a_product_of_another_seller_cannot_be_chosen() -> None:
    customer = ada()
    other = builders.bob(builders.alpenhost(short_name="other", name="Other"), number="9")
    foreign = builders.contract(other, number="F1").product
    sent: dict[str, Any] = {**values(customer), "product": str(foreign.pk)}
    response = submit(desk(), reverse("office:contract-new", args=[customer.pk]), **sent)
    assert response.status_code == 422 and "product" in response.context["form"].errors


def test_the_auditor_reads_contracts_and_changes_none() -> None:
    contract = make(ada())
    otto = desk("auditor")
    page = otto.get(reverse("office:contract", args=[contract.pk]))
    assert page.status_code == 200 and b"/end/" not in page.content
    for name in ("contract-edit", "contract-price", "contract-end"):
        assert submit(otto, reverse(f"office:{name}", args=[contract.pk])).status_code == 403


@pytest.mark.feature("M29")
def test_a_free_contract_says_that_nothing_is_billed_next() -> None:
    contract = make(ada(), amount="0,00")

    facts = desk().get(reverse("office:contract", args=[contract.pk])).context["billing_facts"]

    assert "it is free" in {str(fact.label): str(fact.value) for fact in facts}["Billed next"]
