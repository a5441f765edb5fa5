"""What must hold of losses, beyond that they are booked."""

from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message

CHECKS = (
    Check(
        "losses_stay_within_documents",
        message("No more net amount and VAT of a case is lost than corrections left of its document"),
        """SELECT l.number FROM (
               SELECT v.id, v.number, a.role, a.vat_category AS category, a.vat_rate AS rate, a.country,
                      sum(CASE WHEN p.credit_item_id IS NOT NULL THEN p.amount ELSE -p.amount END) AS lost
               FROM receivables_writeoff w JOIN ledger_posting p ON p.entry_id = w.entry_id
               JOIN ledger_account a ON a.id = CASE WHEN p.credit_item_id IS NOT NULL
                   THEN p.debit_account_id ELSE p.credit_account_id END
               JOIN invoicing_invoice v ON v.open_item_id = w.open_item_id
               GROUP BY 1, 2, 3, 4, 5, 6
           ) l
           LEFT JOIN LATERAL (
               SELECT sum(m.sign * CASE l.role WHEN 'bad_debt' THEN b.taxable_amount ELSE b.tax_amount END) AS left_of
               FROM invoicing_invoice m JOIN invoicing_vatbreakdown b ON b.invoice_id = m.id
               WHERE (b.category, b.rate, b.country) = (l.category, l.rate, l.country)
                 AND (m.id = l.id
                      OR m.id IN (SELECT k.invoice_id FROM invoicing_correction k WHERE k.original_id = l.id))
           ) d ON true
           WHERE l.role NOT IN ('bad_debt', 'vat_payable', 'rounding')
              OR l.category <> '' AND (l.lost * d.left_of < 0 OR abs(l.lost) > coalesce(abs(d.left_of), 0))
              OR l.category = '' AND l.role = 'vat_payable'""",
    ),
)
