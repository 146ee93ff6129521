"""The tests; builders shared by several folders are imported as ``tests.builders``."""
