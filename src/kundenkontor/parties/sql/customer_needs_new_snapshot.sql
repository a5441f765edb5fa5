-- A change of what is printed empties the snapshot pointer: the next document freezes a new one.
-- A VAT id found invalid is not printed.
BEGIN
    IF (NEW.number, NEW.company, NEW.first_name, NEW.last_name, NEW.street, NEW.postal_code, NEW.city, NEW.country,
        NEW.email, NEW.language, NEW.has_invoice_address, NEW.invoice_name, NEW.invoice_care_of,
        NEW.invoice_department, NEW.invoice_street, NEW.invoice_postal_code, NEW.invoice_city, NEW.invoice_country,
        NEW.vat_id, NEW.vat_id_state = 'invalid')
       IS DISTINCT FROM
       (OLD.number, OLD.company, OLD.first_name, OLD.last_name, OLD.street, OLD.postal_code, OLD.city, OLD.country,
        OLD.email, OLD.language, OLD.has_invoice_address, OLD.invoice_name, OLD.invoice_care_of,
        OLD.invoice_department, OLD.invoice_street, OLD.invoice_postal_code, OLD.invoice_city, OLD.invoice_country,
        OLD.vat_id, OLD.vat_id_state = 'invalid')
    THEN
        NEW.snapshot_id := NULL;
    END IF;
    RETURN NEW;
END
