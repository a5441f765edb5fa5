-- The table is invoicing's, which knows no charges.
ALTER TABLE invoicing_chargerebilling ADD CONSTRAINT a_rebilling_names_a_charge
    FOREIGN KEY (charge_id) REFERENCES billing_charge (id) DEFERRABLE INITIALLY DEFERRED;
