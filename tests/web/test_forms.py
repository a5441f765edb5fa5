"""What people type into money and date fields."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template import engines
from django.utils import translation

from kundenkontor.kernel.errors import DomainError, message
from kundenkontor.web.forms import DayField, MoneyField, add_refusal


class PaymentForm(forms.Form):
    amount = MoneyField(minimum=Decimal("0.01"))
    paid_on = DayField()


@pytest.mark.parametrize("typed", ["1.234,56", "1234.56", "1234,56", " 1,234.56 "])
def test_an_amount_may_be_typed_the_german_or_the_english_way(typed: str) -> None:
    form = PaymentForm({"amount": typed, "paid_on": "31.12.2026"})
    assert form.is_valid()
    assert form.cleaned_data == {
        "amount": Decimal("1234.56"),
        "paid_on": date(2026, 12, 31),
    }


@pytest.mark.parametrize("typed", ["31.12.2026", "31.12.26", "2026-12-31"])
def test_a_day_may_be_typed_the_german_way_short_or_as_iso_date(typed: str) -> None:
    form = PaymentForm({"amount": "1", "paid_on": typed})
    assert form.is_valid() and form.cleaned_data["paid_on"] == date(2026, 12, 31)


@pytest.mark.parametrize("typed", ["1.23x", "NaN", "1e3", "Infinity", "--1", "0,00", "-1", "1,234,5", "٣"])
def test_what_is_no_positive_amount_is_refused(typed: str) -> None:
    assert not PaymentForm({"amount": typed, "paid_on": "2026-12-31"}).is_valid()


@pytest.mark.parametrize("typed", ["31.12.9999", "01.01.0206"])
def test_a_day_centuries_away_is_refused(typed: str) -> None:
    assert not PaymentForm({"amount": "1", "paid_on": typed}).is_valid()


@pytest.mark.parametrize(
    ("places", "largest", "too_large"),
    [(2, "999999999999.99", "1000000000000"), (4, "9999999999.9999", "10000000000"), (6, "99999999.999999", "1e8")],
)
def test_what_its_column_cannot_hold_is_refused(places: int, largest: str, too_large: str) -> None:
    assert MoneyField(places=places).clean(largest) == Decimal(largest)
    with translation.override("en"), pytest.raises(ValidationError, match="larger than the books"):
        MoneyField(places=places).clean(f"{Decimal(too_large):f}")


def test_what_was_typed_is_kept_and_the_error_stands_beside_its_field() -> None:
    with translation.override("de"):
        form = PaymentForm({"amount": "1.23x", "paid_on": "31.2.2026"})
        page = (
            engines["jinja2"].from_string("{{ kk.form_errors(form) }}{{ kk.form_fields(form) }}").render({"form": form})
        )
    assert 'value="1.23x"' in page
    assert 'href="#id_amount"' in page and 'id="id_amount_error"' in page
    assert 'aria-describedby="id_amount_error"' in page and 'aria-invalid="true"' in page
    assert 'role="alert"' in page


def test_an_initial_amount_is_shown_in_the_readers_language() -> None:
    with translation.override("de"):
        assert MoneyField().prepare_value(Decimal("1234.5")) == "1.234,50"
        assert MoneyField(places=6).prepare_value(Decimal("0.123400")) == "0,1234"
    with translation.override("en"):
        assert MoneyField().prepare_value(Decimal("1234.5")) == "1,234.50"


class TooMuch(DomainError):
    code = "too_much"
    template = message("At most {limit}.")
    field = "amount"


def test_a_refusal_writes_amounts_and_dates_as_its_reader_does() -> None:
    with translation.override("de"):
        assert str(TooMuch(limit=Decimal("1234.50"))) == "At most 1.234,50."
        assert str(TooMuch(limit=date(2027, 10, 31))) == "At most 31.10.2027."
    with translation.override("en"):
        assert str(TooMuch(limit=Decimal("1234.50"))) == "At most 1,234.50."
    assert str(TooMuch(limit="AB-1")) == "At most AB-1."


def test_a_refusal_lands_beside_the_field_it_names() -> None:
    form = PaymentForm({"amount": "5", "paid_on": "2026-12-31"})
    assert form.is_valid()
    add_refusal(form, TooMuch(limit="3"))
    add_refusal(form, TooMuch(limit="4", field="unknown"))
    assert form.errors["amount"] == ["At most 3."]
    assert form.non_field_errors() == ["At most 4."]
