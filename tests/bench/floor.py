"""A bare Bolt app, served as the bot is served: the floor that no bot can go below. It acks, and calls Slack where a bot must.

python -m tests.bench.floor PORT SIGNING_SECRET TOKEN API_URL DIALOG HOW

DIALOG is a file with the view that it opens. HOW is `waiting`, in which Bolt answers with what the listener has said, as the bot
has it, or `polling`, which is what Bolt does unless told otherwise: it looks for the ack every ten milliseconds.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvicorn
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from starlette.applications import Starlette

from bot.slack.http import slack_route
from bot.slack.ids import Action

WAITING, POLLING = "waiting", "polling"

_WORDS = [{"type": "section", "text": {"type": "mrkdwn", "text": "One moment."}}]
_SMALL = {"type": "modal", "title": {"type": "plain_text", "text": "Report"}, "blocks": _WORDS}
_HOME = {"type": "home", "blocks": _WORDS}


def bare_app(signing_secret: str, slack: WebClient, dialog: Mapping[str, Any], how: str) -> App:
    """Acks everything; opens the dialog, a small view for a command, and a Home, before it acks."""
    app = App(
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T0", bot_token="xoxb-floor"),
        signing_secret=signing_secret,
        request_verification_enabled=False,  # `slack_route` has looked
        process_before_response=how == WAITING,
    )
    everything = re.compile("")

    @app.action(Action.UPDATE_ITEM)
    def on_button(body: Mapping[str, Any], ack: Ack) -> None:
        slack.views_open(trigger_id=body["trigger_id"], view=dialog)
        ack()

    @app.command(everything)
    def on_command(body: Mapping[str, Any], ack: Ack) -> None:
        slack.views_open(trigger_id=body["trigger_id"], view=_SMALL)
        ack()

    @app.event("app_home_opened")
    def on_home(event: Mapping[str, Any]) -> None:
        slack.views_publish(user_id=event["user"], view=_HOME)

    @app.action(everything)
    @app.view(everything)
    def on_anything(ack: Ack) -> None:
        ack()

    return app


def main(port: int, signing_secret: str, token: str, api_url: str, dialog: str, how: str) -> None:
    """Serve until killed."""
    app = bare_app(signing_secret, WebClient(token, base_url=api_url), json.loads(Path(dialog).read_text()), how)
    web = Starlette(routes=[slack_route(app, signing_secret, lambda seconds, is_answered: None)])
    uvicorn.run(web, host="127.0.0.1", port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
