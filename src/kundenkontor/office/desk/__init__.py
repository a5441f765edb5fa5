"""What the desks share: choices, forms, submits, states."""
