"""The second wall: PostgreSQL's row-level security for everything the portal reads (I-A1).

Reads of the portal run in a transaction whose role is ``kundenkontor_portal`` with SELECT only; it sees the rows
of the customers named in ``kk.customers`` and nothing without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction

# table -> the column that names its customer ("" = shared by all, read only)
PORTAL_POLICIES = {
    "documents_downloadselection": "customer_id",
    "parties_customer": "id",
    "parties_contact": "customer_id",
    "parties_customerdatarequest": "customer_id",
    "parties_partysnapshot": "customer_id",
    "contracts_contract": "customer_id",
    "contracts_contractprice": "customer_id",
    "invoicing_invoice": "customer_id",
    "invoicing_invoiceline": "customer_id",
    "invoicing_vatbreakdown": "customer_id",
    "invoicing_openitem": "customer_id",
    "invoicing_customertotals": "customer_id",
    "invoicing_correction": "customer_id",
    "invoicing_invoicefile": "customer_id",
    "invoicing_searchtoken": "customer_id",
    "billing_charge": "customer_id",
    "billing_chargerebilling": "customer_id",
    "payments_payment": "customer_id",
    "payments_paymentbooking": "customer_id",
    "payments_paymentreversal": "customer_id",
    "payments_allocation": "customer_id",
    "payments_refund": "customer_id",
    "delivery_delivery": "customer_id",
}
# without rows of customers, or only hashes: readable by the portal as they are
PORTAL_SHARED_TABLES = (
    "parties_seller",
    "parties_sellertaxsetting",
    "parties_bankaccount",
    "catalog_product",
    "documents_storedfile",
    "events_businessclock",
    "taxes_taxrate",
)
PORTAL_TABLES = (*PORTAL_POLICIES, *PORTAL_SHARED_TABLES)


def row_level_security_sql() -> str:
    """Policies for all customer tables; run by ``kundenkontor migrate`` after the migrations, and safe to repeat.

    A seller's snapshot has no customer and is readable by all.
    """
    statements = []
    for table, column in PORTAL_POLICIES.items():
        visible = f"{column} = ANY (string_to_array(nullif(current_setting('kk.customers', true), ''), ',')::bigint[])"
        if table == "parties_partysnapshot":
            visible = f"customer_id IS NULL OR {visible}"
        statements.append(
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
            f" DROP POLICY IF EXISTS own_customers_only ON {table};"
            f" CREATE POLICY own_customers_only ON {table} FOR SELECT TO {settings.PORTAL_ROLE} USING ({visible});"
        )
    return "\n".join(statements)


@contextmanager
def portal_read(customer_ids: Sequence[int]) -> Iterator[None]:
    """Read as the portal role: only rows of these customers exist, and nothing can be written."""
    listed = ",".join(str(int(customer_id)) for customer_id in customer_ids)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('kk.customers', %s, true)", [settings.PORTAL_ROLE, listed]
        )
        yield
        # give the role back for a caller whose own transaction goes on; an exception rolls both settings back
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT set_config('kk.customers', '', true)")
