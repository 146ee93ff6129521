"""A report from what came back, and the manager's review of it."""
