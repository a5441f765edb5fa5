"""Form fields that read what people type, and how a refusal lands beside its field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from kundenkontor.kernel.addresses import validate_address
from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.formats import MINUS, format_decimal, format_number, format_value, is_german, plain_day
from kundenkontor.kernel.money import AmountError, Style, parse_amount
from kundenkontor.kernel.texts import many_lines, one_line


def reader_language() -> str:
    return get_language() or "de"


def reader_style() -> Style:
    """The language in which the reader is written to, and writes numbers."""
    return "de" if is_german(reader_language()) else "en"


def written(count: int) -> str:
    """A count as the reader writes numbers: ``1.140`` (de), ``1,140`` (en)."""
    return format_decimal(count, reader_language(), places=0)


def in_words(value: Any) -> str:
    """A value as its reader writes it; a dash for none."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return "–" if value in (None, "") else str(format_value(value, reader_language()))


def whole_number(text: str) -> int:
    """The id or page that a form or an address names; 0, which no row and no page has, where it names none.

    Digits only, and no more of them than an id of the database has.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


class TextField(forms.CharField):
    """One line of text, in characters that paper, XML and database hold (``kernel/texts.py``)."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(None if value is None else one_line(str(value))) or "")


class LongTextField(forms.CharField):
    """Several lines of text, in characters that paper, XML and database hold."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(None if value is None else many_lines(str(value))) or "")


class EmailField(TextField, forms.EmailField):
    """An address that is somebody else's: nothing on our own machine or network."""

    default_validators = [validate_address]


class LinkField(TextField, forms.URLField):
    """The address of a page."""


class SlugField(TextField, forms.SlugField):
    """A word for addresses."""


class PasswordField(forms.CharField):
    """The one text that is taken exactly as it was typed."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        super().__init__(strip=False, widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}), **kwargs)


class MoneyField(forms.Field):
    """An amount: takes 1.234,56 and 1234.56, cleans to Decimal or None. ``places`` is 2, for unit prices up to 6."""

    widget = forms.TextInput

    def __init__(
        self,
        *,
        places: int = 2,
        minimum: Decimal | None = None,
        currency: str = "EUR",
        **kwargs: Any,
    ) -> None:
        self.places, self.minimum, self.currency = places, minimum, currency
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {
            "inputmode": "decimal",
            "autocomplete": "off",
            "class": "kk-amount",
            "data-unit": self.currency,
        }

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or not str(value).strip():
            return None
        try:
            amount = parse_amount(str(value), places=self.places, style=reader_style())
        except AmountError as error:
            raise ValidationError(str(error), code=error.code) from error
        return amount

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and self.minimum is not None and value < self.minimum:
            smallest = format_decimal(self.minimum, reader_language(), places=self.places)
            raise ValidationError(
                _("At least %(smallest)s, please.") % {"smallest": smallest},
                code="too_small",
            )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return format_number(value, reader_language()).replace(MINUS, "-")
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


YEARS = range(1900, 3000)  # billing counts periods from a day on, and the calendar ends with 9999


class DayField(forms.DateField):
    """A calendar day: takes 31.12.2026, 31.12.26 and 2026-12-31."""

    widget = forms.DateInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d"], **kwargs)
        self.error_messages["invalid"] = _("Please write the date like 31.12.2026.")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and value.year not in YEARS:
            raise ValidationError(_("Please write a year from 1900 to 2999."), code="far_away")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {
            "inputmode": "numeric",
            "autocomplete": "off",
            "class": "kk-day",
            "maxlength": 10,
        }

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, date):
            return plain_day(value, reader_language())
        return value


def add_refusal(form: forms.BaseForm, error: DomainError) -> None:
    """Show a refusal beside the field it names, else on top of the form. Answer such a form with status 422."""
    field = error.field if error.field in form.fields else NON_FIELD_ERRORS
    form.add_error(field, ValidationError(str(error), code=error.code))
