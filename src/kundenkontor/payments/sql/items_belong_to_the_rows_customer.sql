-- Open items have no unique key that names the customer (it would cost every billing run), so a trigger looks.
DECLARE
    item bigint;
BEGIN
    FOREACH item IN ARRAY ARRAY[
        (to_jsonb(NEW) ->> 'open_item_id')::bigint, (to_jsonb(NEW) ->> 'balance_item_id')::bigint
    ] LOOP
        IF item IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM receivables_openitem i WHERE i.id = item AND i.customer_id = NEW.customer_id
        ) THEN
            RAISE EXCEPTION 'open item % belongs to another customer', item USING ERRCODE = 'foreign_key_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END
