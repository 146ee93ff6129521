"""Whatever no listener takes: answered within Slack's three seconds, and logged with a reference id."""

from __future__ import annotations

import json
import logging
import secrets

from slack_bolt import BoltResponse

logger = logging.getLogger(__name__)

_OFFERS = frozenset({"block_suggestion", "dialog_suggestion"})  # asked for the options of a menu


def answer_unknown(body: object) -> BoltResponse:
    """The ack of a payload that nobody knows: empty, or no options where some were asked for."""
    told = body if isinstance(body, dict) else {}
    event = told.get("event")
    logger.warning(
        "unknown payload reference=%s type=%.60s event=%.60s",
        secrets.token_hex(4),
        told.get("type") or ("command" if "command" in told else None),
        event.get("type") if isinstance(event, dict) else None,
    )
    if told.get("type") in _OFFERS:
        return BoltResponse(
            status=200, body=json.dumps({"options": []}), headers={"content-type": ["application/json"]}
        )
    return BoltResponse(status=200)
