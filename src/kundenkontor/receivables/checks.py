"""What must hold of claims, whatever they stand for (I-M3); set-based, for ``verify``."""

from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message
from kundenkontor.receivables.claims import claims_sql

CHECKS = (
    Check(
        "open_items_are_their_postings",
        message("Every open amount is the sum of its postings"),
        f"""SELECT i.number || ': ' || i.open_amount FROM receivables_openitem i
           LEFT JOIN {claims_sql("c")} ON c.kind = i.kind
           LEFT JOIN (
               SELECT item, sum(amount) AS amount FROM (
                   SELECT debit_item_id AS item, amount FROM ledger_posting WHERE debit_item_id IS NOT NULL
                   UNION ALL
                   SELECT credit_item_id, -amount FROM ledger_posting WHERE credit_item_id IS NOT NULL
               ) moved GROUP BY item
           ) p ON p.item = i.id
           WHERE i.open_amount IS DISTINCT FROM coalesce(p.amount, 0) * c.sign
              OR i.open_amount < 0 OR i.open_amount > i.original_amount""",  # nosec B608  # constants
    ),
    Check(
        "postings_name_their_items",
        message("Every movement is of a customer’s account, and names an open item of that customer and kind"),
        f"""SELECT p.entry_id || '/' || p.position FROM (
               SELECT entry_id, position, customer_id, debit_account_id AS account_id, debit_item_id AS item_id
               FROM ledger_posting
               UNION ALL
               SELECT entry_id, position, customer_id, credit_account_id, credit_item_id FROM ledger_posting
           ) p
           JOIN ledger_account a ON a.id = p.account_id
           LEFT JOIN receivables_openitem i ON i.id = p.item_id
           LEFT JOIN {claims_sql("c")} ON c.kind = i.kind
           WHERE CASE WHEN a.role IN (SELECT role FROM {claims_sql("of_claims")})
               THEN i.customer_id IS DISTINCT FROM p.customer_id OR i.id IS NULL OR c.role IS DISTINCT FROM a.role
               ELSE p.item_id IS NOT NULL END
           UNION ALL
           SELECT entry_id || '/' || position FROM ledger_posting
           WHERE debit_item_id IS NULL AND credit_item_id IS NULL""",  # nosec B608  # constants
    ),
    Check(
        "write_offs_are_booked",
        message("Every loss of a receivable is booked over its amount, and no more of it is owed again than was lost"),
        """SELECT 'write-off ' || w.id FROM receivables_writeoff w
           LEFT JOIN receivables_writeoff o ON o.id = w.reverses_id
           LEFT JOIN ledger_journalentry e ON e.id = w.entry_id AND e.reference = w.id::text
               AND e.kind = CASE WHEN w.reverses_id IS NULL THEN 'write_off' ELSE 'write_off_reversal' END
           LEFT JOIN LATERAL (
               SELECT sum(CASE WHEN credit_item_id = w.open_item_id THEN amount
                               WHEN debit_item_id = w.open_item_id THEN -amount END) AS amount,
                      bool_and(coalesce(w.open_item_id IN (credit_item_id, debit_item_id), false)) AS is_whole
               FROM ledger_posting WHERE entry_id = w.entry_id
           ) p ON true
           WHERE e.id IS NULL OR p.is_whole IS NOT true
              OR p.amount <> CASE WHEN w.reverses_id IS NULL THEN w.amount ELSE -w.amount END
              OR w.reverses_id IS NOT NULL AND (o.reverses_id IS NOT NULL OR o.open_item_id <> w.open_item_id)
           UNION ALL
           SELECT 'write-off ' || o.id FROM receivables_writeoff o JOIN receivables_writeoff w ON w.reverses_id = o.id
           GROUP BY o.id, o.amount HAVING sum(w.amount) > o.amount
           UNION ALL
           SELECT e.kind || ' ' || e.reference FROM ledger_journalentry e
           LEFT JOIN receivables_writeoff w ON w.entry_id = e.id
           WHERE e.kind IN ('write_off', 'write_off_reversal') AND w.id IS NULL""",
    ),
)
