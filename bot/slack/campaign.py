"""How the messages to owners stand: a line for managers, and the button with which an admin stops or resumes them."""

from __future__ import annotations

from decimal import Decimal
from math import ceil
from zoneinfo import ZoneInfo

from bot.flow.forms import Sending
from bot.locales import Locale
from bot.slack.blocks import Block, button, context, section
from bot.slack.ids import Action
from bot.slack.limits import PER_MINUTE
from bot.slack.voice import counted, one_line
from bot.slack.words import Words


def standing(sending: Sending, words: Words) -> list[Block]:
    """One line where messages are going out or are stopped; nothing else."""
    line = _line(sending, words)
    return [context(line)] if line else []


def controls(sending: Sending, words: Words) -> Block:
    """The same for an admin, always, with the button beside it."""
    name, action = (
        ("resume-sending", Action.RESUME_SENDING) if sending.stopped_by else ("stop-sending", Action.STOP_SENDING)
    )
    line = _line(sending, words) or words.say("campaign/quiet.j2")
    return section(line, accessory=button(words.label(name), action))


def answer(sending: Sending, words: Words) -> str:
    """What an admin is told after a command (mrkdwn)."""
    name = "was-stopped" if sending.stopped_by else "was-resumed"
    return words.say(f"campaign/{name}.j2", waiting=_waiting(sending))


def _line(sending: Sending, words: Words) -> str:
    if sending.stopped_by and sending.stopped_at:
        locale, local = Locale(sending.locale), sending.stopped_at.astimezone(ZoneInfo(sending.zone))
        return words.say(
            "campaign/stopped.j2",
            by=one_line(sending.stopped_by, 60),
            day=locale.weekday_date(local.date()),
            time=locale.time(local, ZoneInfo(sending.zone)),
            waiting=_waiting(sending),
        )
    if not sending.waiting:
        return ""
    locale, total = Locale(sending.locale), sending.sent + sending.waiting
    return words.say(
        "campaign/going-out.j2",
        sent=locale.number(Decimal(sending.sent)),
        total=locale.number(Decimal(total)),
        minutes=counted(ceil(sending.waiting / PER_MINUTE["chat.postMessage"]), "minute"),
    )


def _waiting(sending: Sending) -> str:
    return counted(sending.waiting, "message") if sending.waiting else ""
