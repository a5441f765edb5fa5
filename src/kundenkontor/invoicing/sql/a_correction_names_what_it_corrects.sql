-- What lowers a claim names what it corrects. References are written before their head, as lines are.
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM invoicing_documentreference r WHERE r.invoice_id = NEW.id AND r.kind = 'corrects'
    ) THEN
        RAISE EXCEPTION 'document % does not name what it corrects', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_correction_names_what_it_corrects';
    END IF;
    RETURN NULL;
END
