"""Files of endless lines: a page, a dump, an encoded picture. No database."""

from __future__ import annotations

import time

import pytest

from kundenkontor.imports.errors import LineTooLong
from kundenkontor.imports.reading.encodings import decode
from kundenkontor.imports.reading.reading import read_customers


def test_a_line_without_a_blank_costs_no_more_than_its_length() -> None:
    """A file that is none (base64, a page without line breaks): the web process would stand still for hours."""
    began = time.process_time()
    assert decode(b"J\xe4ger\n" + b"a" * 400_000 + b" x\n")[1] == "cp1252"
    assert time.process_time() - began < 20


@pytest.mark.parametrize("before", [b"", b"customer_number;company\n"])
def test_a_file_of_one_long_line_is_no_table_and_is_not_taken_apart(before: bytes) -> None:
    """Of 10 MB it made 1.4 GB, and an import may have 100."""
    with pytest.raises(LineTooLong) as refused:
        read_customers(before + b"a;" * 100_001)
    assert refused.value.params["line"] == (2 if before else 1)
    assert read_customers(b"customer_number;company;street;postal_code;city;country;" + b"a;" * 99_000).rows == []
