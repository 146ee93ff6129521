"""The commands of those who look after a bot's data: backup and restore, export and import, forgetting, the audit trail."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.errors import BotError
from bot.settings import Settings
from bot.terminal import Commands, add_command, asked, day, moment, open_database, quarter, whole

if TYPE_CHECKING:  # heavy rooms are imported by the commands that need them, so that --help stays fast
    from bot.flow.keep.forget import Forgotten

_AUDIT_HEADER = ("UTC", "SUBJECT", "WHAT HAPPENED")


def add_commands(commands: Commands) -> None:
    """Declare the commands."""
    database = commands.add_parser("db", help="the database").add_subparsers(required=True, metavar="ACTION")
    add_command(database, "upgrade", _upgrade, "bring the database to the present schema")
    backup = add_command(database, "backup", _backup, "copy the database into one file, while the bot runs")
    backup.add_argument("file", metavar="FILE")
    restore = add_command(database, "restore", _restore, "put a backup in the place of everything in the database")
    restore.add_argument("file", metavar="FILE")
    restore.add_argument("--yes", action="store_true", help="without asking")

    export = add_command(commands, "export", _export, "write everything that is stored as files")
    export.add_argument("folder", metavar="FOLDER", help="a new or empty one")
    import_ = add_command(commands, "import", _import, "fill an empty database from exported files")
    import_.add_argument("folder", metavar="FOLDER")

    forget = commands.add_parser("forget", help="remove what is not to be kept").add_subparsers(
        required=True, metavar="WHAT"
    )
    person = add_command(forget, "person", _forget_person, "forget a person, in published reports too")
    person.add_argument("ref", metavar="REF", help="a Slack id, an e-mail address or an @handle")
    person.add_argument("--also", nargs="+", default=[], metavar="WORD", help="other words that mean the person")
    person.add_argument("--yes", action="store_true", help="without asking")
    before = add_command(forget, "before", _forget_before, "remove drafts, the ledger and sent words of old quarters")
    before.add_argument("quarter", type=quarter, metavar="YYYY-Qn", help="the first quarter to keep whole")

    audit = add_command(commands, "audit", _audit, "show who did what, when and from where")
    audit.add_argument("--since", type=day, metavar="DATE", help="from this day (UTC) on")
    audit.add_argument("--subject", metavar="KEY", help="a project, a project/milestone, all, or person:N")
    audit.add_argument("--last", type=whole(1), metavar="N", help="no more than the N newest lines")
    audit.add_argument("--check", action="store_true", help="replay the trail and compare it with what is stored")


def _upgrade(_: argparse.Namespace, settings: Settings) -> None:
    from bot.store.session import Database
    from bot.store.upgrade import HEAD, upgrade

    with closing(Database(settings.database_url)) as database:
        upgrade(database)
    _say([f"The database is at schema {HEAD}."])


def _backup(options: argparse.Namespace, settings: Settings) -> None:
    from bot.store.copies import back_up

    back_up(settings.database_url, Path(options.file))
    _say([f"Written to {options.file}."])


def _restore(options: argparse.Namespace, settings: Settings) -> None:
    from bot.store.copies import require_sound, restore

    require_sound(Path(options.file))
    if not options.yes and not asked(f"Everything in the database is replaced by {options.file}."):
        raise BotError("Nothing was changed; add --yes to replace everything in the database.")
    restore(Path(options.file), settings.database_url)
    _say([f"Restored from {options.file}. Messages that waited then are looked for in Slack before they are sent."])


def _export(options: argparse.Namespace, settings: Settings) -> None:
    from bot.store.exports import export

    with open_database(settings) as database:
        rows = export(database, Path(options.folder))
    _say([f"{rows} rows written to {options.folder}."])


def _import(options: argparse.Namespace, settings: Settings) -> None:
    from bot.store.exports import import_

    with open_database(settings) as database:
        rows = import_(database, Path(options.folder))
    _say([f"{rows} rows read from {options.folder}."])


def _forget_person(options: argparse.Namespace, settings: Settings) -> None:
    from bot.flow.company import Company
    from bot.flow.keep.forget import forget_person
    from bot.store.forgetting import wipe
    from bot.surfaces import ReportDocuments

    if not options.yes and not asked(f"{options.ref} is forgotten for good, in published reports too."):
        raise BotError("Nothing was changed; add --yes to forget the person.")
    with open_database(settings) as database:
        with database.writing() as session:
            company = Company.load(session, settings.leadership_channel)
            done = forget_person(
                session, company, options.ref, options.also, ReportDocuments(settings), moment(settings)
            )
        wipe(database)
    _say(_forgotten_lines(done))


def _forgotten_lines(done: Forgotten) -> list[str]:
    """What was done, and what is left to a person."""
    lines = [f"Forgotten: person {done.person}."]
    lines += [f"Redacted: {subject} {quarter} revision {number}." for subject, quarter, number in done.redacted]
    lines += [f"New revision, not posted: {subject} {quarter} revision {n}." for subject, quarter, n in done.revised]
    lines += [f"Name somebody else: {what}." for what in done.still]
    if done.leftovers:
        places = ", ".join(f"{table} {count}" for table, count in done.leftovers.items())
        words = " or ".join(f'"{part}"' for part in done.parts)
        lines.append(f"Texts still hold {words}, which may mean others: {places}. Add --also WORD to take it out.")
    if done.namesakes:
        lines.append(f"{done.namesakes} other people have the same name; in texts it was taken out for them too.")
    lines.append("Not touched: messages already in Slack, earlier backups and exports, the portfolio file.")
    return lines


def _forget_before(options: argparse.Namespace, settings: Settings) -> None:
    from bot.flow.company import Company
    from bot.flow.keep.forget import forget_before
    from bot.store.forgetting import wipe

    with open_database(settings) as database:
        with database.writing() as session:
            removed = forget_before(session, Company.load(session), options.quarter, moment(settings))
        wipe(database)
    _say(f"{what}: {count}" for what, count in removed.items())


def _audit(options: argparse.Namespace, settings: Settings) -> None:
    from bot.flow.company import Company
    from bot.flow.home.trail import trail_lines
    from bot.locales import Locale
    from bot.slack.home.trail import sentence
    from bot.slack.words import Words
    from bot.store import audit
    from bot.surfaces import prompt_folders, template_folders
    from bot.tables import aligned

    if options.check:
        _check_audit(settings)
        return
    since = datetime.combine(options.since, time(), tzinfo=UTC) if options.since else None
    with open_database(settings) as database, database.reading() as session:
        company = Company.load(session)
        entries = [*audit.trail(session, options.subject, since)][::-1][: options.last]
        said = trail_lines(session, company, entries)
    words, locale = Words(prompt_folders(settings), template_folders(settings)), Locale(company.portfolio.locale)
    lines = [
        (f"{entry.at:%Y-%m-%dT%H:%M:%SZ}", entry.subject, sentence(line, locale, words))
        for entry, line in zip(entries, said, strict=True)
    ]
    _say(aligned(_AUDIT_HEADER, *lines))


def _check_audit(settings: Settings) -> None:
    """Compare what the trail says with what is stored. Raises BotError with every difference."""
    from bot.flow.keep.trail import disagreements

    with open_database(settings) as database, database.reading() as session:
        nudges, revisions, differences = disagreements(session)
    if differences:
        raise BotError("\n".join(differences))
    _say([f"The trail agrees with what is stored: {nudges} nudges, {revisions} published revisions."])


def _say(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
