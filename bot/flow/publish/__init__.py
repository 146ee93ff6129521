"""A reviewed report in its channel, and what leaders say to it."""
