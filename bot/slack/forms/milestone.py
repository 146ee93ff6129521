"""The milestone update dialog: built, grown by its own buttons, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.domain.project import RagStatus
from bot.domain.update import Decision, MilestoneUpdate, Objective
from bot.flow.messages import ItemRef, MilestoneForm, MilestoneSubmission
from bot.locales import Locale
from bot.slack.blocks import Block, actions, button, modal, redrawn, section
from bot.slack.forms.context import context_metadata, context_of, title_of
from bot.slack.forms.drafts import refilled
from bot.slack.forms.fields import VIEW_BLOCKS, Fields, block_id, kept_name, name_of, salt_of
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question, Questions
from bot.slack.forms.repeated import (
    MOST,
    item_blocks,
    promise_blocks,
    read_decisions,
    read_objectives,
    read_promises,
)
from bot.slack.ids import Action, View
from bot.slack.words import Words

_ADD = "add"  # the name of the row of buttons that add fields
_ADDERS = {"objective": ("add-objective", Action.ADD_OBJECTIVE), "decision": ("add-decision", Action.ADD_DECISION)}


def build(form: MilestoneForm, words: Words, questions: Questions) -> Block:
    """The dialog, its fields filled with what the form holds."""
    fields = _fields(form.ref, words)
    blocks = [section(words.say("dialogs/milestone.j2", form=form, locale=Locale(form.locale)))]
    for question in questions.of("milestone"):
        blocks += _asked(question, form, fields, questions)
    for kind, items in (("objective", form.objectives), ("decision", form.decisions)):
        blocks += _items(kind, items, VIEW_BLOCKS - len(blocks) - 1, fields, questions)
    return modal(
        title_of(form, words.label("update"), words),
        [*blocks, _adders(words, questions, fields.salt)],
        callback_id=View.MILESTONE,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata=context_metadata(form),
    )


def with_objective(view: Mapping[str, Any], words: Words, questions: Questions) -> Block:
    """The dialog with one more set of objective fields; what was typed stays."""
    return _with_item("objective", view, words, questions)


def with_decision(view: Mapping[str, Any], words: Words, questions: Questions) -> Block:
    """The dialog with one more set of decision fields; what was typed stays."""
    return _with_item("decision", view, words, questions)


def resumed(view: Block, typed: Mapping[str, str | None], words: Words, questions: Questions) -> Block:
    """The dialog as it was left: with the parts that its buttons had added, and with what was typed."""
    fields = _fields(context_of(view).ref, words)
    *blocks, adders = view["blocks"]
    for kind in _ADDERS:
        for key in _parts(kind, typed):
            added = item_blocks(kind, key, None, fields, questions)
            is_new = key.startswith("+") and key not in _parts(kind, map(_name, blocks))
            if is_new and len(blocks) + len(added) < VIEW_BLOCKS:
                blocks += added
    if typed.get("status") == RagStatus.OFF_TRACK and "recovery" not in map(_name, blocks):
        place = next((i for i, block in enumerate(blocks, start=1) if _name(block) == "status"), len(blocks))
        blocks[place:place] = fields.ask(questions.get("milestone", "recovery"))
    return {**view, "blocks": [*refilled(blocks, typed), adders]}


def with_status(view: Mapping[str, Any], words: Words, questions: Questions) -> Block:
    """The dialog as the chosen status asks for: Off track shows the recovery plan, anything else hides it."""
    filled = Filled(view, words)
    is_off_track = filled.typed("status") == RagStatus.OFF_TRACK
    if is_off_track and filled.is_shown("recovery"):
        return redrawn(view, view["blocks"])
    fields = _fields(context_of(view).ref, words)
    blocks: list[Block] = []
    for block in view["blocks"]:
        name = _name(block)
        if name not in ("recovery", kept_name("recovery")):
            blocks.append(block)
        if name == "status" and is_off_track:
            blocks += fields.ask(questions.get("milestone", "recovery"))
    return redrawn(view, blocks)


def read(view: Mapping[str, Any], form: MilestoneForm, words: Words, questions: Questions) -> MilestoneSubmission:
    """What came back. `form` is what the dialog would be built from now. Raises InvalidInput with sentences by block id."""
    filled = Filled(view, words, form.locale)
    before = form.update or MilestoneUpdate()
    status = filled.choice("status", RagStatus, before.status)
    update = MilestoneUpdate(
        percent_complete=filled.percent("percent_complete", before.percent_complete, most=100),
        status=status,
        forecast=filled.day("forecast", before.forecast),
        deliverables=filled.lines("deliverables", before.deliverables),
        impact=filled.text("impact", before.impact),
        note=filled.text("note", before.note),
        recovery=_recovery(filled, status, before),
        promised=read_promises(filled, before.promised),
        more=filled.more(questions.own("milestone"), before.more),
    )
    submission = MilestoneSubmission(update, read_objectives(filled, form), read_decisions(filled, form))
    filled.check()
    return submission


def _asked(question: Question, form: MilestoneForm, fields: Fields, questions: Questions) -> list[Block]:
    update = form.update or MilestoneUpdate()
    if question.is_own:
        return fields.ask(question, update.more.get(question.key))
    if question.key == "promised":
        return promise_blocks(question, form, fields, questions)
    if question.key == "recovery":
        return []  # it stands under the status, where the dialog adds and removes it
    if question.key != "status":
        return fields.ask(question, getattr(update, question.key))
    blocks = fields.ask(question, update.status, action=Action.STATUS)
    if update.status is RagStatus.OFF_TRACK:
        blocks += fields.ask(questions.get("milestone", "recovery"), update.recovery)
    return blocks


def _recovery(filled: Filled, status: RagStatus | None, before: MilestoneUpdate) -> str | None:
    """The recovery plan, which only Off track has; one whose field was not drawn in time was not given."""
    is_given = status is RagStatus.OFF_TRACK and filled.is_shown("recovery")
    return filled.text("recovery", before.recovery) if is_given else None


def _items(
    kind: str, items: Sequence[Objective | Decision], room: int, fields: Fields, questions: Questions
) -> list[Block]:
    """As many as fit, at most ten; one that is not shown stays as it is."""
    blocks: list[Block] = []
    for item in items[:MOST]:
        added = item_blocks(kind, item.key, item, fields, questions)
        if len(blocks) + len(added) > room:
            break
        blocks += added
    return blocks


def _adders(words: Words, questions: Questions, salt: str) -> Block:
    offered = [adder for kind, adder in _ADDERS.items() if questions.of(kind)]
    buttons = [button(words.label(label), action) for label, action in (*offered, ("add-risk", Action.ADD_RISK))]
    return actions(*buttons, block_id=block_id(_ADD, salt))


def _with_item(kind: str, view: Mapping[str, Any], words: Words, questions: Questions) -> Block:
    """The dialog with one more set of fields above its buttons; where no more fit, without the button."""
    fields = _fields(context_of(view).ref, words)
    shown = _parts(kind, map(_name, view["blocks"]))
    count = len(shown)
    key = next(key for number in range(count + 1, 2 * count + 2) if (key := f"+{number}") not in shown)
    added = item_blocks(kind, key, None, fields, questions)
    above = [block for block in view["blocks"] if _name(block) != _ADD]
    adders = next(block for block in view["blocks"] if _name(block) == _ADD)
    if count < MOST and len(above) + len(added) < VIEW_BLOCKS:
        return redrawn(view, [*above, *added, adders])
    _, action = _ADDERS[kind]
    others = [element for element in adders["elements"] if element["action_id"] != action]
    return redrawn(view, [*above, {**adders, "elements": others}])


def _name(block: Block) -> str:
    return name_of(block.get("block_id", ""))


def _parts(kind: str, names: Iterable[str]) -> list[str]:
    """The keys of the objectives or decisions that some fields belong to, in their order."""
    parts = (name.split(":") for name in names)
    return list(dict.fromkeys(part[1] for part in parts if part[0] == kind and len(part) > 1))


def _fields(ref: ItemRef, words: Words) -> Fields:
    return Fields(words, salt_of("milestone", ref.project, str(ref.quarter), ref.milestone), is_drafted=True)
