"""What is wrong with one row, with a stable code, and the sentence for people in their language."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext

from kundenkontor.imports.reading.columns import label_of
from kundenkontor.kernel.errors import message

FileKind = Literal["customers", "contracts"]

TEMPLATES: dict[str, str] = {
    "row_broken": message("The row cannot be read: a quotation mark is opened or closed in the wrong place."),
    "too_many_fields": message("The row has {found} fields, the first line has {expected}."),
    "too_few_fields": message(
        "The row has {found} fields, the first line has {expected}. Please fill it up: what is missing would be "
        "emptied."
    ),
    "runs_over_lines": message("A cell in quotation marks runs over the lines {first} to {last}."),
    "letters_odd": message("“{letters}” cannot stand inside “{value}”. Was the file saved in another encoding?"),
    "missing": message("{label} is missing."),
    "too_long": message("{label} is longer than {limit} characters."),
    "control_character": message("{label} contains control characters; they become blanks."),
    "name_missing": message("There is neither a company nor a last name."),
    "email_invalid": message("“{value}” is not an e-mail address."),
    "country_unknown": message("The country “{value}” is not known. Please use the two-letter code, for example AT."),
    "vat_id_invalid": message("The check digits of the VAT id “{value}” are wrong."),
    "language_unknown": message("The language “{value}” is not known. Please use de or en."),
    "boolean_unknown": message("“{value}” is neither yes nor no."),
    "terms_invalid": message("The payment term “{value}” is not a whole number of days."),
    "terms_negative": message("The payment term “{value}” is negative."),
    "terms_too_long": message("The payment term “{value}” is longer than {limit} days."),
    "number_twice": message("The number “{value}” is already in line {first}, with different data."),
    "price_invalid": message("The price “{value}” is not a plain amount. Please write it like 1234.56 or 1.234,56."),
    "price_ambiguous": message(
        "The price “{value}” has two readings, and no price of the file says which is meant. Please write it with two "
        "decimal places."
    ),
    "price_negative": message("The price “{value}” is negative."),
    "price_too_precise": message("The price “{value}” has more than six decimal places."),
    "price_too_large": message("The price “{value}” is too large."),
    "currency_unknown": message("The currency “{value}” is not known. Contracts are billed in EUR only."),
    "period_unknown": message("The billing period “{value}” is not known (monthly, quarterly … 10-yearly)."),
    "date_invalid": message("“{value}” is not a date that exists. Please write it like 2026-12-31 or 31.12.2026."),
    "date_out_of_range": message("The date “{value}” lies too far away."),
    "end_before_start": message("The end lies before the start."),
    "discount_invalid": message("The discount “{value}” is not a percentage with at most two decimal places."),
    "discount_negative": message("The discount “{value}” is negative."),
    "discount_above_100": message("The discount “{value}” is above 100 percent."),
    "customer_unknown": message("The customer “{value}” is not known."),
    "customer_refused": message("The customer “{value}” was refused (customers, line {first})."),
    "billed_customer": message("The contract has been billed; its customer cannot become “{value}” any more."),
    "billed_product": message("The contract has been billed; its product cannot become “{value}” any more."),
    "billed_period": message("The contract has been billed; its billing period cannot be changed any more."),
    "billed_start": message("The contract has been billed; its start cannot become {value} any more."),
    "linked_customer": message(
        "One-off items or lines written by hand name the contract; its customer cannot become “{value}” any more."
    ),
    "column_ignored": message("The column “{value}” is not known and was ignored."),
    "vat_id_shared": message("The VAT id “{value}” is used by {count} customers: {numbers}."),
    "price_gross": message(
        "A gross price was agreed with the customer, {value} EUR; it stays. Prices of a file are net: please change it "
        "at the contract."
    ),
    "price_planned": message("The price of {value} EUR planned from {day} stays; this price holds until then."),
    "end_already_billed": message("The contract now ends on {value}, but it has been billed until {until}."),
}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A reason at one line of one file. An error keeps the row out; a warning does not.

    ``line`` is the physical line of the row's first line, the head being line 1. ``field`` is the English
    column name, or "" where the row as a whole is meant.
    """

    file: FileKind
    line: int
    field: str
    code: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)
    is_warning: bool = False

    @property
    def label(self) -> str:
        """The column as people call it, in the language of the moment."""
        return gettext(label_of(self.field)) if self.field else ""

    @property
    def sentence(self) -> str:
        """The reason, in the language of the moment."""
        return gettext(TEMPLATES[self.code]).format(label=self.label, **self.params)

    def to_json(self) -> dict[str, Any]:
        """For the stored report; read again with ``RowProblem(**entry)``."""
        return {
            "file": self.file,
            "line": self.line,
            "field": self.field,
            "code": self.code,
            "params": self.params,
            "is_warning": self.is_warning,
        }
