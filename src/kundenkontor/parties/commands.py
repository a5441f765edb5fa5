"""Changing a customer's own data and contacts. Issued documents refer to snapshots and never change (I-D1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.db.models import Q

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import (
    CONTACT_ADDED,
    CONTACT_CHANGED,
    CONTACT_CHOSEN_FOR_INVOICES,
    CONTACT_REMOVED,
    CUSTOMER_CHANGE_REQUEST_WITHDRAWN,
    CUSTOMER_CHANGE_REQUESTED,
    CUSTOMER_CHANGED,
    CUSTOMER_COLLECTIVE_CHOSEN,
    EventName,
)
from kundenkontor.kernel import limits
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.parties import errors
from kundenkontor.parties.models import Contact, Customer, CustomerDataRequest
from kundenkontor.parties.rules import (
    entail,
    is_plausible_vat_id,
    refuse_incomplete_invoice_address,
    refuse_nameless,
)

# What a customer changes at once. Country, VAT id and the two tax facts are not among them: they decide the tax.
CHANGEABLE = (
    "company", "first_name", "last_name", "street", "postal_code", "city", "email", "phone", "language",
    "has_invoice_address", "invoice_name", "invoice_care_of", "invoice_department", "invoice_street",
    "invoice_postal_code", "invoice_city", "invoice_country", "order_number", "buyer_reference", "cost_centre",
)  # fmt: skip


@transaction.atomic
def change_customer_data(
    customer: Customer, changes: Mapping[str, str | bool], *, on: date, actor: Actor
) -> frozenset[str]:
    """Change name, address, contact and references for all future documents (M38). Returns the changed columns.

    The customer's row is locked, so two forms cannot mix their fields. The event names the columns, not their
    values; those are in the row's history.

    Raises CustomerNeedsName, CompanyStaysCompany, PersonStaysPerson, AddressIncomplete, InvoiceAddressIncomplete.
    """
    unknown = set(changes) - set(CHANGEABLE)
    assert not unknown, unknown
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    before = {name: getattr(locked, name) for name in changes}
    for name, value in changes.items():
        setattr(locked, name, value.strip() if isinstance(value, str) else value)
    changed = frozenset(name for name, value in before.items() if getattr(locked, name) != value)
    if not changed:
        return changed
    _refuse_wrong_name(locked, was_company=bool(before.get("company", locked.company)))
    _refuse_incomplete(locked, changed)
    entail(locked, vat_id_before=locked.vat_id, country_before=locked.country)
    locked.save(update_fields=[*changed, "sort_key"])
    _record(CUSTOMER_CHANGED, locked, {"fields": sorted(changed)}, on=on, actor=actor)
    return changed


def _refuse_wrong_name(customer: Customer, *, was_company: bool) -> None:
    """A company keeps a company name, a consumer never gets one: another contract partner is another contract."""
    refuse_nameless(customer, "last_name" if customer.is_consumer else "company")
    if was_company and not customer.company:
        raise errors.CompanyStaysCompany()
    if customer.is_consumer and customer.company and not was_company:
        raise errors.PersonStaysPerson()


def _refuse_incomplete(customer: Customer, changed: frozenset[str]) -> None:
    for name in ("street", "postal_code", "city"):
        if name in changed and not getattr(customer, name):
            raise errors.AddressIncomplete(field=name)
    refuse_incomplete_invoice_address(customer)


@transaction.atomic
def choose_collective_invoices(customer: Customer, is_collective: bool, *, on: date, actor: Actor) -> None:
    """One invoice per month over all contracts, or one per contract, from the next billing on (M31, M32)."""
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    if locked.is_collective != is_collective:
        locked.is_collective = is_collective
        locked.save(update_fields=["is_collective"])
        _record(CUSTOMER_COLLECTIVE_CHOSEN, locked, {"is_collective": is_collective}, on=on, actor=actor)


@transaction.atomic
def request_data_change(
    customer: Customer, *, country: str, vat_id: str, on: date, actor: Actor
) -> CustomerDataRequest:
    """Ask staff to change country and VAT id; billing parks the customer until they decide. A second wish replaces
    the first, as a row of its own: nobody accepts by its id what he has not read.

    Raises UnknownCountry, VatIdMalformed, VatIdNotRemovable, VatIdForBusinessOnly,
    NothingRequested.
    """
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    country, vat_id = country.strip().upper(), normal_vat_id(vat_id)
    _refuse_wrong_request(locked, country, vat_id)
    _close_open_wish(locked, actor)
    wish = CustomerDataRequest.objects.create(
        customer=locked,
        country=country if country != locked.country else "",
        vat_id=vat_id if vat_id != locked.vat_id else "",
        requested_at=utc_now(),
        requested_by=actor.label[:150],
    )
    _record(CUSTOMER_CHANGE_REQUESTED, locked, {"request": wish.pk}, on=on, actor=actor)
    return wish


def _refuse_wrong_request(customer: Customer, country: str, vat_id: str) -> None:
    if not re.fullmatch("[A-Z]{2}", country):
        raise errors.UnknownCountry(country=country[:10])
    if vat_id and customer.is_consumer:
        raise errors.VatIdForBusinessOnly()
    if vat_id and not is_plausible_vat_id(vat_id):
        raise errors.VatIdMalformed(vat_id=vat_id[:20])
    if country == customer.country and vat_id == customer.vat_id:
        raise errors.NothingRequested()
    if not vat_id and customer.vat_id and country == customer.country:
        raise errors.VatIdNotRemovable()


@transaction.atomic
def withdraw_data_request(customer: Customer, *, on: date, actor: Actor) -> None:
    """Take the open wish back; nothing was changed by it. Raises NoOpenRequest."""
    wish = _close_open_wish(customer, actor)
    if wish is None:
        raise errors.NoOpenRequest()
    _record(CUSTOMER_CHANGE_REQUEST_WITHDRAWN, customer, {"request": wish.pk}, on=on, actor=actor)


def _close_open_wish(customer: Customer, actor: Actor) -> CustomerDataRequest | None:
    """The wish that was open until now, if there was one."""
    wish = CustomerDataRequest.objects.select_for_update().filter(customer=customer, decided_at=None).first()
    if wish is not None:
        wish.decided_at, wish.decided_by, wish.is_accepted = utc_now(), actor.label[:150], False
        wish.save(update_fields=["decided_at", "decided_by", "is_accepted"])
    return wish


@transaction.atomic
def add_contact(
    customer: Customer, *, group: str, name: str, email: str, phone: str, on: date, actor: Actor
) -> Contact:
    """Add a person or mailbox. Raises MainContactStays for a second main contact, TooManyContacts."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    if Contact.objects.filter(customer=customer).count() >= limits.CONTACTS_OF_A_CUSTOMER:
        raise errors.TooManyContacts(limit=limits.CONTACTS_OF_A_CUSTOMER)
    _refuse_second_main_contact(customer, group)
    before = find_recipient(customer)
    contact = Contact.objects.create(customer=customer, group=group, name=name, email=email, phone=phone)
    _record_contact(CONTACT_ADDED, customer, contact.pk, before, on=on, actor=actor)
    return contact


@transaction.atomic
def change_contact(contact: Contact, *, group: str, name: str, email: str, phone: str, on: date, actor: Actor) -> None:
    """Change a person or mailbox. Raises MainContactStays for a second main contact."""
    customer = Customer.objects.select_for_update().get(pk=contact.customer_id)
    _refuse_second_main_contact(customer, group, contact.pk)
    values = {"group": group, "name": name, "email": email, "phone": phone}
    before, recipient = Contact.objects.values(*values).get(pk=contact.pk), find_recipient(customer)
    for column, value in values.items():
        setattr(contact, column, value)
    contact.save(update_fields=list(values))
    fields = sorted(name for name in values if values[name] != before[name])
    _record_contact(CONTACT_CHANGED, customer, contact.pk, recipient, on=on, actor=actor, fields=fields)


def _refuse_second_main_contact(customer: Customer, group: str, own_id: int = 0) -> None:
    if group == "main" and Contact.objects.filter(customer=customer, group="main").exclude(pk=own_id).exists():
        raise errors.MainContactStays()


@transaction.atomic
def remove_contact(contact: Contact, *, on: date, actor: Actor) -> None:
    """Remove a contact; invoices then go to the next address in order. The row's history keeps it."""
    customer, contact_id = contact.customer, contact.pk
    before = find_recipient(customer)
    contact.delete()
    _record_contact(CONTACT_REMOVED, customer, contact_id, before, on=on, actor=actor)


@transaction.atomic
def set_invoice_contact(customer: Customer, contact: Contact | None, *, on: date, actor: Actor) -> None:
    """Say which one contact receives the invoices (I-A6); None: the main contact, else the customer's address."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    assert contact is None or contact.customer_id == customer.pk
    before = find_recipient(customer)
    Contact.objects.filter(customer=customer, receives_invoices=True).update(receives_invoices=False)
    if contact is not None:
        Contact.objects.filter(pk=contact.pk).update(receives_invoices=True)
    chosen = contact.pk if contact else None
    _record_contact(CONTACT_CHOSEN_FOR_INVOICES, customer, chosen, before, on=on, actor=actor)


def find_recipient(customer: Customer) -> int | None:
    """The contact to which invoices go: the chosen one, else the main one; None: the customer's own address."""
    found = Contact.objects.filter(customer=customer).filter(Q(receives_invoices=True) | Q(group="main"))
    return found.order_by("-receives_invoices").values_list("pk", flat=True).first()


def _record_contact(
    name: EventName,
    customer: Customer,
    contact_id: int | None,
    recipient: int | None,
    *,
    on: date,
    actor: Actor,
    **more: object,
) -> None:
    """``recipient``: to which contact invoices went before; the event says if they go to another one now."""
    now = find_recipient(customer)
    moved = {"recipient": [recipient, now]} if now != recipient else {}
    _record(name, customer, {"contact": contact_id, **more, **moved}, on=on, actor=actor)


def _record(name: EventName, customer: Customer, payload: dict[str, object], *, on: date, actor: Actor) -> None:
    subject = Subject(customer.pk, customer.number, customer.pk, customer.seller_id, payload)
    record_events(name, [subject], actor=actor, on=on)
