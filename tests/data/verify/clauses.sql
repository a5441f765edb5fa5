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

-- postings_name_their_items
INSERT INTO ledger_posting (entry_id, position, debit_account_id, credit_account_id, amount)
    SELECT e.id, 90, b.id, v.id, 1 FROM ledger_journalentry e JOIN ledger_account b ON b.seller_id = e.seller_id AND
    b.role = 'bad_debt' JOIN ledger_account v ON v.seller_id = e.seller_id AND v.role = 'bank' WHERE e.kind =
    'clearing' ORDER BY b.id LIMIT 1;

-- write_offs_are_booked
INSERT INTO ledger_posting (entry_id, position, debit_account_id, credit_account_id, amount)
    SELECT e.id, 90, b.id, v.id, 1 FROM ledger_journalentry e JOIN ledger_account b ON b.seller_id = e.seller_id AND
    b.role = 'bank' JOIN ledger_account v ON v.seller_id = e.seller_id AND v.role = 'vat_payable' WHERE e.kind =
    'write_off' ORDER BY v.id LIMIT 1;

-- write_offs_are_booked
UPDATE ledger_journalentry SET kind = 'refund', reference = '0' WHERE kind = 'write_off';

-- write_offs_are_booked
UPDATE ledger_journalentry SET reference = '0' WHERE kind = 'write_off';

-- write_offs_are_booked
UPDATE receivables_writeoff SET open_item_id = (SELECT min(id) FROM receivables_openitem) WHERE reverses_id IS NULL;

-- write_offs_are_booked
UPDATE receivables_writeoff SET amount = 1 WHERE reverses_id IS NULL;
UPDATE ledger_posting SET amount = 1 WHERE position = 1 AND entry_id IN (SELECT entry_id FROM receivables_writeoff
    WHERE reverses_id IS NULL);
DELETE FROM ledger_posting WHERE position > 1 AND entry_id IN (SELECT entry_id FROM receivables_writeoff WHERE
    reverses_id IS NULL);

-- documents_are_booked
UPDATE receivables_openitem SET kind = CASE kind WHEN 'balance' THEN 'receivable' ELSE 'balance' END;

-- documents_are_booked
UPDATE ledger_posting SET debit_item_id = 99999 WHERE position = 2 AND credit_item_id IS NULL AND entry_id IN (SELECT
    id FROM ledger_journalentry WHERE kind = 'invoice');

-- documents_are_booked
UPDATE ledger_posting SET debit_item_id = 0 WHERE position = 2 AND credit_item_id IS NULL AND entry_id IN (SELECT
    id FROM ledger_journalentry WHERE kind = 'invoice');

-- documents_are_booked
UPDATE ledger_posting SET amount = amount + 1 WHERE position = 1;

-- documents_have_items_of_their_customer
ALTER TABLE invoicing_invoice DROP CONSTRAINT invoicing_invoice_open_item_id_key;
UPDATE invoicing_invoice v SET open_item_id = (SELECT min(o.open_item_id) FROM invoicing_invoice o WHERE
    (o.customer_id, o.seller_id) = (v.customer_id, v.seller_id));

-- numbers_have_no_gaps
UPDATE invoicing_numbergap SET first = first - 1, last = last - 1;

-- numbers_have_no_gaps
UPDATE invoicing_numbergap SET last = last - 1;

-- numbers_have_no_gaps
DELETE FROM invoicing_numbergap;

-- gaps_are_as_recorded
DELETE FROM invoicing_numbergap;

-- gaps_are_as_recorded
UPDATE invoicing_numbergap SET last = last - 1;

-- gaps_are_as_recorded
UPDATE invoicing_numbergap SET reason = 'x';

-- gaps_are_as_recorded
UPDATE invoicing_numbergap SET declared_by = 'x';

-- gaps_are_as_recorded
UPDATE invoicing_numbergap SET declared_on = declared_on - 1;

-- gaps_are_as_recorded
UPDATE invoicing_numbergap SET series_id = series_id + 1000;

-- restorations_are_as_recorded
DELETE FROM events_restoration;

-- restorations_are_as_recorded
UPDATE events_restoration SET cause = 'anchors';

-- restorations_are_as_recorded
UPDATE events_restoration SET sequence = sequence + 1;

-- restorations_are_as_recorded
DELETE FROM invoicing_numberrelease;

-- restorations_are_as_recorded
UPDATE invoicing_numberrelease SET released_by = 'x';

-- restorations_are_as_recorded
UPDATE events_restoration SET cause = 'anchors';
UPDATE events_event SET payload = payload || '{"cause": "anchors"}' WHERE name = 'database.restored';
DELETE FROM invoicing_numberrelease;
DELETE FROM events_event WHERE name = 'numbers.released';

-- reminders_are_as_recorded
DELETE FROM delivery_reminder;

-- reminders_are_as_recorded
UPDATE delivery_reminder SET kind = 'upcoming';

-- reminders_are_as_recorded
UPDATE delivery_reminder SET sent_on = sent_on - 1;

-- reminders_are_as_recorded
UPDATE events_event SET name = 'invoice.delivered' WHERE name = 'reminder.overdue';

-- logins_are_as_recorded
UPDATE access_user SET staff_role = 'administrator' WHERE username = 'otto';

-- logins_are_as_recorded
UPDATE access_user SET staff_role = 'administrator' WHERE username = 'ada';

-- logins_are_as_recorded
UPDATE access_user SET is_active = true WHERE username = 'otto';

-- logins_are_as_recorded
UPDATE access_user SET is_active = false WHERE username = 'vera';

-- logins_are_as_recorded
UPDATE access_user SET is_active = false WHERE username = 'anna';

-- logins_are_as_recorded
UPDATE access_membership SET role = 'reader';

-- logins_are_as_recorded
DELETE FROM access_membership;

-- logins_are_as_recorded
UPDATE access_membership SET customer_id = (SELECT id FROM parties_customer WHERE number = '11099');

-- logins_are_as_recorded
INSERT INTO access_membership (user_id, customer_id, role)
    SELECT user_id, (SELECT id FROM parties_customer WHERE number = '11099'), role FROM access_membership;

-- seller_vat_id_checks_are_as_recorded
DELETE FROM taxes_sellervatidcheck;

-- seller_vat_id_checks_are_as_recorded
UPDATE taxes_sellervatidcheck SET outcome = 'invalid';

-- seller_vat_id_checks_are_as_recorded
UPDATE taxes_sellervatidcheck SET evidence = 'x';

-- seller_vat_id_checks_are_as_recorded
UPDATE taxes_sellervatidcheck SET checked_on = checked_on - 1;

-- vat_ids_are_as_checked
UPDATE taxes_vatidcheck SET outcome = 'unavailable';

-- charges_stand_on_lines
UPDATE invoicing_chargerebilling SET charge_id = charge_id + 1000;

-- charges_stand_on_lines
UPDATE invoicing_chargerebilling SET position = 9;

-- charges_stand_on_lines
UPDATE invoicing_chargerebilling SET invoice_id = correction_id;

-- charges_stand_on_lines
UPDATE invoicing_correction SET is_billed_again = false;

-- charges_stand_on_lines
UPDATE invoicing_chargerebilling SET correction_id = invoice_id;

-- charges_stand_on_lines
UPDATE billing_charge SET one_off_item_id = (SELECT id FROM billing_oneoffitem), contract_id = NULL WHERE id =
    (SELECT min(id) FROM billing_charge);

-- lines_bill_charges
DELETE FROM invoicing_chargerebilling;

-- lines_bill_charges
UPDATE invoicing_chargerebilling SET charge_id = charge_id + 1000;

-- lines_bill_charges
UPDATE invoicing_chargerebilling SET position = 9;

-- lines_bill_charges
UPDATE invoicing_chargerebilling SET invoice_id = correction_id;

-- lines_bill_charges
UPDATE invoicing_invoiceline SET kind = 'manual', charge_id = charge_id + 1000 WHERE kind = 'recurring';

-- lines_bill_charges
UPDATE invoicing_invoiceline SET charge_id = NULL WHERE kind = 'recurring';

-- charges_are_adjacent
DROP INDEX a_period_end_is_billed_once CASCADE;
UPDATE billing_charge SET contract_id = (SELECT min(contract_id) FROM billing_charge), previous_end = period_end,
    period_start = period_start + 1 WHERE contract_id = (SELECT max(contract_id) FROM billing_charge);

-- charges_are_adjacent
UPDATE billing_charge SET previous_end = period_start - 1;

-- discarded_one_offs_are_not_billed
UPDATE billing_charge SET one_off_item_id = (SELECT id FROM billing_oneoffitem) WHERE id = (SELECT min(id) FROM
    billing_charge);

-- balances_are_spent_once
UPDATE payments_allocation SET amount = 900 WHERE balance_item_id IS NOT NULL;

-- balances_are_spent_once
UPDATE payments_refund SET amount = 900;

-- allocations_stay_within_payments
UPDATE receivables_openitem SET original_amount = 0.01;

-- payments_are_booked_whole
DELETE FROM payments_paymentbooking;

-- payments_are_booked_whole
UPDATE payments_paymentreversal SET entry_id = NULL;

-- payments_are_booked_whole
UPDATE ledger_posting SET amount = amount + 1 WHERE entry_id IN (SELECT entry_id FROM payments_paymentreversal);

-- entries_are_booked_once
DROP INDEX a_business_event_is_booked_once;
UPDATE ledger_journalentry SET reference = 'x' WHERE kind = 'invoice';

-- write_offs_are_booked
UPDATE receivables_writeoff SET open_item_id = 99999 WHERE reverses_id IS NOT NULL;
UPDATE ledger_posting SET debit_item_id = 99999 WHERE debit_item_id IS NOT NULL AND entry_id IN (SELECT entry_id FROM
    receivables_writeoff WHERE reverses_id IS NOT NULL);

-- lines_are_priced
UPDATE invoicing_invoiceline SET position = 0 WHERE position = 1;

-- tax_is_base_times_rate
UPDATE invoicing_vatbreakdown SET tax_amount = tax_amount + 1 WHERE invoice_id = (SELECT max(id) FROM
    invoicing_invoice WHERE sign > 0);

-- samples_keep_the_official_rules
INSERT INTO invoicing_rulessample (invoice_id, file_row, violations, checked_at)
    SELECT min(id), 0, 'BR-1', now() FROM invoicing_invoice;

-- losses_stay_within_documents
UPDATE ledger_account SET vat_category = '' WHERE role = 'vat_payable';

-- losses_stay_within_documents
UPDATE ledger_account SET role = 'bank', place = id::text WHERE role = 'bad_debt';

-- payments_are_booked_whole
UPDATE payments_payment SET amount = amount + 1 WHERE id NOT IN (SELECT payment_id FROM payments_paymentreversal);

-- allocations_are_booked
UPDATE payments_allocation SET amount = amount + 1 WHERE reverses_id IS NOT NULL;

-- allocations_are_booked
UPDATE payments_allocation SET open_item_id = open_item_id + 1000 WHERE reverses_id IS NOT NULL;

-- allocations_stay_within_payments
UPDATE payments_payment SET amount = 0.01;

-- charges_stand_on_lines
UPDATE invoicing_invoiceline SET charge_id = charge_id + 1000 WHERE invoice_id IN (SELECT invoice_id FROM
    billing_charge);

-- entries_are_dated_like_their_causes
UPDATE ledger_journalentry SET tax_day = tax_day - 400 WHERE kind = 'allocation_reversal';

-- entries_are_dated_like_their_causes
UPDATE ledger_journalentry SET tax_day = tax_day - 400 WHERE kind = 'offset_reversal';

-- money_is_booked
UPDATE ledger_posting SET debit_account_id = (SELECT id FROM ledger_account a WHERE a.role = 'bad_debt' AND a.seller_id
    = (SELECT seller_id FROM ledger_account b WHERE b.id = debit_account_id) LIMIT 1) WHERE debit_account_id IN (SELECT
    id FROM ledger_account WHERE role = 'bank');

-- money_is_booked
UPDATE ledger_account SET place = 'elsewhere' WHERE role = 'bank';

-- money_is_booked
DELETE FROM payments_refund;

-- money_is_booked
DELETE FROM payments_paymentreversal;

-- money_is_booked
UPDATE payments_payment SET seller_id = seller_id + 1000;
