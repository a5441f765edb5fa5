-- All corrections of a document together never exceed it, per line and per VAT category and rate (I-D3). Of a line whose
-- price was agreed with VAT the agreed sum counts: its net amount comes from what is left of all of them.
BEGIN
    IF EXISTS (
        SELECT 1
        FROM invoicing_correction c
        JOIN invoicing_invoiceline cl ON cl.invoice_id = c.invoice_id
        LEFT JOIN invoicing_invoiceline ol ON ol.invoice_id = c.original_id AND ol.position = cl.corrected_position
        WHERE c.original_id = NEW.original_id
        GROUP BY cl.corrected_position, ol.net_amount, ol.agreed_gross
        HAVING ol.net_amount IS NULL
            OR count(cl.agreed_gross) <> CASE WHEN ol.agreed_gross IS NULL THEN 0 ELSE count(*) END
            OR abs(coalesce(sum(cl.agreed_gross), sum(cl.net_amount))) > abs(coalesce(ol.agreed_gross, ol.net_amount))
            OR sign(coalesce(sum(cl.agreed_gross), sum(cl.net_amount))) * sign(coalesce(ol.agreed_gross, ol.net_amount)) < 0
    ) OR EXISTS (
        SELECT 1
        FROM invoicing_correction c
        JOIN invoicing_vatbreakdown cv ON cv.invoice_id = c.invoice_id
        LEFT JOIN invoicing_vatbreakdown ov
            ON ov.invoice_id = c.original_id AND ov.category = cv.category AND ov.rate = cv.rate
        WHERE c.original_id = NEW.original_id
        GROUP BY cv.category, cv.rate, ov.taxable_amount, ov.tax_amount
        HAVING ov.taxable_amount IS NULL OR abs(sum(cv.taxable_amount)) > abs(ov.taxable_amount)
            OR abs(sum(cv.tax_amount)) > abs(ov.tax_amount)
    ) THEN
        RAISE EXCEPTION 'corrections of invoice % exceed it', NEW.original_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'corrections_never_exceed_the_original';
    END IF;
    RETURN NULL;
END
