"""Trouble: what to say of a database that does not do its work: which one it is, what it says, and what to look at."""

from __future__ import annotations

import logging

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft


def sentence(error: Exception, url: str) -> str | None:
    """What to tell whoever runs a command on the database at an address; None for an error that is no trouble of its."""
    if not is_trouble(error):
        return None
    address = make_url(url)
    look = (
        "that the file's folder exists, that both may be written to, and that the file is an SQLite database"
        if address.get_backend_name() == "sqlite"
        else "that its server runs and can be reached from here, and that the name and password are right"
    )
    return f"The database {address.render_as_string()} cannot be used: {said(error)}. Check DATABASE_URL, {look}."


def said(error: Exception) -> str:
    """What a database in trouble says, on one line: which lock, disk or connection it is; nothing that people wrote."""
    return " ".join(str(getattr(error, "orig", error)).split())


def log(logger: logging.Logger, event: str, error: Exception) -> bool:
    """Log what broke: one line where the database is in trouble, with its traceback otherwise. Returns whether it is."""
    if is_trouble(error):
        logger.warning("%s reason=%s", event, said(error))
        return True
    logger.error("%s", event, exc_info=error)
    return False


def is_trouble(error: Exception) -> bool:
    """Whether it is the database that fails, and not a statement of ours."""
    is_no_database = type(error) is DatabaseError  # none of its kinds: a file that holds something else
    return is_no_database or isinstance(error, (OperationalError, InterfaceError, NoConnectionLeft))
