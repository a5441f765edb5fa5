"""Forms of the portal. What may be changed is an allow-list; unknown fields are ignored."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from kundenkontor.kernel.countries import country_names
from kundenkontor.kernel.texts import fold
from kundenkontor.parties.commands import CHANGEABLE
from kundenkontor.parties.models import Contact, Customer
from kundenkontor.parties.words import CONTACT_GROUPS, LANGUAGES
from kundenkontor.web.edits import EditForm
from kundenkontor.web.forms import EmailField, TextField, reader_language


def country_choices() -> list[tuple[str, str]]:
    """All countries, by their name in the reader's language."""
    return sorted(country_names(reader_language()).items(), key=lambda item: fold(item[1]))


class ColumnField(TextField):
    """One line of text, never longer than its column."""

    def __init__(self, column: str, **kwargs: Any) -> None:
        described = Customer._meta.get_field(column)
        assert isinstance(described, models.CharField)
        super().__init__(max_length=described.max_length, **kwargs)


class CustomerForm(EditForm):
    """What a customer changes at once. A company has a company name, a private person has none."""

    company = ColumnField("company", label=_("Company"))
    first_name = ColumnField("first_name", label=_("First name"), required=False)
    last_name = ColumnField("last_name", label=_("Last name"), required=False)
    street = ColumnField("street", label=_("Street and number"))
    postal_code = ColumnField("postal_code", label=_("Postal code"))
    city = ColumnField("city", label=_("City"))
    email = EmailField(label=_("E-mail"), required=False, max_length=254)
    phone = ColumnField("phone", label=_("Phone"), required=False)
    language = forms.ChoiceField(label=_("Language of invoices and mails"), choices=LANGUAGES)
    has_invoice_address = forms.BooleanField(label=_("Invoices go to a different address"), required=False)
    invoice_name = ColumnField("invoice_name", label=_("Recipient"), required=False,
                               help_text=_("Only if the name on the envelope differs."))  # fmt: skip
    invoice_care_of = ColumnField("invoice_care_of", label=_("c/o"), required=False)
    invoice_department = ColumnField("invoice_department", label=_("Department"), required=False)
    invoice_street = ColumnField("invoice_street", label=_("Street and number"), required=False)
    invoice_postal_code = ColumnField("invoice_postal_code", label=_("Postal code"), required=False)
    invoice_city = ColumnField("invoice_city", label=_("City"), required=False)
    invoice_country = forms.ChoiceField(label=_("Country"), required=False)
    order_number = ColumnField("order_number", label=_("Your order number"), required=False,
                               help_text=_("Stands on every invoice (BT-13)."))  # fmt: skip
    buyer_reference = ColumnField("buyer_reference", label=_("Your reference"), required=False,
                                  help_text=_("Buyer reference or Leitweg-ID (BT-10)."))  # fmt: skip
    cost_centre = ColumnField("cost_centre", label=_("Cost centre"), required=False)

    OWN = ("company", "first_name", "last_name", "street", "postal_code", "city")
    CONTACT = ("email", "phone", "language")
    INVOICE_ADDRESS = (
        "has_invoice_address", "invoice_name", "invoice_care_of", "invoice_department", "invoice_street",
        "invoice_postal_code", "invoice_city", "invoice_country",
    )  # fmt: skip
    REFERENCES = ("order_number", "buyer_reference", "cost_centre")

    def __init__(self, data: Any = None, *, customer: Customer) -> None:
        super().__init__(data, initial={name: getattr(customer, name) for name in CHANGEABLE})
        country = self.fields["invoice_country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = [("", "–"), *country_choices()]
        if customer.is_consumer and not customer.company:
            del self.fields["company"]
            self.fields["first_name"].required = self.fields["last_name"].required = True
        elif not customer.company:
            self.fields["company"].required = False
            self.fields["last_name"].required = True

    def section(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]

    @property
    def own(self) -> list[forms.BoundField]:
        return self.section(self.OWN)

    @property
    def contact(self) -> list[forms.BoundField]:
        return self.section(self.CONTACT)

    @property
    def invoice_address(self) -> list[forms.BoundField]:
        return self.section(self.INVOICE_ADDRESS)

    @property
    def references(self) -> list[forms.BoundField]:
        return self.section(self.REFERENCES)


class TaxDataForm(EditForm):
    """Country and VAT id, as a request. A private person has no VAT id."""

    country = forms.ChoiceField(label=_("Country"))
    vat_id = TextField(label=_("VAT id"), required=False, max_length=20, help_text=_("For example ATU12345675."))

    def __init__(self, data: Any = None, *, customer: Customer) -> None:
        super().__init__(data, initial={"country": customer.country, "vat_id": customer.vat_id})
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = country_choices()
        if customer.is_consumer:
            self.fields["vat_id"].widget = forms.HiddenInput()


class ContactForm(EditForm):
    """A person or mailbox."""

    name = TextField(label=_("Name"), max_length=200, required=False)
    email = EmailField(label=_("E-mail"), max_length=254)
    phone = TextField(label=_("Phone"), max_length=50, required=False)
    group = forms.ChoiceField(label=_("For"), choices=CONTACT_GROUPS, initial="invoices")

    def __init__(self, data: Any = None, *, contact: Contact | None = None) -> None:
        names = ("name", "email", "phone", "group")
        initial = {name: getattr(contact, name) for name in names} if contact else None
        super().__init__(data, is_new=contact is None, initial=initial)


class CollectiveForm(EditForm):
    """Rechnungen ausstellen: one per month over everything, or one per contract (M31, M32)."""

    way = forms.ChoiceField(
        label=_("How shall we invoice you?"),
        choices=[
            (
                "collective",
                _("One collective invoice per month over all contracts (recommended for businesses and agencies)"),
            ),
            ("single", _("One invoice per contract")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, customer: Customer) -> None:
        super().__init__(data, initial={"way": "collective" if customer.is_collective else "single"})


class RecipientForm(EditForm):
    """Who receives the invoices: one contact, or the customer's own address."""

    contact = forms.ChoiceField(label=_("Invoices are sent to"), widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, contacts: list[Contact], fallback: str) -> None:
        current = next((str(one.pk) for one in contacts if one.receives_invoices), "own")
        super().__init__(data, initial={"contact": current})
        field = self.fields["contact"]
        assert isinstance(field, forms.ChoiceField)
        own = _("Main contact, else %(email)s") % {"email": fallback or "–"}
        field.choices = [("own", own), *((str(one.pk), f"{one.name} {one.email}".strip()) for one in contacts)]
