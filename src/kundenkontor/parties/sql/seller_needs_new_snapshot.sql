-- Any change of a seller's row, unless it sets the pointer itself, and of its bank accounts.
BEGIN
    IF NEW.snapshot_id IS NOT DISTINCT FROM OLD.snapshot_id THEN
        NEW.snapshot_id := NULL;
    END IF;
    RETURN NEW;
END
