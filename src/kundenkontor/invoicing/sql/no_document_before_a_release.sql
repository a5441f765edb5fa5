BEGIN
    IF EXISTS (
        SELECT 1 FROM events_restoration r
        WHERE NOT EXISTS (SELECT 1 FROM invoicing_numberrelease n WHERE n.restoration_id = r.id)
    ) THEN
        RAISE EXCEPTION 'the database was restored, and nobody has said which numbers were sent last'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
