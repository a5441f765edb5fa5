"""What an import would write."""
