"""The Slack app's manifest: the least that Slack must allow, each scope with its reason."""

from __future__ import annotations

from typing import Literal

from bot.slack.ids import Shortcut

SCOPES = {
    "chat:write": "send and edit the bot's own messages",
    "commands": "/compile-report, and the shortcuts",
    "users:read": "find milestone owners and their time zones",
    "users:read.email": "find owners that the portfolio names by e-mail address",
    "channels:read": "find the report's channel by its name, and see whether another company shares it",
    "groups:read": "the same for a private channel that the bot was invited to",
    "dnd:read": "never write to somebody in do-not-disturb",
    "im:write": "open the conversation with a person, to settle a message whose sending was not confirmed",
    "im:history": "the bot's own conversations only, read only to settle such a message",
    "files:read": "fetch a plan file that somebody dropped to the bot; let owners put files into an update",
    "files:write": "put the report's documents into its thread",
}
EVENTS = {
    "app_home_opened": "show the App Home",
    "user_change": "follow time zones and closed accounts",
    "file_shared": "hear of a plan file that somebody dropped into the bot's own conversation",
    "member_joined_channel": "see that the bot was invited to a report's channel",
}
COMMAND = "/compile-report"
# Where each shortcut is found, its name (24 characters at most) and what it does.
SHORTCUTS: dict[Shortcut, tuple[Literal["global", "message"], str, str]] = {
    Shortcut.UPDATE: ("global", "Update my milestones", "Answer for the milestones that you own"),
    Shortcut.ADD_MESSAGE: ("message", "Add to my update", "Add this message to the note of a milestone that you own"),
}
EVENTS_PATH = "/slack/events"


def manifest(url: str | None = None) -> str:
    """The manifest as YAML, reasons as comments: for Socket Mode, or for HTTP at a public base address."""
    address = None if url is None else url.rstrip("/") + EVENTS_PATH
    scopes = "\n".join(f"      - {scope}  # {reason}" for scope, reason in SCOPES.items())
    events = "\n".join(f"      - {event}  # {reason}" for event, reason in EVENTS.items())
    return _TEMPLATE.format(
        scopes=scopes,
        events=events,
        shortcuts="".join(_SHORTCUT.format(*entry, callback=callback) for callback, entry in SHORTCUTS.items()),
        command=COMMAND,
        command_url=f"\n      url: {address}" if address else "",
        request_url=f"\n    request_url: {address}" if address else "",
        interactivity_url=f"\n    request_url: {address}" if address else "",
        socket_mode="false" if address else "true",
    )


_TEMPLATE = """\
_metadata:
  major_version: 1
display_information:
  name: Quarterdeck
  description: Asks milestone owners for their quarterly update and compiles the report leadership reads
  background_color: "#1f3a5f"
features:
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true  # without it the bot could not write to anybody
    messages_tab_read_only_enabled: false  # so that a plan file can be dropped; answers come by buttons and dialogs
  bot_user:
    display_name: Quarterdeck
    always_online: true
  slash_commands:
    - command: {command}
      description: Compile, review and publish a quarterly report
      usage_hint: "[project] [2025-Q3] | all | help"
      should_escape: false{command_url}
  shortcuts:{shortcuts}
oauth_config:
  scopes:
    bot:
{scopes}
settings:
  event_subscriptions:{request_url}
    bot_events:
{events}
  interactivity:
    is_enabled: true{interactivity_url}
  org_deploy_enabled: false
  socket_mode_enabled: {socket_mode}
  token_rotation_enabled: false
"""

_SHORTCUT = """
    - name: {1}
      type: {0}
      callback_id: {callback}
      description: {2}"""
