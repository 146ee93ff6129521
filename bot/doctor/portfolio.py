"""What the portfolio needs of Slack and of the layouts: channels, people, and reports that can be made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from jinja2 import TemplateError

from bot.doctor.finding import Finding, slack_said
from bot.domain.directory import DirectoryEntry, Match
from bot.domain.errors import BotError, DeliveryFailed
from bot.domain.project import NOBODY
from bot.domain.zones import known_zone
from bot.flow.company import Company
from bot.flow.compile.compile import compile_report
from bot.flow.people import find_accounts, owes_in
from bot.flow.schedule.deputies import circles
from bot.slack.messenger import SlackMessenger
from bot.store import people as people_store
from bot.store.session import Database
from bot.surfaces import ReportDocuments
from bot.texts import trouble

_LOST = {
    "not-found": "no such account in Slack; name them by Slack id or e-mail address in the portfolio",
    "several": "several accounts carry this name; name them by Slack id or e-mail address",
    "unreachable": "the account is closed or a bot's; name another owner",
}


def look_at_deputies(company: Company) -> Iterator[Finding]:
    """Deputies who lead back to who named them: with both away nobody would be asked."""
    for circle in circles(company):
        names = " → ".join(person.name for person in circle)
        yield Finding(f"deputies {names}", "they lead back in a circle; name somebody else, or other days")


def look_at_managers(company: Company) -> Iterator[Finding]:
    """Projects that nobody manages: their reports can be published by nobody until there is an admin."""
    if not company.portfolio.admins:
        for project in company.projects.values():
            if project.manager.ref == NOBODY.ref:
                yield Finding(f"manager of {project.key}", "nobody is named; name one in the portfolio, or an admin")


def look_at_layouts(
    company: Company, documents: ReportDocuments, database: Database, now: datetime
) -> Iterator[Finding]:
    """Whether each layout in use makes a report, tried on today's facts of the first project that has it."""
    for project in {project.layout: project for project in reversed(company.projects.values())}.values():
        with database.reading() as session:
            facts = company.facts(session, project, company.latest_opened(now, project), now)
        try:
            report = compile_report(facts, documents)
            documents.markdown(report)
        except (BotError, TemplateError) as error:
            yield Finding(f"layout of {project.key}", trouble(error) or str(error))
        else:
            yield Finding(f"layout {report.layout}")


def look_at_channels(company: Company, messenger: SlackMessenger) -> Iterator[Finding]:
    """Whether the bot is in every channel that gets reports."""
    wanted = {company.common_channel, *map(company.channel, company.projects.values())}
    try:
        messenger.read_channels()
    except DeliveryFailed as failure:
        yield Finding("channels", f"they could not be read: {slack_said(failure)}")
        return
    yield from (_channel(name, messenger) for name in sorted(filter(None, wanted)))
    if None in wanted:
        yield Finding(
            "channels", "some project has none; set leadership_channel in the portfolio, or LEADERSHIP_CHANNEL"
        )


def _channel(name: str, messenger: SlackMessenger) -> Finding:
    channel = messenger.channel(name)
    if channel is None:
        return Finding(
            f"channel {name}",
            "no such channel that the bot can see; check its name and that it is not archived, or invite the bot to it",
        )
    return Finding(f"channel {name}", None if channel.is_member else "invite the bot: /invite @Quarterdeck")


def look_at_people(company: Company, messenger: SlackMessenger, database: Database) -> Iterator[Finding]:
    """Whether everybody whom the portfolio names can be written to. Keeps Slack's directory."""
    try:
        entries = messenger.directory()
    except DeliveryFailed as failure:
        yield Finding("people", f"Slack's directory could not be read: {slack_said(failure)}")
        return
    with database.writing() as session:
        lost = [match for match in find_accounts(session, entries) if match.person.ref != NOBODY.ref]
    for match in lost:
        yield Finding(f"person {match.person.ref}{_concern(company, match)}", _LOST[match.problem or "not-found"])
    if not lost:
        yield Finding("people: everybody the portfolio names has an account")
    yield from _without_zone(company, entries, database)


def _without_zone(company: Company, entries: Sequence[DirectoryEntry], database: Database) -> Iterator[Finding]:
    """People who are asked by the company's clock, since nothing that is known here is told of their own."""
    without = {entry.slack_id for entry in entries if entry.is_reachable and entry.timezone is None}
    with database.reading() as session:
        people = people_store.all_people(session).values()
    for person in people:
        if person.slack_id in without and known_zone(person.timezone) is None:
            yield Finding(
                f"time zone of {person.ref}",
                f"Slack tells none that is known here, so {company.portfolio.timezone} stands in;"
                " name theirs in the portfolio",
            )


def _concern(company: Company, match: Match) -> str:
    """Where a person is missed."""
    keys = [project.key for project in company.projects.values() if owes_in(project, match.person)]
    return f" ({', '.join(keys)})" if keys else ""
