-- A contract belongs to its customer and to that customer's seller; a price to the contract's customer.
ALTER TABLE contracts_contract ADD CONSTRAINT a_contract_belongs_to_the_customers_seller
    FOREIGN KEY (seller_id, customer_id) REFERENCES parties_customer (seller_id, id);
ALTER TABLE contracts_contractprice ADD CONSTRAINT a_price_belongs_to_the_contracts_customer
    FOREIGN KEY (customer_id, contract_id) REFERENCES contracts_contract (customer_id, id);
