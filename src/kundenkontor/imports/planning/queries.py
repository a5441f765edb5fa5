"""What is known of the rows of a file, in a handful of statements whatever the file's length."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from django.db import connection
from django.db.models import Max

from kundenkontor.billing.models import BillingRun
from kundenkontor.catalog.models import Product
from kundenkontor.imports.errors import NothingToImport, UnusableFile
from kundenkontor.imports.planning.known import DAY, Known, KnownContract, KnownCustomer, KnownPrice
from kundenkontor.imports.planning.plan import ImportPlan, plan_import
from kundenkontor.imports.reading.problems import FileKind
from kundenkontor.imports.reading.reading import Reading, Row, read_contracts, read_customers
from kundenkontor.imports.reading.rows import ContractRow, CustomerRow
from kundenkontor.parties.models import Customer, Seller

CUSTOMERS_SQL = """
SELECT c.number, c.company, c.first_name, c.last_name, c.email, c.street, c.postal_code, c.city, c.country,
       c.vat_id, c.language, c.is_collective, c.payment_terms_days, c.id, m.id, coalesce(m.name, ''),
       coalesce(m.email, '')
FROM parties_customer c
LEFT JOIN parties_contact m ON m.customer_id = c.id AND m."group" = 'main'
WHERE c.seller_id = %s AND c.number = ANY(%s)
"""

CONTRACTS_SQL = """
SELECT c.number, k.number, p.code, c.description, c.identifier, c.period_months, c.start_date, c.end_date,
       c.discount_percent, c.discount_until, c.id, c.cut_over_date, billed.is_billed, billed.until,
       EXISTS (SELECT 1 FROM billing_oneoffitem o WHERE o.contract_id = c.id)
       OR EXISTS (SELECT 1 FROM invoicing_manualdraftline d WHERE d.contract_id = c.id)
       OR NOT billed.is_billed AND EXISTS (
           SELECT 1 FROM invoicing_invoice i JOIN invoicing_invoiceline l ON l.invoice_id = i.id
           WHERE i.customer_id = c.customer_id AND l.contract_id = c.id)
FROM contracts_contract c
JOIN parties_customer k ON k.id = c.customer_id
JOIN catalog_product p ON p.id = c.product_id
CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS is_billed, max(period_end) FILTER (WHERE kind = 'recurring') AS until
    FROM billing_charge WHERE contract_id = c.id AND kind IN ('recurring', 'set_up')
) billed
WHERE c.seller_id = %s AND c.number = ANY(%s)
"""

PRICES_SQL = """
SELECT c.number, p.id, p.valid_from, p.amount, p.is_gross
FROM contracts_contractprice p JOIN contracts_contract c ON c.id = p.contract_id
WHERE c.seller_id = %s AND c.number = ANY(%s)
ORDER BY p.contract_id, p.valid_from
"""


def preview_import(seller: Seller, customers: bytes | None, contracts: bytes | None, *, on: date) -> ImportPlan:
    """What an import would do, without writing anything. Raises UnusableFile or NothingToImport."""
    return plan_for(seller, *read_files(customers, contracts), on=on)


def read_files(
    customers: bytes | None, contracts: bytes | None
) -> tuple[Reading[CustomerRow] | None, Reading[ContractRow] | None]:
    """Read both files; either may be missing, not both."""
    if customers is None and contracts is None:
        raise NothingToImport()
    return (
        None if customers is None else _named("customers", read_customers, customers),
        None if contracts is None else _named("contracts", read_contracts, contracts),
    )


def _named(kind: FileKind, read: Callable[[bytes], Reading[Row]], content: bytes) -> Reading[Row]:
    """Let a refusal of the whole file say which file it was."""
    try:
        return read(content)
    except UnusableFile as refusal:
        refusal.file = kind
        raise


def plan_for(
    seller: Seller, customers: Reading[CustomerRow] | None, contracts: Reading[ContractRow] | None, *, on: date
) -> ImportPlan:
    """The plan for rows already read, against what the database knows at this moment."""
    customer_rows = customers.rows if customers else []
    contract_rows = contracts.rows if contracts else []
    numbers = {row.number for row in customer_rows} | {row.customer_number for row in contract_rows}
    numbers |= {row.customer_number for row in (contracts.refused if contracts else [])}
    known = Known(
        customers=_known_customers(seller, numbers),
        contracts=_known_contracts(seller, [row.number for row in contract_rows], on),
        product_ids=dict(Product.objects.filter(seller=seller).values_list("code", "id")) if contract_rows else {},
        numbers_by_vat_id=_numbers_by_vat_id(seller, {row.vat_id for row in customer_rows if row.vat_id}),
    )
    return plan_import(customers, contracts, known, on=on)


def _known_customers(seller: Seller, numbers: Iterable[str]) -> dict[str, KnownCustomer]:
    with connection.cursor() as cursor:
        cursor.execute(CUSTOMERS_SQL, [seller.pk, list(numbers)])
        return {row[0]: KnownCustomer(*row) for row in cursor.fetchall()}


def _known_contracts(seller: Seller, numbers: list[str], on: date) -> dict[str, KnownContract]:
    free_until = _free_until(seller, on)
    prices: dict[str, list[KnownPrice]] = {}
    with connection.cursor() as cursor:
        cursor.execute(PRICES_SQL, [seller.pk, numbers])
        for number, *price in cursor.fetchall():
            prices.setdefault(number, []).append(KnownPrice(*price))
        cursor.execute(CONTRACTS_SQL, [seller.pk, numbers])
        return {row[0]: KnownContract(*(*row, free_until, tuple(prices.get(row[0], ())))) for row in cursor.fetchall()}


def _free_until(seller: Seller, on: date) -> date | None:
    """What the finished runs went over and what has begun before ``on``."""
    finished = BillingRun.objects.filter(seller=seller, state="finished").aggregate(last=Max("billed_until"))["last"]
    return None if finished is None else min(finished, on - DAY)


def _numbers_by_vat_id(seller: Seller, vat_ids: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = Customer.objects.filter(seller=seller, vat_id__in=vat_ids).order_by("number")
    for vat_id, number in rows.values_list("vat_id", "number"):
        found.setdefault(vat_id, []).append(number)
    return found
