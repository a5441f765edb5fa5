"""Refusals of changes to rates and of VAT id checks."""

from __future__ import annotations

from kundenkontor.kernel.errors import DomainError, message


class CountryHasNoRates(DomainError):
    code = "country_has_no_rates"
    template = message("“{country}” is no member state of the EU.")
    field = "country"


class RateOutOfRange(DomainError):
    code = "rate_out_of_range"
    template = message("A VAT rate lies between 0 and 100 percent and has at most two decimal places.")
    field = "rate"


class RateNotNewer(DomainError):
    """Former rates are facts that documents rely on; only the newest row may still be mended."""

    code = "rate_not_newer"
    template = message("The newest rate of {country} begins on {begins}. A new rate must not begin before it.")
    field = "valid_from"


class VatIdMissing(DomainError):
    code = "no_vat_id_to_check"
    template = message("Customer {number} has no VAT id.")
    field = "vat_id"


class EvidenceMissing(DomainError):
    code = "evidence_missing"
    template = message("Please say what proves the VAT id, for example the letter of the tax office and its date.")
    field = "evidence"
