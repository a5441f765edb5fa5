"""``kundenkontor import`` and ``kundenkontor generate``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kundenkontor.cli.main import main
from kundenkontor.contracts.models import Contract
from kundenkontor.imports.models import ImportRun
from kundenkontor.parties.models import Customer, Seller
from tests.imports.conftest import EXAMPLES


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_bad_rows_are_listed_and_the_exit_code_is_0(seller: Seller) -> None:
    result = run(
        "import", EXAMPLES / "bad/customers.csv", EXAMPLES / "bad/contracts.csv", "--cut-over-date", "2026-12-01"
    )

    assert result.exit_code == 0, result.output
    assert "customers.csv:4: error: E-mail: “keine-adresse” is not an e-mail address." in result.output
    assert "contracts.csv:19: error:" in result.output
    assert "customers: 34 new, 0 changed, 0 unchanged, 6 refused" in result.output
    assert Customer.objects.count() == 34


def test_the_cut_over_date_falls_back_to_the_first_of_next_month_and_says_so(seller: Seller) -> None:
    result = run("import", EXAMPLES / "utf8/customers.csv", EXAMPLES / "utf8/contracts.csv", "--seller", "nordlicht")

    assert result.exit_code == 0, result.output
    cut_over = ImportRun.objects.get().cut_over_date
    assert cut_over is not None and cut_over.day == 1
    assert f"Cut-over date: {cut_over.isoformat()}" in result.output


def test_without_a_past_period_there_is_no_cut_over_date_and_with_one_its_price_is_named(
    seller: Seller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kundenkontor.events.queries.business_date", lambda zone: date(2026, 11, 28))
    customers, contracts = tmp_path / "customers.csv", tmp_path / "contracts.csv"
    customers.write_text("customer_number,last_name,country\nK1,Ada,AT\n", "utf-8")
    head = "contract_number,customer_number,product_code,net_price,period,start_date"
    contracts.write_text(f"{head}\nV1,K1,web,100.00,yearly,2026-11-20\nV2,K1,web,9.00,monthly,2026-12-05\n", "utf-8")

    given = run("import", customers, contracts, "--preview", "--cut-over-date", "2026-12-01")
    run("import", customers, contracts)

    assert "1 contract begins before the cut-over date; 100.00 EUR net" in given.output
    assert set(Contract.objects.values_list("cut_over_date", flat=True)) == {None}


def test_a_preview_says_what_would_happen_and_writes_nothing(seller: Seller) -> None:
    result = run("import", EXAMPLES / "utf8/customers.csv", EXAMPLES / "utf8/contracts.csv", "--preview")

    assert result.exit_code == 0, result.output
    assert "contracts: 920 new" in result.output and "nothing was written" in result.output
    assert not Customer.objects.exists()


def test_an_unusable_file_gives_one_sentence_and_exit_code_2(seller: Seller, tmp_path: Path) -> None:
    file = tmp_path / "kunden.csv"
    file.write_text("Kundennummer;Firma\nK1;Ada\n", "utf-8")

    result = run("import", file)

    assert result.exit_code == 2
    assert "kunden.csv: " in result.output and "country" in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_with_several_sellers_one_has_to_be_named(seller: Seller) -> None:
    Seller.objects.create(
        name="B", short_name="zwei", street="x", postal_code="1", city="x", country="DE", email="b@b.example"
    )

    result = run("import", EXAMPLES / "utf8/customers.csv")

    assert result.exit_code == 2
    assert "nordlicht, zwei" in result.output
    unknown = run("import", EXAMPLES / "utf8/customers.csv", "--seller", "drei")
    assert unknown.exit_code == 2 and "There is no seller “drei”." in unknown.output


@pytest.mark.parametrize("options", [[], ["--german"]])
def test_generated_files_come_in_whole(seller: Seller, tmp_path: Path, options: list[str]) -> None:
    made = run("generate", tmp_path, "--customers", "60", "--seed", "3", *options)
    result = run("import", tmp_path / "customers.csv", tmp_path / "contracts.csv", "--cut-over-date", "01.12.2026")

    assert made.exit_code == result.exit_code == 0, made.output + result.output
    assert "error" not in result.output
    assert Customer.objects.count() == 60
    assert Contract.objects.count() > 60
