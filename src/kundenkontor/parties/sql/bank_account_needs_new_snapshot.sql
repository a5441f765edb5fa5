BEGIN
    UPDATE parties_seller SET snapshot_id = NULL WHERE id = COALESCE(NEW.seller_id, OLD.seller_id);
    RETURN NULL;
END
