"""Sign-in, passwords, and allauth's adapter."""
