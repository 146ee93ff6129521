"""The Web API: `perform` in `calls.py` checks token, scope and arguments, the other modules hold the methods."""
