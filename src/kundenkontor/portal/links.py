"""Which contracts and domains documents belong to: the first ones, and how many more (M17)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from django.db import connection
from django.utils.translation import ngettext

from kundenkontor.web.addresses import address_of
from kundenkontor.web.components import Links

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


def contracts_of(invoice_ids: Sequence[int], customer_id: int) -> dict[int, Links]:
    """The linked contracts of a page of documents, in one query."""
    if not invoice_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(LINKED, [list(invoice_ids), customer_id, FIRST])
        of_documents = groupby(cursor.fetchall(), key=itemgetter(0))
        return {invoice_id: _links(list(rows)) for invoice_id, rows in of_documents}


def _links(rows: list[tuple[int, int, str, int]]) -> Links:
    left = rows[0][3] - len(rows)
    more = ngettext("and %(n)s more", "and %(n)s more", left) % {"n": left} if left else ""
    return Links([(label, address_of("portal:service", contract_id)) for _, contract_id, label, _ in rows], more)
