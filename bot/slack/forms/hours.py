"""The dialog for a person's own hours, and for who answers while they are away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from bot.domain.errors import InvalidInput
from bot.locales import Locale
from bot.slack.blocks import Block, divider, modal, plain, section
from bot.slack.forms.fields import Fields, block_id
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question
from bot.slack.ids import Action, View
from bot.slack.voice import clock_of
from bot.slack.words import Words

_FROM, _UNTIL = "from", "until"
_SALT = "hours"
DEPUTY = "deputy"


@dataclass(frozen=True, slots=True)
class Own:
    """What a person says for themselves: hours (None: the company's), a deputy (a Slack id) and the deputy's days."""

    hours: tuple[time, time] | None = None
    deputy: str | None = None
    days: tuple[date | None, date | None] = (None, None)


def build(own: Own, company: tuple[time, time], zone: str, locale: str, words: Words) -> Block:
    """The dialog, filled with what the person has said; `company` are the hours of everybody else."""
    opens, closes = map(Locale(locale).clock, company)
    lead = words.say("hours/lead.j2", opens=opens, closes=closes, zone=clock_of(zone))
    own_opens, own_closes = own.hours or (None, None)
    return modal(
        words.label("hours"),
        [
            section(lead),
            _field(_FROM, words.label("hours-from"), own_opens),
            _field(_UNTIL, words.label("hours-until"), own_closes),
            divider(),
            section(words.say("hours/deputy.j2")),
            *_deputy(own, words),
        ],
        callback_id=View.HOURS,
        submit=words.label("save"),
        close=words.label("cancel"),
    )


def read(view: Mapping[str, Any], before: Own, words: Words) -> Own:
    """What came back; `before` is what the person had said. Raises InvalidInput where an end does not follow its start."""
    filled = Filled(view, words)
    days = filled.day("deputy-from"), filled.day("deputy-until")
    if days[0] and days[1] and days[1] < days[0]:
        filled.refuse("deputy-until", words.say_plain("hours/days.j2"))
    filled.check()
    return Own(_hours(view, words), filled.text(DEPUTY, before.deputy), days)


def beside_deputy(sentence: str) -> InvalidInput:
    """What is wrong with the deputy who was chosen, beside that field."""
    return InvalidInput({block_id(DEPUTY, _SALT): sentence})


def _hours(view: Mapping[str, Any], words: Words) -> tuple[time, time] | None:
    opens, closes = _value(view, _FROM), _value(view, _UNTIL)
    if opens is None and closes is None:
        return None
    if opens is None or closes is None or closes <= opens:
        raise InvalidInput({_UNTIL if opens else _FROM: words.say_plain("hours/order.j2")})
    return opens, closes


def _deputy(own: Own, words: Words) -> list[Block]:
    fields = Fields(words, _SALT)
    asked = (
        (Question(DEPUTY, words.label(DEPUTY), "person"), own.deputy),
        (Question("deputy-from", words.label("deputy-from"), "date"), own.days[0]),
        (Question("deputy-until", words.label("deputy-until"), "date"), own.days[1]),
    )
    return [block for question, value in asked for block in fields.ask(question, value)]


def _field(name: str, label: str, value: time | None) -> Block:
    element: Block = {"type": "timepicker", "action_id": Action.INPUT}
    if value:
        element["initial_time"] = f"{value:%H:%M}"
    return {"type": "input", "block_id": name, "label": plain(label), "element": element, "optional": True}


def _value(view: Mapping[str, Any], name: str) -> time | None:
    chosen = (view["state"]["values"].get(name, {}).get(Action.INPUT) or {}).get("selected_time")
    return time.fromisoformat(chosen) if chosen else None
