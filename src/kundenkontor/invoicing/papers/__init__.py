"""Documents as papers: frozen, explained, and as letters."""
