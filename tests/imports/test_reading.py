"""Files as programs and people write them. No database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kundenkontor.imports.errors import (
    ColumnMissing,
    ColumnTwice,
    EncodingMixed,
    EncodingUnknown,
    FileEmpty,
    FileIsWorkbook,
    FileTooLarge,
    UnusableFile,
)
from kundenkontor.imports.planning.products import new_product
from kundenkontor.imports.reading import values
from kundenkontor.imports.reading.reading import Reading, read_contracts, read_customers
from kundenkontor.imports.reading.rows import ContractRow, CustomerRow
from kundenkontor.imports.reading.values import ValueProblem
from kundenkontor.imports.samples.export import ENGLISH, GERMAN, FileStyle, contracts_csv, customers_csv
from kundenkontor.imports.samples.generator import Mix, generate
from kundenkontor.kernel.money import Style

CUSTOMERS = "customer_number,last_name,country\nK1,Müller,AT\n"
CONTRACT_HEAD = "contract_number,customer_number,product_code,net_price,period,start_date"


def contracts(*rows: str, head: str = CONTRACT_HEAD) -> Reading[ContractRow]:
    return read_contracts("\n".join([head, *rows]).encode())


def codes(reading: Reading[CustomerRow] | Reading[ContractRow]) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.field, problem.code) for problem in reading.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends_do_not_matter(encoding: str, delimiter: str, line_end: str) -> None:
    text = CUSTOMERS.replace(",", delimiter).replace("\n", line_end)

    (row,) = read_customers(text.encode(encoding)).rows

    assert (row.number, row.last_name, row.country, row.line) == ("K1", "Müller", "AT", 2)


def test_one_stray_byte_does_not_make_a_utf_8_file_windows_1252() -> None:
    content = "customer_number,last_name,country\nK1,Müller,AT\nK2,Jäger,AT\n".encode() + b"K3,Caf\xe9,AT\n"

    with pytest.raises(EncodingMixed) as refusal:
        read_customers(content)

    assert refusal.value.params == {"line": 4}
    assert [
        row.last_name
        for row in read_customers("X,last_name,customer_number,country\n,Ã¼é,K1,AT\n".encode("cp1252")).rows
    ]


def test_a_line_that_names_the_delimiter_is_no_head() -> None:
    (row,) = read_customers(b"sep=;\r\nKundennummer;Nachname;Land\r\nK1;Ada;DE\r\n").rows

    assert (row.last_name, row.line) == ("Ada", 3)


@pytest.mark.parametrize(
    "head",
    [
        "KUNDENNUMMER;nachname;LAND;STRASSE",
        "Customer Number;Last-Name;COUNTRY;Street",
        " kundennummer ; Nachname;Land;Straße",
        "customer_number;last_name;country;strasse",
    ],
)
def test_heads_are_known_in_any_case_and_spelling(head: str) -> None:
    (row,) = read_customers(f"{head}\nK1; Ada ;AT;  Am   Anger 1 \n".encode()).rows

    assert (row.number, row.last_name, row.street) == ("K1", "Ada", "Am Anger 1")


@pytest.mark.parametrize("head", ["Währung", "Waehrung", "WAHRUNG", "currency", "Currency"])
def test_umlauts_in_heads_may_be_spelt_out(head: str) -> None:
    reading = contracts("V1,K1,ssl,1.00,monthly,2026-01-01,USD", head=f"{CONTRACT_HEAD},{head}")

    assert codes(reading) == [(2, "currency", "currency_unknown")]


def test_an_unknown_column_is_reported_and_ignored() -> None:
    reading = read_customers(b"customer_number,last_name,country,Kontostand\nK1,Ada,AT,12\n")

    assert [(p.line, p.code, p.params["value"], p.is_warning) for p in reading.problems] == [
        (1, "column_ignored", "Kontostand", True)
    ]
    assert len(reading.rows) == 1


def test_an_alias_never_displaces_the_real_column() -> None:
    reading = read_customers(b"Address,customer_number,last_name,country,street\nx,K1,Ada,AT,Ring 1\n")

    assert reading.rows[0].street == "Ring 1"
    assert [problem.params["value"] for problem in reading.problems] == ["Address"]


def test_missing_optional_columns_are_fine() -> None:
    (row,) = read_customers(CUSTOMERS.encode()).rows

    assert (row.company, row.email, row.language, row.is_collective, row.payment_terms_days) == (
        "",
        "",
        "de",
        False,
        None,
    )


def test_a_missing_required_column_is_one_error_that_names_it() -> None:
    with pytest.raises(ColumnMissing, match="net_price") as refusal:
        read_contracts(
            b"contract_number,customer_number,product_code,period,start_date\nV1,K1,ssl,monthly,2026-01-01\n"
        )

    assert refusal.value.params["german"] == "Nettopreis"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", FileEmpty),
        (b"\r\n \r\n", FileEmpty),
        (b"PK\x03\x04rest", FileIsWorkbook),
        (b"customer_number,last_name,country\nK1,\x81\x8d,AT\n", EncodingUnknown),
        (b"customer_number,last_name,country\nK1,A\x00da,AT\n", EncodingUnknown),
        (b"Land,customer_number,last_name,country\nAT,K1,Ada,AT\n", ColumnTwice),
        (b"x" * (100 * 1024 * 1024 + 1), FileTooLarge),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(content: bytes, error: type[UnusableFile]) -> None:
    with pytest.raises(error):
        read_customers(content)


def test_a_row_is_named_by_its_first_physical_line() -> None:
    text = 'customer_number,last_name,street,country\n\nK1,Ada,"Ring 1\r\nStiege 2",AT\nK2,Bob,Ring 3,XX\n'

    reading = read_customers(text.encode())

    assert [(row.line, row.street) for row in reading.rows] == [(3, "Ring 1 Stiege 2")]
    assert codes(reading) == [(3, "", "runs_over_lines"), (5, "country", "country_unknown")]


def test_a_stray_quotation_mark_costs_its_own_row_only() -> None:
    text = 'customer_number,last_name,country\nK1,"Ada,AT\nK2,Bob,AT\nK3,"Cla"ra,AT\nK4,Otto,AT\n'

    reading = read_customers(text.encode())

    assert [row.number for row in reading.rows] == ["K2", "K4"]
    assert codes(reading) == [(2, "", "row_broken"), (4, "", "row_broken")]


def test_too_many_fields_are_a_problem_and_trailing_delimiters_are_not() -> None:
    reading = read_customers(b"customer_number,last_name,country\nK1,Ada,AT,,\nK2,Bob,AT,surplus\n")

    assert [row.number for row in reading.rows] == ["K1"]
    assert codes(reading) == [(3, "", "too_many_fields")]


def test_of_two_rows_with_one_number_the_first_comes_in() -> None:
    reading = read_customers(b"customer_number,last_name,country\nK1,Ada,AT\nK1, Ada,AT\nK1,Bob,AT\n")

    assert [row.last_name for row in reading.rows] == ["Ada"]
    assert reading.repeated == [(3, "K1")]
    assert codes(reading) == [(4, "customer_number", "number_twice")]


def test_a_value_that_is_too_long_is_refused_and_control_characters_are_pointed_at() -> None:
    reading = read_customers(f"customer_number,last_name,country\nK1,{'x' * 101},AT\nK2,A\x07da,AT\n".encode())

    assert codes(reading) == [(2, "last_name", "too_long"), (3, "last_name", "control_character")]
    assert [row.last_name for row in reading.rows] == ["A da"]


@pytest.mark.parametrize(
    ("text", "style", "expected"),
    [
        ("9.96", "en", "9.96"), ("9,96", "de", "9.96"), ("1.234,56", "de", "1234.56"), ("1,234.56", "en", "1234.56"),
        ("1.234", "de", "1234"), ("1.234", "en", "1.234"), ("3,333333", "de", "3.333333"), ("0", "de", "0"),
        ("0.500", "de", "0.5"), ("0,005", "en", "0.005"), ("-0.000", "de", "0"), ("12.500", "de", "12500"),
        ("1 234,50", "de", "1234.50"), ("1'234.50", "en", "1234.50"), ("-0,00", "de", "0"), ("12", "en", "12"),
    ],
)  # fmt: skip
def test_prices_are_read_as_they_are_meant(text: str, style: Style, expected: str) -> None:
    assert values.parse_price(text, style) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1e9", "price_invalid"), ("١٢٫٥٠", "price_invalid"), ("１２", "price_invalid"), ("12 EUR", "price_invalid"),
        ("1.2.3", "price_invalid"), ("NaN", "price_invalid"), ("1_000", "price_invalid"), ("", "price_invalid"),
        ("-4.90", "price_negative"), ("1.2345678", "price_too_precise"), ("123456789012", "price_too_large"),
        ("=1+1", "price_invalid"), ("0x10", "price_invalid"), ("9" * 40, "price_invalid"),
    ],
)  # fmt: skip
def test_what_is_no_plain_amount_is_no_price(text: str, code: str) -> None:
    with pytest.raises(ValueProblem) as refusal:
        values.parse_price(text, "en")

    assert refusal.value.code == code


def contracts_at(*prices: str) -> Reading[ContractRow]:
    lines = [f"V{index};K1;ssl;{price};monthly;2026-01-01" for index, price in enumerate(prices)]
    return contracts(*lines, head=CONTRACT_HEAD.replace(",", ";"))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["1.234", "5,50"], ["1234", "5.50"]),
        (["1.234", "5.50"], ["1.234", "5.50"]),
        (["1.234", "0.500"], ["1.234", "0.5"]),
        (["1,234", "0,005"], ["1.234", "0.005"]),
        (["1.234", "1.234.567"], ["1234", "1234567"]),
        (["1,234", "1,234,567"], ["1234", "1234567"]),
    ],
)
def test_a_files_first_clear_price_says_what_its_points_mean(rows: list[str], expected: list[str]) -> None:
    reading = contracts_at(*rows)

    assert [row.net_price for row in reading.rows] == [Decimal(text) for text in expected]


def test_where_no_price_is_clear_one_that_may_be_a_thousand_times_another_is_refused() -> None:
    reading = contracts_at("12.500", "9.900", "100", "7,125")

    assert [row.net_price for row in reading.rows] == [Decimal(100)]
    assert codes(reading) == [(line, "net_price", "price_ambiguous") for line in (2, 3, 5)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29", date(2024, 2, 29)), ("31.12.2026", date(2026, 12, 31)),
        ("1.2.2026", date(2026, 2, 1)),
        ("2026-07-01 00:00:00", date(2026, 7, 1)), ("2026-07-01T00:00:00", date(2026, 7, 1)),
        ("2025-02-30", None), ("31.12.26", None), ("12/31/2026", None), ("2026-07-01 12:30", None),
        ("0001-01-01", None),
        ("٢٠٢٦-٠١-٠١", None), ("20260101", None), ("46023", None),
    ],
)  # fmt: skip
def test_dates(text: str, expected: date | None) -> None:
    if expected is None:
        with pytest.raises(ValueProblem):
            values.parse_date(text)
    else:
        assert values.parse_date(text) == expected


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("monthly", 1), ("Monatlich", 1), ("quarterly", 3), ("vierteljährlich", 3), ("vierteljaehrlich", 3),
        ("Halbjährlich", 6), ("half-yearly", 6), ("half yearly", 6), ("yearly", 12), ("JÄHRLICH", 12),
        ("2-yearly", 24), ("2-jährlich", 24), ("10-jährlich", 120), ("10-yearly", 120), ("5-jaehrlich", 60),
        ("weekly", None), ("11-yearly", None), ("0-yearly", None), ("²-yearly", None), ("٢-yearly", None), ("12", None),
    ],
)  # fmt: skip
def test_periods(text: str, months: int | None) -> None:
    if months is None:
        with pytest.raises(ValueProblem):
            values.parse_period(text)
    else:
        assert values.parse_period(text) == months


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("ATU66889218", "AT", "ATU66889218"), ("atu 668 892 18", "AT", "ATU66889218"),
        ("U66889218", "AT", "ATU66889218"),
        ("DE 136 695 976", "DE", "DE136695976"), ("136695976", "DE", "DE136695976"),
        ("EL094259216", "GR", "EL094259216"),
        ("GB980780684", "GB", "GB980780684"), ("980 7806 84", "GB", "GB980780684"),
        ("NO 995 525 828 MVA", "NO", "NO995525828MVA"), ("FR83404833048", "MC", "FR83404833048"),
        ("CHE-107.787.577 MWST", "CH", "CHE107787577MWST"), ("", "AT", ""), ("US-123456", "US", "US123456"),
        ("ATU12345678", "AT", None), ("DE136695977", "DE", None), ("ATU66889218", "DE", "ATU66889218"),
        ("ATU٦٦", "AT", None),
    ],
)  # fmt: skip
def test_vat_ids(text: str, country: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ValueProblem):
            values.parse_vat_id(text, country)
    else:
        assert values.parse_vat_id(text, country) == expected


@pytest.mark.parametrize(
    "text", ["ada@example.org", "a.b+c@sub.example.co.at", "o'brien@kunde.example", "x@xn--mller-kva.at"]
)
def test_addresses_that_mail_servers_take(text: str) -> None:
    assert values.parse_email(text) == text


@pytest.mark.parametrize(
    "text",
    ["keine-adresse", "a@b", "a b@example.org", "a@example..org", ".a@example.org", "a@-x.org", "ı@example.org",
     "a@example.org\nBcc: x@y.org", "a@example.org, b@example.org", "<a@example.org>", "a" * 65 + "@example.org"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueProblem):
        values.parse_email(text)


@pytest.mark.parametrize(
    ("code", "name", "group"),
    [
        ("domain-at", ".at-Domain", "domains"),
        ("de-domain", ".de-Domain", "domains"),
        ("DE-REG", ".de-Domain (Jahr)", "domains"),
        ("webhosting-s", "Webhosting S mit Domain", "webhosting"),
        ("Z-100", "SSL-Zertifikat für eine Domain", "ssl"),
        ("stats", "Statistik", "add_ons"),
    ],
)
def test_a_product_is_a_domain_where_code_or_name_says_so(code: str, name: str, group: str) -> None:
    product = new_product(code, name)

    assert (product.group, product.is_divisible) == (group, group != "domains")


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes_a_file_is_read_or_refused(content: bytes) -> None:
    for read, head in (
        (read_customers, b"customer_number,last_name,country\n"),
        (read_contracts, CONTRACT_HEAD.encode()),
    ):
        for file in (content, head + b"\n" + content):
            try:
                reading = read(file)
            except UnusableFile:
                continue
            lines = [*(row.line for row in reading.rows), *(row.line for row in reading.refused)]
            assert all(1 <= line <= file.count(b"\n") + file.count(b"\r") + 2 for line in lines)


@given(seed=st.integers(0, 10**6), style=st.sampled_from([ENGLISH, GERMAN, FileStyle(True, "\t", "utf-16")]))
@settings(max_examples=15, deadline=None)
def test_generated_rows_survive_the_way_through_a_file(seed: int, style: FileStyle) -> None:
    customers, rows = generate(40, seed=seed, mix=Mix(agency_every=20, agency_domains=30))
    read_back = read_customers(customers_csv(customers, style))
    contracts_back = read_contracts(contracts_csv(rows, style))

    assert read_back.problems == contracts_back.problems == []
    assert [row.vat_id for row in read_back.rows] == [row.vat_id for row in customers]
    if style is not GERMAN:  # CP1252 has no "č"
        assert [_fields(row) for row in read_back.rows] == [_fields(row) for row in customers]
    prices = [(row.number, row.net_price, row.start_date, row.end_date, row.period_months) for row in rows]
    assert [(r.number, r.net_price, r.start_date, r.end_date, r.period_months) for r in contracts_back.rows] == prices
    assert [r.discount_percent for r in contracts_back.rows] == [r.discount_percent for r in rows]


def _fields(row: CustomerRow) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in CustomerRow.__slots__ if name != "line")


def test_a_generated_set_is_realistic_and_repeatable() -> None:
    customers, rows = generate(2000, seed=7)
    contracts_of: dict[str, int] = {}
    for row in rows:
        contracts_of[row.customer_number] = contracts_of.get(row.customer_number, 0) + 1

    assert (customers, rows) == generate(2000, seed=7)
    assert max(contracts_of.values()) == 400
    assert any(row.is_consumer for row in customers) and any(row.vat_id.startswith("FR") for row in customers)
    assert any(row.net_price == 0 for row in rows) and any(0 < row.net_price < 1 for row in rows)
    assert any(row.end_date and row.end_date < date(2026, 11, 1) for row in rows)
    assert len({row.email for row in customers}) < len(customers)
    assert all(values.parse_vat_id(row.vat_id, row.country) == row.vat_id for row in customers)
    identifiers = [row.identifier for row in rows if row.identifier]
    assert len(set(identifiers)) == len(identifiers)
    sold_as_at = [row.identifier for row in rows if row.product_code == "domain-at"]
    assert sold_as_at and all(name.endswith(".at") for name in sold_as_at)
