"""Which contracts and domains documents belong to: the first ones, and how many more (M17)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import ngettext

from kundenkontor.web.addresses import address_of

FIRST = 2
# one row per document and contract, cut to the first ones; a collective invoice may have 600 lines
LINKED = """
SELECT invoice_id, contract_id, label, contracts FROM (
    SELECT invoice_id, contract_id, max(CASE WHEN identifier <> '' THEN identifier ELSE contract_number END) AS label,
        row_number() OVER (PARTITION BY invoice_id ORDER BY min(position)) AS place,
        count(*) OVER (PARTITION BY invoice_id) AS contracts
    FROM invoicing_invoiceline
    WHERE invoice_id = ANY(%s) AND customer_id = %s AND contract_id IS NOT NULL
    GROUP BY invoice_id, contract_id
) AS linked WHERE place <= %s ORDER BY invoice_id, place
"""


@dataclass(slots=True)
class Linked:
    """``first`` are (label, address) pairs; ``more`` says how many contracts are left out."""

    first: list[tuple[str, str]] = field(default_factory=list)
    contracts: int = 0

    @property
    def more(self) -> str:
        left = self.contracts - len(self.first)
        return ngettext("and %(n)s more", "and %(n)s more", left) % {"n": left} if left else ""


def contracts_of(invoice_ids: Sequence[int], customer_id: int) -> dict[int, Linked]:
    """The linked contracts of a page of documents, in one query."""
    found: dict[int, Linked] = defaultdict(Linked)
    if not invoice_ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(LINKED, [list(invoice_ids), customer_id, FIRST])
        for invoice_id, contract_id, label, contracts in cursor.fetchall():
            linked = found[invoice_id]
            linked.contracts = contracts
            linked.first.append((label, address_of("portal:service", contract_id)))
    return found
