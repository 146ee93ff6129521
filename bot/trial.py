"""The trial: the stand-in for Slack alone, with the people and channels of a portfolio, for a bot that is started beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.clock import Clock
from bot.intake.portfolio import PortfolioFile, read_portfolio
from bot.intake.problems import read_text
from bot.sandbox.people import SlackChannel, SlackPerson, Tour
from bot.sandbox.server import Sandbox
from bot.settings import Settings
from bot.slack.manifest import EVENTS_PATH
from bot.stage import accounts_of, asked_to_end, slack_app

_INTRO = (
    "Your own portfolio on one machine, and you can be anybody in it. The bot is the one that you start with quarterdeck run;"
    " invite it to a channel with /invite @Quarterdeck."
)


def hold(file: str, *, port: int, url: str | None, settings: Settings) -> None:
    """Stand in for Slack until the process is asked to end. Prints the settings with which a bot reaches it.

    `url` is where a bot in HTTP mode is reached, without path; None is for Socket Mode. Raises FileProblems where the portfolio
    `file` cannot be read.
    """
    loaded = read_portfolio(read_text(Path(file)), file)
    ended = asked_to_end()
    people = _people(loaded)
    channels = _channels(loaded, settings.leadership_channel, members=[person.id for person in people])
    sandbox = Sandbox(
        people,
        channels,
        app=slack_app(),
        now=Clock(settings.moved_to).now,
        port=port,
        tour=Tour(intro=_INTRO),
        workspace_name=loaded.portfolio.company,
        request_url=f"{url.rstrip('/')}{EVENTS_PATH}" if url else None,
    )
    with sandbox:
        print("\n".join(_lines(sandbox, is_http=url is not None)), flush=True)  # noqa: T201 - the result of the command
        ended.wait()


def _lines(sandbox: Sandbox, *, is_http: bool) -> Iterator[str]:
    """The settings as `.env` takes them."""
    app = sandbox.workspace.app
    yield f"# {sandbox.url}/ shows what people see"
    yield f"SLACK_API_URL={sandbox.api_url}"
    yield f"SLACK_BOT_TOKEN={app.bot_token}"
    yield f"SLACK_SIGNING_SECRET={app.signing_secret}" if is_http else f"SLACK_APP_TOKEN={app.app_token}"


def _people(loaded: PortfolioFile) -> list[SlackPerson]:
    """Everybody whom the portfolio names; who has no name there is called by the handle."""
    accounts = accounts_of(loaded.people, loaded.projects, loaded.portfolio.timezone)
    return [
        account if account.real_name not in (account.email, f"@{account.name}") else _named_by_handle(account)
        for account in accounts
    ]


def _named_by_handle(account: SlackPerson) -> SlackPerson:
    return replace(account, real_name=account.name.title(), display_name="")


def _channels(loaded: PortfolioFile, default: str | None, *, members: list[str]) -> list[SlackChannel]:
    """The channels that are named, by name or id; the bot is in none of them yet, as in a workspace."""
    named = [loaded.portfolio.leadership_channel, default, *(project.leadership_channel for project in loaded.projects)]
    names = dict.fromkeys(name.removeprefix("#") for name in named if name)
    return [
        SlackChannel(name if name.isupper() else f"C0TRIAL{number:03d}", name, members=members, bot_is_member=False)
        for number, name in enumerate(names or ("leadership",), start=1)
    ]
