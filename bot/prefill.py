"""The commands that read trackers: all those that the portfolio names, or a table of figures from anywhere."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.errors import BotError
from bot.settings import Settings
from bot.terminal import Commands, add_command, moment, open_database

if TYPE_CHECKING:  # heavy rooms are imported by the commands that need them, so that --help stays fast
    from bot.store.trackings import Attempt

_HEADER = ("MILESTONE", "TRACKER", "PERCENT", "STATUS", "DUE", "FROM")


def add_commands(commands: Commands) -> None:
    """Declare the commands."""
    trackers = add_command(commands, "trackers", _trackers, "read what trackers say of milestones, and keep it")
    trackers.add_argument("--dry-run", action="store_true", help="only show it")
    prefill = add_command(commands, "prefill", _prefill, "keep what a table (CSV or XLSX) says of milestones")
    prefill.add_argument("file", metavar="FILE", help="with the columns milestone_key and percent")
    prefill.add_argument("--dry-run", action="store_true", help="only show it")


def _trackers(options: argparse.Namespace, settings: Settings) -> None:
    from bot.flow.collect.trackers import keep, read_all, tracked_in
    from bot.flow.company import Company
    from bot.trackers.connect import connect

    now = moment(settings).now
    with open_database(settings) as database:
        with database.reading() as session:
            company = Company.load(session)
        asked = [tracked for project in company.projects.values() for tracked in tracked_in(project)]
        found = read_all(asked, connect(settings.trackers, company.portfolio.locale, Path.cwd()), now)
        if not options.dry_run:
            with database.writing() as session:
                keep(session, company, found.attempts, now)
    _show(found.attempts)
    amiss = [f"{attempt.project}/{attempt.milestone}: {attempt.outcome}" for attempt in found.failed]
    amiss += [f"{source} asks to be left alone for {pause:.0f} seconds." for source, pause in found.resting.items()]
    if amiss:
        count = len(found.failed) + len(found.left)
        raise BotError("\n".join([*amiss, f"{count} of {len(asked)} could not be read."]))


def _prefill(options: argparse.Namespace, settings: Settings) -> None:
    from bot.domain.tracker_ref import TrackerSource
    from bot.flow.collect.trackers import keep
    from bot.flow.company import Company
    from bot.store.trackings import Attempt
    from bot.trackers.files import figures_of

    now, path = moment(settings).now, Path(options.file)
    with open_database(settings) as database:
        with database.reading() as session:
            company = Company.load(session)
        file = figures_of(path, company.projects, locale=company.portfolio.locale, at=now)
        sys.stderr.writelines(f"warning: {line}\n" for line in file.warnings)
        said = [Attempt(*milestone, TrackerSource.FILE, now, figure) for milestone, figure in file.figures.items()]
        if not options.dry_run:
            with database.writing() as session:
                keep(session, company, said, now)
    _show(said)


def _show(attempts: Sequence[Attempt]) -> None:
    from bot.tables import aligned

    lines = [line for attempt in attempts if (line := _line(attempt))]
    sys.stdout.writelines(f"{line}\n" for line in aligned(_HEADER, *lines))


def _line(attempt: Attempt) -> tuple[str, ...] | None:
    """A figure as a row; None where there is none."""
    told = attempt.outcome
    if isinstance(told, str):
        return None
    return (
        f"{attempt.project}/{attempt.milestone}",
        told.name,
        f"{told.percent}%",
        told.status or "–",
        str(told.forecast or "–"),
        f"{told.done} of {told.total} {told.counted}" if told.total else told.place,
    )
