"""Customers and contracts for billing benchmarks: realistic, collective, three due each."""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from kundenkontor.config.database.postgres import Cluster
from tests.proof.benchmarks.multiplying import multiply

if TYPE_CHECKING:
    from kundenkontor.parties.models import Seller

DUE = date(2026, 12, 1)
UNTIL = date(2026, 12, 31)
SLICE = 20_000
IMPORTED = 100_000


def fill(cluster: Cluster, database: str, contracts: int) -> None:
    """About this many contracts of a third as many customers in the database Django points at.

    Up to 100,000 are imported as rows of the generator; more are the same ones again under other numbers.
    """
    times = max(contracts // IMPORTED, 1)
    import_contracts(contracts // times)
    if times > 1:
        tables = {
            "parties_customer": {"id": "id", "number": "text", "snapshot_id": "NULL"},
            "contracts_contract": {"id": "id", "customer_id": "id", "number": "text"},
            "contracts_contractprice": {"id": "id", "customer_id": "id", "contract_id": "id"},
        }
        multiply(cluster, database, tables, times)
    with cluster.connect(database) as connection:
        connection.execute("VACUUM ANALYZE")


def import_contracts(contracts: int) -> None:
    """Through the product's own import: cuts, discounts, consumers, businesses of the EU, gross and net prices."""
    from kundenkontor.events.actor import SYSTEM
    from kundenkontor.imports.reading.columns import CONTRACT_COLUMNS, CUSTOMER_COLUMNS
    from kundenkontor.imports.reading.reading import Reading
    from kundenkontor.imports.samples.generator import Mix, iterate
    from kundenkontor.imports.writing.commands import import_rows
    from kundenkontor.parties.models import Customer

    seller = make_seller()
    mix = Mix(agency_every=0, contracts=(3, 3), collective_share=1, ended_share=0.05, due_in=DUE)
    rows = iterate(contracts // 3, seed=7, on=DUE, mix=mix)
    heads = [frozenset(column.name for column in columns) for columns in (CUSTOMER_COLUMNS, CONTRACT_COLUMNS)]
    while part := list(islice(rows, SLICE)):
        customers = Reading([customer for customer, _ in part], heads[0])
        owned = Reading([contract for _, of_customer in part for contract in of_customer], heads[1])
        import_rows(seller, customers, owned, cut_over_date=DUE, on=DUE, actor=SYSTEM)
    Customer.objects.filter(vat_id_state="unchecked").update(vat_id_state="checked")


def make_seller() -> Seller:
    """One that uses the one-stop shop, so that consumers of other member states have their own rates."""
    from kundenkontor.parties.models import BankAccount, Seller, SellerTaxSetting

    seller = Seller.objects.create(
        name="Messstrecke GmbH", short_name="bench", street="Ring 1", postal_code="1010", city="Wien", country="AT",
        vat_id="ATU66889218", register_number="FN 123456a", email="office@messstrecke.example",
    )  # fmt: skip
    BankAccount.objects.create(seller=seller, account_name=seller.name, iban="AT611904300234573201")
    SellerTaxSetting.objects.create(seller=seller, kind="oss", valid_from=date(2021, 7, 1), applies=True)
    return seller
