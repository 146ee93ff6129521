"""The world of the sandbox's tests, and valid blocks and views; override what matters."""

import http.client
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from slack_sdk import WebClient

from bot.sandbox.people import Shortcut, SlackApp, SlackChannel, SlackPerson, SlashCommand
from bot.sandbox.server import Sandbox

NewSandbox = Callable[..., Sandbox]

APP = SlackApp(
    name="Helper",
    bot_user="UBOT",
    scopes=[
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "dnd:read",
        "files:read",
        "files:write",
        "im:history",
        "im:read",
        "im:write",
        "reactions:write",
        "users:read",
        "users:read.email",
    ],
    commands=[SlashCommand("/report", "Make a report", "[project]")],
    shortcuts=[Shortcut("global", "ask", "Ask"), Shortcut("message", "quote", "Quote")],
)
PEOPLE = [
    SlackPerson("UALICE", "alice", real_name="Alice Adams", email="alice@example.org", tz="Europe/Paris"),
    SlackPerson("UBOB", "bob", real_name="Bob Brown", display_name="Bobby"),
    SlackPerson("UGONE", "gone", deleted=True, email="gone@example.org"),
    SlackPerson("UOUT", "olga", real_name="Olga Outside", team_id="T0ELSEWHERE"),
    SlackPerson("UFAR", "frank", team_id="T0ELSEWHERE"),
]
CHANNELS = [
    SlackChannel("CGENERAL", "general", members=["UALICE", "UBOB"]),
    SlackChannel("CSHARED", "shared", members=["UALICE", "UOUT"], is_ext_shared=True),
    SlackChannel("CSECRET", "secret", members=["UBOB"], is_private=True, bot_is_member=False),
    SlackChannel("COPEN", "open", members=["UBOB"], bot_is_member=False),
    SlackChannel("COLD", "old", members=["UBOB"], is_archived=True),
]


class Answer(NamedTuple):
    """The answer to one HTTP request."""

    status: int
    headers: dict[str, str]
    body: bytes


def fetch(
    url: str,
    body: bytes | None = None,
    content_type: str = "application/x-www-form-urlencoded",
    method: str | None = None,
    token: str = "",
) -> Answer:
    """GET a URL, or POST a body to it, unless another method is named; redirects are not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        usual = "GET" if body is None else "POST"
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request(method or usual, path, body, {"Content-Type": content_type, **bearer})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def texts(sandbox: Sandbox, channel: str = "CGENERAL") -> list[str]:
    """What Alice reads in a channel, oldest first."""
    return [message.text for message in sandbox.person("UALICE").messages(channel)]


def post(client: WebClient, text: str = "t") -> None:
    """Post as the app where everybody reads it."""
    client.chat_postMessage(channel="CGENERAL", text=text)


def plain(text: str) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str | None = None) -> dict[str, Any]:
    """An option, whose value is its text unless given."""
    return {"text": plain(text), "value": value or text}


def button(text: str = "Go", action_id: str = "go", **more: Any) -> dict[str, Any]:
    """A button."""
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An actions block, with one button unless elements are given."""
    return {"type": "actions", "elements": list(elements) or [button()], **more}


def section(text: str = "Hello", **more: Any) -> dict[str, Any]:
    """A section."""
    return {"type": "section", "text": mrkdwn(text), **more}


def field(
    label: str = "Name", block_id: str = "name", element: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """An input block, for one line of text unless an element is given."""
    element = element or {"type": "plain_text_input", "action_id": "value"}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A modal with a Submit button."""
    shown = list(blocks) or [field()]
    view = {"type": "modal", "callback_id": "form", "title": plain("Form"), "submit": plain("Send")}
    return {**view, "blocks": shown, **more}
