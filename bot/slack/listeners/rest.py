"""Whatever nobody else takes: answered within Slack's three seconds, and logged with a reference id."""

from __future__ import annotations

import logging
import re
import secrets

from slack_bolt import Ack, App

from bot.slack.desk import Payload

logger = logging.getLogger(__name__)

_ANYTHING = re.compile(".*")


def register(app: App) -> None:
    """Catch-alls. They come last: Bolt takes the first listener that fits."""

    @app.action(_ANYTHING)
    @app.view(_ANYTHING)
    @app.view_closed(_ANYTHING)
    @app.shortcut(_ANYTHING)
    @app.command(_ANYTHING)
    @app.options(_ANYTHING)
    def on_unknown(body: Payload, ack: Ack) -> None:
        logger.warning("unknown payload reference=%s type=%s", secrets.token_hex(4), body.get("type") or "command")
        ack()

    @app.event(_ANYTHING)
    def on_unknown_event(body: Payload) -> None:
        logger.info("unknown event type=%s", (body.get("event") or {}).get("type"))
