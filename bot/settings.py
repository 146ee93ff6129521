"""Settings: the only reader of the environment. All that is missing or malformed is said at once."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.domain.channel import is_channel
from bot.domain.dates import YEARS, read_instant
from bot.domain.errors import WrongInput

SLACK_API = "https://slack.com/api/"
GITHUB_API = "https://api.github.com/"
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_LOG_FORMATS = ("text", "json")


@dataclass(frozen=True)
class TrackerSettings:
    """Where trackers are and what lets us in. Tokens are read from here alone, and are in no `repr`."""

    github_api_url: str = GITHUB_API
    github_token: str | None = field(default=None, repr=False)
    jira_url: str | None = None
    jira_email: str | None = None
    jira_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Settings:
    """What the environment and `.env` in the working folder say. `moved_to` is where a trial's clock starts."""

    bot_token: str | None = None
    app_token: str | None = None
    signing_secret: str | None = None
    api_url: str = SLACK_API
    database_url: str = "sqlite:///quarterdeck.db"
    leadership_channel: str | None = None
    prompts_dir: Path | None = None
    templates_dir: Path | None = None
    host: str = "0.0.0.0"  # noqa: S104 - HTTP mode is reached from outside its machine; HOST narrows it
    port: int = 3000
    log_level: str = "INFO"
    log_format: str = "text"
    moved_to: datetime | None = None
    trackers: TrackerSettings = TrackerSettings()

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that nobody may read who reads the log: tokens, the signing secret, and passwords, also as headers carry them."""
        trackers = self.trackers
        jira = (
            b64encode(f"{trackers.jira_email}:{trackers.jira_token}".encode()).decode() if trackers.jira_token else None
        )
        given = (self.bot_token, self.app_token, self.signing_secret, trackers.github_token, trackers.jira_token, jira)
        return (*filter(None, given), *_passwords(self.database_url))

    @property
    def is_socket_mode(self) -> bool:
        """Whether Slack is reached by Socket Mode: an app token is set."""
        return self.app_token is not None

    @property
    def is_real_slack(self) -> bool:
        """Whether the API address is Slack's own."""
        host = _host(self.api_url) or ""
        return any(host == name or host.endswith(f".{name}") for name in ("slack.com", "slack-gov.com"))


def read_settings(environment: Mapping[str, str] | None = None, *, needs_slack: bool = False) -> Settings:
    """The settings of the environment, else of `.env`. Raises WrongInput with what `find_settings` finds amiss."""
    settings, problems = find_settings(environment, needs_slack=needs_slack)
    if problems:
        raise WrongInput("\n".join(problems))
    return settings


def find_settings(
    environment: Mapping[str, str] | None = None, *, needs_slack: bool = False
) -> tuple[Settings, tuple[str, ...]]:
    """The settings, and a sentence for each that is missing or malformed, with its name first and how to get it.

    What is malformed has its default. `needs_slack` asks for the tokens.
    """
    problems: list[str] = []
    given = _from_file(problems) if environment is None else {}
    given |= {k: v for k, v in (os.environ if environment is None else environment).items() if v}
    settings = Settings(
        bot_token=given.get("SLACK_BOT_TOKEN"),
        app_token=given.get("SLACK_APP_TOKEN"),
        signing_secret=given.get("SLACK_SIGNING_SECRET"),
        api_url=_api_url("SLACK_API_URL", given.get("SLACK_API_URL", SLACK_API), SLACK_API, problems),
        database_url=given.get("DATABASE_URL", Settings.database_url),
        leadership_channel=_channel(given.get("LEADERSHIP_CHANNEL"), problems),
        prompts_dir=_folder(given, "PROMPTS_DIR", problems),
        templates_dir=_folder(given, "TEMPLATES_DIR", problems),
        host=given.get("HOST", Settings.host),
        port=_port(given.get("PORT", str(Settings.port)), problems),
        log_level=_log_level(given.get("LOG_LEVEL", Settings.log_level), problems),
        log_format=_log_format(given.get("LOG_FORMAT", Settings.log_format), problems),
        moved_to=_instant(given.get("QUARTERDECK_NOW"), problems),
        trackers=_trackers(given, problems),
    )
    if needs_slack:
        problems += _slack_problems(settings)
    return settings, tuple(problems)


def _from_file(problems: list[str]) -> dict[str, str]:
    """What `.env` says: nothing where there is none, or none that can be read."""
    try:
        text = Path(".env").read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        problems.append(".env cannot be read: it is not text in UTF-8")
        return {}
    except PermissionError:
        problems.append(".env cannot be read: permission denied; run as the user whose file it is")
        return {}
    except OSError as error:
        problems.append(f".env cannot be read: {error.strerror}")
        return {}
    if broken := [str(binding.original.line) for binding in parse_stream(StringIO(text)) if binding.error]:
        problems.append(f".env cannot be read: expected NAME=value in line {', '.join(broken)}")
        return {}
    return {name: value for name, value in dotenv_values(stream=StringIO(text)).items() if value}


def _passwords(address: str) -> set[str]:
    """The password of a database's address, as it is written there and as it is meant; nothing where there is none."""
    written = {
        address.partition("://")[2].rpartition("@")[0].partition(":")[2],
        *re.findall(r"[?&]password=([^&]+)", address),
    }
    return {*written, *map(unquote, written)} - {""}


def _slack_problems(settings: Settings) -> list[str]:
    problems = []
    if settings.bot_token is None:
        problems.append(
            "SLACK_BOT_TOKEN is missing: the Bot User OAuth Token (xoxb-…) from OAuth & Permissions of your Slack app."
        )
    elif not settings.bot_token.startswith("xoxb-"):
        problems.append("SLACK_BOT_TOKEN does not look like a bot token; expected one that starts with xoxb-.")
    if settings.app_token is None and settings.signing_secret is None:
        problems.append(
            "SLACK_APP_TOKEN is missing: an app-level token (xapp-…) with connections:write, from Basic Information,"
            " for Socket Mode. For HTTP instead, set SLACK_SIGNING_SECRET from the same page."
        )
    elif settings.app_token is not None and not settings.app_token.startswith("xapp-"):
        problems.append("SLACK_APP_TOKEN does not look like an app-level token; expected one that starts with xapp-.")
    if settings.moved_to and settings.is_real_slack:
        problems.append(
            "QUARTERDECK_NOW moves the clock for trials only; unset it, or set SLACK_API_URL to a stand-in."
        )
    return problems


def _trackers(given: Mapping[str, str], problems: list[str]) -> TrackerSettings:
    jira = given.get("JIRA_URL")
    return TrackerSettings(
        github_api_url=_api_url("GITHUB_API_URL", given.get("GITHUB_API_URL", GITHUB_API), GITHUB_API, problems),
        github_token=given.get("GITHUB_TOKEN"),
        jira_url=_api_url("JIRA_URL", jira, "https://example.atlassian.net/", problems) if jira else None,
        jira_email=given.get("JIRA_EMAIL"),
        jira_token=given.get("JIRA_TOKEN"),
    )


def _api_url(name: str, text: str, example: str, problems: list[str]) -> str:
    if _host(text) is None:
        problems.append(f'{name} "{text}" is not a web address; expected such as {example}')
        return example
    return text.rstrip("/") + "/"


def _host(address: str) -> str | None:
    """The host of a web address; None for other words."""
    try:
        parts = urlsplit(address)
    except ValueError:  # such as a bracket that is never closed
        return None
    return parts.hostname if parts.scheme in ("http", "https") else None


def _folder(given: Mapping[str, str], name: str, problems: list[str]) -> Path | None:
    if name not in given:
        return None
    folder = Path(given[name])
    if not folder.is_dir():
        problems.append(f'{name} "{folder}" is not a folder; expected one with your own files, or leave it unset')
        return None
    return folder


def _channel(text: str | None, problems: list[str]) -> str | None:
    if text is None or is_channel(text):
        return text
    problems.append(f'LEADERSHIP_CHANNEL "{text}" is not a channel; expected such as #leadership or C012AB3CD')
    return None


def _port(text: str, problems: list[str]) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    problems.append(f'PORT "{text}" is not a port; expected a number from 1 to 65535, such as 3000')
    return Settings.port


def _log_level(text: str, problems: list[str]) -> str:
    if text.upper() not in _LOG_LEVELS:
        problems.append(f'LOG_LEVEL "{text}" is not a level; expected one of {", ".join(_LOG_LEVELS)}')
        return Settings.log_level
    return text.upper()


def _log_format(text: str, problems: list[str]) -> str:
    if text.lower() not in _LOG_FORMATS:
        problems.append(f'LOG_FORMAT "{text}" is not a format; expected one of {", ".join(_LOG_FORMATS)}')
        return Settings.log_format
    return text.lower()


def _instant(text: str | None, problems: list[str]) -> datetime | None:
    if text is None:
        return None
    moment = read_instant(text)
    if moment is None or moment.year not in YEARS:
        problems.append(
            f'QUARTERDECK_NOW "{text}" is not an instant of our time; expected such as 2025-09-15T14:00:00Z'
        )
    return moment
