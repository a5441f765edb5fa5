"""The desk for VAT ids, and the rate table."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from kundenkontor.parties.models import Customer, Seller
from kundenkontor.taxes.models import TaxRate, VatIdCheck, VatIdQuestion
from tests.office.steps import desk, submit
from tests.support import builders

pytestmark = pytest.mark.django_db


def unchecked(seller: Seller, number: str, vat_id: str = "DE136695976") -> Customer:
    return builders.ada(
        seller, number=number, country="DE", vat_id=vat_id, vat_id_state="unchecked", email=f"{number}@x.example"
    )


def states() -> list[str]:
    return list(Customer.objects.order_by("number").values_list("vat_id_state", flat=True))


def test_the_desk_shows_what_is_unchecked() -> None:
    seller = builders.alpenhost()
    builders.ada(seller)
    unchecked(seller, "2")
    response = desk().get(reverse("office:vat-ids"))
    assert [cells[0].sub for cells in response.context["cells"]] == ["2"]
    assert response.context["count"] == 1


@pytest.mark.invariant("I-T4")
def test_vies_is_asked_for_one_customer_and_the_answer_is_evidence() -> None:
    customer = unchecked(builders.alpenhost(), "2")
    submit(desk(), reverse("office:vat-id-ask", args=[customer.pk]))
    check = VatIdCheck.objects.get()
    assert (check.outcome, check.way, check.checked_by) == ("valid", "vies", "clara")
    assert check.evidence and states() == ["checked"]


@pytest.mark.invariant("I-T4")
def test_without_an_answer_nothing_is_taken_for_checked() -> None:
    customer = unchecked(builders.alpenhost(), "2", "CHE123456789MWST")
    submit(desk(), reverse("office:vat-id-ask", args=[customer.pk]))
    assert VatIdCheck.objects.get().outcome == "unavailable" and states() == ["unchecked"]


@pytest.mark.invariant("I-T4")
def test_the_customers_page_says_what_became_of_the_question() -> None:
    customer = unchecked(builders.alpenhost(), "2")
    url = f"{reverse('office:vat-id-decide')}?action=vies&customer={customer.pk}"

    def page() -> str:
        return desk().get(reverse("office:customer", args=[customer.pk])).content.decode()

    assert "VIES is being asked" not in page()
    submit(desk(), url, ids=str(customer.pk))
    assert "VIES is being asked about this VAT id." in page()
    again = datetime(2026, 12, 2, 9, 30, tzinfo=UTC)
    VatIdQuestion.objects.update(attempts=1, next_attempt_at=again)
    assert "next attempt: 2 Dec 2026, 10:30." in page()
    VatIdQuestion.objects.update(state="failed", next_attempt_at=None)
    assert "VIES gave no answer for three days." in page()
    Customer.objects.update(vat_id_state="checked")
    assert "VIES gave no answer" not in page()


def test_selected_ids_are_confirmed_in_bulk_with_evidence() -> None:
    seller = builders.alpenhost()
    chosen = [unchecked(seller, str(number)).pk for number in (2, 3)]
    unchecked(seller, "4")
    url = f"{reverse('office:vat-id-decide')}?action=confirm&customer={chosen[0]}&customer={chosen[1]}"

    page = desk().get(url)
    assert page.context["about"].facts[0].value == 2
    assert submit(desk(), url, ids=page.context["form"].initial["ids"], way="staff").status_code == 422
    submit(desk(), url, ids=page.context["form"].initial["ids"], way="staff", evidence="Bescheid vom 1.11.2026")

    assert states() == ["checked", "checked", "unchecked"]
    assert set(VatIdCheck.objects.values_list("evidence", flat=True)) == {"Bescheid vom 1.11.2026"}


def test_all_that_match_the_filters_are_confirmed_at_once() -> None:
    seller = builders.alpenhost()
    for number in range(2, 62):
        unchecked(seller, f"{number:02}")
    builders.bob(seller)
    listing = desk().get(reverse("office:vat-ids"))
    page = desk().get(listing.context["all_url"])
    assert page.context["about"].facts[0].value == 60
    filters = page.context["form"].initial["filters"]
    submit(desk(), listing.context["all_url"], filters=filters, way="import", evidence="altes System")
    assert Customer.objects.filter(vat_id_state="checked").count() == 60


@pytest.mark.invariant("I-T4")
def test_nobody_confirms_an_id_that_the_page_did_not_show() -> None:
    """Customers imported, or an id changed, between looking and confirming."""
    seller = builders.alpenhost()
    first = unchecked(seller, "2")
    url = desk().get(reverse("office:vat-ids")).context["all_url"]

    def typed() -> dict[str, str]:
        return {**desk().get(url).context["form"].initial, "evidence": "Bescheid vom 1.11.2026"}

    before = typed()
    second = unchecked(seller, "3")
    assert submit(desk(), url, **before).status_code == 422
    before = typed()
    Customer.objects.filter(pk=second.pk).update(vat_id="DE811907980")
    assert submit(desk(), url, **before).status_code == 422
    assert states() == ["unchecked", "unchecked"]
    assert submit(desk(), url, **typed()).status_code == 302
    assert states() == ["checked", "checked"] and VatIdCheck.objects.filter(customer=first).exists()


def test_an_id_can_be_marked_invalid() -> None:
    customer = unchecked(builders.alpenhost(), "2")
    url = f"{reverse('office:vat-id-decide')}?action=invalid&customer={customer.pk}"
    submit(desk(), url, ids=str(customer.pk), way="authority", evidence="Finanzamt, 3.11.2026")
    assert states() == ["invalid"]


def test_who_may_not_write_decides_nothing() -> None:
    customer = unchecked(builders.alpenhost(), "2")
    otto = desk("auditor")
    assert otto.get(reverse("office:vat-ids")).status_code == 200
    assert submit(otto, reverse("office:vat-id-ask", args=[customer.pk])).status_code == 403
    assert submit(otto, reverse("office:vat-id-decide"), ids=str(customer.pk)).status_code == 403
    assert states() == ["unchecked"]


@pytest.mark.invariant("I-T3")
def test_a_new_rate_closes_the_former_one_and_lists_the_documents_it_concerns() -> None:
    ada = builders.ada(builders.alpenhost())
    concerned = builders.issue(ada)
    builders.issue(ada, builders.line(start=date(2026, 10, 1), end=date(2026, 10, 31)))

    response = submit(desk(), reverse("office:rate-new"), country="AT", rate="21", valid_from="15.11.2026")

    former, new = TaxRate.objects.filter(country="AT").order_by("-valid_from")[:2][::-1]
    assert former.valid_to == date(2026, 11, 14) and new.rate == Decimal(21)
    page = desk().get(response.headers["Location"])
    assert [cells[0].value for cells in page.context["cells"]] == [concerned.number]


def test_a_rate_before_the_newest_one_is_refused() -> None:
    response = submit(desk(), reverse("office:rate-new"), country="AT", rate="21", valid_from="01.01.2015")
    assert response.status_code == 422 and "valid_from" in response.context["form"].errors
