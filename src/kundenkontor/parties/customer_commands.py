"""What staff may change about a customer: everything, with the tax facts kept consistent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pghistory
from django.db import IntegrityError, transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import (
    CUSTOMER_CHANGE_REQUEST_ACCEPTED,
    CUSTOMER_CHANGE_REQUEST_REFUSED,
    CUSTOMER_CHANGED,
    CUSTOMER_CREATED,
    EventName,
)
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties import errors
from kundenkontor.parties.commands import CHANGEABLE
from kundenkontor.parties.models import Customer, CustomerDataRequest, Seller
from kundenkontor.parties.rules import entail, is_plausible_vat_id, refuse_incomplete_invoice_address, refuse_nameless

STAFF_CHANGEABLE = (
    *CHANGEABLE, "country", "is_taxable_person", "is_consumer", "vat_id", "vat_id_waived", "is_collective",
    "payment_terms_days",
)  # fmt: skip


@transaction.atomic
def create_customer(seller: Seller, number: str, values: Mapping[str, Any], *, on: date, actor: Actor) -> Customer:
    """Make a customer of a seller; ``values`` are columns of ``STAFF_CHANGEABLE``.

    Raises CustomerNumberTaken, CustomerNeedsName, ConsumerIsNoBusiness, VatIdMalformed, VatIdForBusinessOnly,
    UnknownCountry, InvoiceAddressIncomplete.
    """
    customer = Customer(seller=seller, number=number.strip(), created_on=on)
    _set(customer, values)
    _refuse_wrong(customer, vat_id_before="")
    try:
        with transaction.atomic():
            customer.save(force_insert=True)
    except IntegrityError as error:
        raise errors.CustomerNumberTaken(number=customer.number) from error
    _record(CUSTOMER_CREATED, customer, {}, on=on, actor=actor)
    return customer


@transaction.atomic
def change_customer(customer: Customer, values: Mapping[str, Any], *, on: date, actor: Actor) -> frozenset[str]:
    """Change any column for all future documents; issued ones keep their snapshot. Returns the changed columns.

    A new VAT id is unchecked, and so is the id of a customer that moves to another country; an id that is taken away
    has no state. Raises what ``create_customer`` raises.
    """
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    before = {name: getattr(locked, name) for name in (*values, "vat_id_state")}
    _set(locked, values)
    changed = frozenset(name for name, value in before.items() if getattr(locked, name) != value)
    if not changed:
        return changed
    _refuse_wrong(locked, vat_id_before=before.get("vat_id", locked.vat_id))
    with pghistory.context(actor=actor.label, command="change_customer"):
        locked.save(update_fields=[*changed, "sort_key"])
    _record(CUSTOMER_CHANGED, locked, {"fields": sorted(changed)}, on=on, actor=actor)
    return changed


def _set(customer: Customer, values: Mapping[str, Any]) -> None:
    unknown = set(values) - set(STAFF_CHANGEABLE)
    assert not unknown, unknown
    vat_id_before, country_before = customer.vat_id, customer.country
    for name, value in values.items():
        setattr(customer, name, value.strip() if isinstance(value, str) else value)
    entail(customer, vat_id_before=vat_id_before, country_before=country_before)


def _refuse_wrong(customer: Customer, *, vat_id_before: str) -> None:
    refuse_nameless(customer)
    if customer.is_consumer and customer.is_taxable_person:
        raise errors.ConsumerIsNoBusiness()
    if len(customer.country) != 2 or not customer.country.isascii() or not customer.country.isupper():
        raise errors.UnknownCountry(country=customer.country[:10])
    if customer.vat_id and customer.is_consumer:
        raise errors.VatIdOfConsumer()
    if customer.vat_id and customer.vat_id != vat_id_before and not is_plausible_vat_id(customer.vat_id):
        raise errors.VatIdMalformed(vat_id=customer.vat_id[:20])
    refuse_incomplete_invoice_address(customer)


@transaction.atomic
def decide_data_request(wish: CustomerDataRequest, *, accept: bool, on: date, actor: Actor) -> None:
    """Accept a customer's wish (country and VAT id change, the id is unchecked) or refuse it. Raises NoOpenRequest.

    The customer is locked before the wish, as where it makes one, so that the two never wait for each other.
    """
    Customer.objects.select_for_update().get(pk=wish.customer_id)
    locked = CustomerDataRequest.objects.select_for_update().select_related("customer").get(pk=wish.pk)
    if locked.decided_at is not None:
        raise errors.NoOpenRequest()
    if accept:
        values = {"country": locked.country or locked.customer.country, "vat_id": locked.vat_id}
        if not locked.vat_id and not _gives_up_vat_id(locked):
            del values["vat_id"]
        if locked.vat_id and not locked.customer.is_consumer:
            values |= {"is_taxable_person": True}  # type: ignore[dict-item]
        change_customer(locked.customer, values, on=on, actor=actor)
    locked.decided_at, locked.decided_by, locked.is_accepted = utc_now(), actor.label[:150], accept
    locked.save(update_fields=["decided_at", "decided_by", "is_accepted"])
    name = CUSTOMER_CHANGE_REQUEST_ACCEPTED if accept else CUSTOMER_CHANGE_REQUEST_REFUSED
    _record(name, locked.customer, {"request": locked.pk}, on=on, actor=actor)


def _gives_up_vat_id(wish: CustomerDataRequest) -> bool:
    """A move to another country ends the old country's VAT id, unless the wish names a new one."""
    return bool(wish.country and wish.country != wish.customer.country)


def _record(name: EventName, customer: Customer, payload: dict[str, object], *, on: date, actor: Actor) -> None:
    subject = Subject(customer.pk, customer.number, customer.pk, customer.seller_id, payload)
    record_events(name, [subject], actor=actor, on=on)
