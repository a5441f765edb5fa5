"""The three sets of files that providers really have."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.utils.translation import override

from kundenkontor.config.build.messages import merge_fragments
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.models import Event
from kundenkontor.imports import errors
from kundenkontor.imports.models import ImportRun
from kundenkontor.imports.planning.queries import preview_import
from kundenkontor.imports.planning.report import ImportReport
from kundenkontor.imports.reading.columns import CONTRACT_COLUMNS, CUSTOMER_COLUMNS
from kundenkontor.imports.reading.problems import TEMPLATES, RowProblem
from kundenkontor.imports.writing.commands import import_files
from kundenkontor.kernel.errors import DomainError
from kundenkontor.parties.models import Contact, Customer, Seller
from tests.imports.conftest import EXAMPLES, TODAY

CUT_OVER = date(2026, 12, 1)
Example = Callable[[str], bytes]

# the words of EXPECTED.md -> our codes
REASONS = {
    "email is not an address": {"email_invalid"},
    "country unknown": {"country_unknown"},
    "VAT id checksum wrong": {"vat_id_invalid"},
    "customer number twice with different data": {"number_twice"},
    "payment terms negative": {"terms_negative"},
    "neither company nor last name": {"name_missing"},
    "price not a plain amount": {"price_invalid"},
    "price has non-ASCII digits": {"price_invalid"},
    "customer refused or unknown": {"customer_refused", "customer_unknown"},
    "customer unknown": {"customer_unknown"},
    "start date does not exist": {"date_invalid"},
    "period unknown": {"period_unknown"},
    "end before start": {"end_before_start"},
    "discount above 100": {"discount_above_100"},
    "currency unknown": {"currency_unknown"},
    "price negative": {"price_negative"},
}


def take_in(seller: Seller, customers: bytes | None, contracts: bytes | None) -> ImportReport:
    return import_files(seller, customers, contracts, cut_over_date=CUT_OVER, on=TODAY, actor=SYSTEM)


@pytest.mark.parametrize(
    ("customers", "contracts", "sizes"),
    [
        ("utf8/customers.csv", "utf8/contracts.csv", (220, 920)),
        ("cp1252/kunden.csv", "cp1252/vertraege.csv", (120, 698)),
    ],
)
def test_a_good_set_comes_in_whole(
    seller: Seller, example: Example, customers: str, contracts: str, sizes: tuple[int, int]
) -> None:
    report = take_in(seller, example(customers), example(contracts))

    assert report.errors == []
    assert (Customer.objects.count(), Contract.objects.count()) == sizes
    assert ContractPrice.objects.count() == sizes[1]
    assert Contact.objects.filter(group="main").count() == sizes[0]
    assert report.counts["contracts"] == {"new": sizes[1], "changed": 0, "unchanged": 0, "refused": 0}
    assert set(Customer.objects.exclude(vat_id="").values_list("vat_id_state", flat=True)) == {"unchecked"}
    assert not Customer.objects.filter(is_consumer=True).exclude(company="", vat_id="").exists()
    assert not Customer.objects.filter(is_consumer=False, company="", vat_id="").exists()


def test_the_german_set_is_read_as_its_people_wrote_it(seller: Seller, example: Example) -> None:
    take_in(seller, example("cp1252/kunden.csv"), example("cp1252/vertraege.csv"))

    first = Customer.objects.get(number="K21002")
    assert (first.company, first.city, first.street) == (
        "Freiwillige Feuerwehr München",
        "München",
        "Rue de l’Église 113/3/12",
    )
    contract = Contract.objects.get(number="V250005")
    assert (contract.period_months, contract.start_date) == (1, date(2023, 8, 27))
    assert str(contract.prices.get().amount) == "3.333333"
    assert contract.product.group == "storage"
    assert not Contract.objects.filter(product__code="domain-de").first().product.is_divisible  # type: ignore[union-attr]


def test_of_the_bad_set_exactly_the_listed_lines_stay_out(seller: Seller, example: Example) -> None:
    report = take_in(seller, example("bad/customers.csv"), example("bad/contracts.csv"))
    given: dict[tuple[str, int], set[str]] = {}
    for problem in report.errors:
        given.setdefault((problem.file, problem.line), set()).add(problem.code)
    table = (EXAMPLES / "bad" / "EXPECTED.md").read_text("utf-8")
    listed = re.findall(r"^\| (customers|contracts)\.csv \| (\d+) \| (.+?) \|$", table, re.MULTILINE)

    assert len(listed) == 25
    assert set(given) == {(kind, int(line)) for kind, line, _ in listed}
    for kind, line, reason in listed:
        assert REASONS[reason] & given[kind, int(line)], (kind, line, reason)
    refused = {(row.file, row.line) for row in report.outcomes() if row.outcome == "refused"}
    assert refused == set(given)
    assert Customer.objects.count() == 40 - 6
    assert Contract.objects.count() == 71 - sum(1 for kind, _ in given if kind == "contracts")


@pytest.mark.parametrize("name", ["utf8", "cp1252", "bad"])
def test_the_same_files_twice_change_nothing(seller: Seller, example: Example, name: str) -> None:
    customers = example({"cp1252": "cp1252/kunden.csv"}.get(name, f"{name}/customers.csv"))
    contracts = example({"cp1252": "cp1252/vertraege.csv"}.get(name, f"{name}/contracts.csv"))
    take_in(seller, customers, contracts)
    before = (list(Customer.objects.values()), list(Contract.objects.values()), list(ContractPrice.objects.values()))

    plan = preview_import(seller, customers, contracts, on=TODAY)
    report = take_in(seller, customers, contracts)

    assert not {row.outcome for row in plan.outcomes()} & {"new", "changed"}
    assert {report.counts[kind][what] for kind in report.counts for what in ("new", "changed")} == {0}
    assert before == (
        list(Customer.objects.values()),
        list(Contract.objects.values()),
        list(ContractPrice.objects.values()),
    )
    assert not Event.objects.filter(name__in=["customer.updated", "contract.updated"]).exists()


def test_a_preview_writes_nothing(seller: Seller, example: Example) -> None:
    plan = preview_import(seller, example("utf8/customers.csv"), example("utf8/contracts.csv"), on=TODAY)

    assert plan.counts()["customers"]["new"] == 220
    assert plan.needs_cut_over_date
    assert not Customer.objects.exists()
    assert not ImportRun.objects.exists()


def test_an_import_leaves_a_run_and_an_event_and_no_mail(seller: Seller, example: Example) -> None:
    report = take_in(seller, example("bad/customers.csv"), example("bad/contracts.csv"))

    run = ImportRun.objects.get()
    assert report.run_id == run.pk
    assert run.files[0][0] == "customers.csv" and len(run.files[0][1]) == 64
    assert run.report["counts"]["customers"] == {"new": 34, "changed": 0, "unchanged": 0, "refused": 6}
    assert Event.objects.get(name="import.finished").subject_id == run.pk


def test_every_sentence_and_column_has_its_german() -> None:
    german = {entry.id: str(entry.string) for entry in merge_fragments()}
    refusals = [
        error.template
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, DomainError) and error is not DomainError
    ]
    sentences = [*TEMPLATES.values(), *refusals, *(column.label for column in (*CUSTOMER_COLUMNS, *CONTRACT_COLUMNS))]

    for sentence in sentences:
        assert sentence in german
        assert sorted(re.findall(r"{\w+}", sentence)) == sorted(re.findall(r"{\w+}", german[sentence])), sentence


def test_each_problem_fills_its_sentence(seller: Seller, example: Example) -> None:
    report = take_in(seller, example("bad/customers.csv"), example("bad/contracts.csv"))

    for language in ("de", "en"):
        with override(language):
            assert all("{" not in problem.sentence for problem in report.problems)
    stored = [RowProblem(**entry) for entry in report.to_json()["problems"]]
    assert stored == report.problems


def test_a_vat_id_of_several_customers_is_a_warning_only(seller: Seller, example: Example) -> None:
    report = take_in(seller, example("utf8/customers.csv"), None)

    shared = [problem for problem in report.warnings if problem.code == "vat_id_shared"]
    assert {problem.params["value"] for problem in shared} >= {"DE811569869", "ATU66889218"}
    assert len({problem.params["value"] for problem in shared}) == len(shared)
    assert report.errors == []
