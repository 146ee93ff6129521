"""Who and what is in a workspace, and what its page offers: plain values given by whoever starts the sandbox."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

TEAM_ID = "T0SANDBOX1"
TEAM_DOMAIN = "sandbox"
APP_ID = "A0SANDBOX1"
BOT_ID = "B0SANDBOX1"

EVERY_EVENT = (
    "app_home_opened",
    "app_mention",
    "file_shared",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "user_change",
)


@dataclass(frozen=True)
class SlackPerson:
    """A member of the workspace, or of another one (`team_id`) in channels shared with it.

    `name` is the handle, `title` a line that the page shows beside the name, `tz` an IANA zone,
    `status_expiration` UNIX seconds (0 = never), `dnd` the next do-not-disturb window (start, end).
    """

    id: str
    name: str
    real_name: str = ""
    display_name: str = ""
    email: str = ""
    tz: str = "UTC"
    title: str = ""
    is_bot: bool = False
    deleted: bool = False
    is_restricted: bool = False
    team_id: str = TEAM_ID
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: int = 0
    locale: str = "en-US"
    dnd: tuple[datetime, datetime] | None = None

    @property
    def is_external(self) -> bool:
        """Whether this person belongs to another company's workspace."""
        return self.team_id != TEAM_ID

    @property
    def shown_name(self) -> str:
        """The name that Slack shows: display name, else real name, else handle."""
        return self.display_name or self.real_name or self.name


@dataclass(frozen=True)
class SlackChannel:
    """A channel as the sandbox starts; `members` are person ids, the bot has its own flag."""

    id: str
    name: str
    topic: str = ""
    members: Sequence[str] = ()
    is_private: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False
    bot_is_member: bool = True


@dataclass(frozen=True)
class SlashCommand:
    """One slash command of the app's manifest; `command` starts with a slash."""

    command: str
    description: str = ""
    usage_hint: str = ""


@dataclass(frozen=True)
class Shortcut:
    """One shortcut of the app's manifest: in the search bar (global) or on a message."""

    type: Literal["global", "message"]
    callback_id: str
    name: str
    description: str = ""


@dataclass(frozen=True)
class SlackApp:
    """The installed app: its tokens, the scopes it was granted and what its manifest declares.

    `events` are the subscribed bot events by their manifest names (`message.im`, `app_home_opened`, …).
    """

    name: str
    bot_user: str
    scopes: Sequence[str]
    commands: Sequence[SlashCommand] = ()
    shortcuts: Sequence[Shortcut] = ()
    bot_token: str = "xoxb-sandbox"  # noqa: S105 - opens nothing but the sandbox
    app_token: str = "xapp-sandbox"  # noqa: S105 - opens nothing but the sandbox
    signing_secret: str = "sandboxsigningsecret"  # noqa: S105 - opens nothing but the sandbox
    events: Sequence[str] = EVERY_EVENT


@dataclass(frozen=True)
class Stop:
    """A labelled instant to which the page offers to move the clock."""

    key: str
    label: str
    at: datetime


def _no_stops() -> Sequence[Stop]:
    return ()


@dataclass(frozen=True)
class Tour:
    """What the page offers beside Slack: words to begin with, a guide, and a clock to move.

    `guide` are steps in their order, each with the `person` (an id) who takes it and its `text`. `stops` is asked each time
    the page is shown; `move_to` may take long. Without it the clock cannot be moved.
    """

    intro: str = ""
    guide: Sequence[Mapping[str, str]] = ()
    stops: Callable[[], Sequence[Stop]] = _no_stops
    move_to: Callable[[datetime], None] | None = None
