""" "People and dates": a project's milestones with who answers and by when, and the small dialogs that change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from bot.domain.milestone_line import LineState
from bot.flow.forms import ManagedMilestone, ManageForm
from bot.flow.messages import ItemRef
from bot.locales import Locale
from bot.slack.blocks import Block, actions, button, context, metadata_of, modal, option, overflow, section
from bot.slack.card import item_of, item_value
from bot.slack.forms.fields import Fields, salt_of
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question
from bot.slack.ids import Action, View
from bot.slack.voice import Voice, names_of, one_line
from bot.slack.words import Words

_VIEW_BLOCKS = 96  # Slack: 100, less the line of what was done, the head, the line that counts the rest and the buttons


class Choice(StrEnum):
    """What can be done about a milestone; the value is its label's key."""

    NUDGE = "nudge-now"
    EXCUSE = "excuse"
    TAKE_BACK = "take-back-excuse"
    MORE_TIME = "more-time"
    REASSIGN = "reassign"
    ANSWER = "answer-for-owner"


_CHOICES = {
    LineState.MISSING: (Choice.NUDGE, Choice.ANSWER, Choice.EXCUSE, Choice.MORE_TIME, Choice.REASSIGN),
    LineState.EXCUSED: (Choice.TAKE_BACK, Choice.REASSIGN),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The ids of the "People and dates" under a small dialog, and of the review under that; empty where there is none."""

    under: str = ""
    review: str = ""


def build(form: ManageForm, words: Words, *, review: str = "", saved: str = "") -> Block:
    """The view; `review` is the id of the review under it, which hears when it is closed; `saved` is what was just done."""
    value = item_value(ItemRef(form.project.key, form.quarter))
    name, action = ("pause", Action.PAUSE) if form.paused_because is None else ("resume", Action.RESUME)
    view = modal(
        words.label("manage"),
        [
            *([context(words.say("review/saved.j2", line=saved))] if saved else []),
            _head(form, words),
            *_milestones(form, words),
            actions(button(words.label(name), action, value=value)),
        ],
        callback_id=View.MANAGE,
        close=words.label("back" if review else "close"),
        metadata={"item": value, "review": review},
    )
    return view | ({"notify_on_close": True} if review else {})


def choice_of(value: str) -> tuple[Choice, str]:
    """What was chosen in a milestone's menu, and the milestone's key."""
    choice, _, key = value.partition(":")
    return Choice(choice), key


def place_of(view: Mapping[str, Any]) -> ItemRef:
    """The project, quarter and perhaps milestone that a view is about."""
    return item_of(metadata_of(view)["item"])


def review_under(view: Mapping[str, Any]) -> str:
    """The id of the review under "People and dates"; empty where there is none."""
    return str(metadata_of(view).get("review", ""))


def origin_of(view: Mapping[str, Any]) -> Origin:
    """Where a small dialog was opened."""
    metadata = metadata_of(view)
    return Origin(metadata["under"], metadata["review"])


def build_excuse(ref: ItemRef, names: Mapping[str, str], origin: Origin, words: Words) -> Block:
    """The dialog that asks why a milestone is excused."""
    question = Question("reason", words.label("reason"), "long text", required=True)
    return _dialog(Choice.EXCUSE, View.EXCUSE, ref, origin, words, question, names)


def build_more_time(
    ref: ItemRef, names: Mapping[str, str], days: tuple[date, date], locale: str, origin: Origin, words: Words
) -> Block:
    """The dialog that asks until when a milestone can be answered; `days` are the first and last that can be given."""
    question = Question("until", words.label("until"), "date", required=True)
    first, last = map(Locale(locale).date_long, days)
    values = {**names, "first": first, "last": last}
    return _dialog(Choice.MORE_TIME, View.MORE_TIME, ref, origin, words, question, values)


def build_reassign(ref: ItemRef, names: Mapping[str, str], origin: Origin, words: Words) -> Block:
    """The dialog that asks who answers for a milestone from now on."""
    question = Question("person", words.label("new-owner"), "person", required=True)
    return _dialog(Choice.REASSIGN, View.REASSIGN, ref, origin, words, question, names)


def build_pause(ref: ItemRef, names: Mapping[str, str], origin: Origin, words: Words) -> Block:
    """The dialog that asks why a project is paused."""
    question = Question("reason", words.label("reason"), "long text", required=True)
    return _dialog("pause", View.PAUSE, ref, origin, words, question, names)


def read_reason(view: Mapping[str, Any], words: Words) -> str:
    """Why something is excused or paused. Raises InvalidInput for blanks."""
    return _given(view, words, "reason")


def read_until(view: Mapping[str, Any], words: Words) -> date:
    """Until when there is time. Raises InvalidInput where no day was chosen."""
    return date.fromisoformat(_given(view, words, "until"))


def read_person(view: Mapping[str, Any], words: Words) -> str:
    """The Slack id of whoever was chosen. Raises InvalidInput where nobody was."""
    return _given(view, words, "person")


def _given(view: Mapping[str, Any], words: Words, name: str) -> str:
    filled = Filled(view, words)
    text = filled.text(name)
    filled.check()
    return text or ""


def _dialog(
    name: str,
    callback: View,
    ref: ItemRef,
    origin: Origin,
    words: Words,
    question: Question,
    values: Mapping[str, str],
) -> Block:
    """A dialog of one question, with a few words above it."""
    shown = {key: one_line(value, 150) for key, value in values.items()}
    return modal(
        words.label(name),
        [
            section(words.say(f"manage/{name}.j2", **shown)),
            *Fields(words, salt_of(callback, ref.project, ref.milestone)).ask(question),
        ],
        callback_id=callback,
        submit=words.label("save"),
        close=words.label("cancel"),
        metadata={"item": item_value(ref), **asdict(origin)},
    )


def _voice(form: ManageForm, words: Words) -> Voice:
    due = max((milestone.due_at for milestone in form.milestones), default=form.due_at)
    return Voice(words, Locale(form.locale), form.quarter, form.quarter_label, due.date())


def _head(form: ManageForm, words: Words) -> Block:
    voice = _voice(form, words)
    text = words.say(
        "manage/head.j2",
        project=one_line(form.project.name),
        quarter=form.quarter_label,
        day=voice.weekday(form.due_at, form.zone),
        time=voice.time(form.due_at, form.zone),
        reason=None if form.paused_because is None else one_line(form.paused_because, 400),
    )
    return section(text)


def _milestones(form: ManageForm, words: Words) -> list[Block]:
    """A line a milestone with its menu, what is missing first; as many as the view has room for."""
    voice = _voice(form, words)
    ranked = sorted(form.milestones, key=lambda milestone: milestone.line.state is not LineState.MISSING)
    blocks = [_milestone(milestone, form, voice) for milestone in ranked[:_VIEW_BLOCKS]]
    unlisted = len(ranked) - len(blocks)
    return [*blocks, context(words.say("manage/rest.j2", count=unlisted))] if unlisted else blocks


def _milestone(milestone: ManagedMilestone, form: ManageForm, voice: Voice) -> Block:
    line, words = milestone.line, voice.words
    is_answered = line.percent_complete is not None or line.status is not None
    said = voice.standing(line.percent_complete, line.status, line.forecast) if is_answered else voice.known(line.known)
    text = words.say(
        "manage/milestone.j2",
        title=one_line(line.name, 100),
        owner=one_line(line.owner, 60),
        state=line.state.value,
        last=said,
        aged=voice.aged(line.known.quarter) if line.known and said and not is_answered else "",
        excuse=one_line(milestone.excuse, 200),
        until=voice.weekday(milestone.due_at, form.zone) if milestone.has_more_time else "",
        offered_to=one_line(milestone.offered_to or "", 60),
        is_returned=milestone.is_returned,
        co_owners=names_of(line.co_owners),
        stand_ins=names_of(milestone.stand_ins),
    )
    choices = _CHOICES.get(line.state, (Choice.REASSIGN,))
    options = [option(words.label(choice), f"{choice}:{line.key}") for choice in choices]
    return section(text, accessory=overflow(Action.MANAGE_ITEM, options))
