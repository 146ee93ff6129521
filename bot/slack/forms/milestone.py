"""The milestone update dialog: built, grown by its own buttons, and read back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.domain.errors import InvalidInput
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.rules import Problem
from bot.domain.update import Decision, DecisionState, MilestoneUpdate, Objective, Promise, PromiseResult
from bot.flow.messages import ItemRef, MilestoneForm, MilestoneSubmission
from bot.locales import Locale, UnreadableNumber
from bot.slack.blocks import Block, actions, button, metadata_of, modal, section
from bot.slack.forms import fields
from bot.slack.forms.questions import Question, Questions
from bot.slack.ids import Action, View
from bot.slack.words import Words

_VIEW_KEYS = ("type", "callback_id", "title", "submit", "close", "private_metadata", "blocks")
_METADATA_ROOM = 2400  # characters for the queue of "Update all"; Slack: 3,000 for all metadata
_MOST_SETS = 10  # objectives, and as many decisions, in one dialog: well within a view's hundred blocks


@dataclass(frozen=True, slots=True)
class Context:
    """What a milestone dialog knows of itself."""

    ref: ItemRef
    position: tuple[int, int] | None
    queue: tuple[ItemRef, ...]
    seen_version: int


def build(form: MilestoneForm, words: Words, questions: Questions) -> Block:
    """The dialog, its fields filled with what the form holds."""
    salt = _salt(form.ref)
    blocks = [section(words.say("dialogs/milestone.j2", form=form, locale=Locale(form.locale)))]
    for question in questions.of("milestone"):
        blocks += _field(question, form, questions, salt)
    for index, objective in enumerate(form.objectives[:_MOST_SETS]):
        blocks += _objective_fields(questions, index, objective, salt)
    for index, decision in enumerate(form.decisions[:_MOST_SETS]):
        blocks += _decision_fields(questions, index, decision, salt)
    blocks.append(_adders(words, salt))
    title = words.label("update")
    if form.position:
        title = words.say_plain("dialogs/position.j2", position=form.position[0], total=form.position[1])
    return modal(
        title,
        blocks,
        callback_id=View.MILESTONE,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata=form_metadata(form.ref, form.queue, form.position, form.seen_version),
    )


def context_of(view: Mapping[str, Any]) -> Context:
    """What the dialog that came back knows of itself."""
    metadata = metadata_of(view)
    return Context(
        ref=_ref(metadata["ref"]),
        position=tuple(metadata["pos"]) if metadata.get("pos") else None,
        queue=tuple(map(_ref, metadata.get("queue", ()))),
        seen_version=metadata.get("seen", 0),
    )


def with_objective(view: Mapping[str, Any], questions: Questions) -> Block:
    """The dialog with one more set of objective fields; what was typed stays."""
    salt = _salt(context_of(view).ref)
    count = _count(view, "objective")
    return _grown(view, _objective_fields(questions, count, None, salt) if count < _MOST_SETS else [])


def with_decision(view: Mapping[str, Any], questions: Questions) -> Block:
    """The dialog with one more set of decision fields; what was typed stays."""
    salt = _salt(context_of(view).ref)
    count = _count(view, "decision")
    return _grown(view, _decision_fields(questions, count, None, salt) if count < _MOST_SETS else [])


def with_status(view: Mapping[str, Any], questions: Questions) -> Block:
    """The dialog as the chosen status asks for: Off track shows the recovery plan, anything else hides it."""
    salt = _salt(context_of(view).ref)
    recovery = fields.block_id("recovery", salt)
    blocks = [block for block in view["blocks"] if block["block_id"] != recovery]
    if fields.value_of(view, "status", salt) == RagStatus.OFF_TRACK:
        at = 1 + next(i for i, block in enumerate(blocks) if block["block_id"] == fields.block_id("status", salt))
        plan = fields.text_field(_recovery(questions), None, name="recovery", salt=salt)
        blocks[at:at] = plan
    return _view(view, blocks)


def read(view: Mapping[str, Any], form: MilestoneForm, words: Words) -> MilestoneSubmission:
    """What came back. `form` is what the dialog would be built from now. Raises InvalidInput with sentences by block id."""
    salt = _salt(form.ref)
    before = form.update or MilestoneUpdate()
    problems: dict[str, str] = {}
    status = fields.value_of(view, "status", salt)
    update = MilestoneUpdate(
        percent_complete=_percent(view, form, salt, words, problems),
        status=RagStatus(status) if status else None,
        forecast=fields.date_of(view, "forecast", salt),
        deliverables=fields.lines_of(fields.text_of(view, "deliverables", salt, "\n".join(before.deliverables))),
        impact=fields.text_of(view, "impact", salt, before.impact),
        note=fields.text_of(view, "note", salt, before.note),
        recovery=fields.text_of(view, "recovery", salt, before.recovery),
        promised=_promised(view, form, salt),
        more=before.more,
    )
    if problems:
        raise InvalidInput(problems)
    return MilestoneSubmission(update, _objectives(view, form, salt), _decisions(view, form, salt))


def problem_sentences(
    problems: Sequence[Problem], view: Mapping[str, Any], locale: str, words: Words
) -> dict[str, str]:
    """Rule problems as sentences beside their fields; one whose field is not shown stands at the first field."""
    salt = _salt(context_of(view).ref)
    shown = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    sentences: dict[str, str] = {}
    for problem in problems:
        place = fields.block_id(problem.at, salt)
        values = dict(problem.values)
        sentence = words.say_plain(f"dialogs/problems/{problem.rule}.j2", locale=Locale(locale), **values)
        sentences[place if place in shown else shown[0]] = sentence
    return sentences


def _field(question: Question, form: MilestoneForm, questions: Questions, salt: str) -> list[Block]:
    update = form.update or MilestoneUpdate()
    if question.key == "promised":
        return _promise_fields(question, form, questions, salt)
    if question.key == "recovery" and update.status is not RagStatus.OFF_TRACK:
        return []
    if question.key == "status":
        return fields.choice_field(question, update.status, name="status", salt=salt, action=Action.STATUS)
    if question.key == "forecast":
        return fields.date_field(question, update.forecast, name="forecast", salt=salt)
    texts = {
        "percent_complete": fields.typed_number(update.percent_complete),
        "deliverables": "\n".join(update.deliverables) or None,
        "impact": update.impact,
        "note": update.note,
        "recovery": update.recovery,
    }
    return fields.text_field(question, texts.get(question.key), name=question.key, salt=salt)


def _promise_fields(question: Question, form: MilestoneForm, questions: Questions, salt: str) -> list[Block]:
    blocks = []
    for index, due in enumerate(form.due_objectives[:_MOST_SETS]):
        said = form.update.promised.get(due.key) if form.update else None
        label = f"{question.label}: {due.title}"[:1900]
        asked = Question(question.key, label, question.kind, question.hint, choices=question.choices)
        blocks += fields.choice_field(asked, said.result if said else None, name=f"promised.{index}", salt=salt)
        for reason in questions.of("promise"):
            blocks += fields.text_field(reason, said.reason if said else None, name=f"reason.{index}", salt=salt)
    return blocks


def _objective_fields(questions: Questions, index: int, objective: Objective | None, salt: str) -> list[Block]:
    blocks = []
    for question in questions.of("objective"):
        value = getattr(objective, question.key, None) if objective else None
        blocks += fields.text_field(question, value, name=f"objective.{index}.{question.key}", salt=salt)
    return blocks


def _decision_fields(questions: Questions, index: int, decision: Decision | None, salt: str) -> list[Block]:
    blocks = []
    for question in questions.of("decision"):
        name = f"decision.{index}.{question.key}"
        if question.kind == "person":
            blocks += fields.person_field(question, decision.who if decision else None, name=name, salt=salt)
        elif question.kind == "date":
            blocks += fields.date_field(question, decision.by if decision else None, name=name, salt=salt)
        else:
            blocks += fields.text_field(question, decision.what if decision else None, name=name, salt=salt)
    return blocks


def _adders(words: Words, salt: str) -> Block:
    return actions(
        button(words.label("add-objective"), Action.ADD_OBJECTIVE),
        button(words.label("add-decision"), Action.ADD_DECISION),
        button(words.label("add-risk"), Action.ADD_RISK),
        block_id=fields.block_id("add", salt),
    )


def _percent(
    view: Mapping[str, Any], form: MilestoneForm, salt: str, words: Words, problems: dict[str, str]
) -> Decimal | None:
    typed = fields.value_of(view, "percent_complete", salt)
    if typed is None:
        return None
    place = fields.block_id("percent_complete", salt)
    try:
        percent = Locale(form.locale).read_percent(typed)
    except UnreadableNumber as unreadable:
        ambiguous = str(unreadable) if unreadable.readings else words.say_plain("dialogs/problems/percent.j2")
        problems[place] = ambiguous
        return None
    if not 0 <= percent <= 100:
        problems[place] = words.say_plain("dialogs/problems/percent.j2")
    return percent


def _promised(view: Mapping[str, Any], form: MilestoneForm, salt: str) -> dict[str, Promise]:
    promised = dict(form.update.promised) if form.update else {}
    for index, due in enumerate(form.due_objectives[:_MOST_SETS]):
        result = fields.value_of(view, f"promised.{index}", salt)
        if result:
            promised[due.key] = Promise(PromiseResult(result), fields.value_of(view, f"reason.{index}", salt))
        else:
            promised.pop(due.key, None)
    return promised


def _objectives(view: Mapping[str, Any], form: MilestoneForm, salt: str) -> tuple[Objective, ...]:
    found: list[Objective] = []
    taken = {objective.key for objective in form.objectives}
    for index in range(_count(view, "objective")):
        before = form.objectives[index] if index < len(form.objectives) else None
        title = fields.text_of(view, f"objective.{index}.title", salt, before.title if before else None)
        if title is None and before is None:
            continue
        key = before.key if before else new_key(title or "", form.milestone.key, taken)
        taken.add(key)
        found.append(
            Objective(
                key=key,
                title=title or (before.title if before else ""),
                detail=before.detail if before else None,
                deliverable=fields.value_of(view, f"objective.{index}.deliverable", salt),
                starts=before.starts if before else None,
                target=fields.value_of(view, f"objective.{index}.target", salt),
                milestone=form.milestone.key,
                is_withdrawn=title is None,
            )
        )
    return tuple(found)


def _decisions(view: Mapping[str, Any], form: MilestoneForm, salt: str) -> tuple[Decision, ...]:
    found: list[Decision] = []
    taken = {decision.key for decision in form.decisions}
    for index in range(_count(view, "decision")):
        before = form.decisions[index] if index < len(form.decisions) else None
        what = fields.text_of(view, f"decision.{index}.what", salt, before.what if before else None)
        if what is None and before is None:
            continue
        key = before.key if before else new_key(what or "", form.milestone.key, taken)
        taken.add(key)
        found.append(
            Decision(
                key=key,
                what=what or (before.what if before else ""),
                who=fields.person_of(view, f"decision.{index}.who", salt, before.who if before else None),
                by=fields.date_of(view, f"decision.{index}.by", salt),
                options=before.options if before else (),
                state=DecisionState.OPEN if what else DecisionState.WITHDRAWN,
                milestone=form.milestone.key,
            )
        )
    return tuple(found)


def new_key(title: str, prefix: str, taken: set[str]) -> str:
    """A key for something that was named in a dialog: from its words, unlike any that is taken."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = "-".join(filter(None, [prefix[:40], re.sub(r"[^a-z0-9]+", "-", ascii_title).strip("-")[:40].strip("-")]))
    stem = stem or "item"
    numbered = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)


def _count(view: Mapping[str, Any], kind: str) -> int:
    """How many sets of a kind the dialog shows."""
    names = (block["block_id"].partition("|")[0] for block in view["blocks"])
    return len({name.split(".")[1] for name in names if name.startswith(f"{kind}.")})


def _grown(view: Mapping[str, Any], added: list[Block]) -> Block:
    blocks = list(view["blocks"])
    return _view(view, [*blocks[:-1], *added, blocks[-1]])


def _view(view: Mapping[str, Any], blocks: list[Block]) -> Block:
    """A view as Slack sent it, with other blocks, ready to be sent back."""
    return {key: view[key] for key in _VIEW_KEYS if view.get(key) is not None} | {"blocks": blocks}


def _recovery(questions: Questions) -> Question:
    return questions.get("milestone", "recovery")


def _salt(ref: ItemRef) -> str:
    return fields.salt_of(ref.project, str(ref.quarter), ref.milestone)


def form_metadata(
    ref: ItemRef, waiting: Sequence[ItemRef], position: tuple[int, int] | None, seen_version: int
) -> dict[str, object]:
    """The ids of a dialog. A queue too long for Slack is cut: what is left is asked when "Update all" is pressed again."""
    queue: list[list[str]] = []
    room = _METADATA_ROOM
    for next_ref in waiting:
        item = _list(next_ref)
        room -= sum(len(part.encode()) + 3 for part in item) + 3
        if room < 0:
            break
        queue.append(item)
    placed = {"pos": list(position)} if position else {}
    return {"ref": _list(ref), "queue": queue, "seen": seen_version, **placed}


def _list(ref: ItemRef) -> list[str]:
    return [ref.project, str(ref.quarter), ref.milestone]


def _ref(parts: Sequence[str]) -> ItemRef:
    return ItemRef(parts[0], Quarter.parse(parts[1]), parts[2])
