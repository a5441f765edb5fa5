"""The kinds of documents that are issued: whatever differs between them stands in this table and nowhere else.

A new kind is a row here and the migration that its CHECKs ask for; one that is numbered by itself also has a row of
``DEFAULT_PATTERNS``, named in ``invoicing/words.py``. Titles and words for amounts belong to the paper's
template: other ones need another template version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kundenkontor.kernel.errors import message

Item = Literal["receivable", "balance"]
# what documents take their numbers from, and the pattern that a seller begins with; a correction is no "GS": by § 14
# Abs. 2 UStG a Gutschrift is an invoice that the buyer writes
DEFAULT_PATTERNS: Mapping[str, str] = {
    "invoice": "RE{year}{number:06}",
    "credit_note": "RK{year}{number:06}",
    "payment_request": "VR{year}{number:06}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One of the two shapes a kind has on paper: its title, and the word for its payable amount, by language."""

    key: str
    title: Mapping[str, str]
    amount: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """One kind of document. Its amounts are positive; ``sign`` says whether they raise or lower what the customer owes.

    ``item`` is the open item that it leaves, and so the side of the customer's account. ``corrects``: it takes back
    what another document says, and names it (BG-3). ``special``: a collective invoice, or a correction of all there is.
    """

    code: str  # BT-3, UNTDID 1001
    name: str
    series: str  # of DEFAULT_PATTERNS; several kinds may share one
    sign: Literal[1, -1]
    item: Item
    asks_for_money: bool
    is_correctable: bool
    corrects: bool
    usual: Form
    special: Form

    @property
    def forms(self) -> tuple[Form, Form]:
        return self.usual, self.special


_PAYABLE = {"de": "Zahlbetrag", "en": "Amount due"}

INVOICE = DocumentKind(
    code="380",
    name=message("Invoice"),
    series="invoice",
    sign=1,
    item="receivable",
    asks_for_money=True,
    is_correctable=True,
    corrects=False,
    usual=Form(key="invoice", title={"de": "Rechnung", "en": "Invoice"}, amount=_PAYABLE),
    special=Form(key="collective", title={"de": "Sammelrechnung", "en": "Collective invoice"}, amount=_PAYABLE),
)
CREDIT_NOTE = DocumentKind(
    code="381",
    name=message("Credit note"),
    series="credit_note",
    sign=-1,
    item="balance",
    asks_for_money=False,
    is_correctable=False,
    corrects=True,
    usual=Form(
        key="correction",
        title={"de": "Rechnungskorrektur", "en": "Invoice correction"},
        amount={"de": "Korrekturbetrag", "en": "Amount corrected"},
    ),
    special=Form(
        key="cancellation",
        title={"de": "Stornorechnung", "en": "Cancellation invoice"},
        amount={"de": "Stornobetrag", "en": "Amount cancelled"},
    ),
)

KINDS: Mapping[str, DocumentKind] = {kind.code: kind for kind in (INVOICE, CREDIT_NOTE)}
KIND_OF_FORM: Mapping[str, DocumentKind] = {form.key: kind for kind in KINDS.values() for form in kind.forms}
FORMS: Mapping[str, Form] = {form.key: form for kind in KINDS.values() for form in kind.forms}


def kinds_sql(alias: str) -> str:
    """The table for statements: constants, no parameters."""
    rows = ", ".join(
        f"('{kind.code}', '{kind.series}', {kind.sign}, '{kind.item}', {kind.corrects}, {kind.is_correctable})"
        for kind in KINDS.values()
    )
    return f"(VALUES {rows}) {alias}(code, series, sign, item, corrects, is_correctable)"
