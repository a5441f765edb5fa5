"""Why a draft cannot be issued: § 11 UStG (AT), § 14 UStG (DE) and the rules of EN 16931 that data can break.

Pure and asked twice: by billing and the office, which park or show what it finds, and by ``issue_invoices``
as the last guard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from kundenkontor.einvoicing.codes import CodeList, is_code
from kundenkontor.invoicing.issuing import reasons
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.issuing.earlier import open_before
from kundenkontor.invoicing.issuing.lines import Measure
from kundenkontor.invoicing.issuing.making import find_unmakeable
from kundenkontor.invoicing.issuing.reasons import Unissuable
from kundenkontor.kernel.money import ZERO
from kundenkontor.parties.facts import SellerFacts
from kundenkontor.taxes.notes import no_vat_id_note

SMALL_INVOICE_LIMITS = {"AT": Decimal(400), "DE": Decimal(250)}  # gross: § 11 Abs. 6 UStG, § 33 UStDV
LARGEST = Decimal("9999999999.99")  # of a document or line: the books hold sums of a hundred such documents
EVERYDAY = Decimal(100_000)  # a quantity and a price up to this make no line larger than that
VAT_ID_LIMIT = Decimal(10_000)  # gross: § 11 Abs. 1 Z 3 lit. b UStG


def find_refusals(draft: InvoiceDraft) -> Sequence[Unissuable]:
    """Every reason why this draft must not be issued, and every warning; kept while the draft stays as it is.

    Whoever plans asks first, and issuing asks again: of a run's drafts that was a twentieth of its time.
    """
    state = (draft.kind, draft.seller, draft.buyer, tuple(map(id, draft.lines)), draft.agreed_payable)
    if draft.judged is None or draft.judged[0] != state:
        draft.judged = state, (*_of_seller(draft), *_of_lines(draft), *_of_buyer(draft), *find_unmakeable(draft))
    return draft.judged[1]


def _of_seller(draft: InvoiceDraft) -> Iterator[Unissuable]:
    """What the law and EN 16931 ask of the seller: of every document, then of one with these sums."""
    seller = draft.seller
    yield from _wrong_with(seller)
    if not seller.vat_id:
        yield from _without_vat_id(draft)
    if not seller.has_bank_account and draft.kind.asks_for_money and draft.payable > ZERO:
        yield reasons.SellerWithoutAccount()


@lru_cache(maxsize=100)
def _wrong_with(seller: SellerFacts) -> tuple[Unissuable, ...]:
    """Asked once per state of a seller, not once per document."""
    missing = [name for name in ("name", "street", "postal_code", "city") if not getattr(seller, name)]
    if not seller.vat_id and not seller.tax_number:
        missing.append("vat_id")
    refusals = [_missing(name) for name in missing]
    if not _begins_with_country(seller.vat_id):
        refusals.append(reasons.SellerVatIdWithoutCountry())
    return tuple(refusals)


def _begins_with_country(vat_id: str) -> bool:
    """BR-CO-09; Greece writes EL."""
    return not vat_id or vat_id[:2] == "EL" or is_code(vat_id[:2], CodeList.COUNTRY)


def printed_note(draft: InvoiceDraft) -> str:
    """BT-22: that a VAT id was asked for in vain, the draft's own note, and what is open of earlier documents."""
    is_waived = draft.buyer.vat_id_waived and lacks_vat_id(draft)
    waived = no_vat_id_note(draft.buyer.language) if is_waived else ""
    return "\n".join(filter(None, [waived, draft.note, draft.open_before]))


def note_by_hand(note: str) -> str:
    """The note of a document without what issuing wrote."""
    added = (open_before(note), *map(no_vat_id_note, ("de", "en")))
    return "\n".join(line for line in note.split("\n") if line not in added)


def _missing(particular: str) -> Unissuable:
    return reasons.SellerIncomplete(field=f"seller.{particular}", particular=particular)


def _without_vat_id(draft: InvoiceDraft) -> Iterator[Unissuable]:
    """Reverse charge names the seller's VAT id (BR-AE-02), and so does an Austrian invoice above 400 EUR that taxes
    (§ 11 Abs. 1 Z 3 lit. j UStG). § 14 UStG is content with the tax number; a wrong invoice can always be cancelled.
    """
    categories = {group.category for group in draft.totals.vat_breakdown}
    is_above = draft.totals.total_with_vat > SMALL_INVOICE_LIMITS["AT"]
    is_austrian = draft.seller.country == "AT" and not draft.kind.corrects and is_above and "S" in categories
    if draft.seller.tax_number and ("AE" in categories or is_austrian):
        yield _missing("vat_id")


def _of_lines(draft: InvoiceDraft) -> Iterator[Unissuable]:
    if not draft.lines:
        yield reasons.NoLines()
    categories, countries = set(), set()
    for position, (item, measure, tax, _, _) in enumerate(draft.lines, 1):
        categories.add(tax.category)
        countries.add(tax.country)
        if not item.name:
            yield reasons.LineWithoutName(field=f"lines.{position}", position=position)
        if not measure.quantity:
            yield reasons.LineWithoutQuantity(field=f"lines.{position}", position=position)
        if (measure.quantity > EVERYDAY or measure.net_price > EVERYDAY) and _is_too_large(measure):
            yield reasons.LineTooLarge(field=f"lines.{position}", position=position)
        if measure.net_price < ZERO:  # BR-27
            yield reasons.LinePriceNegative(field=f"lines.{position}", position=position)
        if tax.category != "S" and not (tax.exemption_reason or tax.exemption_code):
            yield reasons.ExemptionReasonMissing(field=f"lines.{position}")
    if "O" in categories and len(categories) > 1:
        yield reasons.OutsideScopeNotAlone()
    elif len(countries) > 1 and not draft.kind.corrects:
        yield reasons.VatOfTwoCountries(countries=", ".join(sorted(countries)))
    if draft.totals.total_with_vat > LARGEST:
        yield reasons.TotalTooLarge()
    if "O" in categories and not (draft.seller.register_number or draft.seller.tax_number):
        yield _missing("tax_number")  # the XML holds no VAT id then, and something must name the seller (BR-CO-26)


def _is_too_large(measure: Measure) -> bool:
    """Larger than the columns of lines and books: ten digits before the point, a price eight."""
    full = abs(measure.quantity * measure.net_price / measure.base_quantity)
    return full > LARGEST or abs(measure.quantity) > LARGEST or measure.net_price >= Decimal(10**8)


def _of_buyer(draft: InvoiceDraft) -> Iterator[Unissuable]:
    buyer, seller = draft.buyer, draft.seller
    totals = draft.totals
    total = totals.total_with_vat
    is_reverse_charge = any(group.category == "AE" for group in totals.vat_breakdown)
    if (least := min(total, draft.payable)) < ZERO:
        yield reasons.TotalNegative(total=least)
    if not buyer.name:
        yield reasons.BuyerNameMissing()
    if not buyer.is_address_complete:
        is_small = total <= SMALL_INVOICE_LIMITS.get(seller.country, ZERO)
        is_small = is_small and not is_reverse_charge and buyer.country == seller.country
        yield reasons.BuyerAddressMissing(is_warning=is_small)
    if draft.kind.corrects:
        return
    if is_reverse_charge and not buyer.vat_id:
        yield reasons.VatIdMissing()
    elif is_reverse_charge and buyer.vat_id_state != "checked":
        yield reasons.VatIdUnchecked()
    is_outside = any(group.category == "O" for group in totals.vat_breakdown)  # no VAT id in the XML then
    if not is_outside and buyer.vat_id_state != "invalid" and not _begins_with_country(buyer.vat_id):
        yield reasons.VatIdWithoutCountry()
    if lacks_vat_id(draft):
        yield reasons.VatIdMissingAboveLimit(is_warning=buyer.vat_id_waived)


def lacks_vat_id(draft: InvoiceDraft) -> bool:
    """Whether the law asks for the business customer's VAT id, and there is none: above 10,000 EUR, of what is taxed in
    Austria. Abroad the customer is taxed, or nobody; small businesses write small invoices (§ 11 Abs. 6 UStG)."""
    buyer = draft.buyer
    if draft.totals.total_with_vat <= VAT_ID_LIMIT or draft.seller.country != "AT" or draft.kind.corrects:
        return False
    is_named = bool(buyer.vat_id) and buyer.vat_id_state != "invalid"
    is_taxed_here = any(line.tax.category == "S" and line.tax.country == "AT" for line in draft.lines)
    return buyer.is_taxable_person and not is_named and is_taxed_here
