"""What must hold of issued documents, their numbers and what is booked of them; set-based, for ``verify``."""

from kundenkontor.events.names import (
    DATABASE_RESTORED,
    INVOICE_CANCELLED,
    INVOICE_CORRECTED,
    INVOICE_ISSUED,
    NUMBER_GAP_DECLARED,
    NUMBERS_RELEASED,
)
from kundenkontor.invoicing.issuing.patterns import format_number
from kundenkontor.invoicing.issuing.restored import list_unreleased
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.writing_off.checks import CHECKS as LOSSES
from kundenkontor.kernel.checks import Check, Walk
from kundenkontor.kernel.errors import message
from kundenkontor.kernel.kinds import kinds_sql
from kundenkontor.receivables.claims import claims_sql

LEDGER = (
    Check(
        "customer_totals_are_sums",
        message("Every customer’s totals are the sums of the documents and open items"),
        f"""SELECT coalesce(t.customer_id, d.customer_id, i.customer_id)::text
           FROM receivables_customertotals t
           FULL JOIN (
               SELECT customer_id, count(*) AS documents,
                      sum(sign * amount_due) AS invoiced
               FROM invoicing_invoice GROUP BY customer_id
           ) d USING (customer_id)
           FULL JOIN (
               SELECT customer_id, sum(open_amount) FILTER (WHERE sign > 0) AS open,
                      sum(open_amount) FILTER (WHERE sign < 0) AS balance
               FROM receivables_openitem LEFT JOIN {claims_sql("c")} USING (kind) GROUP BY customer_id
           ) i USING (customer_id)
           WHERE (coalesce(t.documents, 0), coalesce(t.invoiced_amount, 0), coalesce(t.open_amount, 0),
                  coalesce(t.balance_amount, 0))
              <> (coalesce(d.documents, 0), coalesce(d.invoiced, 0), coalesce(i.open, 0), coalesce(i.balance, 0))""",  # nosec B608
    ),
    Check(
        "documents_are_booked",
        message("Every document has its journal entry and its open item over the payable amount, and books no other"),
        f"""SELECT v.number FROM invoicing_invoice v
           LEFT JOIN {kinds_sql("k")} ON k.code = v.type_code
           LEFT JOIN ledger_journalentry e
               ON e.seller_id = v.seller_id AND e.kind = 'invoice' AND e.reference = v.number
           LEFT JOIN receivables_openitem i ON i.id = v.open_item_id
           LEFT JOIN (
               SELECT entry_id, min(coalesce(debit_item_id, credit_item_id)) AS first,
                      max(coalesce(debit_item_id, credit_item_id)) AS last,
                      sum(CASE WHEN debit_item_id IS NULL THEN -amount ELSE amount END) AS amount
               FROM ledger_posting GROUP BY entry_id
           ) m ON m.entry_id = e.id
           WHERE e.id IS NULL OR i.id IS NULL OR i.original_amount <> v.amount_due OR i.number <> v.number
              OR i.due_date <> v.due_date OR i.currency <> v.currency OR e.currency <> v.currency
              OR i.kind IS DISTINCT FROM k.item OR coalesce(m.amount, 0) <> v.sign * v.amount_due
              OR m.first <> i.id OR m.last <> i.id""",  # nosec B608  # constants
    ),
    Check(
        "documents_have_items_of_their_customer",
        message("Every document has an open item of its own, of the same customer and seller"),
        """SELECT v.number FROM invoicing_invoice v LEFT JOIN receivables_openitem i ON i.id = v.open_item_id
           WHERE (i.customer_id, i.seller_id) IS DISTINCT FROM (v.customer_id, v.seller_id)
           UNION ALL
           SELECT min(number) FROM invoicing_invoice GROUP BY open_item_id HAVING count(*) > 1""",
    ),
    Check(
        "vat_is_booked",
        message("Revenue, advances, VAT and rounding in the books are those of the documents, per rate and country"),
        """SELECT coalesce(d.role, b.role) || ' ' || coalesce(d.category, b.category) || ' '
                  || coalesce(d.rate, b.rate) || ' ' || coalesce(d.country, b.country)
           FROM (
               SELECT v.seller_id, l.account_role AS role, r.category, r.rate, r.country,
                      sum(v.sign * l.net_amount) AS amount
               FROM invoicing_invoiceline l JOIN invoicing_invoice v ON v.id = l.invoice_id
               JOIN invoicing_vatbreakdown r
                   ON (r.invoice_id, r.category, r.rate) = (l.invoice_id, l.vat_category, l.vat_rate)
               GROUP BY 1, 2, 3, 4, 5
               UNION ALL
               SELECT v.seller_id, 'vat_payable', r.category, r.rate, r.country, sum(v.sign * r.tax_amount)
               FROM invoicing_vatbreakdown r JOIN invoicing_invoice v ON v.id = r.invoice_id
               GROUP BY 1, 3, 4, 5
               UNION ALL
               SELECT seller_id, 'rounding', '', 0, '', sum(sign * rounding_amount)
               FROM invoicing_invoice GROUP BY seller_id
           ) d
           FULL JOIN (
               SELECT a.seller_id, a.role, a.vat_category AS category, a.vat_rate AS rate, a.country,
                      sum(m.amount) AS amount
               FROM ledger_account a JOIN (
                   SELECT credit_account_id AS account_id, sum(amount) AS amount FROM ledger_posting GROUP BY 1
                   UNION ALL SELECT debit_account_id, -sum(amount) FROM ledger_posting GROUP BY 1
                   UNION ALL SELECT p.debit_account_id, p.amount  -- what was written off of them is another matter
                   FROM receivables_writeoff w JOIN ledger_posting p USING (entry_id)
                   UNION ALL SELECT p.credit_account_id, -p.amount
                   FROM receivables_writeoff w JOIN ledger_posting p USING (entry_id)
               ) m ON m.account_id = a.id
               WHERE a.role IN ('revenue', 'advance', 'vat_payable', 'rounding') GROUP BY 1, 2, 3, 4, 5
           ) b ON (b.seller_id, b.role, b.category, b.rate, b.country)
               = (d.seller_id, d.role, d.category, d.rate, d.country)
           WHERE coalesce(d.amount, 0) <> coalesce(b.amount, 0)""",
    ),
)


def _find_foreign_numbers() -> list[str]:
    """Of the first and the last document of each series; the numbers of all stand in their hashes."""
    ends = Invoice.objects.order_by("series", "sequence").distinct("series")
    ends_back = Invoice.objects.order_by("series", "-sequence").distinct("series")
    return [
        one.number
        for rows in (ends, ends_back)
        for one in rows.select_related("series")
        if one.number != format_number(one.series.pattern, one.series.year, one.sequence)
    ]


NUMBERS = (
    Check(
        "numbers_have_no_gaps",
        message("The numbers of a series have no gaps but declared ones and end before its next number"),
        """SELECT s.kind || ' ' || s.year || ': ' || coalesce(d.first || '–' || d.last, '–')
           FROM invoicing_numberseries s
           LEFT JOIN (
               SELECT series_id, min(first) AS first, max(last) AS last, sum(numbers) AS numbers, max(day) AS last_date
               FROM (
                   SELECT series_id, min(sequence) AS first, max(sequence) AS last,
                          count(DISTINCT sequence) AS numbers, max(issue_date) AS day
                   FROM invoicing_invoice GROUP BY series_id
                   UNION ALL SELECT series_id, first, last, last - first + 1, NULL FROM invoicing_numbergap
               ) given GROUP BY series_id
           ) d ON d.series_id = s.id
           WHERE d.last - d.first + 1 <> d.numbers OR d.last + 1 <> s.next_number
              OR d.last_date IS DISTINCT FROM s.last_issue_date
           UNION ALL
           SELECT v.number FROM invoicing_numbergap g
           JOIN invoicing_invoice v ON v.series_id = g.series_id AND v.sequence BETWEEN g.first AND g.last""",
    ),
    Check(
        "numbers_are_given_once",
        message("Every number is given once per seller"),
        """SELECT number FROM invoicing_invoice GROUP BY seller_id, number HAVING count(*) > 1
           UNION ALL
           SELECT min(number) FROM invoicing_invoice GROUP BY series_id, sequence HAVING count(*) > 1""",
    ),
    Walk(
        "numbers_follow_patterns",
        message("The numbers of a series begin and end as its pattern says"),
        _find_foreign_numbers,
    ),
    Check(
        "numbers_follow_dates",
        message("Numbers are given in the order of issue dates"),
        """SELECT number FROM (
               SELECT number, issue_date, lag(issue_date) OVER (PARTITION BY series_id ORDER BY sequence) AS before
               FROM invoicing_invoice
           ) o WHERE issue_date < before""",
    ),
    Check(
        "documents_name_what_exists",
        message("Every document names an existing series, customer, original and state of both parties"),
        f"""SELECT v.number FROM invoicing_invoice v
           LEFT JOIN {kinds_sql("own")} ON (own.code, own.sign) = (v.type_code, v.sign)
           LEFT JOIN invoicing_numberseries s ON s.id = v.series_id AND s.seller_id = v.seller_id
               AND s.kind = own.series AND s.year = extract(year FROM v.issue_date)
           LEFT JOIN parties_customer c ON c.id = v.customer_id AND c.seller_id = v.seller_id
           LEFT JOIN parties_partysnapshot ss ON ss.id = v.seller_snapshot_id AND ss.seller_id = v.seller_id
           LEFT JOIN parties_partysnapshot cs ON cs.id = v.customer_snapshot_id AND cs.customer_id = v.customer_id
           LEFT JOIN invoicing_correction k ON k.invoice_id = v.id
           LEFT JOIN invoicing_documentreference r
               ON r.invoice_id = v.id AND r.kind = 'corrects' AND r.referenced_id = k.original_id
           LEFT JOIN invoicing_invoice o ON o.id = r.referenced_id AND o.customer_id = v.customer_id
           LEFT JOIN {kinds_sql("former")} ON former.code = o.type_code AND former.is_correctable
           WHERE s.id IS NULL OR c.id IS NULL OR ss.id IS NULL OR cs.id IS NULL
              OR own.corrects <> (k.invoice_id IS NOT NULL) OR own.corrects <> (former.code IS NOT NULL)
           UNION ALL
           SELECT 'reference ' || r.invoice_id || '/' || r.position FROM invoicing_documentreference r
           LEFT JOIN invoicing_invoice v ON (v.id, v.customer_id) = (r.invoice_id, r.customer_id)
           LEFT JOIN invoicing_invoice o ON (o.id, o.customer_id) = (r.referenced_id, r.customer_id)
           WHERE v.id IS NULL OR o.id IS NULL""",  # nosec B608  # constants
    ),
)

SUMS = (
    Check(
        "lines_are_priced",
        message("Every line is quantity times price less discount, in an unbroken order of positions"),
        """SELECT l.invoice_id || '/' || l.position FROM invoicing_invoiceline l
           WHERE l.net_amount <> round(l.quantity * l.net_price / l.base_quantity, 2) - l.allowance_amount
           UNION ALL
           SELECT invoice_id || '/' FROM invoicing_invoiceline
           GROUP BY invoice_id HAVING min(position) <> 1 OR max(position) <> count(*)""",
    ),
    Check(
        "lines_add_up_to_groups",
        message("The VAT breakdown is the sum of the lines per category and rate"),
        """SELECT coalesce(l.invoice_id, b.invoice_id)::text
           FROM (
               SELECT invoice_id, vat_category, vat_rate, sum(net_amount) AS net
               FROM invoicing_invoiceline GROUP BY 1, 2, 3
           ) l
           FULL JOIN invoicing_vatbreakdown b
               ON b.invoice_id = l.invoice_id AND b.category = l.vat_category AND b.rate = l.vat_rate
           WHERE l.net IS DISTINCT FROM b.taxable_amount""",
    ),
    Check(
        "tax_is_base_times_rate",
        message("VAT is the base times the rate; of what corrections leave of a document, too"),
        """SELECT v.number FROM invoicing_vatbreakdown b JOIN invoicing_invoice v ON v.id = b.invoice_id
           WHERE v.sign > 0 AND b.tax_amount <> round(b.taxable_amount * b.rate / 100, 2)
           UNION ALL
           SELECT min(v.number) FROM invoicing_vatbreakdown b JOIN invoicing_invoice v ON v.id = b.invoice_id
           JOIN invoicing_correction k ON k.invoice_id = v.id
           LEFT JOIN invoicing_vatbreakdown o
               ON (o.invoice_id, o.category, o.rate) = (k.original_id, b.category, b.rate)
           GROUP BY k.original_id, b.category, b.rate, o.taxable_amount, o.tax_amount
           HAVING o.tax_amount - sum(b.tax_amount)
              IS DISTINCT FROM round((o.taxable_amount - sum(b.taxable_amount)) * b.rate / 100, 2)""",
    ),
    Check(
        "agreed_sums_are_paid",
        message(
            "Prices agreed with VAT: net amounts come from their sum per rate, the rounding is the difference to it;"
            " in each document, and in what corrections left of it"
        ),
        """WITH documents (root, invoice_id, is_left, sign) AS (
               SELECT id, id, false, 1 FROM invoicing_invoice WHERE sign > 0
               UNION ALL SELECT DISTINCT original_id, original_id, true, 1 FROM invoicing_correction
               UNION ALL SELECT original_id, invoice_id, true, -1 FROM invoicing_correction
           ), agreed AS (
               SELECT d.root, d.is_left, l.vat_category AS category, l.vat_rate AS rate,
                      sum(d.sign * l.agreed_gross) AS gross, sum(d.sign * l.net_amount) AS net
               FROM invoicing_invoiceline l JOIN documents d ON d.invoice_id = l.invoice_id
               WHERE l.agreed_gross IS NOT NULL GROUP BY 1, 2, 3, 4
           ), bases AS (
               SELECT d.root, d.is_left, b.category, b.rate,
                      sum(d.sign * b.taxable_amount) AS base, sum(d.sign * b.tax_amount) AS tax
               FROM documents d JOIN invoicing_vatbreakdown b ON b.invoice_id = d.invoice_id GROUP BY 1, 2, 3, 4
           ), owed AS (
               SELECT root, is_left, bool_or(net <> round(gross * 100 / (100 + rate), 2)) AS is_wrong,
                      sum(gross - net + round((base - net) * rate / 100, 2) - tax) AS rounding
               FROM agreed JOIN bases USING (root, is_left, category, rate) GROUP BY root, is_left
           )
           SELECT min(o.number) FROM documents d
           JOIN invoicing_invoice v ON v.id = d.invoice_id JOIN invoicing_invoice o ON o.id = d.root
           LEFT JOIN owed w ON (w.root, w.is_left) = (d.root, d.is_left)
           GROUP BY d.root, d.is_left, w.rounding, w.is_wrong
           HAVING sum(d.sign * v.rounding_amount) <> coalesce(w.rounding, 0) OR w.is_wrong""",
    ),
    Check(
        "documents_add_up",
        message("Net, VAT, gross, rounding and payable amount of every document agree"),
        """SELECT v.number FROM invoicing_invoice v
           LEFT JOIN (
               SELECT invoice_id, sum(taxable_amount) AS net, sum(tax_amount) AS vat
               FROM invoicing_vatbreakdown GROUP BY invoice_id
           ) b ON b.invoice_id = v.id
           WHERE (v.total_without_vat, v.total_vat) IS DISTINCT FROM (b.net, b.vat)
              OR v.total_with_vat <> v.total_without_vat + v.total_vat
              OR v.amount_due <> v.total_with_vat - v.prepaid_amount + v.rounding_amount""",
    ),
    Check(
        "corrections_stay_within_originals",
        message("Corrections never exceed their original, and a cancelled one is nothing per rate"),
        """SELECT o.number FROM invoicing_invoiceline l
           JOIN invoicing_correction k ON k.invoice_id = l.invoice_id
           JOIN invoicing_invoice o ON o.id = k.original_id
           LEFT JOIN invoicing_invoiceline ol ON ol.invoice_id = k.original_id AND ol.position = l.corrected_position
           GROUP BY o.number, l.corrected_position, ol.net_amount, ol.agreed_gross
           HAVING ol.net_amount IS NULL
              OR count(l.agreed_gross) <> CASE WHEN ol.agreed_gross IS NULL THEN 0 ELSE count(*) END
              OR abs(coalesce(sum(l.agreed_gross), sum(l.net_amount))) > abs(coalesce(ol.agreed_gross, ol.net_amount))
           UNION ALL
           SELECT o.number FROM invoicing_invoice o
           JOIN invoicing_correction f ON f.original_id = o.id AND f.is_full
           JOIN invoicing_vatbreakdown ob ON ob.invoice_id = o.id
           LEFT JOIN LATERAL (
               SELECT sum(b.taxable_amount) AS net, sum(b.tax_amount) AS vat
               FROM invoicing_correction k JOIN invoicing_vatbreakdown b ON b.invoice_id = k.invoice_id
               WHERE k.original_id = o.id AND b.category = ob.category AND b.rate = ob.rate
           ) c ON true
           WHERE (ob.taxable_amount, ob.tax_amount) <> (coalesce(c.net, 0), coalesce(c.vat, 0))
           UNION ALL
           SELECT o.number FROM invoicing_invoice o
           JOIN invoicing_correction k ON k.original_id = o.id JOIN invoicing_invoice v ON v.id = k.invoice_id
           GROUP BY o.id, o.number, o.amount_due
           HAVING sum(v.amount_due) > o.amount_due OR bool_or(k.is_full) AND sum(v.amount_due) <> o.amount_due""",
    ),
)

# Against the sealed events: whoever changes rows behind the triggers would have to change these too.
RECORDED = (
    Check(
        "corrections_are_as_recorded",
        message("Every correction says of its original what its event says"),
        """SELECT coalesce(k.number, e.number) FROM (
               SELECT c.*, v.number, v.seller_id FROM invoicing_correction c JOIN invoicing_invoice v
               ON v.id = c.invoice_id
           ) k
           FULL JOIN (
               SELECT seller_id, subject_id, name, payload, payload ->> 'by' AS number FROM events_event
               WHERE name IN (%s, %s)
           ) e ON (e.seller_id, e.number) = (k.seller_id, k.number)
           WHERE (k.original_id, k.is_full, k.is_billed_again, k.reason) IS DISTINCT FROM
                 (e.subject_id, e.name = %s, (e.payload ->> 'is_billed_again')::boolean,
                  e.payload ->> 'reason')""",
        (INVOICE_CANCELLED.name, INVOICE_CORRECTED.name, INVOICE_CANCELLED.name),
    ),
    Check(
        "documents_are_as_old_as_their_events",
        message("Every document was issued when its event was recorded"),
        """SELECT v.number FROM invoicing_invoice v
           JOIN events_event e ON e.subject_id = v.id AND e.name = %s
           WHERE v.issued_at <> e.occurred_at""",
        (INVOICE_ISSUED.name,),
    ),
)


def _waits_for_release() -> str:
    return "; ".join(f"{one.noted_at:%Y-%m-%d %H:%M} UTC: nothing is issued" for one in list_unreleased())


RESTORED = (
    Check(
        "restorations_are_as_recorded",
        message("Every restoration and its release is in the events, and the database is not behind its anchors"),
        """SELECT 'restoration ' || coalesce(r.id, e.subject_id) FROM events_restoration r
           FULL JOIN (SELECT subject_id, payload FROM events_event WHERE name = %s) e ON e.subject_id = r.id
           WHERE (r.cause, r.sequence) IS DISTINCT FROM (e.payload ->> 'cause', (e.payload ->> 'sequence')::bigint)
           UNION ALL
           SELECT 'release ' || coalesce(n.restoration_id, e.subject_id) FROM invoicing_numberrelease n
           FULL JOIN (SELECT subject_id, actor_label FROM events_event WHERE name = %s) e
               ON e.subject_id = n.restoration_id
           WHERE n.released_by IS DISTINCT FROM e.actor_label
           UNION ALL
           SELECT 'the database ended before its anchors at ' || r.noted_at FROM events_restoration r
           LEFT JOIN invoicing_numberrelease n ON n.restoration_id = r.id
           WHERE r.cause = 'anchors' AND n.restoration_id IS NULL""",
        (DATABASE_RESTORED.name, NUMBERS_RELEASED.name),
        note=_waits_for_release,
    ),
    Check(
        "gaps_are_as_recorded",
        message("Every gap in the numbers is the one that somebody declared"),
        """SELECT 'gap ' || coalesce(g.id, (e.payload ->> 'gap')::bigint) FROM invoicing_numbergap g
           FULL JOIN (SELECT subject_id, actor_label, business_date, payload FROM events_event WHERE name = %s) e
               ON (e.payload ->> 'gap')::bigint = g.id
           WHERE (g.series_id, g.first, g.last, g.reason, g.declared_by, g.declared_on) IS DISTINCT FROM
                 (e.subject_id, (e.payload ->> 'first')::bigint, (e.payload ->> 'last')::bigint,
                  e.payload ->> 'reason', e.actor_label, e.business_date)""",
        (NUMBER_GAP_DECLARED.name,),
    ),
)

SAMPLES = (
    Check(
        "samples_keep_the_official_rules",
        message("Every sampled e-invoice passes the official rules of EN 16931 and Factur-X"),
        """SELECT v.number || ': ' || left(s.violations, 300) FROM invoicing_rulessample s
           JOIN invoicing_invoice v ON v.id = s.invoice_id WHERE s.violations <> ''""",
    ),
)

CHECKS = (*LEDGER, *NUMBERS, *SUMS, *RECORDED, *RESTORED, *SAMPLES, *LOSSES)
