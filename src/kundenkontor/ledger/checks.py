"""What must hold in the books (I-M1), also where no foreign key holds it."""

from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message

CHECKS = (
    Check(
        "postings_belong_to_entries",
        message("Every posting belongs to a journal entry"),
        """SELECT p.entry_id || '/' || p.position FROM ledger_posting p
           LEFT JOIN ledger_journalentry e ON e.id = p.entry_id WHERE e.id IS NULL""",
    ),
    Check(
        "postings_are_balanced",
        message("Every posting moves a positive amount between two accounts of its seller"),
        """SELECT p.entry_id || '/' || p.position FROM ledger_posting p
           JOIN ledger_journalentry e ON e.id = p.entry_id
           LEFT JOIN ledger_account d ON d.id = p.debit_account_id AND d.seller_id = e.seller_id
           LEFT JOIN ledger_account c ON c.id = p.credit_account_id AND c.seller_id = e.seller_id
           WHERE p.amount <= 0 OR p.debit_account_id = p.credit_account_id OR d.id IS NULL OR c.id IS NULL""",
    ),
    Check(
        "entries_are_posted_in_open_months",
        message("Every journal entry is posted on its day, or on the first day after the months declared by then"),
        """SELECT e.kind || ' ' || e.reference FROM ledger_journalentry e
           WHERE e.entry_date <> e.tax_day AND NOT EXISTS (
               SELECT 1 FROM parties_declaration d
               WHERE d.seller_id = e.seller_id AND d.kind = 'vat'
                 AND d.until >= e.tax_day AND d.until + 1 = e.entry_date)""",
    ),
    Check(
        "entries_are_booked_once",
        message("No business event is booked twice"),
        """SELECT kind || ' ' || reference FROM ledger_journalentry
           GROUP BY seller_id, kind, reference, currency HAVING count(*) > 1""",
    ),
)
