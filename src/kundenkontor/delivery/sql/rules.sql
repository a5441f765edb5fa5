ALTER TABLE delivery_reminder ADD CONSTRAINT a_reminder_belongs_to_an_invoice_of_its_customer
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoicing_invoice (customer_id, id);
