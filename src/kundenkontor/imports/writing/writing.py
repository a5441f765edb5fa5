"""Rows of a plan as a few set-based statements: COPY for new rows, one UPDATE from arrays for changed ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, models

from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.imports.planning.known import KnownContract, KnownCustomer
from kundenkontor.imports.planning.plan import Planned
from kundenkontor.imports.reading.rows import ContractRow, CustomerRow
from kundenkontor.kernel.bulk import copy_rows, take_ids
from kundenkontor.parties.models import Contact, Customer
from kundenkontor.parties.rules import sort_key_of, vat_id_state_after

PlannedCustomer = Planned[CustomerRow, KnownCustomer]
PlannedContract = Planned[ContractRow, KnownContract]
AnyModel = TypeVar("AnyModel", bound=models.Model)
INSERT_BATCH = 20_000
UPDATE_BATCH = 2_000  # every changed row also writes its history by a trigger: about 0.3 ms
OF_CONTACT = {"company", "first_name", "last_name", "email"}


def batches(rows: Sequence[Any], size: int) -> Iterator[list[Any]]:
    """Pieces small enough for one statement and for a progress bar."""
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


def copy_objects(objects: Sequence[AnyModel]) -> None:
    """COPY unsaved objects; a missing primary key is drawn first."""
    if not objects:
        return
    meta = objects[0]._meta
    fields = meta.concrete_fields
    missing = [one for one in objects if one.pk is None]
    for one, key in zip(missing, take_ids(meta.db_table, len(missing)), strict=True):
        one.pk = key
    columns = ", ".join(f'"{field.column}"' for field in fields)
    names = [field.attname for field in fields]
    copy_rows(meta.db_table, columns, ([getattr(one, name) for name in names] for one in objects))


def update_rows(table: str, types: dict[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """UPDATE by id in one statement. ``types`` maps column to SQL type; the rows begin with the id."""
    columns = list(zip(*rows, strict=True))
    if not columns:
        return
    assignments = ", ".join(f'"{name}" = new."{name}"' for name in types)
    arrays = ", ".join(["%s::bigint[]", *(f"%s::{sql_type}[]" for sql_type in types.values())])
    names = ", ".join(["id", *(f'"{name}"' for name in types)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS old SET {assignments} FROM unnest({arrays}) AS new({names}) WHERE old.id = new.id",  # nosec B608
            [list(column) for column in columns],
        )


def insert_customers(seller_id: int, rows: Sequence[CustomerRow], *, on: date) -> dict[str, int]:
    """Insert customers with their main contacts. Returns the ids by number."""
    ids = take_ids("parties_customer", len(rows))
    copy_objects([_customer(seller_id, key, row, on) for key, row in zip(ids, rows, strict=True)])
    copy_objects([_contact(key, row) for key, row in zip(ids, rows, strict=True) if row.email])
    return {row.number: key for key, row in zip(ids, rows, strict=True)}


def _customer(seller_id: int, key: int, row: CustomerRow, on: date) -> Customer:
    return Customer(
        id=key,
        seller_id=seller_id,
        number=row.number,
        company=row.company,
        first_name=row.first_name,
        last_name=row.last_name,
        street=row.street,
        postal_code=row.postal_code,
        city=row.city,
        country=row.country,
        email=row.email,
        language=row.language,
        is_taxable_person=not row.is_consumer,
        is_consumer=row.is_consumer,
        vat_id=row.vat_id,
        vat_id_state=vat_id_state_after(row.vat_id, "none", is_new=True, has_moved=False),
        is_collective=row.is_collective,
        payment_terms_days=row.payment_terms_days,
        sort_key=sort_key_of(row.company, row.first_name, row.last_name),
        created_on=on,
    )


def _contact(customer_id: int, row: CustomerRow, *, receives_invoices: bool = True) -> Contact:
    return Contact(customer_id=customer_id, name=row.contact_name, email=row.email, receives_invoices=receives_invoices)


CUSTOMER_TYPES = {
    "company": "text",
    "first_name": "text",
    "last_name": "text",
    "email": "text",
    "street": "text",
    "postal_code": "text",
    "city": "text",
    "country": "text",
    "vat_id": "text",
    "language": "text",
    "is_collective": "boolean",
    "payment_terms_days": "integer",
}


def update_customers(changed: Sequence[PlannedCustomer]) -> None:
    """Write the changed columns, and what follows: order of names, tax facts, main contact."""
    merged = [(planned, merge_customer(planned)) for planned in changed]
    types = {name: kind for name, kind in CUSTOMER_TYPES.items() if name != "vat_id"}  # written with its state
    rows = [
        (_id(planned), *(getattr(row, name) for name in types), sort_key_of(row.company, row.first_name, row.last_name))
        for planned, row in merged
    ]
    update_rows("parties_customer", {**types, "sort_key": "text"}, rows)
    _update_tax_facts(merged)
    _write_contacts(merged)


def merge_customer(planned: PlannedCustomer) -> CustomerRow:
    """The row with what is known in place of columns that the file does not have."""
    values = {name: getattr(planned.known, name) for name in CUSTOMER_TYPES}
    for change in planned.changes:
        name = "is_collective" if change.field == "collective_invoice" else change.field
        values[name] = change.after
    return CustomerRow(line=planned.row.line, number=planned.row.number, **values)


def _id(planned: PlannedCustomer | PlannedContract) -> int:
    assert planned.known is not None
    return planned.known.id


def _update_tax_facts(merged: Sequence[tuple[PlannedCustomer, CustomerRow]]) -> None:
    """A VAT id is unchecked when it is new or its customer moves to another country.

    What staff decided about the person stays, unless the file now says the other (consumer or not) or has a new VAT id.
    """
    facts, states = [], []
    for planned, row in merged:
        changed = {change.field for change in planned.changes}
        known = planned.known
        was_consumer = known is not None and not known.company and not known.vat_id
        if row.is_consumer != was_consumer or ("vat_id" in changed and row.vat_id):
            facts.append((_id(planned), not row.is_consumer, row.is_consumer))
        if changed & {"vat_id", "country"}:
            state = vat_id_state_after(row.vat_id, "none", is_new="vat_id" in changed, has_moved="country" in changed)
            states.append((_id(planned), state, row.vat_id))
    update_rows("parties_customer", {"is_taxable_person": "boolean", "is_consumer": "boolean"}, facts)
    update_rows("parties_customer", {"vat_id_state": "text", "vat_id": "text"}, states)


def _write_contacts(merged: Sequence[tuple[PlannedCustomer, CustomerRow]]) -> None:
    """The main contact is whom the row names; without an address there is none: no invoice goes to the old one.

    What the file does not change stays as it was set here meanwhile.
    """
    silent = [
        _id(planned)
        for planned, row in merged
        if not row.email and any(change.field == "email" for change in planned.changes)
    ]
    Contact.objects.filter(customer__in=silent, group="main").delete()
    touched = [
        (planned.known, row, changed)
        for planned, row in merged
        if row.email and (changed := {change.field for change in planned.changes} & OF_CONTACT) and planned.known
    ]
    mails = [
        (known.contact_id, row.email) for known, row, changed in touched if known.contact_id and "email" in changed
    ]
    names = [
        (known.contact_id, row.contact_name)
        for known, row, changed in touched
        if known.contact_id and changed - {"email"}
    ]
    update_rows("parties_contact", {"email": "text"}, mails)
    update_rows("parties_contact", {"name": "text"}, names)
    new = [(known, row) for known, row, _ in touched if not known.contact_id]
    has_recipient = set(
        Contact.objects.filter(customer__in=[known.id for known, _ in new], receives_invoices=True).values_list(
            "customer_id", flat=True
        )
    )
    copy_objects([_contact(known.id, row, receives_invoices=known.id not in has_recipient) for known, row in new])


def insert_contracts(
    seller_id: int,
    rows: Sequence[ContractRow],
    customer_ids: dict[str, int],
    product_ids: dict[str, int],
    cut_over_date: date | None,
) -> None:
    """Insert contracts with their first price, which holds from the start."""
    ids = take_ids("contracts_contract", len(rows))
    contracts = [
        Contract(
            id=key,
            seller_id=seller_id,
            customer_id=customer_ids[row.customer_number],
            number=row.number,
            product_id=product_ids[row.product_code],
            description=row.description,
            identifier=row.identifier,
            period_months=row.period_months,
            start_date=row.start_date,
            end_date=row.end_date,
            cut_over_date=effective_cut_over(row.start_date, cut_over_date),
            discount_percent=row.discount_percent,
            discount_until=row.discount_until,
        )
        for key, row in zip(ids, rows, strict=True)
    ]
    copy_objects(contracts)
    copy_objects([_price(key, customer_ids[row.customer_number], row) for key, row in zip(ids, rows, strict=True)])


def _price(contract_id: int, customer_id: int, row: ContractRow) -> ContractPrice:
    return ContractPrice(
        contract_id=contract_id, customer_id=customer_id, valid_from=row.start_date, amount=row.net_price
    )


def effective_cut_over(start: date, cut_over_date: date | None) -> date | None:
    """Only a contract that began before the cut-over has periods that were billed elsewhere."""
    return cut_over_date if cut_over_date is not None and start < cut_over_date else None
