"""A page with one form: what was typed is kept, a refusal stands beside its field, one submit has one effect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from kundenkontor.kernel.countries import COUNTRIES
from kundenkontor.kernel.errors import DomainError
from kundenkontor.parties.models import Customer
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.forms import TextField, add_refusal
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.requests import StaffRequest

Groups = Sequence[tuple[Any, Sequence[str]]]


class GroupedForm(forms.Form):
    """A long form in groups with headings; ``groups`` names every visible field once."""

    groups: Groups = ()

    @property
    def sections(self) -> list[tuple[Any, list[BoundField]]]:
        if not self.groups:
            return [("", self.visible_fields())]
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in self.groups]


class CountryField(TextField):
    """A two-letter country code (ISO 3166-1)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2, **kwargs)
        self.widget.attrs |= {"autocomplete": "off", "class": "kk-day"}

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").upper()

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and value not in COUNTRIES:
            raise ValidationError(_("Please use the two-letter code, for example AT."), code="country")


@dataclass(slots=True)
class FormPage:
    """What a form page says around its form. ``facts`` show what will happen, before it happens."""

    title: Any
    button: Any
    cancel_url: str
    lead: Any = ""
    crumbs: Sequence[Link] = ()
    facts: Sequence[Fact] = ()
    warning: Any = ""
    is_multipart: bool = False
    done: Any = ""
    extra: dict[str, Any] = field(default_factory=dict)


def serve_form(
    request: StaffRequest,
    form: forms.Form,
    about: FormPage,
    act: Callable[[dict[str, Any]], str],
    *,
    compared: Sequence[Model] = (),
    template: str = "office/desk/form_page.html",
) -> HttpResponse:
    """Show the form, or run ``act`` with what was typed; it returns where the reader goes then.

    ``compared``: the rows, as read, whose values an ``EditForm`` shows.
    """
    if request.method == "POST" and form.is_valid():
        try:
            with once(request, compared=compared) as answer:
                answer.location = act(form.cleaned_data)
        except DomainError as refusal:
            add_refusal(form, refusal)
        else:
            if about.done:
                messages.success(request, about.done)
            return redirect(answer.location)
    context = {
        "about": about,
        "crumbs": about.crumbs,
        "form": form,
        "sections": getattr(form, "sections", [("", form.visible_fields())]),
    }
    return render(request, template, context | about.extra, status=422 if form.errors else 200)


def crumbs_of(customer: Customer, last: str) -> list[Link]:
    """Where a page below a customer stands."""
    own = Link(str(customer), reverse("office:customer", args=[customer.pk]))
    return [Link(_("Customers"), reverse("office:customers")), own, Link(last)]
