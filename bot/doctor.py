"""Doctor: everything that could keep the bot from working, looked at before anybody is written to, each with its mend."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from slack_sdk.web import SlackResponse

from bot.domain.directory import Match
from bot.domain.errors import BotError, DeliveryFailed
from bot.flow.company import Company
from bot.flow.people import find_accounts, owes_in
from bot.flow.schedule.deputies import circles
from bot.settings import Settings
from bot.slack.forms.questions import read_questions
from bot.slack.manifest import SCOPES
from bot.slack.messenger import SlackMessenger
from bot.slack.socket_mode import check_app_token
from bot.store.session import Database
from bot.store.upgrade import open_ready
from bot.surfaces import ReportDocuments

_MOST_SKEW = timedelta(seconds=60)  # Slack refuses signatures five minutes off; a minute is a clock that drifts

_LOST = {
    "not-found": "no such account in Slack; name them by Slack id or e-mail address in the portfolio",
    "several": "several accounts carry this name; name them by Slack id or e-mail address",
    "unreachable": "the account is closed or a bot's; name another owner",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what it is, and how to mend it where it is amiss (None where all is well)."""

    what: str
    mend: str | None = None

    def __str__(self) -> str:
        return f"ok    {self.what}" if self.mend is None else f"amiss {self.what}: {self.mend}"


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one finding after another; what depends on something amiss is not looked at."""
    try:
        documents = ReportDocuments(settings)
        questions = read_questions(*documents.words.source("questions.yaml"))
        database = open_ready(settings.database_url)
    except BotError as problem:
        yield Finding("prompts, templates and database", str(problem))
        return
    yield Finding("prompts, templates and database")
    yield from (Finding("words", problem) for problem in documents.words.problems())
    messenger = SlackMessenger(settings.bot_token or "", settings.api_url, documents.words, questions)
    is_connected = yield from _slack(settings, messenger)
    with closing(database):
        yield from _portfolio(settings, messenger, database, is_connected=is_connected)


def _portfolio(
    settings: Settings, messenger: SlackMessenger, database: Database, *, is_connected: bool
) -> Iterator[Finding]:
    with database.reading() as session:
        try:
            company = Company.load(session, settings.leadership_channel)
        except BotError as problem:
            yield Finding("portfolio", str(problem))
            return
    yield Finding(f"portfolio of {company.portfolio.company}, {len(company.projects)} projects")
    yield from _deputies(company)
    if is_connected:
        yield from _channels(company, messenger)
        yield from _people(company, messenger, database)


def _deputies(company: Company) -> Iterator[Finding]:
    """Deputies who lead back to who named them: with both away nobody would be asked."""
    for circle in circles(company):
        names = " → ".join(person.name for person in circle)
        yield Finding(f"deputies {names}", "they lead back in a circle; name somebody else, or other days")


def _slack(settings: Settings, messenger: SlackMessenger) -> Generator[Finding, None, bool]:
    """What Slack says of the tokens; returns whether more can be asked of it."""
    try:
        identity = messenger.identity()
    except DeliveryFailed as failure:
        yield Finding("bot token", f"Slack says {failure}; check SLACK_BOT_TOKEN and SLACK_API_URL")
        return False
    yield Finding(f"bot token, workspace {identity.get('team', identity['team_id'])}")
    yield from _scopes(identity)
    yield from _clock(identity)
    if settings.app_token:
        refused = check_app_token(settings.app_token, settings.api_url)
        mend = refused and f"Slack says {refused}; make an app-level token with connections:write"
        yield Finding("app-level token", mend)
    return True


def _scopes(identity: SlackResponse) -> Iterator[Finding]:
    given = {name.lower(): value for name, value in identity.headers.items()}.get("x-oauth-scopes")
    if given is None:
        return  # not told: taken as present
    granted = {scope.strip() for scope in given.split(",")}
    for scope, reason in SCOPES.items():
        missing = f"add it in OAuth & Permissions and reinstall the app; needed to {reason}"
        yield Finding(f"scope {scope}", None if scope in granted else missing)


def _clock(identity: SlackResponse) -> Iterator[Finding]:
    told = {name.lower(): value for name, value in identity.headers.items()}.get("date")
    if told:
        skew = abs(datetime.now(UTC) - parsedate_to_datetime(told))
        mend = None if skew < _MOST_SKEW else f"{int(skew.total_seconds())} s away from Slack's; set it by NTP"
        yield Finding("this machine's clock", mend)


def _channels(company: Company, messenger: SlackMessenger) -> Iterator[Finding]:
    wanted = {company.channel(project) for project in company.projects.values()}
    try:
        messenger.read_channels()
    except DeliveryFailed as failure:
        yield Finding("channels", f"they could not be read: Slack says {failure}")
        return
    for name in sorted(filter(None, wanted)):
        channel = messenger.channel(name)
        if channel is None:
            yield Finding(
                f"channel {name}", "no such channel that the bot can see; check its name, or invite the bot to it"
            )
        else:
            yield Finding(f"channel {name}", None if channel.is_member else "invite the bot: /invite @Quarterdeck")
    if None in wanted:
        yield Finding(
            "channels", "some project has none; set leadership_channel in the portfolio, or LEADERSHIP_CHANNEL"
        )


def _people(company: Company, messenger: SlackMessenger, database: Database) -> Iterator[Finding]:
    try:
        entries = messenger.directory()
    except DeliveryFailed as failure:
        yield Finding("people", f"Slack's directory could not be read: Slack says {failure}")
        return
    with database.writing() as session:
        lost = find_accounts(session, entries)
    for match in lost:
        yield Finding(f"person {match.person.ref}{_concern(company, match)}", _LOST[match.problem or "not-found"])
    if not lost:
        yield Finding("people: everybody the portfolio names has an account")


def _concern(company: Company, match: Match) -> str:
    """Where a person is missed."""
    keys = [project.key for project in company.projects.values() if owes_in(project, match.person)]
    return f" ({', '.join(keys)})" if keys else ""
