ALTER TABLE receivables_openitem SET (fillfactor = 88);
ALTER TABLE receivables_customertotals SET (fillfactor = 88);
