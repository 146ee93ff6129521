"""Forgetting: a person's row, and every text that any table holds, without what tells who it was."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, String, Table, Text, cast, delete, or_, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.project import Person, Portfolio
from bot.domain.quarter import Quarter
from bot.domain.redaction import NOBODY, Redaction
from bot.store import codec, controls, outbox
from bot.store.portfolio import portfolio, save_portfolio
from bot.store.session import Database
from bot.store.tables import (
    AuditRow,
    Base,
    CoOwnerRow,
    DeputyRow,
    DraftRow,
    HandledRow,
    HomeRow,
    NudgeRow,
    OutboxRow,
    PersonRefRow,
    PersonRow,
    ReportFileRow,
    ReportRow,
    SlackUserRow,
)

# People are redacted one by one, so that a namesake stays; the audit trail holds neither names nor words.
_KEPT = (PersonRow.__table__, PersonRefRow.__table__, SlackUserRow.__table__, AuditRow.__table__)
_TABLES = tuple(table for table in Base.metadata.sorted_tables if table not in _KEPT)

ReportKey = tuple[str, str, int]  # project or all, quarter, revision


def redaction_of(session: Session, person: Person, words: frozenset[str]) -> Redaction:
    """What takes a person out of texts: everything that files and Slack's directory call them, and some words beside."""
    refs = set(session.scalars(select(PersonRefRow.ref).where(PersonRefRow.person_id == person.id)))
    refs |= {ref for ref in (person.slack_id, person.email, person.handle) if ref}
    account = session.get(SlackUserRow, person.slack_id) if person.slack_id else None
    listed = {account.email, f"@{account.name}"} if account else set()
    names = {person.name, *({account.display_name, account.name} if account else ())}
    refs |= {ref for ref in listed if ref}
    return Redaction(f"left-{person.id}", frozenset(refs), frozenset(names - refs), words)


def namesakes(session: Session, person: Person) -> int:
    """How many other people have the same name."""
    same = select(PersonRow.id).where(PersonRow.name == person.name, PersonRow.id != person.id)
    return len(session.scalars(same).all())


def blank(session: Session, person: Person, redaction: Redaction, at: datetime) -> None:
    """Leave of a person a row without name, account and address, known by one ref; drafts and rights go too."""
    session.execute(delete(DraftRow).where(DraftRow.person_id == person.id))
    session.execute(delete(HomeRow).where(HomeRow.person_id == person.id))
    session.execute(delete(CoOwnerRow).where(CoOwnerRow.person_id == person.id))
    session.execute(delete(DeputyRow).where(or_(DeputyRow.person_id == person.id, DeputyRow.deputy_id == person.id)))
    session.execute(delete(PersonRefRow).where(PersonRefRow.person_id == person.id))
    session.add(PersonRefRow(ref=redaction.by, person_id=person.id))
    row = session.get_one(PersonRow, person.id)
    row.name = NOBODY
    for column in ("slack_id", "email", "handle", "timezone", "country", "hours_open", "hours_close"):
        setattr(row, column, None)
    if person.slack_id:
        session.execute(delete(SlackUserRow).where(SlackUserRow.slack_id == person.slack_id))
        controls.forget_account(session, person.slack_id, at)
    company = portfolio(session)
    if company:
        save_portfolio(session, _without_admin(company, redaction))


def drop_files(session: Session) -> None:
    """Let go of every plan file that was dropped to the bot: a name of one word cannot be found in a file with certainty.

    Whoever still needs one drops it again.
    """
    outbox.shed(session, outbox.keys_after(session, f"{outbox.PLAN_FILE}:"), outbox.TEXT)


def reports_naming(session: Session, redaction: Redaction) -> list[ReportKey]:
    """The published revisions in which a person is named, the oldest first."""
    found = session.execute(select(ReportRow).order_by(ReportRow.id), execution_options={"yield_per": 50}).scalars()
    return [
        (row.subject, row.quarter, row.revision)
        for row in found
        if _changed({"value": row.value, "texts": row.texts}, redaction)
    ]


def scrub(session: Session, redaction: Redaction) -> None:
    """Redact every text in every table."""
    found = [(table, key, changed) for table, key, texts in _texts(session) if (changed := _changed(texts, redaction))]
    for table, key, changed in found:
        session.execute(
            update(table).where(*(column == key[column.name] for column in table.primary_key)).values(changed)
        )
    session.expire_all()


def leftovers(session: Session, redaction: Redaction) -> Counter[str]:
    """How many rows of each table still hold a part of a name."""
    return Counter(table.name for table, _, texts in _texts(session) if redaction.leaves(texts))


def set_texts(session: Session, key: ReportKey, texts: Mapping[str, str]) -> None:
    """Put other renderings in the place of those of a published revision; its files go, to be made anew when asked for."""
    subject, quarter, revision = key
    of_key = (ReportRow.subject == subject, ReportRow.quarter == quarter, ReportRow.revision == revision)
    row = session.scalars(select(ReportRow).where(*of_key).execution_options(populate_existing=True)).one()
    row.texts = dict(texts)
    session.execute(delete(ReportFileRow).where(ReportFileRow.report_id == row.id))


def prune(session: Session, quarter: Quarter, until: datetime) -> Counter[str]:
    """Remove what nobody needs of the quarters before one, which began at `until` (UTC); returns how much of what.

    Half-filled dialogs and the ledger of nudges go, as do the keys of interactions; of what was sent only the place in
    Slack stays. Answers, the plan's trail, published reports and the audit trail stay.
    """
    removed = Counter[str]()
    for name, gone in (
        ("drafts", delete(DraftRow).where(DraftRow.quarter < str(quarter))),
        ("nudges", delete(NudgeRow).where(NudgeRow.quarter < str(quarter))),
        ("handled", delete(HandledRow).where(HandledRow.at < until)),
    ):
        removed[name] = len(session.execute(gone.returning(*gone.table.primary_key)).all())
    is_old = (OutboxRow.done_at < until, cast(OutboxRow.subject, Text) != "{}")
    emptied = update(OutboxRow).where(*is_old).values(subject={}, error=None).returning(OutboxRow.id)
    removed["outbox"] = len(session.execute(emptied).all())
    return removed


def wipe(database: Database) -> None:
    """Have SQLite overwrite what was deleted, in the file and in its log; PostgreSQL does so by its own vacuum.

    Raises BotError where others use the file all the while.
    """
    if not database.is_sqlite:
        return
    try:
        with closing(sqlite3.connect(make_url(database.engine.url).database or "", timeout=10)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise BotError(
            f"Done, but deleted text may still lie in the file ({error}). Stop the bot, then: VACUUM"
        ) from error


def _texts(session: Session) -> Iterator[tuple[Table, Mapping[str, Any], dict[str, Any]]]:
    """Every row that may hold people's words: its table, its key, and its texts by column."""
    for table in _TABLES:
        columns = [column for column in table.columns if isinstance(column.type, (String, JSON))]
        if not columns:
            continue
        selected: list[Column[Any]] = list(dict.fromkeys([*table.primary_key, *columns]))
        with session.execute(select(*selected), execution_options={"yield_per": 500}) as rows:
            for row in rows.mappings():
                key = {column.name: row[column.name] for column in table.primary_key}
                yield table, key, {column.name: row[column.name] for column in columns}


def _changed(texts: Mapping[str, Any], redaction: Redaction) -> dict[str, Any]:
    return {name: redacted for name, text in texts.items() if (redacted := redaction(text)) != text}


def _without_admin(company: Portfolio, redaction: Redaction) -> Portfolio:
    body = codec.dump(company)
    body["admins"] = [ref for ref in company.admins if ref not in redaction.refs]
    return codec.load(Portfolio, body)
