"""Billing runs in the office: preview, confirmation, report, repair."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from kundenkontor.billing.models import BillingRun, ParkedCustomer
from kundenkontor.contracts.models import ContractPrice
from kundenkontor.events.models import Event
from kundenkontor.invoicing.models import Invoice
from kundenkontor.parties.models import Customer, Seller, SellerTaxSetting
from tests.office.steps import desk, queries, submit
from tests.support.billing import hosting
from tests.support.builders import ada, alpenhost, bob
from tests.support.jobs import run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]


@pytest.fixture
def seller() -> Seller:
    return alpenhost()


def previewed(seller: Seller) -> BillingRun:
    """A run whose preview the worker has computed."""
    submit(desk(), "/office/billing/start/", seller=str(seller.pk), billed_until="30.11.2026")
    run_jobs("preview_run")
    return BillingRun.objects.latest("pk")


def confirmed(run: BillingRun) -> BillingRun:
    submit(desk(), f"/office/billing/{run.pk}/confirm/", issue_date="23.11.2026")
    run_jobs("bill_run")
    run.refresh_from_db()
    return run


@pytest.mark.feature("M59")
@pytest.mark.feature("M63")
def test_a_run_goes_from_start_over_preview_and_confirmation_to_its_report(seller: Seller) -> None:
    hosting(ada(seller), "10.00")
    run = previewed(seller)
    page = desk().get(f"/office/billing/{run.pk}/").content.decode()
    assert "EUR\u00a012.00" in page and "Webhosting M" in page and not Invoice.objects.exists()

    run = confirmed(run)
    assert run.state == "finished" and Invoice.objects.get().amount_due == Decimal("12.00")
    page = desk().get(f"/office/billing/{run.pk}/").content.decode()
    assert "Completeness report" in page and "outcome=billed" in page
    contracts = desk().get(f"/office/billing/{run.pk}/contracts/?outcome=billed").content.decode()
    assert "V150001" in contracts
    assert Event.objects.filter(name="billing.run_confirmed", actor_label="clara").count() == 1


def test_the_start_page_suggests_the_last_day_of_the_month_and_shows_what_happens_by_itself(seller: Seller) -> None:
    page = desk().get("/office/billing/start/").content.decode()
    assert 'value="2026-11-30"' in page and "preview; staff confirm it" in page


def test_confirming_a_preview_that_has_changed_says_what_changed_and_issues_nothing(seller: Seller) -> None:
    customer = ada(seller)
    hosting(customer, "10.00")
    run = previewed(seller)
    hosting(customer, "20.00", number="V150002")

    assert confirmed(run).state == "previewed"

    page = desk().get(f"/office/billing/{run.pk}/").content.decode()
    assert "Changed since the preview you saw" in page
    assert "EUR\u00a012.00" in page and "EUR\u00a036.00" in page and not Invoice.objects.exists()
    assert confirmed(run).state == "finished" and Invoice.objects.count() == 2


def test_a_preview_warns_and_leads_to_whom_it_concerns(seller: Seller) -> None:
    hosting(ada(seller), "10.00")
    without_street = bob(seller, street="")
    hosting(without_street, "20.00", number="V150002")
    run = previewed(seller)

    page = desk().get(f"/office/billing/{run.pk}/").content.decode()
    link = f"/office/billing/{run.pk}/warnings/?code=buyer_address_missing"
    assert "Warning for 1 customer: The address is incomplete" in page and link in page
    listed = desk("auditor").get(link).content.decode()
    assert f"/office/customers/{without_street.pk}/" in listed and "24.00" in listed and "11001" not in listed
    assert "no warning" in desk().get(f"/office/billing/{run.pk}/warnings/?code=error").content.decode()
    assert "Warning for 1 customer" in desk().get(f"/office/billing/{confirmed(run).pk}/").content.decode()


def test_confirming_says_so_where_only_the_people_behind_the_sums_changed(seller: Seller) -> None:
    contract = hosting(ada(seller), "10.00")
    run = previewed(seller)
    contract.start_date = contract.start_date.replace(year=2027)
    contract.save()
    hosting(ada(seller, number="11009"), "10.00", number="V150002")

    assert confirmed(run).state == "previewed"

    page = desk().get(f"/office/billing/{run.pk}/").content.decode()
    assert "Changed since the preview you saw" in page and "split differently" in page


def test_a_date_in_the_future_is_refused_beside_its_field(seller: Seller) -> None:
    hosting(ada(seller), "10.00")
    run = previewed(seller)
    answer = submit(desk(), f"/office/billing/{run.pk}/confirm/", issue_date="24.11.2026")
    assert answer.status_code == 409 and "must not lie in the future" in answer.content.decode()


def test_a_run_being_confirmed_shows_its_progress_and_cannot_be_discarded(seller: Seller) -> None:
    hosting(ada(seller), "10.00")
    run = previewed(seller)
    submit(desk(), f"/office/billing/{run.pk}/confirm/", issue_date="23.11.2026")

    page = desk().get(f"/office/billing/{run.pk}/").content.decode()
    assert "Comparing with the preview" in page and "No background job works" not in page
    submit(desk(), f"/office/billing/{run.pk}/discard/")
    run.refresh_from_db()
    assert run.state == "confirming" and not Invoice.objects.exists()


def test_a_run_whose_job_failed_for_good_is_named_and_goes_on_by_a_click(seller: Seller) -> None:
    hosting(ada(seller), "10.00")
    run = previewed(seller)
    submit(desk(), f"/office/billing/{run.pk}/confirm/", issue_date="23.11.2026")
    run_jobs("react")
    ProcrastinateJob.objects.filter(task_name="kundenkontor.bill_run").delete()

    assert "Billing runs have stopped" in desk().get("/office/").content.decode()
    assert "No background job works" in desk().get(f"/office/billing/{run.pk}/").content.decode()
    submit(desk(), f"/office/billing/{run.pk}/resume/")
    run_jobs("bill_run")

    run.refresh_from_db()
    assert run.state == "finished" and Invoice.objects.count() == 1
    submit(desk(), f"/office/billing/{run.pk}/resume/")
    assert run_jobs("bill_run") == []


def test_a_second_click_on_confirm_issues_once(seller: Seller) -> None:
    hosting(ada(seller), "10.00")
    run = previewed(seller)
    for _click in range(2):
        submit(desk(), f"/office/billing/{run.pk}/confirm/", key="k" * 20, issue_date="23.11.2026")
    run_jobs("bill_run")
    assert Invoice.objects.count() == 1


def test_a_discarded_preview_issues_nothing(seller: Seller) -> None:
    hosting(ada(seller), "10.00")
    run = previewed(seller)
    submit(desk(), f"/office/billing/{run.pk}/discard/")
    run.refresh_from_db()
    assert run.state == "discarded" and not Invoice.objects.exists()


def german(seller: Seller, **changes: str) -> Customer:
    """A business in Germany whose VAT id nobody has checked."""
    values: dict[str, Any] = {
        "company": "Kabel GmbH",
        "country": "DE",
        "is_taxable_person": True,
        "is_consumer": False,
        "vat_id": "DE136695976",
        "vat_id_state": "unchecked",
    }
    return bob(seller, **values | changes)


@pytest.mark.feature("M36")
def test_a_parked_customer_is_shown_with_reason_and_link_and_billed_after_the_repair(seller: Seller) -> None:
    hosting(ada(seller), "10.00")
    kabel = german(seller)
    hosting(kabel, "20.00", number="V150002")
    run = confirmed(previewed(seller))
    assert f"Customers of {seller.name} could not be billed" in desk().get("/office/").content.decode()
    page = desk().get(f"/office/billing/{run.pk}/parked/").content.decode()
    assert "DE136695976" in page and "/office/customers/vat-ids/?q=11002" in page
    page = desk().get(f"/office/customers/{kabel.pk}/").content.decode()
    assert "The VAT id DE136695976 has not been checked" in page and "/office/customers/vat-ids/?q=11002" in page

    submit(desk(), f"/office/billing/{run.pk}/parked/{kabel.pk}/retry/")
    assert Invoice.objects.count() == 1 and ParkedCustomer.objects.filter(run=run).exists()
    Customer.objects.filter(pk=kabel.pk).update(vat_id_state="checked")
    submit(desk(), f"/office/billing/{run.pk}/parked/{kabel.pk}/retry/")
    assert Invoice.objects.filter(customer=kabel).get().total_vat == 0
    assert not ParkedCustomer.objects.filter(run=run).exists()


def test_all_parked_customers_are_billed_again_in_the_background(seller: Seller) -> None:
    kabel = german(seller)
    hosting(kabel, "20.00")
    run = confirmed(previewed(seller))
    Customer.objects.filter(pk=kabel.pk).update(vat_id_state="checked")
    submit(desk(), f"/office/billing/{run.pk}/parked/retry/")
    run_jobs("retry_parked")
    assert Invoice.objects.filter(customer=kabel).count() == 1


def test_the_button_over_filtered_parked_customers_bills_those_whom_it_shows(seller: Seller) -> None:
    kabel, other = german(seller), german(seller, number="11003", company="Andere GmbH")
    for customer, number in ((kabel, "V1"), (other, "V2")):
        hosting(customer, "20.00", number=number)
    run = confirmed(previewed(seller))
    Customer.objects.update(vat_id_state="checked")
    url = f"/office/billing/{run.pk}/parked/"
    text = desk().get(f"{url}?q=Andere").content.decode()
    assert "Bill the 1 shown again" in text and f'action="{url}retry/?q=Andere"' in text
    submit(desk(), f"{url}retry/?q=Andere")
    run_jobs("retry_parked")
    assert list(Invoice.objects.values_list("customer", flat=True)) == [other.pk]


@pytest.mark.invariant("I-B5")
def test_the_safety_bound_is_released_by_a_click_and_logged(seller: Seller) -> None:
    customer = ada(seller)
    contract = hosting(customer, "10.00")
    contract.start_date = contract.start_date.replace(month=5)
    contract.save()
    ContractPrice.objects.filter(contract=contract).update(valid_from=contract.start_date)
    run = previewed(seller)
    assert "Release the amount" in desk().get(f"/office/billing/{run.pk}/parked/").content.decode()
    submit(desk(), f"/office/billing/{run.pk}/parked/{customer.pk}/release/")
    run_jobs("preview_run")
    confirmed(run)
    assert Invoice.objects.get().lines.count() == 7
    assert "could not be billed" not in desk().get(f"/office/billing/{run.pk}/").content.decode()
    assert "Nobody is parked" in desk().get(f"/office/billing/{run.pk}/parked/").content.decode()
    assert Event.objects.filter(name="billing.safety_bound_released").count() == 1


def test_the_invoices_of_a_run_are_mailed_after_the_numbers_were_shown(seller: Seller) -> None:
    hosting(ada(seller), "10.00")
    run = confirmed(previewed(seller))
    url = f"/office/invoices/of-run/{run.pk}/deliver/"
    assert "Send 1 document" in desk().get(url).content.decode()
    answer = submit(desk(), url)
    assert answer["Location"] == f"/office/mail/deliveries/?run={run.pk}"
    assert "RE2026000001" in desk().get(answer["Location"]).content.decode()


def test_the_auditor_reads_runs_and_starts_none(seller: Seller) -> None:
    run = previewed(seller)
    otto = desk("auditor")
    assert otto.get(f"/office/billing/{run.pk}/").status_code == 200
    assert otto.get("/office/billing/start/").status_code == 403
    for act in ("confirm", "discard", "recompute"):
        assert submit(otto, f"/office/billing/{run.pk}/{act}/").status_code == 403
    assert desk("support").get("/office/billing/").status_code == 403


def test_the_list_of_runs_needs_the_same_queries_for_one_and_three(seller: Seller) -> None:
    previewed(seller)
    client = desk()
    before = queries(client, "/office/billing/")
    previewed(seller)
    previewed(seller)
    assert queries(client, "/office/billing/") == before


def test_the_progress_fragment_leads_to_the_result(seller: Seller) -> None:
    run = previewed(seller)
    fragment = desk().get(f"/office/billing/{run.pk}/progress/").content.decode()
    assert f"/office/billing/{run.pk}/" in fragment and "hx-get" not in fragment


def test_a_preview_without_invoices_offers_none_to_issue(seller: Seller) -> None:
    hosting(german(seller), "20.00")
    run = previewed(seller)
    text = desk().get(f"/office/billing/{run.pk}/").content.decode()

    assert "Nothing can be billed up to this day" in text and "Issue 0 invoices" not in text


def test_a_preview_computed_anew_shows_progress_and_not_the_old_sums(seller: Seller) -> None:
    hosting(ada(seller), "10.00")
    run = previewed(seller)
    answer = submit(desk(), f"/office/billing/{run.pk}/recompute/")
    page = desk().get(answer["Location"])
    assert page.context["progress"] and "sums" not in page.context


def test_a_seller_without_vat_sees_one_total_that_is_neither_with_nor_without_it(seller: Seller) -> None:
    SellerTaxSetting.objects.create(seller=seller, kind="small_business", valid_from=date(2020, 1, 1), applies=True)
    hosting(ada(seller), "10.00")
    text = desk().get(f"/office/billing/{previewed(seller).pk}/").content.decode()
    assert "with VAT" not in text and "without VAT" not in text and "With VAT" not in text
    assert "Total" in text and "Issue 1 invoice<" in text
