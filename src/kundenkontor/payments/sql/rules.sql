ALTER TABLE payments_payment ADD CONSTRAINT a_payment_belongs_to_the_customers_seller
    FOREIGN KEY (seller_id, customer_id) REFERENCES parties_customer (seller_id, id);
ALTER TABLE payments_paymentbooking ADD CONSTRAINT a_booking_stays_with_its_customer
    FOREIGN KEY (customer_id, payment_id) REFERENCES payments_payment (customer_id, id);
ALTER TABLE payments_paymentreversal ADD CONSTRAINT a_reversal_stays_with_its_customer
    FOREIGN KEY (customer_id, payment_id) REFERENCES payments_payment (customer_id, id);
ALTER TABLE payments_allocation ADD CONSTRAINT an_allocation_spends_a_payment_of_its_customer
    FOREIGN KEY (customer_id, payment_id) REFERENCES payments_payment (customer_id, id);
