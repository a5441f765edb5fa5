"""Who gets which document how: one send row per document and channel, and the two reminders around the due date."""
