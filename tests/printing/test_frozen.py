"""The frozen document survives storage and refuses contradictions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kundenkontor.printing.errors import InconsistentDocument
from kundenkontor.printing.invoice.frozen import FrozenDocument, Letterhead, LineGroup, LineText
from tests.printing import builders


@pytest.mark.parametrize(
    "document",
    [builders.document(20), builders.collective(40), builders.cancellation(), builders.long_names()],
    ids=["invoice", "collective", "cancellation", "long names"],
)
def test_a_document_comes_back_from_json_as_it_was(document: FrozenDocument) -> None:
    text = document.to_json()

    assert FrozenDocument.from_json(text) == document
    assert FrozenDocument.from_json(text).to_json() == text


def test_a_logo_comes_back_byte_by_byte() -> None:
    document = builders.document(letterhead=Letterhead(logo=bytes(range(256))))

    assert FrozenDocument.from_json(document.to_json()).letterhead.logo == bytes(range(256))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"invoice": 1}', "null"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        FrozenDocument.from_json(text)


@pytest.mark.parametrize("wrong", ['"language":"fr"', '"language":5', '"language":"de","surprise":1'])
def test_a_wrong_or_unknown_field_is_refused(wrong: str) -> None:
    text = builders.document().to_json().replace('"language":"de"', wrong)

    with pytest.raises(ValueError):
        FrozenDocument.from_json(text)


def test_a_line_belongs_to_exactly_one_group() -> None:
    with pytest.raises(InconsistentDocument):
        builders.document(3, groups=(LineGroup(heading="V1", line_ids=("1", "2")),))
    with pytest.raises(InconsistentDocument):
        builders.document(2, groups=(LineGroup(heading="V1", line_ids=("1", "2", "2")),))


def test_a_text_for_an_unknown_line_is_refused() -> None:
    with pytest.raises(InconsistentDocument):
        builders.document(1, line_texts=(LineText(line_id="9"),))


def test_a_correction_may_not_be_titled_gutschrift() -> None:
    with pytest.raises(InconsistentDocument):
        replace(builders.cancellation(), title="Gutschrift")


def test_a_correction_needs_its_type_code_and_its_original() -> None:
    cancelled = builders.cancellation()

    with pytest.raises(InconsistentDocument):
        replace(cancelled, form="invoice")
    with pytest.raises(InconsistentDocument):
        replace(cancelled, invoice=replace(cancelled.invoice, preceding_invoices=()))


@pytest.mark.parametrize("accent", ["red", "#12345", '#0b5d66"', ""])
def test_an_accent_is_a_colour(accent: str) -> None:
    with pytest.raises(InconsistentDocument):
        builders.document(1, letterhead=Letterhead(accent=accent))
