"""The JSON that Slack sends to apps, and shows of messages and people."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.sandbox.files import SlackFile
from bot.sandbox.modals import OpenView
from bot.sandbox.people import APP_ID, BOT_ID, TEAM_DOMAIN, TEAM_ID, SlackPerson
from bot.sandbox.workspace import Conversation, Message, Workspace

VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105 - deprecated field, sent for the shape only


def team_of(person: SlackPerson) -> dict[str, str]:
    """The workspace a person belongs to."""
    return {"id": person.team_id, "domain": "elsewhere" if person.is_external else TEAM_DOMAIN}


def user_of(person: SlackPerson) -> dict[str, str]:
    """A person as named in interaction payloads."""
    return {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id}


def interaction(kind: str, person: SlackPerson, **more: Any) -> dict[str, Any]:
    """What every interaction payload has, with its own fields added."""
    return {
        "type": kind,
        "team": team_of(person),
        "user": user_of(person),
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
        **more,
    }


def channel_of(conversation: Conversation) -> dict[str, str]:
    """A conversation as named in interaction payloads."""
    name = "directmessage" if conversation.kind == "im" else conversation.name
    return {"id": conversation.id, "name": name}


def command(
    person: SlackPerson, conversation: Conversation, name: str, text: str, trigger_id: str, response_url: str
) -> dict[str, str]:
    """A slash command; its flat fields are all strings."""
    channel = channel_of(conversation)
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": person.team_id,
        "team_domain": team_of(person)["domain"],
        "channel_id": channel["id"],
        "channel_name": channel["name"],
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def message_container(conversation: Conversation, message: Message) -> dict[str, Any]:
    """Where a message's button stands."""
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": conversation.id,
        "is_ephemeral": message.ephemeral_for is not None,
    }
    return {**container, "thread_ts": message.thread_ts} if message.is_reply else container


def view_container(view: OpenView) -> dict[str, str]:
    """Where a view's element stands."""
    return {"type": "view", "view_id": view.id}


def event(workspace: Workspace, body: Mapping[str, Any]) -> dict[str, Any]:
    """The outer envelope of the Events API around one event."""
    bot_user = workspace.app.bot_user
    authorization = {
        "enterprise_id": None,
        "team_id": TEAM_ID,
        "user_id": bot_user,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": dict(body),
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.now().timestamp()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": workspace.new_id("4-"),
    }


def file(workspace: Workspace, shown: SlackFile, base_url: str) -> dict[str, Any]:
    """A file as the Web API shows it; `url_private` asks for a token, the `permalink` is answered by the page."""
    shares: dict[str, dict[str, Any]] = {}
    for channel, ts in shown.shares.items():
        conversation = workspace.conversations[channel]
        public = conversation.kind == "channel" and not conversation.is_private
        shares.setdefault("public" if public else "private", {})[channel] = [{"ts": ts}]
    return {
        "id": shown.id,
        "created": int(shown.created.timestamp()),
        "name": shown.name,
        "title": shown.title or shown.name,
        "mimetype": shown.mimetype,
        "user": shown.user,
        "size": shown.size,
        "alt_txt": shown.alt_txt,
        "url_private": f"{base_url}/files-pri/{shown.id}",
        "url_private_download": f"{base_url}/files-pri/{shown.id}",
        "permalink": f"{base_url}/files/{shown.user}/{shown.id}/{quote(shown.name)}",
        "shares": shares,
    }


def message(workspace: Workspace, shown: Message, base_url: str, *, metadata: bool = False) -> dict[str, Any]:
    """A message as the Web API and payloads show it; absent fields are left out, as Slack does."""
    replies = workspace.conversations[shown.channel].replies(shown.ts)
    edited = {"user": shown.user, "ts": shown.edited_ts} if shown.edited_ts else None
    bot = {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": workspace.bot_profile()} if shown.by_app else {}
    optional = {
        "thread_ts": shown.thread_ts or (shown.ts if replies else None),
        "edited": edited,
        "attachments": shown.attachments,
        "files": [file(workspace, item, base_url) for item in shown.files],
        "reply_count": len(replies),
        "metadata": shown.metadata if metadata else None,
        "subtype": "thread_broadcast" if shown.broadcast else None,
        "reactions": [{"name": name, "users": users, "count": len(users)} for name, users in shown.reactions.items()],
    }
    return {
        "type": "message",
        "user": shown.user,
        "ts": shown.ts,
        "team": TEAM_ID,
        "text": shown.text,
        "blocks": shown.blocks,
        **bot,
        **{name: value for name, value in optional.items() if value},
    }
