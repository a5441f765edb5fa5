"""VAT: category and rate for a sale, the rate table, legal notes, special territories, VAT id checks."""
