"""Money received, what it settles, money returned. Facts are added: a payment is undone by a reversal."""
