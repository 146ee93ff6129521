"""What Slack says of the tokens, their permissions and this machine's clock."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from slack_sdk.web import SlackResponse

from bot.doctor.finding import Finding, slack_said
from bot.domain.errors import DeliveryFailed
from bot.settings import Settings
from bot.slack.manifest import SCOPES
from bot.slack.messenger import SlackMessenger
from bot.slack.socket_mode import check_app_token

_MOST_SKEW = timedelta(seconds=60)  # Slack refuses signatures five minutes off; a minute is a clock that drifts


def look_at_slack(settings: Settings, messenger: SlackMessenger) -> Generator[Finding, None, bool]:
    """What Slack says of the settings; returns whether more can be asked of it."""
    try:
        identity = messenger.identity()
    except DeliveryFailed as failure:
        yield Finding("bot token", f"{slack_said(failure)}; check SLACK_BOT_TOKEN and SLACK_API_URL")
        return False
    yield Finding(f"bot token, workspace {identity.get('team', identity['team_id'])}")
    yield from _scopes(identity)
    yield from _clock(identity)
    yield _way_in(settings)
    return True


def _way_in(settings: Settings) -> Finding:
    """How Slack reaches the bot, as far as that can be tried."""
    if settings.app_token is None:
        return Finding("signing secret, taken as it is: Slack's first request shows whether it is right")
    refused = check_app_token(settings.app_token, settings.api_url)
    mend = refused and f"{slack_said(refused)}; make an app-level token with connections:write"
    return Finding("app-level token", mend)


def _scopes(identity: SlackResponse) -> Iterator[Finding]:
    given = _header(identity, "x-oauth-scopes")
    if given is None:
        return  # not told: taken as present
    granted = {scope.strip() for scope in given.split(",")}
    for scope, reason in SCOPES.items():
        missing = f"add it in OAuth & Permissions and reinstall the app; needed to {reason}"
        yield Finding(f"scope {scope}", None if scope in granted else missing)


def _clock(identity: SlackResponse) -> Iterator[Finding]:
    told = _instant(_header(identity, "date") or "")
    if told:
        skew = abs(datetime.now(UTC) - told)
        mend = None if skew < _MOST_SKEW else f"{int(skew.total_seconds())} s away from Slack's; set it by NTP"
        yield Finding("this machine's clock", mend)


def _instant(date: str) -> datetime | None:
    """A header's date, which is of UTC where it names no zone; None for what is no date."""
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _header(identity: SlackResponse, name: str) -> str | None:
    """A header of Slack's answer by its name in small letters: proxies change the capitals."""
    return next((value for given, value in identity.headers.items() if given.lower() == name), None)
