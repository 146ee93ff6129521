"""The view behind a check's "Show": the updates that it is about, as they were said. It can only be closed."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.domain.report import LineState
from bot.domain.said import SaidUpdate
from bot.flow.forms import UpdatesForm
from bot.slack.blocks import Block, context, divider, modal, section, split_text
from bot.slack.ids import View
from bot.slack.post.post import voice_of
from bot.slack.post.sections import milestone_text, promise_text
from bot.slack.voice import Voice, one_line
from bot.slack.words import Words

_VIEW_BLOCKS = 97  # Slack: 100, less the head, the last line and one to spare
_VIEW_BYTES = 200_000  # Slack: 250 KB for a whole view, counted here as escaped JSON


def build(form: UpdatesForm, words: Words) -> Block:
    """As many updates as one view holds, each whole; the others are counted."""
    voice = voice_of(form.report, words)
    blocks = [section(words.say("review/updates.j2", sentence=one_line(form.check.sentence, 200)))]
    blocks_left, bytes_left = _VIEW_BLOCKS, _VIEW_BYTES
    for number, update in enumerate(form.updates):
        parts = list(_update(update, form.zone, voice))
        blocks_left -= len(parts)
        bytes_left -= len(json.dumps(parts))
        if blocks_left < 0 or bytes_left < 0:
            blocks.append(context(words.say("review/more-updates.j2", unlisted=len(form.updates) - number)))
            break
        blocks += parts
    return modal(words.label("updates"), blocks, callback_id=View.MESSAGE, close=words.label("back"))


def _update(update: SaidUpdate, zone: str, voice: Voice) -> Iterator[Block]:
    yield divider()
    promises = (promise_text(promise, voice) for promise in update.promises)
    for text in (milestone_text(update.line, voice), "\n".join(promises)):
        yield from map(section, split_text(text))
    yield context(_said(update, zone, voice))


def _said(update: SaidUpdate, zone: str, voice: Voice) -> str:
    """Who said it, when, and by what way."""
    line = update.line
    at = line.answered_at
    return voice.words.say(
        "review/said.j2",
        by=one_line(line.answered_by or "", 60),
        for_whom=one_line(line.answered_for or "", 60),
        day=voice.weekday(at, zone) if at else "",
        time=voice.time(at, zone) if at else "",
        is_confirmed=line.state is LineState.CONFIRMED,
        quarter="" if update.quarter == voice.quarter else voice.aged(update.quarter),
    )
