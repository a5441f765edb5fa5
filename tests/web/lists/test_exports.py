"""CSV files are data, never formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.web.lists.exports import FORMULA_STARTS, csv_lines, csv_response, format_cell, safe_text

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0@x", "＝1"]


@pytest.mark.security("CSV injection")
@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    behind_a_delimiter = f"{text[0]}'{text[1:]}" if text[0] in "\t\r" else text
    assert safe_text(text) == f"'{behind_a_delimiter}"


@pytest.mark.security("CSV injection")
@given(st.text(max_size=20))
def test_no_written_text_starts_a_formula(text: str) -> None:
    assert not safe_text(text).lstrip(" \u00a0").startswith(FORMULA_STARTS)


def test_numbers_and_dates_stay_numbers_and_dates() -> None:
    lines = "".join(csv_lines(["Betrag"], [[Decimal("-11.90"), date(2026, 1, 2), -3, None, "Ä;B"]], "de"))
    assert lines == '\ufeffBetrag\r\n-11,90;02.01.2026;-3;;"Ä;B"\r\n'
    english = "".join(csv_lines(["Amount"], [[Decimal("-11.90"), date(2026, 1, 2)]], "en"))
    assert english == "\ufeffAmount\r\n-11.90,2026-01-02\r\n"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("30.000000", "30,00"),
        ("0.008300", "0,0083"),
        ("15", "15"),
        ("1E+1", "10"),
        ("-11.90", "-11,90"),
        ("1.5", "1,5"),
    ],
)
def test_a_price_of_six_places_has_no_more_zeros_than_money(value: str, cell: str) -> None:
    assert format_cell(Decimal(value), "de") == cell


@pytest.mark.security("CSV injection")
def test_a_file_reads_back_as_written() -> None:
    text = 'a"b;c\r\nd'
    lines = "".join(csv_lines(["x"], [[text]], "de")).removeprefix("\ufeff")
    assert list(csv.reader(lines.splitlines(keepends=True), delimiter=";"))[1] == [text]


def test_an_export_is_streamed_as_an_attachment() -> None:
    response = csv_response("rechnungen.csv", ["a"], [["b"]], "de")
    assert response.headers["Content-Disposition"] == 'attachment; filename="rechnungen.csv"'
    assert b"".join(cast("Iterable[bytes]", response.streaming_content)).decode() == "\ufeffa\r\nb\r\n"
