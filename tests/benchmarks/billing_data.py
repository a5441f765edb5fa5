"""Customers and contracts for billing benchmarks: realistic, collective, three due each."""

from __future__ import annotations

from datetime import date
from itertools import islice

DUE = date(2026, 12, 1)
UNTIL = date(2026, 12, 31)
SLICE = 20_000


def fill(contracts: int) -> int:
    """Import about this many contracts of a third as many customers into the current database. Returns the seller's id."""
    from django.db import connection  # noqa: PLC0415

    from kundenkontor.events.actor import SYSTEM  # noqa: PLC0415
    from kundenkontor.imports.commands import import_rows  # noqa: PLC0415
    from kundenkontor.imports.generator import Mix, iterate  # noqa: PLC0415
    from kundenkontor.imports.reading import Reading  # noqa: PLC0415
    from kundenkontor.parties.models import Customer, Seller, SellerTaxSetting  # noqa: PLC0415

    seller = Seller.objects.create(
        name="Messstrecke GmbH", short_name="bench", street="Ring 1", postal_code="1010", city="Wien", country="AT",
        vat_id="ATU66889218", email="office@messstrecke.example",
    )  # fmt: skip
    SellerTaxSetting.objects.create(seller=seller, kind="oss", valid_from=date(2021, 7, 1), applies=True)
    mix = Mix(agency_every=0, contracts=(3, 3), collective_share=1, ended_share=0.05, due_in=DUE)
    rows = iterate(contracts // 3, seed=7, on=DUE, mix=mix)
    from kundenkontor.imports.columns import CONTRACT_COLUMNS, CUSTOMER_COLUMNS  # noqa: PLC0415

    heads = frozenset(CUSTOMER_COLUMNS), frozenset(CONTRACT_COLUMNS)
    while part := list(islice(rows, SLICE)):
        customers = Reading([customer for customer, _ in part], heads[0])
        owned = Reading([contract for _, of_customer in part for contract in of_customer], heads[1])
        import_rows(seller, customers, owned, cut_over_date=DUE, on=DUE, actor=SYSTEM)
    Customer.objects.filter(vat_id_state="unchecked").update(vat_id_state="checked")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return seller.pk
