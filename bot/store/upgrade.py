"""Bringing a database to the present schema with Alembic's migrations."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from bot.domain.errors import BotError, WrongInput
from bot.store.session import Database
from bot.store.trouble import sentence

HEAD = "0002"  # the newest migration; kept here so that an ordinary start need not import Alembic (0.3 s)
_UPGRADE_LOCK = 4_817_263  # any number of our own: replicas that start together upgrade one after another


def present_revision(database: Database) -> str | None:
    """The migration a database stands at; None for an empty one."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def upgrade(database: Database) -> None:
    """Run every migration that is missing. Raises BotError where the database belongs to a newer version."""
    from alembic import command
    from alembic.config import Config

    _refuse_newer(present_revision(database))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with database.engine.begin() as connection:
        _lock(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def make_ready(database: Database) -> None:
    """Make or upgrade an SQLite file by itself; PostgreSQL is upgraded on purpose only.

    Raises WrongInput where a PostgreSQL database is not at the present schema, BotError where either is at a newer one.
    """
    revision = present_revision(database)
    if revision == HEAD:
        return
    _refuse_newer(revision)
    if not database.is_sqlite:
        raise WrongInput(
            f"The database is at schema {revision or 'none'}, this version needs {HEAD}. Run: quarterdeck db upgrade"
        )
    upgrade(database)


def open_ready(url: str) -> Database:
    """The database at an address, at the present schema.

    Raises BotError where it cannot be reached or used, and like `make_ready`.
    """
    database = Database(url)
    try:
        make_ready(database)
    except Exception as error:
        database.close()
        if said := sentence(error, url):
            raise BotError(said) from error
        raise
    return database


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision > HEAD:
        raise BotError(
            f"The database is at schema {revision}, this version knows {HEAD}. Install the newer version again, or restore"
            " the backup made before the upgrade: quarterdeck db restore"
        )


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
