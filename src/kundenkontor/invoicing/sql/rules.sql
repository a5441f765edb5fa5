-- Lines and VAT rows are written before their head, so that the number series is locked as late as possible.
ALTER TABLE invoicing_invoiceline ADD CONSTRAINT a_line_belongs_to_an_invoice_of_its_customer
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoicing_invoice (customer_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE invoicing_invoiceline ADD CONSTRAINT a_line_names_a_contract_of_its_customer
    FOREIGN KEY (customer_id, contract_id) REFERENCES contracts_contract (customer_id, id);
ALTER TABLE invoicing_vatbreakdown ADD CONSTRAINT a_vat_row_belongs_to_an_invoice_of_its_customer
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoicing_invoice (customer_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE invoicing_openitem ADD CONSTRAINT an_open_item_belongs_to_an_invoice_of_its_customer
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoicing_invoice (customer_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE invoicing_correction ADD CONSTRAINT a_correction_stays_with_its_customer
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoicing_invoice (customer_id, id);
ALTER TABLE invoicing_correction ADD CONSTRAINT a_correction_takes_back_an_invoice_of_its_customer
    FOREIGN KEY (customer_id, original_id) REFERENCES invoicing_invoice (customer_id, id);
ALTER TABLE invoicing_invoicefile ADD CONSTRAINT a_file_belongs_to_an_invoice_of_its_customer
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoicing_invoice (customer_id, id);

-- All corrections of a document together never exceed it, per line and per VAT category and rate (I-D3).
CREATE FUNCTION corrections_never_exceed_the_original() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM invoicing_correction c
        JOIN invoicing_invoiceline cl ON cl.invoice_id = c.invoice_id
        LEFT JOIN invoicing_invoiceline ol ON ol.invoice_id = c.original_id AND ol.position = cl.corrected_position
        WHERE c.original_id = NEW.original_id
        GROUP BY cl.corrected_position, ol.net_amount
        HAVING ol.net_amount IS NULL OR abs(sum(cl.net_amount)) > abs(ol.net_amount)
            OR sign(sum(cl.net_amount)) * sign(ol.net_amount) < 0
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
END $$;
CREATE CONSTRAINT TRIGGER corrections_never_exceed_the_original AFTER INSERT ON invoicing_correction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION corrections_never_exceed_the_original();
ALTER TABLE invoicing_correction ENABLE ALWAYS TRIGGER corrections_never_exceed_the_original;

ALTER TABLE invoicing_openitem SET (fillfactor = 88);
ALTER TABLE invoicing_customertotals SET (fillfactor = 88);
ALTER TABLE invoicing_numberseries SET (fillfactor = 85);
