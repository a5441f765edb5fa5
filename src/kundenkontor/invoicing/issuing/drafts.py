"""Drafts in memory: what is about to be issued. They have no number and may still be refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from kundenkontor.invoicing.issuing.gross import payable_of, spread_over_lines
from kundenkontor.invoicing.issuing.lines import DraftLine, taxed_amounts
from kundenkontor.invoicing.issuing.reasons import Unissuable
from kundenkontor.invoicing.issuing.totals import Totals, calculate_totals
from kundenkontor.kernel.kinds import INVOICE, DocumentKind
from kundenkontor.parties.facts import BuyerFacts, SellerFacts


class Reference(NamedTuple):
    """BG-3: an issued document of the same customer, and what it is referred to for."""

    kind: Literal["corrects"]
    invoice_id: int


@dataclass(slots=True)
class InvoiceDraft:
    """One document to be. ``invoice_id`` may be drawn beforehand, so that charges can name it; ids are no numbers.

    Amounts are positive whatever the kind; a correction refers to what it corrects. ``agreed_payable`` is the sum
    agreed with VAT, if prices are gross: the payable amount equals it (BT-114).
    """

    seller: SellerFacts
    buyer: BuyerFacts
    lines: list[DraftLine] = field(default_factory=list)
    kind: DocumentKind = INVOICE
    is_collective: bool = False
    buyer_reference: str = ""
    order_number: str = ""
    cost_centre: str = ""
    note: str = ""
    references: Sequence[Reference] = ()
    agreed_payable: Decimal | None = None
    open_before: str = ""  # what issuing says of earlier documents
    invoice_id: int = 0
    batch_id: int | None = None
    judged: tuple[tuple[object, ...], tuple[Unissuable, ...]] | None = None  # see ``find_refusals``
    _totals: Totals | None = None

    @property
    def totals(self) -> Totals:
        """The sums, computed once: the lines are complete when they are first asked for."""
        if self._totals is None:
            self._totals = calculate_totals(taxed_amounts(self.lines))
        return self._totals

    @property
    def payable(self) -> Decimal:
        """BT-115 as it will be."""
        return self.totals.total_with_vat if self.agreed_payable is None else self.agreed_payable

    def settle_gross_prices(self) -> None:
        """Settle what was agreed with VAT, now that the lines are complete; before the totals are asked for."""
        agreed = spread_over_lines(self.lines)
        if agreed:
            self.agreed_payable = payable_of(self.totals, agreed)

    def settle_references(self) -> None:
        """The head has room for one order number and one reference: what staff wrote there, or those of the contracts
        where all lines have the same, or the customer's. Lines keep what the head does not say."""
        if not any(line.item.order_number or line.item.buyer_reference for line in self.lines):
            return
        for name in ("order_number", "buyer_reference"):
            own = {getattr(line.item, name) for line in self.lines}
            said = getattr(self, name)
            if len(own) == 1 and said == getattr(self.buyer, name):
                said = own.pop() or said
                setattr(self, name, said)
            for index, line in enumerate(self.lines):
                if getattr(line.item, name) == said != "":
                    self.lines[index] = line._replace(item=line.item._replace(**{name: ""}))

    @property
    def payment_terms_days(self) -> int:
        """The customer's own terms, or the seller's."""
        own = self.buyer.payment_terms_days
        return self.seller.payment_terms_days if own is None else own
