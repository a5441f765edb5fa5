"""Why a draft cannot be issued: § 11 UStG (AT), § 14 UStG (DE) and the rules of EN 16931 that data can break.

Pure and asked twice: by billing and the office, which park or show what it finds, and by ``issue_invoices``
as the last guard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from kundenkontor.einvoicing.codes import CodeList, is_code
from kundenkontor.invoicing.issuing.drafts import DraftLine, InvoiceDraft
from kundenkontor.kernel.errors import DomainError, message
from kundenkontor.parties.facts import SellerFacts

SMALL_INVOICE_LIMITS = {"AT": Decimal(400), "DE": Decimal(250)}  # gross: § 11 Abs. 6 UStG, § 33 UStDV
LARGEST = Decimal("9999999999.99")  # of a document or line: the books hold sums of a hundred such documents
EVERYDAY = Decimal(100_000)  # a quantity and a price up to this make no line larger than that
UID_LIMIT = Decimal(10_000)  # gross: § 11 Abs. 1 Z 3 lit. b UStG
ZERO = Decimal(0)

SENTENCES = {
    "seller_incomplete": message("The seller’s {particular} is missing."),
    "seller_vat_id_without_country": message("The seller's VAT id does not begin with a country code."),
    "vat_id_without_country": message("The buyer's VAT id does not begin with a country code."),
    "seller_without_account": message("The seller has no bank account that customers can pay to."),
    "no_lines": message("The document has no lines."),
    "line_without_name": message("Line {position} does not say what was supplied."),
    "line_without_quantity": message("Line {position} has no quantity."),
    "line_too_large": message("Line {position} is larger than the books can hold."),
    "total_too_large": message("The document is larger than the books can hold."),
    "line_price_negative": message(
        "The price of line {position} is negative; write a discount as a negative quantity."
    ),
    "buyer_name_missing": message("The customer’s name is missing."),
    "buyer_address_missing": message("The customer’s address is incomplete."),
    "vat_id_missing": message("Reverse charge needs the VAT ids of both parties."),
    "vat_id_unchecked": message("The customer’s VAT id has not been checked."),
    "outside_scope_not_alone": message("A line outside the scope of VAT must stand alone on its invoice."),
    "vat_of_two_countries": message(
        "The VAT of several countries ({countries}) must not stand on one invoice; please write one for each."
    ),
    "exemption_reason_missing": message("The reason of a VAT exemption is missing."),
    "uid_missing_above_limit": message(
        "Above 10,000 EUR the VAT id of a business customer must be named; release with “No VAT id given”."
    ),
    "total_negative": message("The total {total} EUR is negative."),
    "safety_bound_periods": message("{periods} periods of contract {contract} would be billed at once."),
    "safety_bound_amount": message("{total} EUR is more than five times the customer’s active prices ({bound} EUR)."),
    "check_vat_id": message("The VAT id {vat_id} has not been checked; check it, or mark it as invalid."),
    "vat_id_elsewhere": message(
        "Reverse charge needs a VAT id of another member state, and {vat_id} is none; "
        "correct it, or mark it as invalid."
    ),
    "data_request_open": message("The customer asked for a change of country or VAT id that is not decided."),
    "rate_missing": message("No VAT rate is known for {country} on {on}."),
    "error": message("Unexpected error: {error}"),
}
PARTICULARS = {
    "name": message("company name"),
    "street": message("street and number"),
    "postal_code": message("postal code"),
    "city": message("city"),
    "vat_id": message("VAT id"),
    "tax_number": message("tax number"),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, with the field to mend. A warning does not stop the document."""

    code: str
    field: str = ""
    params: dict[str, Any] = dataclass_field(default_factory=dict)
    is_warning: bool = False

    def __str__(self) -> str:
        return str(RefusalSentence(self.code, self.params))


class RefusalSentence(DomainError):
    """The sentence of a refusal in the reader's language. Its params may come back from a stored JSON."""

    def __init__(self, code: str, params: dict[str, Any]) -> None:
        super().__init__(
            **{name: READ_BACK[name](value) if name in READ_BACK else value for name, value in params.items()}
        )
        self.template = SENTENCES[code]  # type: ignore[misc]  # one class serves all sentences


READ_BACK: dict[str, Callable[[Any], Any]] = {
    "total": Decimal,
    "bound": Decimal,
    "on": date.fromisoformat,
    "particular": lambda name: DomainError.translate(PARTICULARS[name]),
}


def find_refusals(draft: InvoiceDraft) -> list[Refusal]:
    """Every reason why this draft must not be issued, and every warning."""
    return [*_of_seller(draft), *_of_lines(draft), *_of_buyer(draft)]


def _of_seller(draft: InvoiceDraft) -> Iterator[Refusal]:
    """What the law and EN 16931 ask of the seller: of every document, then of one with these sums."""
    seller = draft.seller
    yield from _wrong_with(seller)
    if not seller.vat_id:
        yield from _without_vat_id(draft)
    if not seller.has_bank_account and draft.kind.asks_for_money and _payable(draft) > ZERO:
        yield Refusal("seller_without_account", "seller.bank_accounts")


@lru_cache(maxsize=100)
def _wrong_with(seller: SellerFacts) -> tuple[Refusal, ...]:
    """Asked once per state of a seller, not once per document."""
    missing = [name for name in ("name", "street", "postal_code", "city") if not getattr(seller, name)]
    if not seller.vat_id and not seller.tax_number:
        missing.append("vat_id")
    refusals = [_missing(name) for name in missing]
    if not _begins_with_country(seller.vat_id):
        refusals.append(Refusal("seller_vat_id_without_country", "seller.vat_id"))
    return tuple(refusals)


def _begins_with_country(vat_id: str) -> bool:
    """BR-CO-09; Greece writes EL."""
    return not vat_id or vat_id[:2] == "EL" or is_code(vat_id[:2], CodeList.COUNTRY)


def _missing(particular: str) -> Refusal:
    return Refusal("seller_incomplete", f"seller.{particular}", {"particular": particular})


def _without_vat_id(draft: InvoiceDraft) -> Iterator[Refusal]:
    """Reverse charge names the seller's VAT id (BR-AE-02), and so does an Austrian invoice above 400 EUR that taxes
    (§ 11 Abs. 1 Z 3 lit. j UStG). § 14 UStG is content with the tax number; a wrong invoice can always be cancelled.
    """
    categories = {group.category for group in draft.totals.vat_breakdown}
    is_above = draft.totals.total_with_vat > SMALL_INVOICE_LIMITS["AT"]
    is_austrian = draft.seller.country == "AT" and not draft.kind.corrects and is_above and "S" in categories
    if draft.seller.tax_number and ("AE" in categories or is_austrian):
        yield _missing("vat_id")


def _payable(draft: InvoiceDraft) -> Decimal:
    """BT-115 as it will be."""
    return draft.totals.total_with_vat if draft.agreed_payable is None else draft.agreed_payable


def _of_lines(draft: InvoiceDraft) -> Iterator[Refusal]:
    if not draft.lines:
        yield Refusal("no_lines", "lines")
    categories, countries = set(), set()
    for position, line in enumerate(draft.lines, 1):
        categories.add(line.vat_category)
        countries.add(line.country)
        if not line.item_name:
            yield Refusal("line_without_name", f"lines.{position}", {"position": position})
        if not line.quantity:
            yield Refusal("line_without_quantity", f"lines.{position}", {"position": position})
        if (line.quantity > EVERYDAY or line.net_price > EVERYDAY) and _is_too_large(line):
            yield Refusal("line_too_large", f"lines.{position}", {"position": position})
        if line.net_price < ZERO:  # BR-27
            yield Refusal("line_price_negative", f"lines.{position}", {"position": position})
        if line.vat_category != "S" and not (line.exemption_reason or line.exemption_code):
            yield Refusal("exemption_reason_missing", f"lines.{position}")
    if "O" in categories and len(categories) > 1:
        yield Refusal("outside_scope_not_alone", "lines")
    elif len(countries) > 1 and not draft.kind.corrects:
        yield Refusal("vat_of_two_countries", "lines", {"countries": ", ".join(sorted(countries))})
    if draft.totals.total_with_vat > LARGEST:
        yield Refusal("total_too_large", "lines")
    if "O" in categories and not (draft.seller.register_number or draft.seller.tax_number):
        yield _missing("tax_number")  # the XML holds no VAT id then, and something must name the seller (BR-CO-26)


def _is_too_large(line: DraftLine) -> bool:
    """Larger than the columns of lines and books: ten digits before the point, a price eight."""
    full = abs(line.quantity * line.net_price / line.base_quantity)
    return full > LARGEST or abs(line.quantity) > LARGEST or line.net_price >= Decimal(10**8)


def _of_buyer(draft: InvoiceDraft) -> Iterator[Refusal]:
    buyer, seller = draft.buyer, draft.seller
    totals = draft.totals
    total = totals.total_with_vat
    is_reverse_charge = any(group.category == "AE" for group in totals.vat_breakdown)
    if (least := min(total, _payable(draft))) < ZERO:
        yield Refusal("total_negative", "lines", {"total": str(least)})
    if not buyer.name:
        yield Refusal("buyer_name_missing", "customer.name")
    if not buyer.is_address_complete:
        is_small = total <= SMALL_INVOICE_LIMITS.get(seller.country, ZERO)
        is_small = is_small and not is_reverse_charge and buyer.country == seller.country
        yield Refusal("buyer_address_missing", "customer.address", is_warning=is_small)
    if draft.kind.corrects:
        return
    if is_reverse_charge and not buyer.vat_id:
        yield Refusal("vat_id_missing", "customer.vat_id")
    elif is_reverse_charge and buyer.vat_id_state != "checked":
        yield Refusal("vat_id_unchecked", "customer.vat_id")
    if buyer.vat_id_state != "invalid" and not _begins_with_country(buyer.vat_id):
        yield Refusal("vat_id_without_country", "customer.vat_id")
    is_named = bool(buyer.vat_id) and buyer.vat_id_state != "invalid"
    if total > UID_LIMIT and seller.country == "AT" and buyer.is_taxable_person and not is_named:
        yield Refusal("uid_missing_above_limit", "customer.vat_id", is_warning=buyer.vat_id_waived)
