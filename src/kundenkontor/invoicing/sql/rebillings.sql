ALTER TABLE invoicing_chargerebilling ADD CONSTRAINT a_rebilling_is_on_an_invoice_of_its_customer
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoicing_invoice (customer_id, id) DEFERRABLE INITIALLY DEFERRED;
