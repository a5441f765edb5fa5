"""A preview in words, in the reader's language: for the office, the command line and the letter to staff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenkontor.billing.runs.previews import changed_sums
from kundenkontor.invoicing.issuing.refusals import RefusalSentence

REASONS = {
    "check_vat_id": gettext_lazy("VAT id not checked"),
    "vat_id_unchecked": gettext_lazy("VAT id not checked (reverse charge)"),
    "vat_id_elsewhere": gettext_lazy("VAT id not of another member state"),
    "vat_id_missing": gettext_lazy("VAT id missing"),
    "vat_id_without_country": gettext_lazy("VAT id without a country code"),
    "uid_missing_above_limit": gettext_lazy("VAT id missing above 10,000 EUR"),
    "data_request_open": gettext_lazy("Change of data not decided"),
    "buyer_address_missing": gettext_lazy("Address incomplete"),
    "buyer_name_missing": gettext_lazy("Name missing"),
    "seller_incomplete": gettext_lazy("Seller incomplete"),
    "seller_without_account": gettext_lazy("Seller without a bank account"),
    "seller_vat_id_without_country": gettext_lazy("Seller’s VAT id without a country code"),
    "line_price_negative": gettext_lazy("Price negative"),
    "line_too_large": gettext_lazy("Line too large"),
    "total_too_large": gettext_lazy("Sum too large"),
    "total_negative": gettext_lazy("Sum negative"),
    "safety_bound_periods": gettext_lazy("Safety bound: many periods"),
    "safety_bound_amount": gettext_lazy("Safety bound: amount"),
    "rate_missing": gettext_lazy("VAT rate missing"),
    "error": gettext_lazy("Unexpected error"),
}
WARNINGS = {
    "buyer_address_missing": gettext_lazy(
        "The address is incomplete; the invoice is small enough to go out like that."
    ),
    "uid_missing_above_limit": gettext_lazy("Above 10,000 EUR without a VAT id; released with “No VAT id given”."),
}
SUMS = {
    "customers": gettext_lazy("Customers"),
    "invoices": gettext_lazy("Invoices"),
    "lines": gettext_lazy("Lines"),
    "parked": gettext_lazy("Parked customers"),
    "total_without_vat": gettext_lazy("Total without VAT"),
    "total_with_vat": gettext_lazy("Total with VAT"),
}


def sentence_of(code: str, params: dict[str, Any]) -> str:
    """A reason as a sentence."""
    try:
        return str(RefusalSentence(code, params))
    except KeyError:
        return f"{code} {params}"


def warning_of(code: str, params: dict[str, Any]) -> str:
    """A warning as a sentence: what is not as it should be, and that it is billed all the same."""
    return str(WARNINGS.get(code) or sentence_of(code, params))


def warnings_of(preview: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """Code, number of customers and sentence of every warning."""
    found = preview.get("warnings") or {}
    return [(code, one["count"], warning_of(code, one["customers"][0][3])) for code, one in sorted(found.items())]


def reasons_of(preview: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Number of customers and short reason of everything that parks; a customer may have several reasons."""
    found = (preview.get("parked_reasons") or {}).items()
    return [(count, str(REASONS.get(code, code))) for code, count in sorted(found, key=lambda item: -item[1])]


def paragraphs_of(preview: Mapping[str, Any]) -> Iterator[str]:
    """What to know before confirming: who is parked and why, warnings, the difference from the last run."""
    parked = [f"{count} × {reason}" for count, reason in reasons_of(preview)]
    if parked:
        yield "\n".join([_("Parked customers by reason:"), *parked])
    warnings = [f"{count} × {sentence}" for _code, count, sentence in warnings_of(preview)]
    if warnings:
        yield "\n".join([_("Customers with a warning, which are billed all the same:"), *warnings])
    last = preview.get("last_run")
    if last:
        changes = [
            f"{SUMS[key]}: {before} → {after} ({after - before:+})"
            for key, before, after in changed_sums(last, preview)
        ]
        yield "\n".join([_("Difference from the last run:"), *(changes or [_("The sums are the same.")])])
