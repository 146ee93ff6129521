"""Exports: everything that a database holds as files that a person can read, and a database made from them again.

A folder holds ``export.json``, a file of JSON lines for each table (a row a line, in the order of its key, with dates as
ISO 8601 and decimals as text), and in ``documents`` the bytes of published documents, each named by its SHA-256. The same
content gives the same files, whichever database it comes from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Integer, LargeBinary, String, Table, Time, collate, insert, select
from sqlalchemy.exc import DataError, IntegrityError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement
from sqlalchemy.types import TypeEngine

from bot.domain.errors import BotError, WrongInput
from bot.store.copies import number_on
from bot.store.session import Database
from bot.store.tables import Base, UtcDateTime
from bot.store.upgrade import HEAD

FORMAT = 1
_MANIFEST, _DOCUMENTS = "export.json", "documents"
_ROWS = 1000  # written at a time
_READ: dict[type[TypeEngine[Any]], Callable[[str], object]] = {
    UtcDateTime: datetime.fromisoformat,
    Date: date.fromisoformat,
    Time: time.fromisoformat,
}
_KINDS: dict[type[TypeEngine[Any]], tuple[type, str]] = {  # in JSON; all others are texts
    Integer: (int, "a whole number"),
    Boolean: (bool, "true or false"),
    JSON: (dict, "an object"),
}
_BY_BATCHES = {"yield_per": _ROWS}


def export(database: Database, folder: Path) -> int:
    """Write everything into a new or empty folder; returns how many rows. Raises BotError where that cannot be done.

    A new folder is its owner's alone. The manifest is written last: a folder without one was never finished.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BotError(f"{folder} is not empty. Name a new folder.")
        (folder / _DOCUMENTS).mkdir()
        with database.reading() as session:
            tables = {table.name: _write_table(session, table, folder) for table in Base.metadata.sorted_tables}
        manifest = {"format": FORMAT, "schema": HEAD, "tables": tables}
        (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise BotError(f"{folder} cannot be written: {error.strerror}") from error
    return sum(table["rows"] for table in tables.values())


def import_(database: Database, folder: Path) -> int:
    """Fill an empty database from a folder that was exported; returns how many rows. All of it, or nothing.

    Raises BotError where the database is not empty, WrongInput with file and line where a file is not as it was exported.
    """
    tables = _tables(folder)
    with database.writing() as session:
        if not _is_empty(session):
            raise BotError("The database is not empty. Import into a new one; nothing was changed.")
        for table in Base.metadata.sorted_tables:
            _read_table(session, table, folder, tables[table.name])
        number_on(session)
    return sum(table["rows"] for table in tables.values())


def _write_table(session: Session, table: Table, folder: Path) -> dict[str, Any]:
    count, digest = 0, hashlib.sha256()
    with _file(folder, table).open("wb") as out:
        for row in session.execute(select(table).order_by(*_order(session, table)), execution_options=_BY_BATCHES):
            values = zip(table.columns, row, strict=True)
            record = {column.name: _plain(value, folder) for column, value in values if value is not None}
            line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
            out.write(line)
            digest.update(line)
            count += 1
    return {"rows": count, "sha256": digest.hexdigest()}


def _order(session: Session, table: Table) -> Iterator[ColumnElement[Any]]:
    """By the key; texts by their bytes, whatever the database's own order of letters is."""
    by_bytes = "C" if session.get_bind().dialect.name == "postgresql" else "BINARY"
    for column in table.primary_key.columns:
        yield collate(column, by_bytes) if isinstance(column.type, String) else column


def _plain(value: Any, folder: Path) -> Any:
    """A column's value as JSON; bytes become a file and are named."""
    if isinstance(value, bytes):
        name = hashlib.sha256(value).hexdigest()
        (folder / _DOCUMENTS / name).write_bytes(value)
        return name
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _tables(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """What the manifest says of each table's file. Raises WrongInput where it is not one of this version."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        found, schema, tables = manifest["format"], manifest["schema"], manifest["tables"]
        rows = {name: {"rows": int(table["rows"]), "sha256": str(table["sha256"])} for name, table in tables.items()}
    except FileNotFoundError as error:
        raise WrongInput(f"{folder} holds no finished export: there is no {_MANIFEST} in it.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WrongInput(f"{folder / _MANIFEST} cannot be read as the manifest of an export.") from error
    if (found, schema) != (FORMAT, HEAD):
        raise WrongInput(f"This export is of schema {schema}, and this version reads {HEAD}. Export with this version.")
    if rows.keys() != Base.metadata.tables.keys():
        raise WrongInput(f"{folder / _MANIFEST} does not name the tables of schema {HEAD}.")
    return rows


def _is_empty(session: Session) -> bool:
    return not any(session.execute(select(table).limit(1)).first() for table in Base.metadata.sorted_tables)


def _read_table(session: Session, table: Table, folder: Path, said: Mapping[str, Any]) -> None:
    """Write a table's rows as its file has them, if the file is the one that the manifest was written for."""
    file = _file(folder, table)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise WrongInput(f"{file} cannot be read: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != said["sha256"]:
        raise WrongInput(f"{file} is not as it was exported.")
    rows = (_row(table, line, folder, f"{file} line {n}") for n, line in enumerate(content.splitlines(), start=1))
    try:
        while batch := list(islice(rows, _ROWS)):
            session.execute(insert(table), batch)
    except (DataError, IntegrityError, StatementError, OverflowError) as error:
        raise WrongInput(f"{file} holds what the database does not take: {getattr(error, 'orig', error)}") from error


def _row(table: Table, line: bytes, folder: Path, place: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
        json.dumps(record, ensure_ascii=False, allow_nan=False).encode()  # refuses what no text or figure of ours is
        if unknown := record.keys() - table.columns.keys():
            raise WrongInput(f"{place}: there is no {', '.join(sorted(unknown))} in {table.name}.")
        return {column.name: _value(column, record.get(column.name), folder) for column in table.columns}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise WrongInput(f"{place} cannot be read: {error}") from error


def _value(column: Column[Any], plain: Any, folder: Path) -> Any:
    if plain is None:
        return None
    _require_kind(column, plain)
    if isinstance(column.type, LargeBinary):
        return _document(folder, plain)
    read = _READ.get(type(column.type))
    return read(plain) if read else plain


def _require_kind(column: Column[Any], plain: object) -> None:
    """What is of another kind SQLite would keep, and the bot stumble over."""
    kind, called = _KINDS.get(type(column.type), (str, "a text"))
    if type(plain) is not kind:
        raise TypeError(f"{column.name} is not {called}")


def _document(folder: Path, name: str) -> bytes:
    """The bytes behind a name: no other file than one whose content has this very fingerprint is taken."""
    file = folder / _DOCUMENTS / Path(name).name
    try:
        content = file.read_bytes()
    except OSError as error:
        raise WrongInput(f"{file} cannot be read: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != name:
        raise WrongInput(f"{file} is not as it was exported.")
    return content


def _file(folder: Path, table: Table) -> Path:
    return folder / f"{table.name}.jsonl"
