"""Why a run parks a customer, beyond what makes a document unissuable."""

from __future__ import annotations

from decimal import Decimal

from kundenkontor.invoicing.issuing.reasons import TooManyLines, Unissuable
from kundenkontor.kernel.errors import message


class DataRequestOpen(Unissuable):
    code = "data_request_open"
    template = message("The customer asked for a change of country or VAT id that is not decided.")
    label = message("Change of data not decided")
    field = "customer.vat_id"
    mend = "data_request"


class SafetyBound(Unissuable):
    """I-B5: what a person looks at before it is billed. Staff may let what it measured pass."""

    field = "contracts"


class ManyPeriods(SafetyBound):
    code = "safety_bound_periods"
    template = message("{periods} periods of contract {contract} would be billed at once.")
    label = message("Safety bound: many periods")


class LargeAmount(SafetyBound):
    code = "safety_bound_amount"
    template = message("{total:EUR} is more than five times the customer’s active prices ({bound:EUR}).")
    label = message("Safety bound: amount")
    reads = {"total": Decimal, "bound": Decimal}


SAFETY_BOUNDS = (ManyPeriods.code, LargeAmount.code)
MAY_PASS = (*SAFETY_BOUNDS, TooManyLines.code)  # what staff may let pass: a sum, or a collective invoice in parts


class Unexpected(Unissuable):
    """Whatever is wrong with one customer stops nobody else."""

    code = "error"
    template = message("Unexpected error: {error}")
    label = message("Unexpected error")
