"""What a manager reviews before a report goes out."""
