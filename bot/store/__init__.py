"""The database: its tables, and questions to them by name, which answer with domain values."""
