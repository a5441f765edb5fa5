-- The chain of charges: each names the end of the one before, so periods neither overlap nor leave a gap.
ALTER TABLE billing_charge ADD CONSTRAINT a_charge_names_the_end_of_the_one_before
    FOREIGN KEY (contract_id, kind, previous_end) REFERENCES billing_charge (contract_id, kind, period_end);
ALTER TABLE billing_charge ADD CONSTRAINT a_charge_belongs_to_a_contract_of_its_customer
    FOREIGN KEY (customer_id, contract_id) REFERENCES contracts_contract (customer_id, id);
ALTER TABLE billing_charge ADD CONSTRAINT a_charge_is_on_an_invoice_of_its_customer
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoicing_invoice (customer_id, id) DEFERRABLE INITIALLY DEFERRED;
-- What was billed again is invoicing's, which knows no charges.
ALTER TABLE invoicing_chargerebilling ADD CONSTRAINT a_rebilling_names_a_charge
    FOREIGN KEY (charge_id) REFERENCES billing_charge (id) DEFERRABLE INITIALLY DEFERRED;
