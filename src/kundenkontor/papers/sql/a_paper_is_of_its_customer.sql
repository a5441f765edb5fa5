DECLARE
    is_there boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE id = $1 AND customer_id = $2)', replace(NEW.paper_kind, '.', '_'))
        INTO is_there USING NEW.paper_id, NEW.customer_id;
    IF NOT is_there THEN
        RAISE EXCEPTION '% % is no paper of customer %', NEW.paper_kind, NEW.paper_id, NEW.customer_id
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END
