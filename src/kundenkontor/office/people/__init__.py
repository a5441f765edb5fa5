"""Staff and customers' logins: users, roles, and letting customers in."""
