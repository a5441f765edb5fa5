-- What a superuser does to a living database, one thing at a time, and which check of verify finds it.
-- Heads: number, code of the check, (what the product does, or what is read afterwards), what is done.
-- {…} are rows picked beforehand; tables that are changed lose their triggers meanwhile and get them back.

-- pick invoice
SELECT min(id) FROM invoicing_invoice WHERE sign > 0 AND batch_id IS NOT NULL;

-- pick paid
SELECT min(payment_id) FROM payments_allocation a WHERE reverses_id IS NULL AND payment_id IS NOT NULL AND (SELECT
count(*) FROM payments_payment p WHERE p.customer_id = a.customer_id) > 2;

-- pick other
SELECT max(p.id) FROM payments_payment p JOIN payments_paymentbooking b ON b.payment_id = p.id WHERE p.customer_id =
(SELECT customer_id FROM payments_payment WHERE id = ({paid})) AND p.id <> ({paid});

-- pick waiting
SELECT min(p.id) FROM payments_payment p LEFT JOIN payments_paymentbooking b ON b.payment_id = p.id WHERE b.payment_id
IS NULL;

-- pick open
SELECT min(id) FROM receivables_openitem WHERE open_amount > 5 AND kind = 'receivable';

-- pick balance
SELECT min(id) FROM receivables_openitem WHERE number LIKE 'ZE%';

-- pick newest
SELECT max(id) FROM invoicing_invoice WHERE sign > 0;

-- pick event
SELECT min(id) FROM events_event WHERE name = 'customer.changed';

-- pick check
SELECT min(id) FROM taxes_vatidcheck;

-- pick sent
SELECT min(mail_id) FROM delivery_delivery WHERE mail_id IS NOT NULL;

-- pick letter
SELECT min(id) FROM messaging_outgoingmail WHERE kind = 'email_changed';

-- pick attached
SELECT max(id) FROM documents_storedfile WHERE id NOT IN (SELECT file_id FROM papers_paperfile);

-- pick file
SELECT min(file_id) FROM papers_paperfile;

-- 1 documents_are_unchanged: invoice head: note
UPDATE invoicing_invoice SET note = 'x' WHERE id = {invoice};

-- 2 documents_are_unchanged: invoice head: due_date
UPDATE invoicing_invoice SET due_date = due_date + 1 WHERE id = {invoice};

-- 3 documents_are_as_old_as_their_events: invoice head: issued_at by 30 min
UPDATE invoicing_invoice SET issued_at = issued_at - interval '30 min' WHERE id = {invoice};

-- 4 documents_are_unchanged: invoice head: batch_id NULL
UPDATE invoicing_invoice SET batch_id = NULL WHERE id = {invoice};

-- 5 documents_are_unchanged: line: price+net consistent
UPDATE invoicing_invoiceline SET net_price = net_price + 1, net_amount = round(quantity * (net_price + 1) /
    base_quantity, 2) - allowance_amount WHERE invoice_id = {invoice} AND position = 1;

-- 6 open_items_are_their_postings: posting deleted
DELETE FROM ledger_posting WHERE ctid = (SELECT max(ctid) FROM ledger_posting);

-- 7 entries_are_dated_like_their_causes: empty journal entry inserted
INSERT INTO ledger_journalentry (seller_id, kind, reference, currency, entry_date, tax_day)
    SELECT seller_id, 'payment', '4711', 'EUR', entry_date, tax_day FROM ledger_journalentry LIMIT 1;

-- 8 entries_are_dated_like_their_causes: journal entry date
UPDATE ledger_journalentry SET entry_date = entry_date - 1, tax_day = tax_day - 1
    WHERE id = (SELECT min(id) FROM ledger_journalentry);

-- 9 open_items_are_their_postings: open item closed
UPDATE receivables_openitem SET open_amount = 0 WHERE id = {open};

-- 10 documents_are_booked: open item: due_date
UPDATE receivables_openitem SET due_date = due_date + 90 WHERE id = {open};

-- 11 items_stand_for_something: open item without document (ZE): number
UPDATE receivables_openitem SET number = 'ZE4711' WHERE id = {balance};

-- 12 items_stand_for_something: open item without document (ZE): due_date
UPDATE receivables_openitem SET due_date = due_date + 90 WHERE id = {balance};

-- 13 customer_totals_are_sums: customer totals
UPDATE receivables_customertotals SET open_amount = open_amount + 1;

-- 14 payments_are_unchanged: payment amount
UPDATE payments_payment SET amount = amount + 1 WHERE id = {paid};

-- 15 payments_are_unchanged: payment payer
UPDATE payments_payment SET payer = 'somebody else' WHERE id = {paid};

-- 16 payments_are_unchanged: payment recorded_at
UPDATE payments_payment SET recorded_at = recorded_at - interval '1 day' WHERE id = {paid};

-- 17 payments_are_unchanged: payment deleted with booking, allocations, entry, events left
DELETE FROM payments_allocation WHERE payment_id = {paid};
DELETE FROM ledger_posting WHERE entry_id = (SELECT entry_id FROM payments_paymentbooking WHERE payment_id = {paid});
DELETE FROM ledger_journalentry WHERE id = (SELECT entry_id FROM payments_paymentbooking WHERE payment_id = {paid});
DELETE FROM payments_paymentbooking WHERE payment_id = {paid};
DELETE FROM payments_payment WHERE id = {paid};

-- 18 payments_are_unchanged: unbooked payment inserted
INSERT INTO payments_payment (seller_id, customer_id, amount, currency, received_on, method, place, reference, payer,
    recorded_at, recorded_by) SELECT seller_id, customer_id, 99, 'EUR', received_on, method, place, 'x', payer,
    recorded_at, recorded_by FROM payments_payment LIMIT 1;

-- 19 bookings_are_unchanged: booking date
UPDATE payments_paymentbooking SET booked_on = booked_on - 1 WHERE payment_id = {paid};

-- 20 allocations_are_booked: allocation amount
UPDATE payments_allocation SET amount = amount + 0.01 WHERE payment_id = {paid} AND reverses_id IS NULL;

-- 21 bookings_are_unchanged: allocation: allocated_on (payment)
UPDATE payments_allocation SET allocated_on = allocated_on - 1 WHERE payment_id = {paid} AND reverses_id IS NULL;

-- 22 bookings_are_unchanged: allocation: payment_id of another payment of the customer
UPDATE payments_allocation SET payment_id = {other} WHERE payment_id = {paid} AND reverses_id IS NULL;

-- 23 refunds_are_unchanged: refund: reference
UPDATE payments_refund SET reference = 'my own IBAN';

-- 24 refunds_are_unchanged: refund: refunded_by
UPDATE payments_refund SET refunded_by = 'bert';

-- 25 refunds_are_unchanged: refund deleted
DELETE FROM payments_refund;

-- 26 events_are_chained: event payload
UPDATE events_event SET payload = '{}' WHERE id = {event};

-- 27 events_are_chained: event customer
UPDATE events_event SET customer_id = customer_id + 1 WHERE id = {event};

-- 28 events_are_chained: event deleted
DELETE FROM events_event WHERE id = {event};

-- 29 anchors_are_written_twice: newest event deleted with its seal
DELETE FROM events_event WHERE id = (SELECT event_id FROM events_eventseal ORDER BY sequence DESC LIMIT 1);
DELETE FROM events_eventseal WHERE sequence = (SELECT max(sequence) FROM events_eventseal);

-- 30 events_are_chained (seals): event inserted (backdated, later sealed)
INSERT INTO events_event (name, occurred_at, business_date, actor_kind, actor_label, seller_id, subject_id, reference,
    payload) SELECT 'invoice.issued', now() - interval '3 hours', now(), 'staff', 'clara', seller_id, id, '', '{}'
    FROM parties_customer LIMIT 1;

-- 31 events_are_chained: event inserted (backdated, harmless name)
INSERT INTO events_event (name, occurred_at, business_date, actor_kind, actor_label, seller_id, subject_id, reference,
    payload) SELECT 'paper.forwarded', now() - interval '3 hours', now(), 'staff', 'clara', seller_id, id, '', '{}'
    FROM parties_customer LIMIT 1;

-- 32 events_are_chained: seal deleted in the middle
DELETE FROM events_eventseal WHERE sequence = 9;

-- 33 anchors_are_written_twice: all seals deleted
DELETE FROM events_eventseal;

-- 34 anchors_are_written_twice: anchor row deleted
DELETE FROM events_sealanchor;

-- 35 anchors_are_written_twice: anchor row changed
UPDATE events_sealanchor SET anchored_at = anchored_at - interval '1 day';

-- 36 rows_are_as_sealed: stored file: media_type
UPDATE documents_storedfile SET media_type = 'text/html' WHERE id = {file};

-- 37 rows_are_as_sealed: stored file: size
UPDATE documents_storedfile SET size = size + 1 WHERE id = {attached};

-- 38 rows_are_as_sealed: stored file row deleted
DELETE FROM documents_storedfile WHERE id = {attached};

-- 39 numbers_have_no_gaps: series: next_number+5
UPDATE invoicing_numberseries SET next_number = next_number + 5;

-- 40 numbers_follow_patterns: series: pattern
UPDATE invoicing_numberseries SET pattern = 'XX{year}{number:06}';

-- 41 corrections_are_as_recorded: correction: reason
UPDATE invoicing_correction SET reason = 'x';

-- 42 charges_stand_on_lines: charge: period_end
UPDATE billing_charge SET period_end = period_end + 1 WHERE id = (SELECT max(id) FROM billing_charge WHERE
    one_off_item_id IS NULL);

-- 43 deliveries_are_mailed: delivery: recipient
UPDATE delivery_delivery SET recipient = 'x@example.org' WHERE mail_id = {sent};

-- 44 rows_are_as_sealed: delivery: waiting/parked deleted
DELETE FROM delivery_delivery WHERE state <> 'queued';

-- 45 deliveries_are_mailed: delivery: state queued without mail
UPDATE delivery_delivery SET state = 'queued' WHERE state = 'waiting';

-- 46 rows_are_as_sealed: mail: recipient/body of a sent mail
UPDATE messaging_outgoingmail SET body = 'x' WHERE id = {sent};

-- 47 rows_are_as_sealed: mail deleted
DELETE FROM messaging_outgoingmail WHERE id = {letter};

-- 48 bank_accounts_are_as_saved: seller's bank account IBAN
UPDATE parties_bankaccount SET iban = 'AT483200000012345864';

-- 49 logins_are_as_recorded: membership role/customer
UPDATE access_membership SET role = 'reader';

-- 50 logins_are_as_recorded: clerk made administrator
UPDATE access_user SET staff_role = 'administrator' WHERE staff_role = 'clerk';

-- 51 rows_are_as_sealed: row history of customers deleted
DELETE FROM parties_customerevent;

-- 52 vat_id_checks_are_unchanged: VAT id check deleted
DELETE FROM taxes_vatidcheck WHERE id = {check};

-- 53 documents_are_finished: search words deleted
DELETE FROM invoicing_searchtoken WHERE invoice_id = {invoice};

-- 54 vat_is_booked: ledger account: country
UPDATE ledger_account SET country = 'FR' WHERE role = 'vat_payable' AND country = 'AT';

-- 55 events_are_chained: invoice + everything of it deleted, number taken from the end
UPDATE receivables_customertotals t SET documents = documents - 1, invoiced_amount = invoiced_amount - v.amount_due,
    open_amount = open_amount - v.amount_due FROM invoicing_invoice v WHERE v.id = {newest} AND t.customer_id =
    v.customer_id;
DELETE FROM ledger_posting WHERE debit_item_id = (SELECT open_item_id FROM invoicing_invoice WHERE id = {newest});
DELETE FROM ledger_posting WHERE entry_id = (SELECT e.id FROM ledger_journalentry e JOIN invoicing_invoice v ON e.kind
    = 'invoice' AND e.reference = v.number AND e.seller_id = v.seller_id WHERE v.id = {newest});
DELETE FROM ledger_journalentry e USING invoicing_invoice v WHERE e.kind = 'invoice' AND e.reference = v.number AND
    e.seller_id = v.seller_id AND v.id = {newest};
DELETE FROM receivables_openitem WHERE id = (SELECT open_item_id FROM invoicing_invoice WHERE id = {newest});
DELETE FROM billing_charge WHERE invoice_id = {newest};
DELETE FROM papers_paperfile WHERE paper_id = {newest};
DELETE FROM delivery_delivery WHERE paper_id = {newest};
DELETE FROM delivery_reminder WHERE invoice_id = {newest};
DELETE FROM invoicing_searchtoken WHERE invoice_id = {newest};
DELETE FROM invoicing_invoiceline WHERE invoice_id = {newest};
DELETE FROM invoicing_vatbreakdown WHERE invoice_id = {newest};
UPDATE invoicing_numberseries s SET next_number = next_number - 1, last_issue_date = (SELECT max(issue_date) FROM
    invoicing_invoice WHERE series_id = s.id AND id <> {newest}) FROM invoicing_invoice v WHERE v.id = {newest} AND
    s.id = v.series_id;
DELETE FROM invoicing_invoice WHERE id = {newest};
DELETE FROM events_event WHERE subject_id = {newest} AND name LIKE 'invoice.%' OR subject_id = {newest} AND name LIKE
    'paper.%';

-- 56 second_wall_is_on: second permissive policy added
CREATE POLICY wide ON invoicing_invoice FOR SELECT TO kundenkontor_portal USING (true);

-- 57 second_wall_is_on: grant table to portal (messaging_outgoingmail)
GRANT SELECT ON messaging_outgoingmail TO kundenkontor_portal;

-- 58 insert_only_tables_are_guarded: refuse_change() made a no-op
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';

-- 59 the_schema_is_as_made: unique constraint of numbers dropped
DROP INDEX a_document_number_is_given_once;

-- 60 the_schema_is_as_made: all unique constraints of invoicing_invoice dropped
DROP INDEX a_document_number_is_given_once;
DROP INDEX an_invoice_is_known_with_its_customer CASCADE;
ALTER TABLE invoicing_invoice DROP CONSTRAINT invoicing_invoice_open_item_id_key;

-- 61 files_are_unchanged (reads files): stored file: crc32, full verify
UPDATE documents_storedfile SET crc32 = crc32 + 1 WHERE id = {file};

-- 62 files_are_unchanged (reads files): stored file: size, full verify
UPDATE documents_storedfile SET size = size + 1 WHERE id = {file};

-- 63 anchors_are_written_twice (loses anchors.log): anchors.log deleted, row kept

-- 64 restorations_are_as_recorded (seals): everything of the NEWEST document removed and chain re-sealed (anchor older)
UPDATE receivables_customertotals t SET documents = documents - 1, invoiced_amount = invoiced_amount - v.amount_due,
    open_amount = open_amount - v.amount_due FROM invoicing_invoice v WHERE v.id = {newest} AND t.customer_id =
    v.customer_id;
DELETE FROM ledger_posting WHERE debit_item_id = (SELECT open_item_id FROM invoicing_invoice WHERE id = {newest});
DELETE FROM ledger_posting WHERE entry_id = (SELECT e.id FROM ledger_journalentry e JOIN invoicing_invoice v ON e.kind
    = 'invoice' AND e.reference = v.number AND e.seller_id = v.seller_id WHERE v.id = {newest});
DELETE FROM ledger_journalentry e USING invoicing_invoice v WHERE e.kind = 'invoice' AND e.reference = v.number AND
    e.seller_id = v.seller_id AND v.id = {newest};
DELETE FROM receivables_openitem WHERE id = (SELECT open_item_id FROM invoicing_invoice WHERE id = {newest});
DELETE FROM billing_charge WHERE invoice_id = {newest};
DELETE FROM papers_paperfile WHERE paper_id = {newest};
DELETE FROM delivery_delivery WHERE paper_id = {newest};
DELETE FROM delivery_reminder WHERE invoice_id = {newest};
DELETE FROM invoicing_searchtoken WHERE invoice_id = {newest};
DELETE FROM invoicing_invoiceline WHERE invoice_id = {newest};
DELETE FROM invoicing_vatbreakdown WHERE invoice_id = {newest};
UPDATE invoicing_numberseries s SET next_number = next_number - 1, last_issue_date = (SELECT max(issue_date) FROM
    invoicing_invoice WHERE series_id = s.id AND id <> {newest}) FROM invoicing_invoice v WHERE v.id = {newest} AND
    s.id = v.series_id;
DELETE FROM invoicing_invoice WHERE id = {newest};
DELETE FROM events_event WHERE subject_id = {newest} AND name LIKE 'invoice.%' OR subject_id = {newest} AND name LIKE
    'paper.%';
DELETE FROM events_eventseal WHERE sequence >= (SELECT min(s.sequence) FROM events_eventseal s LEFT JOIN events_event
    e ON e.id = s.event_id WHERE e.id IS NULL);

-- 65 restorations_are_as_recorded (seals): unbooked payment + its event removed, chain re-sealed
DELETE FROM payments_payment WHERE id = {waiting};
DELETE FROM events_event WHERE name = 'payment.received' AND subject_id = {waiting};
DELETE FROM events_eventseal WHERE sequence >= (SELECT min(s.sequence) FROM events_eventseal s LEFT JOIN events_event
    e ON e.id = s.event_id WHERE e.id IS NULL);

-- 66 rows_are_as_sealed: history of a customer row changed (customerevent)
UPDATE parties_customerevent SET city = 'Graz';

-- 67 reminders_are_as_recorded: reminder deleted
DELETE FROM delivery_reminder;

-- 67b reminders_are_as_recorded: reminder inserted
INSERT INTO delivery_reminder (customer_id, invoice_id, kind, mail_id, sent_on) SELECT customer_id, invoice_id,
    'upcoming', mail_id, sent_on FROM delivery_reminder LIMIT 1;

-- 68 vat_id_checks_are_unchanged: VAT id check outcome flipped
UPDATE taxes_vatidcheck SET outcome = 'invalid' WHERE id = {check};

-- 69 vat_ids_are_as_checked: customer VAT id state checked by hand
UPDATE parties_customer SET vat_id_state = 'checked' WHERE vat_id_state = 'unchecked';

-- 70 insert_only_tables_are_guarded: trigger function replaced for one table (row history off)
DO $$ BEGIN EXECUTE (
    SELECT format('CREATE OR REPLACE FUNCTION %I() RETURNS trigger LANGUAGE plpgsql AS $x$ BEGIN RETURN NULL; END $x$',
                  proname)
    FROM pg_proc WHERE proname LIKE 'pgtrigger%' AND prosrc LIKE '%parties_customerevent%' LIMIT 1
); END $$;
