-- What only one clause of a check of verify finds: the check, and what is done so that its other clauses are content.
-- Read by test_verify.py.

-- postings_are_balanced
UPDATE ledger_posting SET amount = -amount WHERE position = 1;

-- postings_are_balanced
UPDATE ledger_posting SET amount = 0 WHERE position = 1;

-- postings_are_balanced
UPDATE ledger_posting SET credit_account_id = debit_account_id;

-- postings_are_balanced
UPDATE ledger_posting SET debit_account_id = 99999;

-- postings_are_balanced
UPDATE ledger_account SET seller_id = seller_id + 1000 WHERE role = 'bank';

-- postings_are_balanced
UPDATE ledger_account SET seller_id = seller_id + 1000 WHERE role = 'revenue';

-- entries_are_posted_in_open_months
UPDATE parties_declaration SET seller_id = seller_id + 1000;

-- entries_are_posted_in_open_months
UPDATE parties_declaration SET kind = 'oss';

-- entries_are_posted_in_open_months
UPDATE ledger_journalentry SET tax_day = entry_date + 1 WHERE tax_day < entry_date;

-- declarations_are_as_recorded
UPDATE parties_declaration SET seller_id = seller_id + 1000;

-- declarations_are_as_recorded
UPDATE parties_declaration SET kind = 'oss';

-- open_items_are_their_postings
UPDATE receivables_openitem SET open_amount = open_amount - 100 WHERE id = (SELECT min(id) FROM receivables_openitem
    WHERE kind = 'receivable' AND original_amount > open_amount);
UPDATE ledger_posting SET amount = amount + 100 WHERE (credit_item_id, entry_id) IN (SELECT credit_item_id,
    min(entry_id) FROM ledger_posting p JOIN receivables_openitem i ON i.id = p.credit_item_id WHERE i.open_amount <
    0 GROUP BY 1);

-- open_items_are_their_postings
UPDATE receivables_openitem SET open_amount = open_amount + 100 WHERE id = (SELECT min(id) FROM receivables_openitem
    WHERE kind = 'receivable' AND original_amount > open_amount);
UPDATE ledger_posting SET amount = amount + 100 WHERE (debit_item_id, entry_id, position) IN (SELECT debit_item_id,
    min(entry_id), min(position) FROM ledger_posting p JOIN receivables_openitem i ON i.id = p.debit_item_id WHERE
    i.open_amount > i.original_amount GROUP BY 1);

-- postings_name_their_items
UPDATE ledger_posting SET customer_id = customer_id + 1000;

-- postings_name_their_items
UPDATE receivables_openitem SET kind = CASE kind WHEN 'balance' THEN 'receivable' ELSE 'balance' END;

-- postings_name_their_items
UPDATE ledger_posting SET credit_item_id = debit_item_id WHERE credit_item_id IS NULL;

-- customer_totals_are_sums
UPDATE receivables_customertotals SET invoiced_amount = invoiced_amount + 1;

-- customer_totals_are_sums
UPDATE receivables_customertotals SET open_amount = open_amount + 1;

-- customer_totals_are_sums
UPDATE receivables_customertotals SET balance_amount = balance_amount + 1;

-- documents_are_booked
UPDATE ledger_journalentry SET seller_id = seller_id + 1000 WHERE kind = 'invoice';

-- documents_are_booked
UPDATE receivables_openitem SET original_amount = original_amount + 1;

-- documents_are_booked
UPDATE receivables_openitem SET number = 'X';

-- documents_are_booked
UPDATE receivables_openitem SET currency = 'CHF';

-- documents_are_booked
UPDATE ledger_journalentry SET currency = 'CHF';

-- numbers_have_no_gaps
UPDATE invoicing_invoice SET sequence = sequence + 1 WHERE (series_id, sequence) IN (SELECT series_id, max(sequence)
    FROM invoicing_invoice GROUP BY series_id);
UPDATE invoicing_numberseries SET next_number = next_number + 1;

-- numbers_have_no_gaps
UPDATE invoicing_numberseries SET next_number = next_number + 1;

-- numbers_have_no_gaps
UPDATE invoicing_numberseries SET last_issue_date = last_issue_date + 1;

-- numbers_are_given_once
DROP INDEX a_document_number_is_given_once;
UPDATE invoicing_invoice SET number = 'X';

-- numbers_are_given_once
UPDATE invoicing_invoice SET sequence = 1;

-- documents_name_what_exists
UPDATE invoicing_invoice SET series_id = series_id + 1000;

-- documents_name_what_exists
UPDATE invoicing_numberseries SET seller_id = seller_id + 1000;

-- documents_name_what_exists
UPDATE invoicing_numberseries SET year = year + 1;

-- documents_name_what_exists
UPDATE invoicing_invoice SET customer_id = customer_id + 1000;

-- documents_name_what_exists
UPDATE parties_customer SET seller_id = seller_id + 1000;

-- documents_name_what_exists
UPDATE parties_partysnapshot SET seller_id = seller_id + 1000 WHERE seller_id IS NOT NULL;

-- documents_name_what_exists
UPDATE parties_partysnapshot SET customer_id = customer_id + 1000 WHERE customer_id IS NOT NULL;

-- documents_name_what_exists
UPDATE invoicing_invoice SET customer_snapshot_id = customer_snapshot_id + 1000;

-- documents_name_what_exists
INSERT INTO invoicing_correction (invoice_id, customer_id, original_id, is_full, is_billed_again, reason) SELECT
    max(id), max(customer_id), min(id), false, false, 'x' FROM invoicing_invoice WHERE sign > 0;

-- documents_name_what_exists
UPDATE invoicing_documentreference SET customer_id = customer_id + 1000;

-- documents_name_what_exists
UPDATE invoicing_documentreference SET referenced_id = referenced_id + 1000;
UPDATE invoicing_correction SET original_id = original_id + 1000;

-- documents_name_what_exists
UPDATE invoicing_documentreference r SET referenced_id = (SELECT min(id) FROM invoicing_invoice WHERE sign < 0 AND
    id <> r.invoice_id AND customer_id = r.customer_id);
UPDATE invoicing_correction k SET is_full = false, original_id = (SELECT min(id) FROM invoicing_invoice WHERE sign <
    0 AND id <> k.invoice_id AND customer_id = k.customer_id);

-- lines_are_priced
UPDATE invoicing_invoiceline SET position = position + 100;

-- lines_are_priced
UPDATE invoicing_invoiceline SET position = 9 WHERE position > 1;

-- tax_is_base_times_rate
UPDATE invoicing_vatbreakdown b SET tax_amount = tax_amount + 1 FROM invoicing_invoice v WHERE v.id = b.invoice_id
    AND v.sign < 0;

-- documents_add_up
UPDATE invoicing_invoice SET total_with_vat = total_with_vat + 1, amount_due = amount_due + 1;

-- documents_add_up
UPDATE invoicing_invoice SET total_without_vat = total_without_vat + 1, total_with_vat = total_with_vat + 1,
    amount_due = amount_due + 1;

-- documents_add_up
UPDATE invoicing_invoice SET total_vat = total_vat + 1, total_with_vat = total_with_vat + 1, amount_due = amount_due
    + 1;

-- documents_add_up
UPDATE invoicing_invoice SET amount_due = amount_due + 1;

-- corrections_stay_within_originals
UPDATE invoicing_invoiceline SET corrected_position = 77 WHERE corrected_position IS NOT NULL;

-- corrections_stay_within_originals
UPDATE invoicing_invoiceline SET agreed_gross = 0.01 WHERE corrected_position IS NOT NULL;

-- corrections_stay_within_originals
UPDATE invoicing_invoiceline SET net_amount = net_amount * 3 WHERE corrected_position IS NOT NULL;

-- corrections_stay_within_originals
UPDATE invoicing_vatbreakdown b SET taxable_amount = taxable_amount - 0.01 FROM invoicing_invoice v WHERE v.id =
    b.invoice_id AND v.sign < 0;

-- corrections_stay_within_originals
UPDATE invoicing_vatbreakdown b SET tax_amount = tax_amount - 0.01 FROM invoicing_invoice v WHERE v.id =
    b.invoice_id AND v.sign < 0;

-- corrections_stay_within_originals
UPDATE invoicing_correction SET is_full = false;
UPDATE invoicing_invoice SET amount_due = amount_due + 500 WHERE sign < 0;

-- corrections_stay_within_originals
UPDATE invoicing_invoice SET amount_due = amount_due - 0.01 WHERE sign < 0;

-- corrections_are_as_recorded
UPDATE invoicing_correction SET original_id = original_id + 1000;

-- corrections_are_as_recorded
UPDATE invoicing_correction SET is_billed_again = NOT is_billed_again;

-- gaps_are_as_recorded
INSERT INTO invoicing_numbergap (series_id, first, last, reason, declared_by, declared_on) SELECT min(id), 7, 7,
    'x', 'clara', current_date FROM invoicing_numberseries;

-- payments_are_booked_whole
UPDATE payments_paymentreversal SET entry_id = NULL;

-- payments_are_booked_whole
UPDATE ledger_posting SET amount = amount + 1 WHERE entry_id IN (SELECT entry_id FROM payments_paymentreversal);

-- allocations_are_booked
UPDATE payments_allocation SET entry_id = (SELECT min(id) FROM ledger_journalentry);

-- allocations_are_booked
UPDATE payments_refund SET entry_id = (SELECT min(id) FROM ledger_journalentry);

-- items_stand_for_something
UPDATE receivables_openitem SET number = 'ZE1' WHERE kind = 'balance';

-- items_stand_for_something
UPDATE receivables_openitem SET original_amount = original_amount + 1 WHERE kind = 'balance';

-- items_stand_for_something
UPDATE receivables_openitem SET due_date = due_date + 1 WHERE kind = 'balance';

-- charges_stand_on_lines
UPDATE invoicing_invoiceline SET charge_id = NULL;

-- charges_stand_on_lines
UPDATE billing_charge SET customer_id = customer_id + 1000;

-- charges_stand_on_lines
UPDATE billing_charge SET contract_id = contract_id + 1000;

-- charges_stand_on_lines
UPDATE billing_charge SET period_start = period_start - 1;

-- charges_stand_on_lines
UPDATE billing_charge SET period_end = period_end + 1;

-- charges_stand_on_lines
INSERT INTO invoicing_chargerebilling (charge_id, correction_id, customer_id, invoice_id, position) SELECT
    charge_id, invoice_id, customer_id, invoice_id, position FROM invoicing_invoiceline WHERE charge_id IS NOT NULL
    AND corrected_position IS NULL;

-- charges_stand_on_lines
INSERT INTO invoicing_chargerebilling (charge_id, correction_id, customer_id, invoice_id, position) SELECT 99999,
    k.invoice_id, k.customer_id, k.invoice_id, 1 FROM invoicing_correction k WHERE k.is_billed_again;

-- lines_bill_charges
UPDATE billing_charge SET position = 9;

-- lines_bill_charges
UPDATE billing_charge SET invoice_id = invoice_id + 1000;

-- lines_bill_charges
UPDATE invoicing_invoiceline SET charge_id = 99999 WHERE charge_id IS NOT NULL;

-- charges_are_adjacent
UPDATE billing_charge SET previous_end = period_start - 5;

-- vat_ids_are_as_checked
UPDATE taxes_vatidcheck SET vat_id = 'X';

-- vat_ids_are_as_checked
UPDATE taxes_vatidcheck SET customer_id = customer_id + 1000;

-- deliveries_are_mailed
UPDATE delivery_delivery SET recipient = 'eve@example.org';

-- deliveries_are_mailed
UPDATE delivery_delivery SET state = 'waiting', mail_id = NULL;
