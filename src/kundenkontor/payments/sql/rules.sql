ALTER TABLE payments_payment ADD CONSTRAINT a_payment_belongs_to_the_customers_seller
    FOREIGN KEY (seller_id, customer_id) REFERENCES parties_customer (seller_id, id);
ALTER TABLE payments_paymentbooking ADD CONSTRAINT a_booking_stays_with_its_customer
    FOREIGN KEY (customer_id, payment_id) REFERENCES payments_payment (customer_id, id);
ALTER TABLE payments_paymentreversal ADD CONSTRAINT a_reversal_stays_with_its_customer
    FOREIGN KEY (customer_id, payment_id) REFERENCES payments_payment (customer_id, id);
ALTER TABLE payments_allocation ADD CONSTRAINT an_allocation_spends_a_payment_of_its_customer
    FOREIGN KEY (customer_id, payment_id) REFERENCES payments_payment (customer_id, id);

-- Open items have no unique key that names the customer (it would cost every billing run), so a trigger looks.
CREATE FUNCTION items_belong_to_the_rows_customer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    item bigint;
BEGIN
    FOREACH item IN ARRAY ARRAY[
        (to_jsonb(NEW) ->> 'open_item_id')::bigint, (to_jsonb(NEW) ->> 'balance_item_id')::bigint
    ] LOOP
        IF item IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM invoicing_openitem i WHERE i.id = item AND i.customer_id = NEW.customer_id
        ) THEN
            RAISE EXCEPTION 'open item % belongs to another customer', item USING ERRCODE = 'foreign_key_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER an_allocation_names_items_of_its_customer BEFORE INSERT ON payments_allocation
    FOR EACH ROW EXECUTE FUNCTION items_belong_to_the_rows_customer();
ALTER TABLE payments_allocation ENABLE ALWAYS TRIGGER an_allocation_names_items_of_its_customer;
CREATE TRIGGER a_refund_names_items_of_its_customer BEFORE INSERT ON payments_refund
    FOR EACH ROW EXECUTE FUNCTION items_belong_to_the_rows_customer();
ALTER TABLE payments_refund ENABLE ALWAYS TRIGGER a_refund_names_items_of_its_customer;
