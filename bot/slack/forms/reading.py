"""The updates as a manager reads them before publishing, and the dialogs on them: other words, and back to the owner."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from bot.domain.errors import NotFound
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.said import SaidUpdate
from bot.domain.update import Wording
from bot.flow.forms import ReadForm, ReviewForm, WordingForm
from bot.flow.messages import ItemRef
from bot.slack.blocks import Block, clip, context, divider, metadata_of, modal, option, overflow, section, split_text
from bot.slack.card import item_of, item_value
from bot.slack.forms.fields import Fields, salt_of
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question
from bot.slack.ids import Action, View
from bot.slack.post.post import voice_of
from bot.slack.post.sections import milestone_text, promise_text
from bot.slack.voice import Voice, one_line
from bot.slack.words import Words

_ANSWERED = (LineState.ANSWERED, LineState.CONFIRMED)
_NAME = 45  # characters of a milestone's name beside its owner's in an option; Slack: 75 for both
_VIEW_BLOCKS = 97  # Slack: 100, less the head, the line of what was done and the one that counts the rest
_VIEW_BYTES = 200_000  # Slack: 250 KB for a whole view, counted here as escaped JSON
_LABELS = {"deliverables": "wording-deliverables", "impact": "wording-impact", "note": "wording-note"}
_QUOTED = 2400  # characters of an owner's words above the fields
_WRITTEN = 600  # characters of them under an update that is printed in other words


class Choice(StrEnum):
    """What can be done about an update; the value is its label's key."""

    REWORD = "reword"
    RESTORE = "restore-wording"
    RETURN = "return-to-owner"
    TAKE_BACK = "take-back-return"


@dataclass(frozen=True, slots=True)
class Origin:
    """The view under a dialog, and the review under that where it is another, both by id; the check it was opened from."""

    under: str
    review: str
    check: str = ""

    @property
    def is_review(self) -> bool:
        """Whether the dialog lies on the review itself."""
        return self.under == self.review


@dataclass(frozen=True, slots=True)
class Returned:
    """Updates that go back to their owners, by milestone, and why."""

    milestones: list[str]
    comment: str


def build(form: ReadForm, words: Words, *, review: str, saved: str = "") -> Block:
    """As many updates as one view holds, each with its menu; `review` is the view under it, `saved` what was just done."""
    voice = voice_of(form.report, words)
    blocks = [*([context(words.say("review/saved.j2", line=saved))] if saved else []), section(_head(form, words))]
    blocks_left, bytes_left = _VIEW_BLOCKS, _VIEW_BYTES
    for number, update in enumerate(form.updates):
        parts = list(_update(update, form, voice))
        blocks_left -= len(parts)
        bytes_left -= len(json.dumps(parts))
        if blocks_left < 0 or bytes_left < 0:
            blocks.append(context(words.say("review/more-updates.j2", unlisted=len(form.updates) - number)))
            break
        blocks += parts
    view = modal(
        words.label("read-updates"),
        blocks,
        callback_id=View.READ_UPDATES,
        close=words.label("back"),
        metadata={"item": item_value(form.ref), "review": review, "check": form.check_id},
    )
    return view | {"notify_on_close": True}


def _head(form: ReadForm, words: Words) -> str:
    return words.say(
        "review/read.j2",
        count=len(form.updates),
        quarter=form.report.quarter_label,
        sentence=one_line(form.check.sentence, 200) if form.check else "",
        is_settled=bool(form.check_id) and form.check is None,
    )


def _update(update: SaidUpdate, form: ReadForm, voice: Voice) -> Iterator[Block]:
    """An update whole, with its menu where it is this quarter's, and where it comes from."""
    line = update.line
    promises = "\n".join(promise_text(promise, voice) for promise in update.promises)
    head, *rest = [*split_text(milestone_text(line, voice)), *split_text(promises)]
    yield divider()
    yield section(head, accessory=_menu(line, form, voice.words) if line.state in _ANSWERED else None)
    yield from map(section, rest)
    yield context(*filter(None, [_said(update, form.zone, voice), _asides(line, form, voice)]))


def _menu(line: MilestoneLine, form: ReadForm, words: Words) -> Block:
    choices = [
        Choice.REWORD,
        *([Choice.RESTORE] if line.as_written else []),
        Choice.TAKE_BACK if line.key in form.returned else Choice.RETURN,
    ]
    return overflow(Action.READ_ITEM, [option(words.label(c), f"{c}:{line.key}") for c in choices])


def _said(update: SaidUpdate, zone: str, voice: Voice) -> str:
    """Who said it, when, and by what way."""
    line, at = update.line, update.line.answered_at
    return voice.words.say(
        "review/said.j2",
        by=one_line(line.answered_by or "", 60),
        for_whom=one_line(line.answered_for or "", 60),
        day=voice.weekday(at, zone) if at else "",
        time=voice.time(at, zone) if at else "",
        is_confirmed=line.state is LineState.CONFIRMED,
        quarter="" if update.quarter == voice.quarter else voice.aged(update.quarter),
    )


def _asides(line: MilestoneLine, form: ReadForm, voice: Voice) -> str:
    edit = line.as_written
    written = [*edit.deliverables, edit.impact or "", edit.note or ""] if edit else []
    return voice.words.say(
        "review/read-aside.j2",
        owner=one_line(line.owner, 60),
        is_returned=line.key in form.returned,
        editor=one_line(edit.edited_by, 60) if edit else "",
        written=one_line(" / ".join(filter(None, written)), _WRITTEN),
    )


def choice_of(value: str) -> tuple[Choice, str]:
    """What was chosen in an update's menu, and the milestone's key."""
    choice, _, key = value.partition(":")
    return Choice(choice), key


def place_of(view: Mapping[str, Any]) -> ItemRef:
    """The project, quarter and perhaps milestone that a view is about."""
    return item_of(metadata_of(view)["item"])


def review_under(view: Mapping[str, Any]) -> str:
    """The id of the review under the updates."""
    return str(metadata_of(view)["review"])


def check_of(view: Mapping[str, Any]) -> str:
    """The id of the check that the updates were opened from; empty where they are all."""
    return str(metadata_of(view)["check"])


def origin_of(view: Mapping[str, Any]) -> Origin:
    """Where a dialog was opened."""
    metadata = metadata_of(view)
    return Origin(metadata["under"], metadata["review"], metadata["check"])


def build_wording(form: WordingForm, origin: Origin, words: Words) -> Block:
    """The dialog for other words, the owner's above the fields. Figures have no field here."""
    fields = Fields(
        words, salt_of("wording", form.ref.project, str(form.ref.quarter), form.ref.milestone, form.fingerprint)
    )
    original = form.original
    lead = words.say(
        "review/reword.j2",
        title=one_line(form.milestone, 150),
        owner=one_line(form.owner, 60),
        is_overtaken=form.is_overtaken,
        deliverables=[one_line(item, 300) for item in original.deliverables],
        impact=clip(original.impact or "", _QUOTED // 2),
        note=clip(original.note or "", _QUOTED // 2),
    )
    return modal(
        words.label("reword"),
        [
            section(lead),
            *fields.ask(_question("deliverables", words), form.printed.deliverables),
            *fields.ask(_question("impact", words), form.printed.impact),
            *fields.ask(_question("note", words), form.printed.note),
        ],
        callback_id=View.EDIT_WORDING,
        submit=words.label("save"),
        close=words.label("cancel"),
        metadata={
            "item": item_value(form.ref),
            "words": form.fingerprint,
            **asdict(origin),
        },
    )


def _question(name: str, words: Words) -> Question:
    return Question(name, words.label(_LABELS[name]), "long text")


def read_wording(view: Mapping[str, Any], form: WordingForm, words: Words) -> Wording:
    """The words that were typed; those too long for their field stay where it was left empty."""
    filled, before = Filled(view, words), form.printed
    wording = Wording(
        deliverables=filled.lines("deliverables", before.deliverables),
        impact=filled.text("impact", before.impact),
        note=filled.text("note", before.note),
    )
    filled.check()
    return wording


def fingerprint_of(view: Mapping[str, Any]) -> str:
    """Which words of the owner the dialog showed."""
    return str(metadata_of(view)["words"])


def build_return(form: ReviewForm, origin: Origin, words: Words, *, chosen: Sequence[str] = ()) -> Block:
    """The dialog that sends updates back to their owners with a comment. Raises NotFound where there is none to send."""
    lines = [line for line in form.report.milestones if line.state in _ANSWERED]
    if not lines:
        raise NotFound("There is no update to return.")
    offered = {line.key: f"{clip(line.name, _NAME)} · {line.owner}" for line in lines}
    which = Question("milestones", words.label("which-updates"), "choices", required=True, choices=offered)
    comment = Question("comment", words.label("comment"), "long text", required=True)
    fields = Fields(words, salt_of("return", *chosen))
    return modal(
        words.label("return-to-owner"),
        [*fields.ask(which, tuple(chosen)), *fields.ask(comment)],
        callback_id=View.RETURN_TO_OWNER,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata={"item": item_value(ItemRef(form.project.key, form.quarter)), **asdict(origin)},
    )


def read_return(view: Mapping[str, Any], words: Words) -> Returned:
    """What was returned, and why. Raises InvalidInput for a comment of blanks."""
    filled = Filled(view, words)
    returned = Returned(filled.chosen("milestones"), filled.text("comment") or "")
    filled.check()
    return returned
