"""The `quarterdeck` command.

Standard output holds the result and nothing else; everything said beside it goes to standard error. Exit status: 0 well,
1 it did not work, 2 wrong words, settings or file.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from bot import admin, prefill
from bot.clock import Clock
from bot.domain.errors import BotError, NoPortfolio, NotFound, NotInstalled, WrongInput
from bot.logs import set_up_logging
from bot.settings import Settings, find_settings
from bot.terminal import add_command, asked, day, instant, moment, open_database, quarter, whole

if TYPE_CHECKING:  # the heavy rooms are imported by the commands that need them, so that --help stays fast
    from bot.domain.changes import Change
    from bot.domain.facts import ReportFacts
    from bot.intake.answers import Before
    from bot.store.session import Database

P = TypeVar("P")

_WRONG = (WrongInput, NotFound, NoPortfolio, NotInstalled)  # words, a setting or a file: exit status 2
FORMATS = ("md", "json", "slack", "pdf", "docx", "csv")
_PUBLIC = "https://quarterdeck.example.com"  # stands in sentences for the address of a company's own


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. No traceback for anything that a user can cause."""
    options = _parser().parse_args(arguments)
    try:
        _carry_out(options)
    except BotError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, _WRONG) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone: nothing more to say
        sys.stderr.close()
        return 1
    return 0


def _carry_out(options: argparse.Namespace) -> None:
    settings, problems = find_settings(needs_slack=options.needs_slack)
    if problems and options.command is not _doctor:  # who lists them with the rest
        raise WrongInput("\n".join(problems))
    _set_up_logging(settings)
    try:
        options.command(options, settings)
    except BotError:
        raise
    except Exception as error:
        from bot.store import trouble
        from bot.texts import trouble as trouble_with_words

        if said := trouble_with_words(error) or trouble.sentence(error, settings.database_url) or _file_trouble(error):
            raise BotError(said) from error
        raise


def _file_trouble(error: Exception) -> str | None:
    """What the system says of a file or folder that it does not let us use."""
    if not isinstance(error, OSError) or not error.filename:
        return None
    return f"{error.filename} cannot be used: {error.strerror}."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="quarterdeck", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    load = add_command(commands, "load", _load, "load a portfolio (YAML) or milestones (CSV)")
    load.add_argument("file", metavar="FILE")
    load.add_argument("--dry-run", action="store_true", help="only show what would change")
    load.add_argument("--yes", action="store_true", help="drop milestones that are no longer listed, without asking")

    answers = add_command(commands, "answers", _answers, "load a quarter's answers")
    answers.add_argument("file", metavar="FILE")
    answers.add_argument("--dry-run", action="store_true", help="only show what would change")

    compile_ = add_command(commands, "compile", _compile, "compile a report and print it")
    compile_.add_argument("--project", required=True, metavar="KEY", help="a project's key, or all for the portfolio")
    compile_.add_argument("--quarter", required=True, type=quarter, metavar="YYYY-Qn")
    compile_.add_argument("--layout", metavar="NAME", help="brief, executive, memo, detailed, or your own")
    compile_.add_argument("--format", choices=FORMATS, default="md")
    compile_.add_argument("--revision", type=whole(1), metavar="N", help="a published revision, as it was published")
    compile_.add_argument("-o", "--output", metavar="FILE", help="write there instead of standard output")

    tick = add_command(commands, "tick", _tick, "queue the nudges that are due now, or show the plan")
    tick.add_argument("--at", type=instant, metavar="INSTANT", help="such as 2025-09-15T14:00:00Z; default: now")
    tick.add_argument("--dry-run", action="store_true", help="print the plan, change nothing")
    tick.add_argument("--from", dest="start", type=day, metavar="DATE", help="with --dry-run: the plan from this day")
    tick.add_argument("--to", dest="end", type=day, metavar="DATE", help="… up to and including this day")

    rehearse = add_command(
        commands, "rehearse", _rehearse, "play a quarter without Slack, and show what each person would get"
    )
    rehearse.add_argument(
        "--quarter", type=quarter, metavar="YYYY-Qn", help="default: the one that is open, or the next"
    )
    rehearse.add_argument("--project", metavar="KEY", help="only the people of this project")

    init = add_command(commands, "init", _init, "ask what a first start needs, check it, and write .env")
    init.add_argument("--no-input", action="store_true", help="ask nothing: take what the environment says")
    init.add_argument("--yes", action="store_true", help="change a .env that is there, without asking")

    add_command(commands, "run", _run, "run the bot", needs_slack=True)

    add_command(
        commands, "doctor", _doctor, "look at everything the bot needs, and say how to mend it", needs_slack=True
    )

    demo = add_command(commands, "demo", _demo, "play a quarter in the browser, with a local stand-in for Slack")
    demo.add_argument("--port", type=whole(0, 65535), default=0, metavar="N", help="default: a free one")
    demo.add_argument("--no-browser", action="store_true", help="do not open a browser")

    sandbox = add_command(
        commands, "sandbox", _sandbox, "stand in for Slack with a portfolio's people, to try run against it"
    )
    sandbox.add_argument("file", metavar="FILE", help="the portfolio (YAML)")
    sandbox.add_argument("--port", type=whole(0, 65535), default=0, metavar="N", help="default: a free one")
    sandbox.add_argument("--url", metavar="URL", help="the bot's address, for one in HTTP mode")

    manifest = add_command(commands, "manifest", _manifest, "print the manifest of the Slack app")
    manifest.add_argument("--mode", choices=("socket", "http"), default="socket")
    manifest.add_argument("--url", metavar="URL", help="the bot's public address, for --mode http")

    prefill.add_commands(commands)
    admin.add_commands(commands)
    return parser


def _load(options: argparse.Namespace, settings: Settings) -> None:
    from bot.documents.layouts import layout_names
    from bot.flow.setup import load_plan
    from bot.intake.plan import PlanReader
    from bot.intake.problems import read_text
    from bot.store.portfolio import portfolio
    from bot.surfaces import template_folders

    text, reader = read_text(Path(options.file)), PlanReader(lambda: layout_names(template_folders(settings)))
    with open_database(settings) as database:
        with database.reading() as session:
            plan = reader.file(text, options.file, portfolio(session))
            changes = load_plan.plan_changes(session, plan)
            unmanaged = load_plan.unmanaged(session, plan)
        _warn(unmanaged)
        if not _is_agreed(changes, options):  # asked outside of a transaction, which would keep a running bot waiting
            return
        with database.writing() as session:
            if load_plan.plan_changes(session, plan) != changes:
                raise BotError("The plan was changed meanwhile, so nothing was loaded. Load the file again.")
            load_plan.save_plan(session, plan, changes, moment(settings))


def _warn(warnings: Iterable[str]) -> None:
    sys.stderr.writelines(f"warning: {warning}\n" for warning in warnings)


def _is_agreed(changes: list[Change], options: argparse.Namespace) -> bool:
    """Show what would change, and ask before anything is dropped. Raises BotError where nobody agrees."""
    print("\n".join(map(str, changes)) or "Nothing to change.")
    if options.dry_run or not changes:
        return False
    dropped = sum(change.what == "dropped" for change in changes)
    told, are, them = ("1 milestone", "is", "it") if dropped == 1 else (f"{dropped} milestones", "are", "them")
    if dropped and not options.yes and not asked(f"{told} {are} no longer listed and would be dropped."):
        raise BotError(f"{told} would be dropped. Nothing was changed; add --yes to drop {them}.")
    return True


def _answers(options: argparse.Namespace, settings: Settings) -> None:
    from bot.documents.layouts import layout_names
    from bot.flow.collect import load_answers
    from bot.flow.company import Company
    from bot.intake.answers import Against, read_answers
    from bot.intake.problems import read_text
    from bot.locales import Locale
    from bot.surfaces import template_folders

    present, text = moment(settings), read_text(Path(options.file))
    with open_database(settings) as database, database.writing() as session:
        company = Company.load(session)
        against = Against(
            projects=company.projects,
            locale=Locale(company.portfolio.locale),
            default_at=lambda quarter, project: min(present.now, company.window(quarter, project).due_at),
            layouts=layout_names(template_folders(settings)),
            calendar=company.calendar,
            before=lambda quarter, project: _before(company.facts(session, project, quarter, present.now)),
            reporting=company.portfolio.reporting,
        )
        loaded = read_answers(text, options.file, against)
        _warn(loaded.warnings)
        trial = session.begin_nested()
        changed = load_answers.receive_answers(session, company, loaded.quarter, loaded.projects, present)
        by_rule = load_answers.unexplained(session, company, loaded.quarter, loaded.unexplained, present.now)
        _warn(
            f"{loaded.unexplained[key]}: by rule {status.value}, and no status_why" for key, status in by_rule.items()
        )
        print("\n".join(map(str, changed)) or "Nothing to change.")
        if options.dry_run:
            trial.rollback()


def _before(facts: ReportFacts) -> Before:
    """What a file's answers for a quarter are held against."""
    from bot.domain.facts import earlier_objectives
    from bot.intake.answers import Before

    last = ((milestone.key, facts.last_known(milestone.key)) for milestone in facts.project.milestones)
    return Before(
        updates={key: known[1].value for key, known in last if known},
        promised={objective.key for _, objective in earlier_objectives(facts)},
    )


def _compile(options: argparse.Namespace, settings: Settings) -> None:
    from bot.domain.portfolio_report import ALL

    with open_database(settings) as database:
        content = (_portfolio_content if options.project == ALL else _project_content)(options, settings, database)
    _write(options, content)


def _project_content(options: argparse.Namespace, settings: Settings, database: Database) -> bytes:
    """A project's report in the wanted form: a published revision, or today's facts."""
    from bot.flow.company import Company
    from bot.flow.compile.compile import compile_report, mark_draft
    from bot.flow.publish.files import files, published_content
    from bot.flow.publish.publish import renderings
    from bot.store import reports
    from bot.surfaces import ReportDocuments

    documents = ReportDocuments(settings)
    with database.reading() as session:
        company = Company.load(session, settings.leadership_channel)
        project = company.project(options.project)
        if options.revision is not None:
            published = _found(reports.revision(session, project.key, options.quarter, options.revision), options)
            return published_content(database, published, options.format, documents)
        facts = company.facts(session, project, options.quarter, Clock(settings.moved_to).now())
        report = mark_draft(compile_report(facts, documents), reports.latest(session, project.key, options.quarter))
    if options.layout:
        report = replace(report, layout=options.layout)
    if options.format in files(documents):
        return files(documents)[options.format](report)
    return renderings(documents)[options.format](report).encode()


def _portfolio_content(options: argparse.Namespace, settings: Settings, database: Database) -> bytes:
    """The portfolio's report in the wanted form: a published revision, or today's facts."""
    from bot.flow.company import Company
    from bot.flow.publish.files import files, published_content
    from bot.flow.publish.portfolio import mark_draft, renderings, reported_portfolio
    from bot.store import reports
    from bot.surfaces import ReportDocuments

    if options.layout:
        raise WrongInput("--layout is for the report of one project; the portfolio's has none.")
    documents = ReportDocuments(settings).portfolio
    with database.reading() as session:
        if options.revision is not None:
            published = _found(reports.portfolio_revision(session, options.quarter, options.revision), options)
            return published_content(database, published, options.format, documents)
        company = Company.load(session, settings.leadership_channel)
        report = reported_portfolio(session, company, options.quarter, moment(settings))
        report = mark_draft(report, reports.latest_portfolio(session, options.quarter))
    if options.format in files(documents):
        return files(documents)[options.format](report)
    return renderings(documents)[options.format](report).encode()


def _found(published: P | None, options: argparse.Namespace) -> P:
    if published is None:
        raise NotFound(f"{options.project} {options.quarter} has no revision {options.revision}.")
    return published


def _write(options: argparse.Namespace, content: bytes) -> None:
    """Write the result where it is wanted; a text on standard output ends with a line break."""
    if options.output is None:
        is_open = options.format == "slack" and not content.endswith(b"\n")
        sys.stdout.buffer.write(content + b"\n" * is_open)
        sys.stdout.flush()
        return
    try:
        Path(options.output).write_bytes(content)
    except OSError as error:
        raise BotError(f"{options.output} cannot be written: {error.strerror}") from error


def _tick(options: argparse.Namespace, settings: Settings) -> None:
    from bot.flow.company import Company
    from bot.flow.schedule.plan import NOT_LOOKED_UP, PLAN_HEADER, plan_lines
    from bot.flow.schedule.schedule import tick
    from bot.store import people
    from bot.tables import aligned

    now = options.at or Clock(settings.moved_to).now()
    span = _range(options, now) if options.start or options.end else None
    if span and not options.dry_run:
        raise WrongInput("--from and --to show a plan; add --dry-run.")
    with open_database(settings) as database:
        if not options.dry_run:
            print(f"{tick(database, Company.load, now, Clock.real())} queued")
            return
        with database.reading() as session:
            company = Company.load(session)
            lines = plan_lines(session, company, now, span)
            if not people.has_directory(session):
                print(NOT_LOOKED_UP, file=sys.stderr)
        print("\n".join(aligned(PLAN_HEADER, *lines)))


def _range(options: argparse.Namespace, now: datetime) -> tuple[datetime, datetime]:
    start = options.start or now.date()
    end = options.end or start + timedelta(days=120)
    if end < start:
        raise WrongInput(f"--to {end} is before --from {start}.")
    return datetime.combine(start, time(), tzinfo=UTC), datetime.combine(end + timedelta(days=1), time(), tzinfo=UTC)


def _rehearse(options: argparse.Namespace, settings: Settings) -> None:
    from bot.flow.schedule.plan import NOT_LOOKED_UP
    from bot.rehearse import rehearse

    rehearsal = rehearse(settings, Clock(settings.moved_to).now(), options.quarter, options.project)
    if not rehearsal.has_accounts:
        print(NOT_LOOKED_UP, file=sys.stderr)
    print("\n".join(rehearsal.lines))
    if rehearsal.refused:
        raise BotError(f"Slack would have refused {rehearsal.refused} calls; see the log.")
    if rehearsal.failed:
        raise BotError(f"{rehearsal.failed} messages could not be made or sent; see the log.")


def _run(_: argparse.Namespace, settings: Settings) -> None:
    from bot.app import Bot

    Bot(settings).run()


def _init(options: argparse.Namespace, settings: Settings) -> None:
    from bot.init import set_up

    for line in set_up(settings, takes_input=not options.no_input, replaces=options.yes):
        print(line)


def _doctor(_: argparse.Namespace, settings: Settings) -> None:
    from bot.doctor.examine import examine

    amiss = 0
    for finding in examine(settings, find_settings(needs_slack=True)[1]):
        print(finding, flush=True)
        amiss += finding.mend is not None
    if amiss:
        raise BotError(f"{amiss} to mend.")


def _demo(options: argparse.Namespace, settings: Settings) -> None:
    from bot.demo import play

    play(port=options.port, opens_browser=not options.no_browser, settings=settings)


def _sandbox(options: argparse.Namespace, settings: Settings) -> None:
    from bot.trial import hold

    hold(options.file, port=options.port, url=options.url, settings=settings)


def _manifest(options: argparse.Namespace, _: Settings) -> None:
    from bot.slack.manifest import manifest

    if options.mode == "http" and not options.url:
        raise WrongInput(f"--mode http needs the bot's public address: --url {_PUBLIC}")
    if options.url and not _is_public(options.url):
        raise WrongInput(
            f'"{options.url}" is not where Slack can reach the bot; expected an address that begins with https:// and has'
            f" no path, such as {_PUBLIC}"
        )
    sys.stdout.write(manifest(options.url if options.mode == "http" else None))


def _is_public(address: str) -> bool:
    """Whether an address is one that Slack calls: by HTTPS, and without a path, which the manifest adds."""
    try:
        parts = urlsplit(address)
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # such as a port that is no number
        return False
    rest = (parts.path.rstrip("/"), parts.query, parts.fragment, parts.username)
    return parts.scheme == "https" and is_whole and not any(rest) and not re.search(r"\s", address)


def _set_up_logging(settings: Settings) -> None:
    set_up_logging(settings.log_level, settings.log_format, settings.secrets)
    if settings.moved_to:
        logging.getLogger(__name__).warning("business time starts at %s (QUARTERDECK_NOW)", settings.moved_to)
