"""What is frozen of a choice is what its archive is made of."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.documents.listing import ChosenFile, read_listing, write_listing
from kundenkontor.documents.queries import StoredBytes
from kundenkontor.documents.zipping import safe_name

HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
FILES = st.builds(
    ChosenFile,
    st.text(max_size=40).map(safe_name),
    st.dates(date(1980, 1, 1)),
    st.builds(StoredBytes, HASHES, st.integers(0, 2**40), st.integers(0, 2**32 - 1)),
)


@given(st.lists(FILES, max_size=5))
def test_a_listing_is_read_as_it_was_written_whatever_a_document_is_called(files: list[ChosenFile]) -> None:
    assert list(read_listing(write_listing(files))) == files
