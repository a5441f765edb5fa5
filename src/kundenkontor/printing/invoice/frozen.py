"""What one document needs to be rendered, and nothing that may change later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

from kundenkontor.einvoicing.model import Invoice, Line
from kundenkontor.kernel.kinds import FORMS, KIND_OF_FORM, DocumentKind, Form
from kundenkontor.printing import codec
from kundenkontor.printing.errors import InconsistentDocument

Language = Literal["de", "en"]
QrMode = Literal["rf", "text", "none"]

TEMPLATE_VERSION = "2"
_CREDIT_TRANSFERS = frozenset({"30", "42", "58"})  # UNTDID 4461
_COLOUR = re.compile("#[0-9a-f]{6}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """A seller's account as the footer names it; ``iban`` without blanks."""

    iban: str
    bic: str = ""
    bank_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalFooter:
    """The seller's particulars on business letters (§ 14 UGB, § 35a GmbHG)."""

    legal_form: str = ""
    seat: str = ""
    register_number: str = ""
    register_court: str = ""
    managing_directors: tuple[str, ...] = ()
    tax_number: str = ""
    vat_id: str = ""
    bank_accounts: tuple[BankAccount, ...] = ()
    phone: str = ""
    email: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """``logo`` is a PNG or SVG as ``logo.prepare_logo`` keeps it; ``accent`` is #rrggbb."""

    logo: bytes = b""
    accent: str = "#0b5d66"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineText:
    """What the paper says about a line beyond EN 16931."""

    line_id: str  # BT-126
    identifier: str = ""  # a domain name or similar


@dataclass(frozen=True, slots=True, kw_only=True)
class LineGroup:
    """The lines of one contract on a collective invoice; its subtotal is their sum."""

    heading: str
    line_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FrozenDocument:
    """One issued document, or a draft as it would be issued. Every line is in exactly one group, or there are none."""

    invoice: Invoice
    language: Language
    form: str  # the key of a form in kernel.kinds
    customer_number: str
    recipient: tuple[str, ...]  # the lines of the address window
    title: str = ""  # empty: the usual word for the kind
    legal: LegalFooter = LegalFooter()
    letterhead: Letterhead = Letterhead()
    intro: str = ""
    closing: str = ""
    payment_purpose: str = ""
    rf_reference: str = ""
    qr_mode: QrMode = "none"
    groups: tuple[LineGroup, ...] = ()
    line_texts: tuple[LineText, ...] = ()
    is_draft: bool = False  # not issued: the paper says so across each page, and carries no XML
    template: Literal["invoice"] = "invoice"
    template_version: str = TEMPLATE_VERSION

    def __post_init__(self) -> None:
        """Raise InconsistentDocument where paper and XML would part."""
        for part, holds in self._conditions():
            if not holds:
                raise InconsistentDocument(self.invoice.number, part)

    def _conditions(self) -> Iterator[tuple[str, bool]]:
        ids = sorted(self._lines_by_id)
        grouped = sorted(line_id for group in self.groups for line_id in group.line_ids)
        yield "form", self.kind.code == self.invoice.type_code
        yield "preceding_invoices", bool(self.invoice.preceding_invoices) or not self.is_correction
        yield "title", "gutschrift" not in self.title.lower()
        own_words = f"{self.intro} {self.closing}".lower()
        yield "intro or closing", not self.is_correction or "gutschrift" not in own_words
        yield "recipient", any(self.recipient)
        yield "accent", _COLOUR.fullmatch(self.letterhead.accent) is not None
        yield "lines", len(ids) == len(self.invoice.lines)
        yield "line_texts", all(text.line_id in self._lines_by_id for text in self.line_texts)
        yield "groups", not self.groups or grouped == ids

    @cached_property
    def _lines_by_id(self) -> Mapping[str, Line]:
        return {line.id: line for line in self.invoice.lines}

    @property
    def kind(self) -> DocumentKind:
        return KIND_OF_FORM[self.form]

    @property
    def words(self) -> Form:
        """What it is called."""
        return FORMS[self.form]

    @property
    def is_correction(self) -> bool:
        """Its positive amounts reduce what the customer owes."""
        return self.kind.corrects

    @property
    def asks_for_transfer(self) -> bool:
        """The customer has to send money: not for corrections, nothing to pay, or when we collect it ourselves."""
        invoice = self.invoice
        is_transfer = invoice.payment_means_code in _CREDIT_TRANSFERS and bool(invoice.credit_transfers)
        return is_transfer and invoice.amount_due > 0 and self.kind.asks_for_money

    def lines_of(self, group: LineGroup) -> tuple[Line, ...]:
        return tuple(self._lines_by_id[line_id] for line_id in group.line_ids)

    def subtotal_of(self, group: LineGroup) -> Decimal:
        return sum((line.net_amount for line in self.lines_of(group)), Decimal("0.00"))

    def to_json(self) -> str:
        """Lossless and canonical: the same document gives the same text. Decimals are strings, bytes base64."""
        return codec.dump(self)

    @classmethod
    def from_json(cls, text: str) -> FrozenDocument:
        """Raise ``ValueError`` for text that ``to_json`` did not write."""
        return codec.load(cls, text)
