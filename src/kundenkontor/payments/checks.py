"""What must hold of payments: what was allocated, left over and reversed is what was booked (I-M9, I-M10)."""

from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message
from kundenkontor.receivables.claims import claims_sql

RECORDED = (
    Check(
        "entries_are_dated_like_their_causes",
        message("Every journal entry counts on the day of the document, payment or balance it books"),
        """SELECT min(e.kind || ' ' || e.reference) FROM ledger_journalentry e
           LEFT JOIN (
               SELECT 'invoice' AS kind, seller_id, number AS reference, issue_date AS day FROM invoicing_invoice
               UNION ALL
               SELECT 'clearing', seller_id, number, issue_date FROM invoicing_invoice WHERE sign < 0
           ) v ON (v.kind, v.seller_id, v.reference) = (e.kind, e.seller_id, e.reference)
           LEFT JOIN (
               SELECT 'payment' AS kind, b.entry_id, p.received_on AS day, p.succeeded_on AS other
               FROM payments_paymentbooking b JOIN payments_payment p ON p.id = b.payment_id
               UNION ALL SELECT 'payment_reversal', r.entry_id, coalesce(r.returned_on, o.tax_day), NULL
               FROM payments_paymentreversal r JOIN payments_paymentbooking b USING (payment_id)
               JOIN ledger_journalentry o ON o.id = b.entry_id
               UNION ALL SELECT 'offset', a.entry_id,
                                CASE WHEN o.tax_day IS NULL THEN a.allocated_on
                                     ELSE greatest(o.tax_day, i.issue_date) END, NULL
               FROM payments_allocation a LEFT JOIN invoicing_invoice i ON i.open_item_id = a.open_item_id
               LEFT JOIN ledger_posting c ON c.credit_item_id = a.balance_item_id
                   AND c.entry_id IN (SELECT id FROM ledger_journalentry WHERE kind = 'allocation_reversal')
               LEFT JOIN ledger_journalentry o ON o.id = c.entry_id
               WHERE a.balance_item_id IS NOT NULL AND a.reverses_id IS NULL
               UNION ALL SELECT CASE WHEN a.payment_id IS NULL THEN 'offset_reversal' ELSE 'allocation_reversal' END,
                                a.entry_id, o.tax_day, r.returned_on
               FROM payments_allocation a JOIN payments_allocation u ON u.id = a.reverses_id
               JOIN ledger_journalentry o ON o.id = u.entry_id
               LEFT JOIN (SELECT DISTINCT customer_id, reversed_on, returned_on FROM payments_paymentreversal) r
                   ON a.payment_id IS NULL AND (r.customer_id, r.reversed_on) = (a.customer_id, a.allocated_on)
               UNION ALL SELECT 'refund', entry_id, refunded_on, NULL FROM payments_refund
               UNION ALL SELECT CASE WHEN reverses_id IS NULL THEN 'write_off' ELSE 'write_off_reversal' END,
                                entry_id, happened_on, NULL FROM receivables_writeoff
           ) p ON (p.kind, p.entry_id) = (e.kind, e.id)
           LEFT JOIN payments_paymentreversal r
               ON e.kind = 'clearing' AND r.payment_id::text = split_part(e.reference, '/', 2)
           LEFT JOIN payments_allocation a
               ON e.kind = 'clearing' AND 'a' || a.id = split_part(e.reference, '/', 2)
           GROUP BY e.id, e.tax_day
           HAVING NOT coalesce(bool_or(e.tax_day IN (
               coalesce(v.day, p.day, r.reversed_on, a.allocated_on), p.other
           )), false)""",
    ),
)

CHECKS = (
    *RECORDED,
    Check(
        "payments_are_booked_whole",
        message("Every booked payment is in the books over its whole amount, and every reversed one twice"),
        """SELECT 'payment ' || p.id FROM payments_payment p
           LEFT JOIN payments_paymentbooking b ON b.payment_id = p.id
           LEFT JOIN payments_paymentreversal r ON r.payment_id = p.id
           LEFT JOIN LATERAL (
               SELECT sum(amount) AS amount FROM ledger_posting WHERE entry_id = b.entry_id
           ) booked ON true
           LEFT JOIN LATERAL (
               SELECT sum(amount) AS amount FROM ledger_posting WHERE entry_id = r.entry_id
           ) undone ON true
           WHERE b.payment_id IS NOT NULL AND booked.amount IS DISTINCT FROM p.amount
              OR r.payment_id IS NOT NULL AND (b.payment_id IS NULL) <> (r.entry_id IS NULL)
              OR r.entry_id IS NOT NULL AND undone.amount IS DISTINCT FROM p.amount""",
    ),
    Check(
        "money_is_booked",
        message("What came to a bank account or provider in the books is what was paid, less what went back"),
        """SELECT coalesce(d.seller_id, b.seller_id) || ' ' || coalesce(d.place, b.place)
           FROM (
               SELECT seller_id, place, sum(amount) AS amount FROM (
                   SELECT p.seller_id, p.place, p.amount
                   FROM payments_paymentbooking JOIN payments_payment p ON p.id = payment_id
                   UNION ALL
                   SELECT p.seller_id, p.place, -p.amount
                   FROM payments_paymentreversal r JOIN payments_payment p ON p.id = r.payment_id
                   WHERE r.entry_id IS NOT NULL
                   UNION ALL
                   SELECT i.seller_id, '', -r.amount
                   FROM payments_refund r JOIN receivables_openitem i ON i.id = r.balance_item_id
               ) moved GROUP BY 1, 2
           ) d
           FULL JOIN (
               SELECT a.seller_id, a.place, sum(m.amount) AS amount
               FROM ledger_account a JOIN (
                   SELECT debit_account_id AS account_id, sum(amount) AS amount FROM ledger_posting GROUP BY 1
                   UNION ALL SELECT credit_account_id, -sum(amount) FROM ledger_posting GROUP BY 1
               ) m ON m.account_id = a.id
               WHERE a.role = 'bank' GROUP BY 1, 2
           ) b ON (b.seller_id, b.place) = (d.seller_id, d.place)
           WHERE coalesce(d.amount, 0) <> coalesce(b.amount, 0)""",
    ),
    Check(
        "allocations_are_booked",
        message("Every allocation and refund is a posting of its entry that moves its open item, and nothing else is"),
        f"""SELECT 'allocation ' || a.id FROM payments_allocation a
           WHERE NOT EXISTS (
               SELECT 1 FROM ledger_posting p
               WHERE p.entry_id = a.entry_id AND p.amount = a.amount
                 AND CASE WHEN a.reverses_id IS NULL
                     THEN p.credit_item_id ELSE p.debit_item_id END = a.open_item_id)
           UNION ALL
           SELECT 'refund ' || r.id FROM payments_refund r
           WHERE NOT EXISTS (
               SELECT 1 FROM ledger_posting p
               WHERE p.entry_id = r.entry_id AND p.amount = r.amount AND p.debit_item_id = r.balance_item_id)
           UNION ALL
           SELECT e.kind || ' ' || e.reference FROM ledger_journalentry e
           JOIN ledger_posting p ON p.entry_id = e.id
           JOIN receivables_openitem i ON i.id = p.credit_item_id
           JOIN {claims_sql("c")} ON c.kind = i.kind AND c.sign > 0
           LEFT JOIN payments_allocation a
               ON a.entry_id = e.id AND a.open_item_id = p.credit_item_id AND a.amount = p.amount
           WHERE e.kind IN ('payment', 'offset') AND a.id IS NULL""",  # nosec B608  # constants
    ),
    Check(
        "allocations_stay_within_payments",
        message("No more is allocated than was paid, or than was owed"),
        """SELECT 'payment ' || p.id FROM payments_payment p JOIN payments_allocation a ON a.payment_id = p.id
           GROUP BY p.id, p.amount
           HAVING sum(CASE WHEN a.reverses_id IS NULL THEN a.amount ELSE -a.amount END) > p.amount
           UNION ALL
           SELECT i.number FROM receivables_openitem i JOIN payments_allocation a ON a.open_item_id = i.id
           GROUP BY i.id, i.number, i.original_amount
           HAVING sum(CASE WHEN a.reverses_id IS NULL THEN a.amount ELSE -a.amount END) > i.original_amount""",
    ),
    Check(
        "balances_are_spent_once",
        message("No more of a balance is offset and refunded than there was"),
        f"""SELECT i.number FROM receivables_openitem i
           JOIN {claims_sql("c")} ON c.kind = i.kind AND c.sign < 0
           LEFT JOIN (
               SELECT balance_item_id, sum(CASE WHEN reverses_id IS NULL THEN amount ELSE -amount END) AS amount
               FROM payments_allocation GROUP BY 1
           ) a ON a.balance_item_id = i.id
           LEFT JOIN (SELECT balance_item_id, sum(amount) AS amount FROM payments_refund GROUP BY 1) r
               ON r.balance_item_id = i.id
           WHERE coalesce(a.amount, 0) + coalesce(r.amount, 0) > i.original_amount""",  # nosec B608  # constants
    ),
    Check(
        "items_stand_for_something",
        message(
            "Every open item without a document is what a payment left over, or owed again for it, as it was named"
        ),
        f"""SELECT i.number FROM receivables_openitem i
           LEFT JOIN invoicing_invoice v ON v.open_item_id = i.id
           LEFT JOIN {claims_sql("c")} ON c.kind = i.kind
           LEFT JOIN (
               SELECT -1 AS sign, m.credit_item_id AS item_id, m.amount, p.received_on AS due_date,
                      'ZE' || lpad(p.id::text, greatest(6, length(p.id::text)), '0')
                           || coalesce('/' || a.id, '') AS number
               FROM ledger_posting m JOIN ledger_journalentry e ON e.id = m.entry_id
               LEFT JOIN payments_allocation a ON e.kind = 'allocation_reversal' AND a.id::text = e.reference
               JOIN payments_payment p ON p.id::text = coalesce(a.payment_id::text, e.reference)
               WHERE e.kind IN ('payment', 'allocation_reversal') AND m.credit_item_id IS NOT NULL
               UNION ALL
               SELECT 1, m.debit_item_id, m.amount, r.reversed_on,
                      'RL' || lpad(r.payment_id::text, greatest(6, length(r.payment_id::text)), '0')
               FROM ledger_posting m JOIN payments_paymentreversal r ON r.entry_id = m.entry_id
               WHERE m.debit_item_id IS NOT NULL
           ) first ON (first.sign, first.item_id, first.amount, first.number, first.due_date)
                    = (c.sign, i.id, i.original_amount, i.number, i.due_date)
           WHERE v.id IS NULL AND first.item_id IS NULL""",  # nosec B608  # constants
    ),
)
