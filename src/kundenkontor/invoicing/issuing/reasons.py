"""Why a document cannot be issued: one class for each reason, raised, listed or kept with a parked customer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kundenkontor.kernel.errors import DomainError, message


class Unissuable(DomainError):
    """The base of every reason. ``field`` begins with seller, customer, lines or contracts."""


class SellerIncomplete(Unissuable):
    code = "seller_incomplete"
    template = message("The seller’s {particular} is missing.")
    label = message("Seller incomplete")
    mend = "seller"
    particulars = {
        "name": message("company name"),
        "street": message("street and number"),
        "postal_code": message("postal code"),
        "city": message("city"),
        "vat_id": message("VAT id"),
        "tax_number": message("tax number"),
    }

    def shown(self) -> dict[str, str]:
        return {"particular": DomainError.translate(self.particulars[self.params["particular"]])}


class SellerVatIdWithoutCountry(Unissuable):
    code = "seller_vat_id_without_country"
    template = message("The seller's VAT id does not begin with a country code.")
    label = message("Seller’s VAT id without a country code")
    field = "seller.vat_id"
    mend = "seller"


class SellerWithoutAccount(Unissuable):
    code = "seller_without_account"
    template = message("The seller has no bank account that customers can pay to.")
    label = message("Seller without a bank account")
    field = "seller.bank_accounts"
    mend = "seller"


class NoLines(Unissuable):
    code = "no_lines"
    template = message("The document has no lines.")
    field = "lines"


class LineWithoutName(Unissuable):
    code = "line_without_name"
    template = message("Line {position} does not say what was supplied.")


class LineWithoutQuantity(Unissuable):
    code = "line_without_quantity"
    template = message("Line {position} has no quantity.")


class LineTooLarge(Unissuable):
    code = "line_too_large"
    template = message("Line {position} is larger than the books can hold.")
    label = message("Line too large")


class LinePriceNegative(Unissuable):
    """BR-27."""

    code = "line_price_negative"
    template = message("The price of line {position} is negative; write a discount as a negative quantity.")
    label = message("Price negative")


class ExemptionReasonMissing(Unissuable):
    code = "exemption_reason_missing"
    template = message("The reason of a VAT exemption is missing.")


class TotalTooLarge(Unissuable):
    code = "total_too_large"
    template = message("The document is larger than the books can hold.")
    label = message("Sum too large")
    field = "lines"


class TotalNegative(Unissuable):
    code = "total_negative"
    template = message("The total {total:EUR} is negative.")
    label = message("Sum negative")
    field = "lines"
    reads = {"total": Decimal}


class OutsideScopeNotAlone(Unissuable):
    code = "outside_scope_not_alone"
    template = message("A line outside the scope of VAT must stand alone on its invoice.")
    field = "lines"


class VatOfTwoCountries(Unissuable):
    code = "vat_of_two_countries"
    template = message(
        "The VAT of several countries ({countries}) must not stand on one invoice; please write one for each."
    )
    field = "lines"


class BuyerNameMissing(Unissuable):
    code = "buyer_name_missing"
    template = message("The customer’s name is missing.")
    label = message("Name missing")
    field = "customer.name"
    mend = "customer"


class BuyerAddressMissing(Unissuable):
    code = "buyer_address_missing"
    template = message("The customer’s address is incomplete.")
    label = message("Address incomplete")
    warning = message("The address is incomplete; the invoice is small enough to go out like that.")
    field = "customer.address"
    mend = "customer"


class VatIdMissing(Unissuable):
    code = "vat_id_missing"
    template = message("Reverse charge needs the VAT ids of both parties.")
    label = message("VAT id missing")
    field = "customer.vat_id"
    mend = "customer"


class VatIdUnchecked(Unissuable):
    code = "vat_id_unchecked"
    template = message("The customer’s VAT id has not been checked.")
    label = message("VAT id not checked (reverse charge)")
    field = "customer.vat_id"
    mend = "vat_id"


class VatIdWithoutCountry(Unissuable):
    code = "vat_id_without_country"
    template = message("The buyer's VAT id does not begin with a country code.")
    label = message("VAT id without a country code")
    field = "customer.vat_id"
    mend = "customer"


class VatIdMissingAboveLimit(Unissuable):
    code = "uid_missing_above_limit"
    template = message(
        "Above EUR 10,000 the VAT id of a business customer must be named; release with “No VAT id given”."
    )
    label = message("VAT id missing above EUR 10,000")
    warning = message("Above EUR 10,000 without a VAT id; released with “No VAT id given”.")
    field = "customer.vat_id"
    mend = "customer"


class VatIdToCheck(Unissuable):
    """The VAT of a line hangs on it (I-T4)."""

    code = "check_vat_id"
    template = message("The VAT id {vat_id} has not been checked; check it, or mark it as invalid.")
    label = message("VAT id not checked")
    field = "customer.vat_id"
    mend = "vat_id"


class VatIdElsewhere(Unissuable):
    code = "vat_id_elsewhere"
    template = message(
        "Reverse charge needs a VAT id of another member state, and {vat_id} is none; "
        "correct it, or mark it as invalid."
    )
    label = message("VAT id not of another member state")
    field = "customer.vat_id"
    mend = "customer"


class PostalCodeUnknown(Unissuable):
    """The rate hangs on it: a part of the country has one of its own."""

    code = "postal_code_unknown"
    template = message("The VAT rate depends on the postal code, and “{postal_code}” is none of {country}.")
    label = message("Postal code unknown")
    field = "customer.address"
    mend = "customer"


class RateMissing(Unissuable):
    code = "rate_missing"
    template = message("No VAT rate is known for {country} on {on}.")
    label = message("VAT rate missing")
    mend = "rates"
    reads = {"on": date.fromisoformat}


class TooManyLines(Unissuable):
    code = "too_many_lines"
    template = message("The document would have {lines} lines; at most {limit} can be typeset.")
    label = message("Too many lines")
    field = "contracts"


class LettersOfSeller(Unissuable):
    """The fonts of documents are shipped, so that every machine makes the same bytes; they do not have all letters."""

    code = "letters_of_seller"
    template = message("The seller’s data have letters that no font of documents has: {letters}")
    label = message("Letters that cannot be printed")
    field = "seller.name"
    mend = "seller"


class LettersOfBuyer(Unissuable):
    code = "letters_of_buyer"
    template = message("The customer’s name or address has letters that no font of documents has: {letters}")
    label = message("Letters that cannot be printed")
    field = "customer.name"
    mend = "customer"


class LettersOfHead(Unissuable):
    code = "letters_of_head"
    template = message("References or text of the document have letters that no font of documents has: {letters}")
    label = message("Letters that cannot be printed")
    field = "note"


class LettersOfLine(Unissuable):
    code = "letters_of_line"
    template = message(
        "Line {position} has letters that no font of documents has ({letters}); a domain can be written as xn--…"
    )
    label = message("Letters that cannot be printed")
