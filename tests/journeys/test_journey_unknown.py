"""What nobody has thought of reaches the bot over a socket: it is answered, and logged by a reference."""

from __future__ import annotations

import re

import pytest
from slack_sdk.socket_mode.request import SocketModeRequest
from world import World

UNKNOWN = [  # a payload's kind as the socket names it, and the payload
    ("interactive", {"type": "weird"}),
    ("interactive", {}),
    ("interactive", {"type": "block_actions"}),
    ("interactive", {"type": "view_submission", "view": {"callback_id": "nobody"}}),
    ("interactive", {"type": "block_suggestion", "action_id": "x", "block_id": "y", "value": "z"}),
    ("interactive", {"type": 7, "user": "somebody", "team": 5, "view": []}),
    ("slash_commands", {"command": "/other", "text": "", "user_id": "U0PETRA", "team_id": "T1"}),
    ("events_api", {"type": "event_callback", "event": {"type": "nope"}, "team_id": "T1"}),
    ("events_api", {"type": "event_callback", "event": None}),
    ("weird", {}),
]


class Client:
    """Slack's end of a connection: keeps the acks."""

    def __init__(self, real: object) -> None:
        self.logger = real.logger  # type: ignore[attr-defined]  # the SDK's client
        self.acks: list[dict[str, object]] = []

    def send_socket_mode_response(self, response: object) -> None:
        self.acks.append(response.to_dict())  # type: ignore[attr-defined]  # the SDK's response


def test_over_a_socket_everything_unknown_is_acked(world: World, caplog: pytest.LogCaptureFixture) -> None:
    handler = world.bot._connection._handler  # type: ignore[union-attr]  # Socket Mode
    for number, (kind, payload) in enumerate(UNKNOWN):
        client = Client(handler.client)
        caplog.clear()
        handler.handle(client, SocketModeRequest(kind, str(number), payload))  # type: ignore[arg-type]  # as much as is used
        assert [ack["envelope_id"] for ack in client.acks] == [str(number)], payload
        assert re.search(r"reference=[0-9a-f]{8}", caplog.text), payload
        if payload.get("type") == "block_suggestion":
            assert client.acks[0]["payload"] == {"options": []}
