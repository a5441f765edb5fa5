"""What a list may be filtered and sorted by: an allow-list. What is not on it is ignored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlencode

from django import forms
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from kundenkontor.kernel.formats import format_date, format_decimal
from kundenkontor.web.forms import DayField, MoneyField, TextField, reader_language

M = TypeVar("M", bound=Model)
Apply = Callable[[QuerySet[Any], Any], QuerySet[Any]]
PAGE_PARAMETERS = ("after", "before")


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter of a list. ``kind`` decides field and chip; ``apply`` gets the cleaned value."""

    name: str
    label: Any
    apply: Apply
    kind: str = "text"  # text, search, choice, day, amount
    choices: Mapping[str, Any] = field(default_factory=dict)

    def field(self) -> forms.Field:
        if self.kind == "choice":
            return forms.ChoiceField(
                label=self.label,
                choices=[("", _("All")), *self.choices.items()],
                required=False,
            )
        if self.kind == "day":
            return DayField(label=self.label, required=False)
        if self.kind == "amount":
            return MoneyField(label=self.label, required=False)
        widget = forms.TextInput(attrs={"type": "search"}) if self.kind == "search" else forms.TextInput()
        return TextField(label=self.label, required=False, max_length=200, strip=True, widget=widget)

    def show(self, value: Any) -> str:
        """The chip's text: label and value in words."""
        if self.kind == "choice":
            value = self.choices.get(value, value)
        elif isinstance(value, date):
            value = format_date(value, reader_language())
        elif isinstance(value, Decimal):
            value = format_decimal(value, reader_language())
        return f"{self.label}: {value}"


@dataclass(frozen=True, slots=True)
class Sort:
    """A sortable column: ``columns`` in ascending order, non-null, the last one unique."""

    label: Any
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class SortLink:
    label: Any
    url: str
    direction: str  # "ascending", "descending" or "none", as aria-sort has it


@dataclass(frozen=True, slots=True)
class SortOption:
    value: str
    label: str
    is_current: bool


class Listing:
    """The filters, sort and page of one list request.

    A value that is not valid is not applied; its field shows the error. ``sort=date`` ascends, ``sort=-date`` descends.
    """

    def __init__(
        self,
        query: QueryDict,
        *,
        filters: Sequence[Filter],
        sorts: Mapping[str, Sort],
        default_sort: str,
    ) -> None:
        self.query, self.filters, self.sorts = query, filters, sorts
        wished = query.get("sort", "")
        self.sort = wished if wished.removeprefix("-") in sorts else default_sort
        self.default_sort = default_sort
        self.after, self.before = (query.get(name, "") for name in PAGE_PARAMETERS)

    @cached_property
    def form(self) -> forms.Form:
        form = forms.Form(self.query or None, auto_id="filter_%s")
        form.fields.update({filter_.name: filter_.field() for filter_ in self.filters})
        form.is_valid()
        return form

    @property
    def values(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = getattr(self.form, "cleaned_data", {})
        return {name: value for name, value in cleaned.items() if value not in (None, "")}

    @property
    def is_filtered(self) -> bool:
        return bool(self.values)

    @property
    def order(self) -> tuple[str, ...]:
        columns = self.sorts[self.sort.removeprefix("-")].columns
        return tuple(f"-{name}" for name in columns) if self.sort.startswith("-") else columns

    def apply(self, queryset: QuerySet[M]) -> QuerySet[M]:
        values = self.values
        for filter_ in self.filters:
            if filter_.name in values:
                queryset = filter_.apply(queryset, values[filter_.name])
        return queryset

    @property
    def chips(self) -> list[Chip]:
        values = self.values
        return [
            Chip(filter_.show(values[filter_.name]), self.url(**{filter_.name: None}))
            for filter_ in self.filters
            if filter_.name in values
        ]

    def sort_link(self, name: str) -> SortLink:
        is_current = self.sort.removeprefix("-") == name
        is_descending = self.sort.startswith("-")
        direction = ("descending" if is_descending else "ascending") if is_current else "none"
        wished = f"-{name}" if is_current and not is_descending else name
        return SortLink(self.sorts[name].label, self.url(sort=wished), direction)

    @property
    def sort_options(self) -> list[SortOption]:
        """The same choices as the table head offers, for phones, where the table has no head."""
        return [
            SortOption(f"{sign}{name}", f"{sort.label} {arrow}", self.sort == f"{sign}{name}")
            for name, sort in self.sorts.items()
            for sign, arrow in (("-", "↓"), ("", "↑"))
        ]

    def url(self, **changes: str | None) -> str:
        """A link to this list with some parameters changed or (None) dropped; the page starts again."""
        known = {filter_.name for filter_ in self.filters}
        parameters = {name: self.query[name] for name in self.query if name in known and self.query[name]}
        if self.sort != self.default_sort:
            parameters["sort"] = self.sort
        for name, value in changes.items():
            if value is None:
                parameters.pop(name, None)
            else:
                parameters[name] = value
        return f"?{urlencode(parameters)}"
