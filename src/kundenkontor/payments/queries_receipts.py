"""VAT owed on receipt (Ist-Versteuerung, § 17 UStG AT, § 20 UStG DE): the VAT return by money received.

A document's VAT counts as far as its open item is settled, cumulatively: a part gives the rounded VAT of all that is
settled so far less that of what was settled before, so that the parts add up to the cent. Reversals, offsets and
clearings with corrections are settlements, too; corrections count negative. A payment counts on the day it was
received, everything else on the day it was booked. Only VAT of the seller's own country: reverse charge, exempt cases
and OSS follow the documents.
"""

from __future__ import annotations

from datetime import date

from django.db import connection

from kundenkontor.invoicing.books.queries import BookSum, Params
from kundenkontor.parties.models import SellerTaxSetting
from kundenkontor.receivables.claims import claims_sql

# Whether a document is taxed on receipt is decided by its issue date, that of the original for a correction: so a
# change of the method taxes nothing twice.
_IS_CASH = """coalesce((
    SELECT t.applies FROM parties_sellertaxsetting t
    WHERE t.seller_id = %(seller)s AND t.kind = 'cash_accounting'
      AND t.valid_from <= coalesce(o.issue_date, i.issue_date)
    ORDER BY t.valid_from DESC LIMIT 1
), false)"""

_MOVED = """
SELECT m.item_id, coalesce(p.received_on, e.entry_date) AS day, m.amount
FROM (
    SELECT entry_id, credit_item_id AS item_id, amount FROM ledger_posting WHERE credit_item_id IS NOT NULL
    UNION ALL
    SELECT entry_id, debit_item_id, -amount FROM ledger_posting WHERE debit_item_id IS NOT NULL
) m
JOIN ledger_journalentry e ON e.id = m.entry_id AND e.seller_id = %(seller)s AND e.kind <> 'invoice'
LEFT JOIN payments_paymentbooking b ON b.entry_id = e.id
LEFT JOIN payments_payment p ON p.id = b.payment_id
"""

# What is settled of documents before the period and at its end. What comes to nothing is settled when issued.
_SETTLED = f"""
SELECT a.invoice_id, a.original_amount AS whole,
       coalesce(sum(m.amount * a.sign) FILTER (WHERE m.day < %(since)s), 0) AS before,
       sum(m.amount * a.sign) FILTER (WHERE m.day <= %(until)s) AS after
FROM ({_MOVED}) m
JOIN (
    SELECT i.id, v.id AS invoice_id, i.original_amount, c.sign FROM receivables_openitem i
    JOIN invoicing_invoice v ON v.open_item_id = i.id JOIN {claims_sql("c")} ON c.kind = i.kind
    WHERE i.seller_id = %(seller)s AND i.original_amount > 0
) a ON a.id = m.item_id
GROUP BY a.invoice_id, a.original_amount
HAVING bool_or(m.day BETWEEN %(since)s AND %(until)s)
UNION ALL
SELECT id, 1, 0, 1 FROM invoicing_invoice
WHERE seller_id = %(seller)s AND amount_due = 0 AND issue_date BETWEEN %(since)s AND %(until)s
"""  # nosec B608  # constants

_RECEIVED = f"""
SELECT rate, country, sum(taxable), sum(tax) FROM (
    SELECT v.rate, v.country,
           i.sign * (round(v.taxable_amount * s.after / s.whole, 2) - round(v.taxable_amount * s.before / s.whole, 2))
               AS taxable,
           i.sign * (round(v.tax_amount * s.after / s.whole, 2) - round(v.tax_amount * s.before / s.whole, 2)) AS tax
    FROM ({_SETTLED}) s
    JOIN invoicing_invoice i ON i.id = s.invoice_id
    LEFT JOIN invoicing_correction k ON k.invoice_id = i.id
    LEFT JOIN invoicing_invoice o ON o.id = k.original_id
    JOIN invoicing_vatbreakdown v ON v.invoice_id = i.id AND v.category = 'S' AND v.country = %(country)s
    WHERE {_IS_CASH}
    UNION ALL
    SELECT v.rate, v.country, i.sign * v.taxable_amount, i.sign * v.tax_amount
    FROM invoicing_invoice i
    LEFT JOIN invoicing_correction k ON k.invoice_id = i.id
    LEFT JOIN invoicing_invoice o ON o.id = k.original_id
    JOIN invoicing_vatbreakdown v ON v.invoice_id = i.id AND v.category = 'S' AND v.country = %(country)s
    WHERE i.seller_id = %(seller)s AND i.issue_date BETWEEN %(since)s AND %(until)s AND NOT {_IS_CASH}
) parts GROUP BY rate, country ORDER BY country, rate
"""  # nosec B608  # constants


def vat_on_receipt(seller_id: int, country: str, since: date, until: date) -> list[BookSum] | None:
    """The VAT return's sums of the seller's own country by money received; documents issued before the seller changed
    to it still count when issued. None if the seller never used it until then."""
    used = SellerTaxSetting.objects.filter(
        seller_id=seller_id, kind="cash_accounting", applies=True, valid_from__lte=until
    )
    if not used.exists():
        return None
    params: Params = {"seller": seller_id, "country": country, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVED, params)
        return [BookSum("S", rate, of, "", taxable, tax) for rate, of, taxable, tax in cursor.fetchall()]
