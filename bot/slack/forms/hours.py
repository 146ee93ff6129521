"""The dialog for a person's own hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from bot.domain.errors import InvalidInput
from bot.slack.blocks import Block, modal, plain, section
from bot.slack.ids import Action, View
from bot.slack.words import Words

_FROM, _UNTIL = "from", "until"


def build(own: tuple[time, time] | None, company: tuple[time, time], zone: str, words: Words) -> Block:
    """The dialog, filled with the person's own hours where they have said so."""
    lead = words.say("hours/lead.j2", opens=f"{company[0]:%H:%M}", closes=f"{company[1]:%H:%M}", zone=zone)
    opens, closes = own or (None, None)
    return modal(
        words.label("hours"),
        [
            section(lead),
            _field(_FROM, words.label("hours-from"), opens),
            _field(_UNTIL, words.label("hours-until"), closes),
        ],
        callback_id=View.HOURS,
        submit=words.label("save"),
        close=words.label("cancel"),
    )


def read(view: Mapping[str, Any], words: Words) -> tuple[time, time] | None:
    """The hours chosen; None for the company's. Raises InvalidInput where the end does not follow the start."""
    opens, closes = _value(view, _FROM), _value(view, _UNTIL)
    if opens is None and closes is None:
        return None
    if opens is None or closes is None or closes <= opens:
        raise InvalidInput({_UNTIL if opens else _FROM: words.say_plain("hours/order.j2")})
    return opens, closes


def _field(name: str, label: str, value: time | None) -> Block:
    element: Block = {"type": "timepicker", "action_id": Action.INPUT}
    if value:
        element["initial_time"] = f"{value:%H:%M}"
    return {"type": "input", "block_id": name, "label": plain(label), "element": element, "optional": True}


def _value(view: Mapping[str, Any], name: str) -> time | None:
    chosen = (view["state"]["values"].get(name, {}).get(Action.INPUT) or {}).get("selected_time")
    return time.fromisoformat(chosen) if chosen else None
