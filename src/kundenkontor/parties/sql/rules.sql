-- A change of a printed column empties the snapshot pointer: the next document freezes a new one.
CREATE FUNCTION customer_needs_new_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.number, NEW.company, NEW.first_name, NEW.last_name, NEW.street, NEW.postal_code, NEW.city, NEW.country,
        NEW.email, NEW.language, NEW.has_invoice_address, NEW.invoice_name, NEW.invoice_care_of,
        NEW.invoice_department, NEW.invoice_street, NEW.invoice_postal_code, NEW.invoice_city, NEW.invoice_country,
        NEW.vat_id)
       IS DISTINCT FROM
       (OLD.number, OLD.company, OLD.first_name, OLD.last_name, OLD.street, OLD.postal_code, OLD.city, OLD.country,
        OLD.email, OLD.language, OLD.has_invoice_address, OLD.invoice_name, OLD.invoice_care_of,
        OLD.invoice_department, OLD.invoice_street, OLD.invoice_postal_code, OLD.invoice_city, OLD.invoice_country,
        OLD.vat_id)
    THEN
        NEW.snapshot_id := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customer_change_needs_new_snapshot BEFORE UPDATE ON parties_customer
    FOR EACH ROW EXECUTE FUNCTION customer_needs_new_snapshot();

-- Any change of a seller's row, unless it sets the pointer itself, and of its bank accounts.
CREATE FUNCTION seller_needs_new_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.snapshot_id IS NOT DISTINCT FROM OLD.snapshot_id THEN
        NEW.snapshot_id := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seller_change_needs_new_snapshot BEFORE UPDATE ON parties_seller
    FOR EACH ROW EXECUTE FUNCTION seller_needs_new_snapshot();

CREATE FUNCTION bank_account_needs_new_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE parties_seller SET snapshot_id = NULL WHERE id = COALESCE(NEW.seller_id, OLD.seller_id);
    RETURN NULL;
END $$;
CREATE TRIGGER bank_account_change_needs_new_snapshot AFTER INSERT OR UPDATE OR DELETE ON parties_bankaccount
    FOR EACH ROW EXECUTE FUNCTION bank_account_needs_new_snapshot();
