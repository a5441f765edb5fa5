"""The table of document kinds."""

from __future__ import annotations

import re
from pathlib import Path

import kundenkontor
from kundenkontor.einvoicing.codes import CodeList, is_code
from kundenkontor.invoicing import words
from kundenkontor.kernel.kinds import DEFAULT_PATTERNS, FORMS, KINDS

SOURCES = Path(kundenkontor.__file__).parent


def test_every_kind_has_a_code_of_the_norm_and_two_forms_of_its_own() -> None:
    assert all(is_code(code, CodeList.DOCUMENT_TYPE) and kind.code == code for code, kind in KINDS.items())
    assert len(FORMS) == 2 * len(KINDS)
    assert all(set(form.title) == set(form.amount) == {"de", "en"} for form in FORMS.values())


def test_every_kind_takes_its_numbers_from_a_series_that_has_words() -> None:
    assert {kind.series for kind in KINDS.values()} <= DEFAULT_PATTERNS.keys(), "give the series a pattern"
    assert words.SERIES.keys() == DEFAULT_PATTERNS.keys(), "name the series in invoicing/words.py"


def test_what_lowers_a_claim_stands_on_the_customers_side_and_asks_for_nothing() -> None:
    for kind in KINDS.values():
        assert kind.item == ("receivable" if kind.sign > 0 else "balance")
        assert kind.asks_for_money == (kind.sign > 0)


def test_no_other_file_names_the_code_of_a_kind() -> None:
    quoted = re.compile("|".join(rf"[\"']{code}[\"']" for code in (*KINDS, "384", "386")))
    files = [path for path in SOURCES.rglob("*") if path.suffix in {".py", ".sql", ".html", ".j2", ".jinja"}]
    found = {
        path.relative_to(SOURCES).as_posix()
        for path in files
        if "migrations" not in path.parts and quoted.search(path.read_text("utf-8"))
    }

    assert found == {"kernel/kinds.py"}


def test_what_is_taken_back_is_numbered_as_no_gutschrift() -> None:
    """§ 14 Abs. 2 UStG: a Gutschrift is an invoice that the buyer writes."""
    assert not any(pattern.startswith("GS") for pattern in DEFAULT_PATTERNS.values())
