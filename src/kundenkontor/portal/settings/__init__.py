"""What customers change themselves: data, contacts, recipients."""
