"""Users, memberships of customers, roles, and the one policy function that every face asks."""
