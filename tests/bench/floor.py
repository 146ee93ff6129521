"""A bare Bolt app that only acks, served as the bot is served: the floor that no bot can go below.

python -m tests.bench.floor PORT SIGNING_SECRET
"""

from __future__ import annotations

import re
import sys

import uvicorn
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette

from bot.slack.http import slack_route


def bare_app(signing_secret: str) -> App:
    """Acks every action and every submission, and does nothing else."""
    app = App(
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T0", bot_token="xoxb-floor"),
        signing_secret=signing_secret,
        process_before_response=True,
    )
    everything = re.compile("")
    app.action(everything)(_ack)
    app.view(everything)(_ack)
    return app


def _ack(ack: Ack) -> None:
    ack()


def main(port: int, signing_secret: str) -> None:
    """Serve until killed."""
    web = Starlette(routes=[slack_route(bare_app(signing_secret), lambda seconds, is_answered: None)])
    uvicorn.run(web, host="127.0.0.1", port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
