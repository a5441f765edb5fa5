"""Importing again: what a changed row updates, what a billed contract refuses, and the dates an import asks for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kundenkontor.billing.models import Charge
from kundenkontor.contracts.models import Contract
from kundenkontor.contracts.periods import periods_due
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.models import Event
from kundenkontor.imports.errors import CutOverDateNeeded, NothingToImport, UnknownSeries, UnusableFile
from kundenkontor.imports.models import ImportRun
from kundenkontor.imports.planning.report import ImportReport
from kundenkontor.imports.samples.generator import Mix, as_readings, generate
from kundenkontor.imports.writing.commands import import_files, import_rows
from kundenkontor.invoicing.drafting.commands import ManualLine, create_draft
from kundenkontor.invoicing.errors import SeriesHasDocuments
from kundenkontor.invoicing.models import Invoice, NumberSeries
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Customer, PartySnapshot, Seller
from kundenkontor.receivables.models import OpenItem
from tests.imports.conftest import TODAY
from tests.support.builders import alpenhost, issue, line

CUSTOMER_HEAD = (
    "customer_number,company,first_name,last_name,email,street,postal_code,city,country,vat_id,language,"
    "collective_invoice,payment_terms_days"
)
ADA = "K1,Ada OG,Ada,Achleitner,ada@post.example,Ring 1,1070,Wien,AT,ATU66889218,de,no,14"
BOB = "K2,,Bob,Bäumler,bob@post.example,Gasse 2,4020,Linz,AT,,de,no,14"
CONTRACT_HEAD = (
    "contract_number,customer_number,product_code,product_name,description,identifier,net_price,currency,period,"
    "start_date,end_date,discount_percent,discount_until"
)
CONTRACT = "V1,K1,webhosting-s,Webhosting S,alt,ada.example,4.90,EUR,monthly,2026-11-01,,,"


def take_in(
    seller: Seller,
    customers: list[str] | None = None,
    contracts: list[str] | None = None,
    *,
    cut_over_date: date | None = None,
    next_numbers: dict[str, int] | None = None,
    customer_head: str = CUSTOMER_HEAD,
    contract_head: str = CONTRACT_HEAD,
) -> ImportReport:
    return import_files(
        seller,
        None if customers is None else "\n".join([customer_head, *customers]).encode(),
        None if contracts is None else "\n".join([contract_head, *contracts]).encode(),
        cut_over_date=cut_over_date,
        next_numbers=next_numbers,
        on=TODAY,
        actor=SYSTEM,
    )


def bill(contract: Contract, start: date, end: date) -> None:
    """Charge one period on an issued invoice."""
    series, _ = NumberSeries.objects.get_or_create(
        seller=contract.seller, kind="invoice", year=2026, defaults={"pattern": "RE{year}{number:06}"}
    )
    NumberSeries.objects.filter(pk=series.pk).update(next_number=2, last_issue_date=TODAY)
    snapshot = PartySnapshot.objects.create(customer=contract.customer, content={}, created_at=utc_now())
    zero = Decimal("0.00")
    item = OpenItem.objects.create(
        seller_id=contract.seller_id, customer=contract.customer, kind="receivable", number="RE2026000001",
        original_amount=zero, open_amount=zero, due_date=TODAY,
    )  # fmt: skip
    invoice = Invoice.objects.create(
        open_item=item,
        seller=contract.seller, customer=contract.customer, series=series, sequence=1, number="RE2026000001",
        type_code="380", sign=1, issue_date=TODAY, due_date=TODAY, period_start=start, period_end=end, language="de",
        seller_snapshot=snapshot, customer_snapshot=snapshot, is_collective=False, total_without_vat=zero,
        total_vat=zero, total_with_vat=zero, rounding_amount=zero, amount_due=zero, issued_at=utc_now(),
    )  # fmt: skip
    Charge.objects.create(
        customer_id=contract.customer_id, contract=contract, kind="recurring", period_start=start, period_end=end,
        previous_end=None, invoice=invoice, position=1,
    )  # fmt: skip


@pytest.fixture
def contract(seller: Seller) -> Contract:
    """Ada's contract from 1 November, not billed yet; Bob is there too."""
    take_in(seller, [ADA, BOB], [CONTRACT])
    return Contract.objects.get(number="V1")


def prices(contract: Contract) -> list[tuple[date, str]]:
    return [(price.valid_from, f"{price.amount.normalize():f}") for price in contract.prices.order_by("valid_from")]


def test_a_changed_customer_row_updates_everything_about_the_customer(seller: Seller, contract: Contract) -> None:
    row = "K1,Ada & Töchter GmbH,Ada,Ünal,neu@post.example,Platz 3,5020,Salzburg,AT,ATU13585627,en,yes,30"

    report = take_in(seller, [row, BOB])

    assert report.counts["customers"] == {"new": 0, "changed": 1, "unchanged": 1, "refused": 0}
    ada = Customer.objects.get(number="K1")
    assert (ada.name, ada.last_name, ada.email, ada.city) == (
        "Ada & Töchter GmbH",
        "Ünal",
        "neu@post.example",
        "Salzburg",
    )
    assert (ada.vat_id, ada.vat_id_state, ada.language, ada.is_collective) == ("ATU13585627", "unchecked", "en", True)
    assert (ada.payment_terms_days, ada.sort_key) == (30, "ada toechter gmbh")
    contact = ada.contacts.get(group="main")
    assert (contact.name, contact.email, contact.receives_invoices) == ("Ada Ünal", "neu@post.example", True)
    event = Event.objects.get(name="customer.updated")
    assert event.customer_id == ada.pk and "city" in event.payload["fields"]
    assert take_in(seller, [row, BOB]).counts["customers"]["changed"] == 0


def test_a_checked_vat_id_stays_checked_while_it_stays_the_same(seller: Seller, contract: Contract) -> None:
    Customer.objects.filter(number="K1").update(vat_id_state="checked", is_taxable_person=False)

    take_in(seller, [ADA.replace("Ring 1", "Ring 2")])

    ada = Customer.objects.get(number="K1")
    assert (ada.street, ada.vat_id_state, ada.is_taxable_person) == ("Ring 2", "checked", False)


@pytest.mark.invariant("I-T4")
def test_a_checked_vat_id_is_unchecked_again_when_its_customer_moves_to_another_country(
    seller: Seller, contract: Contract
) -> None:
    Customer.objects.filter(number="K1").update(vat_id_state="checked")

    take_in(seller, [ADA.replace("1070,Wien,AT", "75001,Paris,FR")])

    ada = Customer.objects.get(number="K1")
    assert (ada.country, ada.vat_id, ada.vat_id_state) == ("FR", "ATU66889218", "unchecked")


def test_what_staff_decided_about_an_association_survives_its_new_name_but_not_a_new_vat_id(
    seller: Seller, contract: Contract
) -> None:
    take_in(seller, [ADA.replace("ATU66889218", "")])
    neither = Customer.objects.filter(number="K1", is_taxable_person=False, is_consumer=False)
    Customer.objects.filter(number="K1").update(is_taxable_person=False)

    take_in(seller, [ADA.replace("ATU66889218", "").replace("Ada OG", "Ada e.V.")])
    assert neither.filter(company="Ada e.V.").exists()
    take_in(seller, [ADA.replace("Ada OG", "Ada e.V.")])
    assert not neither.exists()

    take_in(seller, ["K1,,Ada,Achleitner,ada@post.example,Ring 1,1070,Wien,AT,,de,no,14"])
    assert Customer.objects.filter(number="K1", is_taxable_person=False, is_consumer=True).exists()


def test_an_address_that_is_cleared_takes_the_main_contact_along(seller: Seller, contract: Contract) -> None:
    row = ADA.replace("ada@post.example", "")

    take_in(seller, [row, BOB])

    ada = Customer.objects.get(number="K1")
    assert (ada.email, list(ada.contacts.all())) == ("", [])
    assert Customer.objects.get(number="K2").contacts.count() == 1
    assert take_in(seller, [row]).counts["customers"]["unchanged"] == 1
    take_in(seller, [ADA])
    assert ada.contacts.get().receives_invoices


def test_of_the_main_contact_only_what_the_file_changes_is_replaced(seller: Seller, contract: Contract) -> None:
    main = Customer.objects.get(number="K1").contacts.filter(group="main")
    main.update(email="set-here@post.example")

    take_in(seller, ["K1,Berger,AT"], customer_head="customer_number,last_name,country")
    assert main.values_list("name", "email").get() == ("Ada Berger", "set-here@post.example")

    main.update(name="Set here")
    take_in(seller, ["K1,Berger,new@post.example,AT"], customer_head="customer_number,last_name,email,country")
    assert main.values_list("name", "email").get() == ("Set here", "new@post.example")


def test_a_vat_id_that_goes_takes_its_checked_state_along(seller: Seller, contract: Contract) -> None:
    Customer.objects.filter(number="K1").update(vat_id_state="checked")

    take_in(seller, [ADA.replace("ATU66889218", "")])

    ada = Customer.objects.get(number="K1")
    assert (ada.vat_id, ada.vat_id_state) == ("", "none")


def test_a_column_that_is_missing_leaves_known_data_alone(seller: Seller, contract: Contract) -> None:
    report = take_in(seller, ["K1,Ada OG,AT"], customer_head="customer_number,company,country")

    assert report.counts["customers"]["unchanged"] == 1
    assert Customer.objects.get(number="K1").email == "ada@post.example"


def test_an_unbilled_contract_may_change_in_everything(seller: Seller, contract: Contract) -> None:
    row = "V1,K2,ssl-neu,SSL neu,neu,bob.example,7.77,EUR,yearly,2026-10-15,2027-12-31,10,2027-06-30"

    report = take_in(seller, None, [row])

    assert report.counts["contracts"]["changed"] == 1 and report.new_products == ("SSL neu",)
    contract.refresh_from_db()
    assert (contract.customer.number, contract.product.code, contract.product.group) == ("K2", "ssl-neu", "ssl")
    assert (contract.period_months, contract.start_date, contract.end_date) == (
        12,
        date(2026, 10, 15),
        date(2027, 12, 31),
    )
    assert (contract.discount_percent, contract.discount_until) == (Decimal(10), date(2027, 6, 30))
    assert prices(contract) == [(date(2026, 10, 15), "7.77")]
    assert take_in(seller, None, [row]).counts["contracts"]["unchanged"] == 1


def test_the_price_of_an_unbilled_contract_is_simply_replaced(seller: Seller, contract: Contract) -> None:
    take_in(seller, None, [CONTRACT.replace("4.90", "5.90")])

    assert prices(contract) == [(date(2026, 11, 1), "5.9")]


def test_a_new_price_counts_from_the_next_unbilled_period(seller: Seller, contract: Contract) -> None:
    bill(contract, date(2026, 11, 1), date(2026, 11, 30))

    report = take_in(seller, None, [CONTRACT.replace("4.90", "5.90")])

    assert report.errors == []
    assert prices(contract) == [(date(2026, 11, 1), "4.9"), (date(2026, 12, 1), "5.9")]
    assert take_in(seller, None, [CONTRACT.replace("4.90", "5.90")]).counts["contracts"]["unchanged"] == 1
    take_in(seller, None, [CONTRACT.replace("4.90", "6.90")])
    assert prices(contract) == [(date(2026, 11, 1), "4.9"), (date(2026, 12, 1), "6.9")]


def test_a_billed_contract_still_takes_texts_end_and_discount(seller: Seller, contract: Contract) -> None:
    bill(contract, date(2026, 11, 1), date(2026, 11, 30))

    row = "V1,K1,webhosting-s,Webhosting S,neu,neu.example,4.90,EUR,monthly,2026-11-01,2026-11-15,5,2027-01-31"
    report = take_in(seller, None, [row])

    assert [problem.code for problem in report.problems] == ["end_already_billed"]
    contract.refresh_from_db()
    assert (contract.description, contract.identifier, contract.end_date) == ("neu", "neu.example", date(2026, 11, 15))


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (",K1,", ",K2,", "billed_customer"),
        ("webhosting-s", "webhosting-l", "billed_product"),
        ("monthly", "quarterly", "billed_period"),
        ("2026-11-01", "2026-11-02", "billed_start"),
    ],
)
def test_a_billed_contract_refuses_another_customer_product_period_or_start(
    seller: Seller, contract: Contract, before: str, after: str, code: str
) -> None:
    bill(contract, date(2026, 11, 1), date(2026, 11, 30))
    stored = Contract.objects.filter(pk=contract.pk).values().get()

    report = take_in(seller, None, [CONTRACT.replace(before, after).replace("4.90", "99.00")])

    assert [(problem.line, problem.code) for problem in report.errors] == [(2, code)]
    assert report.counts["contracts"] == {"new": 0, "changed": 0, "unchanged": 0, "refused": 1}
    assert Contract.objects.filter(pk=contract.pk).values().get() == stored
    assert prices(contract) == [(date(2026, 11, 1), "4.9")]


def test_contracts_come_in_for_customers_known_from_before(seller: Seller, contract: Contract) -> None:
    report = take_in(seller, None, [CONTRACT.replace("V1,K1", "V2,K2"), CONTRACT.replace("V1,K1", "V3,K9")])

    assert Contract.objects.filter(number="V2", customer__number="K2").exists()
    assert [(problem.line, problem.code) for problem in report.errors] == [(3, "customer_unknown")]


def test_numbers_are_unique_per_seller_only(seller: Seller, contract: Contract) -> None:
    other = Seller.objects.create(
        name="B", short_name="b", street="x", postal_code="1", city="x", country="DE", email="b@b.example"
    )

    report = take_in(other, [ADA], [CONTRACT])

    assert report.counts["customers"]["new"] == report.counts["contracts"]["new"] == 1
    assert Contract.objects.filter(number="V1").count() == 2


def test_past_periods_need_a_cut_over_date(seller: Seller) -> None:
    old = CONTRACT.replace("2026-11-01", "2026-10-22")
    with pytest.raises(CutOverDateNeeded) as refusal:
        take_in(seller, [ADA], [CONTRACT.replace("V1", "V0"), old])

    assert refusal.value.params == {"count": 1, "line": 3}
    assert not Customer.objects.exists() and not ImportRun.objects.exists()


def test_a_start_of_exactly_one_period_ago_needs_none(seller: Seller) -> None:
    report = take_in(seller, [ADA], [CONTRACT.replace("2026-11-01", "2026-10-23")])

    assert not report.needs_cut_over_date
    assert Contract.objects.get().cut_over_date is None


def test_the_cut_over_date_is_kept_where_it_matters_and_never_moved_by_a_second_import(seller: Seller) -> None:
    rows = [
        CONTRACT.replace("2026-11-01", "2024-02-29"),
        CONTRACT.replace("V1", "V2").replace("2026-11-01", "2026-12-24"),
    ]
    take_in(seller, [ADA], rows, cut_over_date=date(2026, 12, 1))
    take_in(seller, [ADA], rows, cut_over_date=date(2027, 1, 1))

    assert list(Contract.objects.order_by("number").values_list("cut_over_date", flat=True)) == [
        date(2026, 12, 1),
        None,
    ]


def test_the_next_number_is_set_before_the_first_document_only(seller: Seller, contract: Contract) -> None:
    take_in(seller, [ADA], next_numbers={"invoice": 1201})
    assert NumberSeries.objects.get(kind="invoice").next_number == 1201

    with pytest.raises(UnknownSeries):
        take_in(seller, [ADA], next_numbers={"rechnung": 5})
    NumberSeries.objects.update(last_issue_date=TODAY)
    with pytest.raises(SeriesHasDocuments):
        take_in(seller, [ADA], next_numbers={"invoice": 5})


def test_an_unusable_file_says_which_one_it_is_and_leaves_nothing(seller: Seller) -> None:
    with pytest.raises(UnusableFile) as refusal:
        take_in(seller, [ADA], ["V1"], contract_head="contract_number")

    assert refusal.value.file == "contracts"
    assert not Customer.objects.exists()
    with pytest.raises(NothingToImport):
        take_in(seller)


def test_a_consumer_has_neither_company_nor_vat_id(seller: Seller) -> None:
    take_in(seller, [ADA, BOB, BOB.replace("K2", "K3").replace("AT,,", "AT,ATU13585627,")])

    facts = dict(Customer.objects.values_list("number", "is_consumer"))
    assert facts == {"K1": False, "K2": True, "K3": False}


def test_generated_rows_come_in_without_the_way_over_a_file(seller: Seller) -> None:
    mix = Mix(agency_every=0, contracts=(3, 3), due_in=date(2026, 12, 1))
    readings = as_readings(*generate(50, mix=mix))

    report = import_rows(seller, *readings, cut_over_date=date(2026, 12, 1), on=TODAY, actor=SYSTEM)

    assert (report.counts["customers"]["new"], report.counts["contracts"]["new"]) == (50, 150)
    for contract in Contract.objects.all():
        due = list(
            periods_due(
                contract.start_date,
                contract.period_months,
                billed_until=date(2026, 12, 31),
                end_date=contract.end_date,
                first_start=contract.cut_over_date,
            )
        )
        assert len(due) == 1, contract.number


@pytest.mark.django_db
def test_the_end_of_a_discount_stays_where_the_file_does_not_name_the_discount(seller: Seller) -> None:
    take_in(seller, [ADA], [CONTRACT.removesuffix(",,") + ",10,2026-12-31"])
    head = CONTRACT_HEAD.replace("discount_percent,", "")

    report = take_in(seller, None, [CONTRACT.removesuffix(",") + "2026-12-31"], contract_head=head)

    assert report.counts["contracts"]["unchanged"] == 1, report.outcomes()
    assert Contract.objects.get().discount_until == date(2026, 12, 31)


@pytest.mark.parametrize("is_issued", [True, False])
@pytest.mark.django_db
def test_a_contract_named_by_a_line_written_by_hand_stays_with_its_customer(is_issued: bool) -> None:
    seller = alpenhost()
    take_in(seller, [ADA, BOB], [CONTRACT])
    contract = Contract.objects.get()
    if is_issued:
        issue(contract.customer, line(contract=contract, kind="manual"))
    else:
        by_hand = ManualLine("Umzug", Decimal(80), TODAY, TODAY, contract_id=contract.pk)
        create_draft(contract.customer, [by_hand], on=TODAY, actor=SYSTEM)

    report = take_in(seller, None, [CONTRACT.replace("K1", "K2")])

    assert [(problem.field, problem.code) for problem in report.errors] == [("customer_number", "linked_customer")]
    assert Contract.objects.get().customer.number == "K1"


@pytest.mark.django_db
def test_the_history_of_a_customer_names_what_an_import_changed_of_its_contracts() -> None:
    seller = alpenhost()
    take_in(seller, [ADA], [CONTRACT])
    take_in(seller, None, [CONTRACT.replace(",alt,", ",neu,")])
    event = Event.objects.get(name="contract.updated")
    assert (event.customer_id, event.reference) == (Customer.objects.get(number="K1").pk, "V1")
