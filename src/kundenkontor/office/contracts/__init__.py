"""Running services: list, page and forms."""
