"""Init: asks the few things that a first start needs, checks each answer where it can, and writes `.env`.

Questions and what was found go to standard error, so that standard output holds the next steps and nothing else. Tokens
are never shown: a terminal does not echo them, and nothing here prints one.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from dotenv import dotenv_values, set_key, unset_key

from bot.clock import Clock
from bot.domain.errors import BotError, DeliveryFailed, FileProblems, TrackerFailed, TrackerRefused
from bot.domain.tracker import Tracked
from bot.domain.tracker_ref import TrackerSource
from bot.flow.collect.trackers import tracked_in
from bot.intake.portfolio import read_portfolio
from bot.intake.problems import read_text
from bot.settings import GITHUB_API, Settings, TrackerSettings, read_settings
from bot.slack.messenger import SlackMessenger
from bot.slack.socket_mode import check_app_token
from bot.surfaces import ReportDocuments
from bot.trackers.connect import connect

_ENV = Path(".env")
_PORTFOLIO = "portfolio.yaml"
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{6,}")
_NEEDS_NO_QUOTES = re.compile(r"[\w./:@+-]+")
_STARTER = """\
# The company. Projects can be added here as below, or in the bot's Home in Slack.
# All fields: docs/portfolio.md.
company: {company}
timezone: {timezone}
admins: ["{admin}"]
projects: []
#  - key: portal
#    name: Customer Portal
#    manager: pm@example.com
#    milestones:
#      - {{key: front-end, name: Front End, owner: dev@example.com, baseline: 2030-12-31}}
"""

Check = Callable[[str], str]  # takes an answer, says what was found; raises BotError where it cannot be used


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask. `name` is its setting in the environment; `present` is the answer that Enter keeps."""

    name: str
    words: str
    check: Check
    present: str | None = None
    is_secret: bool = False
    is_optional: bool = False


class Interview:
    """Asks at a terminal until an answer will do; takes a line each from a pipe, or with `takes_input` off what is set."""

    def __init__(self, *, takes_input: bool) -> None:
        self._takes_input = takes_input
        self._is_terminal = takes_input and sys.stdin.isatty()

    def answer(self, question: Question) -> str:
        """The answer, checked. Raises BotError where there is none, or where nobody is there to give a better one."""
        while True:
            given = self._given(question)
            try:
                found = _checked(question, given)
            except BotError as problem:
                if not self._is_terminal:
                    raise
                say(f"  {problem}")
            else:
                say(f"  {found}")
                return given

    def agrees(self, question: str) -> bool:
        """Whether the answer is yes; where nobody is asked, it is not."""
        return self._takes_input and self._line(f"{question} [y/N] ").lower() in ("y", "yes")

    def _given(self, question: Question) -> str:
        if not self._takes_input:
            return question.present or ""
        shown = "the present one" if question.is_secret else question.present
        prompt = f"{question.words}{f' [{shown}]' if question.present else ''}: "
        given = getpass.getpass(prompt) if question.is_secret and self._is_terminal else self._line(prompt)
        return given.strip() or question.present or ""

    @staticmethod
    def _line(prompt: str) -> str:
        sys.stderr.write(prompt)
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise BotError("\nThere is no answer to this on standard input. Nothing was written.")
        return line.strip()


def _checked(question: Question, given: str) -> str:
    if given:
        return question.check(given)
    if question.is_optional:
        return "left out"
    raise BotError(f"{question.name} is missing: {question.words}.")


def set_up(settings: Settings, *, takes_input: bool, replaces: bool) -> Iterator[str]:
    """Ask, check, write `.env` and where wanted a first portfolio; returns the lines that say what to do next.

    `replaces` permits to change a `.env` that is there. Raises BotError where an answer is missing or will not do.
    """
    interview = Interview(takes_input=takes_input)
    if _ENV.exists() and not (replaces or interview.agrees(f"{_ENV} is there already. Change it?")):
        raise BotError(f"{_ENV} is there already, nothing was changed. To change it: quarterdeck init --yes")
    answers = _Answers(settings, interview)
    answers.ask_for_tokens()
    answers.ask_for_channel()
    answers.ask_for_portfolio()
    answers.ask_for_trackers()
    _write(answers.settings)
    return answers.next_steps()


class _Answers:
    """The answers so far, as settings."""

    def __init__(self, settings: Settings, interview: Interview) -> None:
        self.settings = settings
        self._interview = interview
        self._portfolio = Path(_PORTFOLIO)
        self._invites = False

    def ask_for_tokens(self) -> None:
        """How Slack is reached, and what Slack wants to see for that."""
        now = self.settings
        present = "http" if now.signing_secret and not now.app_token else "socket"
        mode = self._ask("mode", "How is Slack reached: socket (no public address) or http", _mode, present)
        bot_token = self._ask("SLACK_BOT_TOKEN", _BOT_TOKEN, self._bot_token, now.bot_token, is_secret=True)
        self.settings = replace(now, bot_token=bot_token)
        if mode == "socket":
            app_token = self._ask("SLACK_APP_TOKEN", _APP_TOKEN, self._app_token, now.app_token, is_secret=True)
            self.settings = replace(self.settings, app_token=app_token)
        else:
            secret = self._ask("SLACK_SIGNING_SECRET", _SECRET, _signing_secret, now.signing_secret, is_secret=True)
            self.settings = replace(self.settings, app_token=None, signing_secret=secret)

    def ask_for_channel(self) -> None:
        """Where reports are posted, unless the portfolio says it."""
        words = "Channel for reports, such as #leadership; empty where the portfolio names it"
        present = self.settings.leadership_channel
        channel = self._ask("LEADERSHIP_CHANNEL", words, self._channel, present, is_optional=True)
        self.settings = replace(self.settings, leadership_channel=_channel_name(channel) or None)

    def ask_for_portfolio(self) -> None:
        """The file with the company's projects; a first one is written where there is none."""
        file = self._ask("portfolio", "Portfolio file", _portfolio, _PORTFOLIO)
        self._portfolio = Path(file)
        if self._portfolio.exists() or not self._interview.agrees(f"{file} is not there. Write a first one?"):
            return
        company = self._ask("company", "Company name", _company)
        timezone = self._ask("timezone", "Time zone, such as America/New_York", _timezone)
        admin = self._ask("admin", "Who may do everything: an e-mail address or Slack id", _admin)
        self._portfolio.write_text(_starter(company, timezone, admin), encoding="utf-8")

    def ask_for_trackers(self) -> None:
        """What lets us into the trackers that the portfolio names; asked where there are any."""
        tracked = _first_tracked(self._portfolio)
        now = self.settings.trackers
        if there := tracked.get(TrackerSource.GITHUB):
            check = partial(_tracker_token, there, lambda given: replace(now, github_token=given))
            token = self._ask("GITHUB_TOKEN", _GITHUB_TOKEN, check, now.github_token, is_secret=True, is_optional=True)
            now = replace(now, github_token=token or None)
        if there := tracked.get(TrackerSource.JIRA):
            url = self._ask(
                "JIRA_URL", "Jira's address, such as https://example.atlassian.net", _jira_url, now.jira_url
            )
            email = self._ask("JIRA_EMAIL", "E-mail address of the account that reads Jira", _taken, now.jira_email)
            account = replace(now, jira_url=url, jira_email=email)
            check = partial(_tracker_token, there, lambda given: replace(account, jira_token=given))
            token = self._ask("JIRA_TOKEN", "That account's API token", check, now.jira_token, is_secret=True)
            now = replace(account, jira_token=token)
        self.settings = replace(self.settings, trackers=now)

    def next_steps(self) -> Iterator[str]:
        """What is to be done now, a line each."""
        yield f"Wrote {_ENV}, readable by you alone. Next:"
        if not self._portfolio.exists():
            yield f"  describe your projects in {self._portfolio}: docs/portfolio.md"
        yield f"  quarterdeck load {self._portfolio}"
        if self._invites:
            yield f"  in Slack, in {self.settings.leadership_channel}: /invite @Quarterdeck"
        if not self.settings.is_socket_mode:
            yield f"  let your proxy pass /slack/events on to port {self.settings.port}"
        yield "  quarterdeck doctor"
        yield "  quarterdeck run"

    def _ask(
        self,
        name: str,
        words: str,
        check: Check,
        present: str | None = None,
        *,
        is_secret: bool = False,
        is_optional: bool = False,
    ) -> str:
        return self._interview.answer(Question(name, words, check, present, is_secret, is_optional))

    def _bot_token(self, token: str) -> str:
        if not token.startswith("xoxb-"):
            raise BotError("This does not look like a bot token; expected one that starts with xoxb-.")
        try:
            identity = self._messenger(token).identity()
        except DeliveryFailed as failure:
            return _not_told("SLACK_BOT_TOKEN", str(failure))
        return f"workspace {identity.get('team', identity['team_id'])}"

    def _app_token(self, token: str) -> str:
        if not token.startswith("xapp-"):
            raise BotError("This does not look like an app-level token; expected one that starts with xapp-.")
        refused = check_app_token(token, self.settings.api_url)
        return _not_told("SLACK_APP_TOKEN", refused) if refused else "Slack would open a connection"

    def _channel(self, given: str) -> str:
        name = _channel_name(given)
        messenger = self._messenger(self.settings.bot_token or "")
        try:
            messenger.read_channels()
        except DeliveryFailed as failure:
            return _not_told(name, str(failure))
        channel = messenger.channel(name)
        if channel is None:
            raise BotError(f"There is no {name} that the bot can see. A private one needs /invite @Quarterdeck first.")
        self._invites = not channel.is_member
        return "the bot is a member" if channel.is_member else "found; the bot is not a member yet"

    def _messenger(self, token: str) -> SlackMessenger:
        documents = ReportDocuments(self.settings)
        return SlackMessenger(token, self.settings.api_url, documents.words, documents.questions)


_BOT_TOKEN = "Bot User OAuth Token (xoxb-…), from OAuth & Permissions of your Slack app"  # noqa: S105 - a question
_APP_TOKEN = "App-level token (xapp-…) with connections:write, from Basic Information"  # noqa: S105 - a question
_GITHUB_TOKEN = "GitHub token that may read issues; empty where all repositories are public"  # noqa: S105 - a question
_SECRET = "Signing secret, from Basic Information of your Slack app"  # noqa: S105 - a question


def say(line: str) -> None:
    """Tell whoever answers."""
    sys.stderr.write(f"{line}\n")


def _not_told(name: str, reason: str) -> str:
    """What was found where Slack gave no answer. Raises BotError where it gave one, and refused."""
    if not reason.startswith("no answer"):
        raise BotError(f"Slack does not take {name}: {reason}.")
    return "not checked: Slack could not be reached"


def _mode(given: str) -> str:
    if given not in ("socket", "http"):
        raise BotError("Expected socket or http.")
    return "Socket Mode" if given == "socket" else "HTTP"


def _signing_secret(given: str) -> str:
    if not given.isalnum():
        raise BotError("This does not look like a signing secret; expected letters and digits only.")
    return "taken; Slack's first request shows whether it is right"


def _taken(_: str) -> str:
    return "taken"


def _jira_url(given: str) -> str:
    read_settings({"JIRA_URL": given})
    return "taken"


def _first_tracked(portfolio: Path) -> dict[TrackerSource, Tracked]:
    """A milestone in each kind of tracker that a portfolio file names, to try the settings on."""
    if not portfolio.exists():
        return {}
    projects = read_portfolio(read_text(portfolio), str(portfolio)).projects
    return {tracked.ref.source: tracked for project in projects for tracked in tracked_in(project)}


def _tracker_token(tracked: Tracked, with_token: Callable[[str], TrackerSettings], token: str) -> str:
    """What a tracker tells of a milestone with a token. Raises TrackerRefused where it does not take that."""
    try:
        told = connect(with_token(token), "en_US", Path.cwd())[tracked.ref.source].read(tracked, Clock.real())
    except TrackerRefused:
        raise
    except TrackerFailed as failure:
        return f"not checked: {failure}"
    return f"{tracked.project}/{tracked.milestone} is at {told.percent}%"


def _channel_name(given: str) -> str:
    return given if not given or given.startswith("#") or _CHANNEL_ID.fullmatch(given) else f"#{given}"


def _portfolio(file: str) -> str:
    if not Path(file).exists():
        return "not there yet"
    loaded = read_portfolio(read_text(Path(file)), file)
    return f"{loaded.portfolio.company}, projects: {len(loaded.projects)}"


def _company(given: str) -> str:
    return _tried(given, "UTC", "U0ADMIN")


def _timezone(given: str) -> str:
    return _tried("Company", given, "U0ADMIN")


def _admin(given: str) -> str:
    return _tried("Company", "UTC", given)


def _tried(company: str, timezone: str, admin: str) -> str:
    """Whether a portfolio may say this: read as every portfolio is."""
    try:
        read_portfolio(_starter(company, timezone, admin), "")
    except FileProblems as problems:
        raise BotError(" ".join(problems.by_path.values())) from problems
    return "taken"


def _starter(company: str, timezone: str, admin: str) -> str:
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in (company, timezone, admin))
    company, timezone, admin = quoted
    return _STARTER.format(company=f'"{company}"', timezone=timezone, admin=admin)


def _write(settings: Settings) -> None:
    """Put the answers into `.env`; what else stands there stays. Nobody else may read it, from its first byte on."""
    try:
        os.close(os.open(_ENV, os.O_CREAT | os.O_WRONLY, 0o600))
        _ENV.chmod(0o600)
        there = dotenv_values(_ENV)
        for name, value in _values(settings).items():
            if value:
                set_key(_ENV, name, value, quote_mode="never" if _NEEDS_NO_QUOTES.fullmatch(value) else "always")
            elif name in there:
                unset_key(_ENV, name)
    except OSError as error:
        raise BotError(f"{_ENV} cannot be written: {error.strerror}") from error


def _values(settings: Settings) -> dict[str, str | None]:
    address = None if settings.is_real_slack else settings.api_url
    trackers = settings.trackers
    return {
        "SLACK_BOT_TOKEN": settings.bot_token,
        "SLACK_APP_TOKEN": settings.app_token,
        "SLACK_SIGNING_SECRET": settings.signing_secret,
        "SLACK_API_URL": address,
        "LEADERSHIP_CHANNEL": settings.leadership_channel,
        "GITHUB_API_URL": None if trackers.github_api_url == GITHUB_API else trackers.github_api_url,
        "GITHUB_TOKEN": trackers.github_token,
        "JIRA_URL": trackers.jira_url,
        "JIRA_EMAIL": trackers.jira_email,
        "JIRA_TOKEN": trackers.jira_token,
    }
