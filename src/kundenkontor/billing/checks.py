"""What must hold of charges: each stands on a line, each line bills one, and chains have no gap."""

from kundenkontor.kernel.checks import Check
from kundenkontor.kernel.errors import message

CHECKS = (
    Check(
        "charges_stand_on_lines",
        message("Every charge stands on the line that billed it"),
        """SELECT 'charge ' || c.id FROM billing_charge c
           LEFT JOIN invoicing_invoiceline l ON l.invoice_id = c.invoice_id AND l.position = c.position
           LEFT JOIN billing_oneoffitem o ON o.id = c.one_off_item_id
           WHERE l.charge_id IS DISTINCT FROM c.id OR l.customer_id <> c.customer_id
              OR l.contract_id IS DISTINCT FROM coalesce(c.contract_id, o.contract_id)
              OR (l.period_start, l.period_end) <> (c.period_start, c.period_end)
           UNION ALL
           SELECT 'rebilling ' || r.id FROM invoicing_chargerebilling r
           LEFT JOIN invoicing_invoiceline l ON l.invoice_id = r.invoice_id AND l.position = r.position
           LEFT JOIN invoicing_correction k ON k.invoice_id = r.correction_id AND k.is_billed_again
           WHERE l.charge_id IS DISTINCT FROM r.charge_id OR k.invoice_id IS NULL""",
    ),
    Check(
        "lines_bill_charges",
        message("Every line of a contract period, set-up fee or one-off item bills a charge"),
        """SELECT l.invoice_id || '/' || l.position FROM invoicing_invoiceline l
           LEFT JOIN billing_charge c ON c.id = l.charge_id AND c.invoice_id = l.invoice_id AND c.position = l.position
           WHERE c.id IS NULL AND l.corrected_position IS NULL AND (l.charge_id IS NOT NULL OR l.kind <> 'manual')
             AND NOT EXISTS (
                 SELECT 1 FROM invoicing_chargerebilling r
                 WHERE r.charge_id = l.charge_id AND r.invoice_id = l.invoice_id AND r.position = l.position)""",
    ),
    Check(
        "charges_are_adjacent",
        message("The billed periods of a contract neither overlap nor leave a gap"),
        """SELECT contract_id || ' ' || period_start FROM (
               SELECT contract_id, period_start, previous_end,
                      lag(period_end) OVER (PARTITION BY contract_id, kind ORDER BY period_start) AS before
               FROM billing_charge WHERE contract_id IS NOT NULL AND kind <> 'one_off'
           ) c
           WHERE previous_end IS DISTINCT FROM before OR before IS NOT NULL AND before <> period_start - 1""",
    ),
    Check(
        "discarded_one_offs_are_not_billed",
        message("No discarded one-off item was billed"),
        """SELECT o.name FROM billing_oneoffitem o JOIN billing_charge c ON c.one_off_item_id = o.id
           WHERE o.discarded_at IS NOT NULL""",
    ),
)
