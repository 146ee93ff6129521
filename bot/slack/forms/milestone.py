"""The milestone update dialog: built, grown by its own buttons, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.errors import BotError
from bot.domain.project import Person, RagStatus
from bot.domain.update import Decision, MilestoneUpdate, Objective
from bot.flow.forms import MilestoneForm, MilestoneSubmission
from bot.flow.messages import ItemRef
from bot.locales import Locale
from bot.slack.blocks import Block, actions, button, clip, context, modal, redrawn, section, slack_length
from bot.slack.forms.context import context_metadata, context_of, steps, title_of
from bot.slack.forms.drafts import refilled
from bot.slack.forms.evidence import FIELDS, evidence_blocks, read_pieces
from bot.slack.forms.fields import (
    LONG_TEXT_LIMIT,
    VIEW_BLOCKS,
    Fields,
    as_text,
    block_id,
    focused,
    kept_name,
    name_of,
    salt_of,
)
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
from bot.slack.forms.risks import change_button, line_of
from bot.slack.ids import Action, View
from bot.slack.quoting import Addition
from bot.slack.voice import one_line
from bot.slack.words import Words

_ADD = "add"  # the name of the row of buttons that add fields
_RISKS = "risks"  # begins the names of the lines above it, with the milestone's risks
_LAST = "last-words"  # the name of the row with the button that fills in what was said last
_TRACKER = "tracker"  # the name of the row with the button that takes the tracker's figure
_WORDS = ("deliverables", "impact", "note")
_LEAST_ROOM = 200  # characters of the note in which an addition makes sense
_MOST_RISKS = 5  # lines of risks
_ADDERS = {"objective": ("add-objective", Action.ADD_OBJECTIVE), "decision": ("add-decision", Action.ADD_DECISION)}


def build(form: MilestoneForm, words: Words, questions: Questions) -> Block:
    """The dialog, its fields filled with what the form holds."""
    fields = _fields(form.ref, words, form.people)
    head = words.say("dialogs/milestone.j2", form=form, locale=Locale(form.locale))
    blocks = [section(head), *steps(form, words)]
    offer = _last_words_offer(form, words, fields.salt)
    for question in questions.of("milestone"):
        if question.key in _WORDS:
            blocks, offer = [*blocks, *offer], []
        if question.key == "percent_complete":
            blocks += _tracker_offer(form, words, fields.salt)
        blocks += _asked(question, form, fields, questions, words)
    foot = [
        *_risks(form, words, fields.salt),
        _adders(words, questions, fields.salt, has_evidence=_has_evidence(blocks)),
    ]
    for kind, items in (("objective", form.objectives), ("decision", form.decisions)):
        blocks += _items(kind, items, VIEW_BLOCKS - len(blocks) - len(foot), fields, questions)
    return modal(
        title_of(form, words.label("update"), words),
        focused([*blocks, *foot]),
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


def with_evidence(view: Mapping[str, Any], words: Words, questions: Questions) -> Block:
    """The dialog with the fields for links and files; what was typed stays."""
    added = evidence_blocks((), _fields(context_of(view).ref, words), questions)
    above, foot = _parted(_without(Action.ADD_EVIDENCE, view))
    if len(view["blocks"]) + len(added) <= VIEW_BLOCKS and not _has_evidence(above):
        above = focused([*above, *added], _name(added[0]))
    return redrawn(view, [*above, *foot])


def last_words(view: Mapping[str, Any], form: MilestoneForm, words: Words) -> dict[str, str]:
    """What was said before this quarter, for the fields of the dialog in which nothing stands; cut where it is too long."""
    filled = Filled(view, words)
    bare = (name for name in _WORDS if filled.is_shown(name) and not filled.is_shown(kept_name(name)))
    said = {name: as_text(getattr(form.last, name, None)) for name in bare if filled.typed(name) is None}
    return {name: clip(text, LONG_TEXT_LIMIT) for name, text in said.items() if text}


def with_last_words(view: Mapping[str, Any], said: Mapping[str, str], mark: str) -> Block:
    """The dialog with those words in its fields, to be edited; what was typed stays. `mark` is new for each time."""
    return redrawn(view, refilled([block for block in view["blocks"] if _name(block) != _LAST], said, f".{mark}"))


def tracker_percent(form: MilestoneForm) -> dict[str, str]:
    """What the tracker says, for the field that the owner answers in; nothing where it says nothing any more."""
    return {"percent_complete": as_text(form.tracker.figure.percent)} if form.tracker else {}


def with_tracker(view: Mapping[str, Any], said: Mapping[str, str], mark: str) -> Block:
    """The dialog with the tracker's figure in its field; everything else stays. `mark` is new for each time."""
    return redrawn(view, refilled([block for block in view["blocks"] if _name(block) != _TRACKER], said, f".{mark}"))


def added(view: Block, addition: Addition, words: Words) -> dict[str, str]:
    """What stands in a dialog's fields once something is added to them. Raises BotError where one has no room for it."""
    shown = {_name(block): block["element"].get("initial_value") or "" for block in view["blocks"] if _is_input(block)}
    room = LONG_TEXT_LIMIT - slack_length(shown["note"]) - 1
    if room < _LEAST_ROOM or _is_quoted("note", view):
        raise _full("note", words)
    note = "\n".join(filter(None, (shown["note"], clip(addition.note, room))))
    evidence = "\n".join(dict.fromkeys(filter(None, (*shown.get("evidence", "").split("\n"), *addition.evidence))))
    if not addition.evidence:
        return {"note": note}
    if slack_length(evidence) > LONG_TEXT_LIMIT or _is_quoted("evidence", view):
        raise _full("evidence", words)
    return {"note": note, "evidence": evidence}


def _is_quoted(name: str, view: Block) -> bool:
    """Whether what stands in a field is too long for it: what is typed there takes its place."""
    return kept_name(name) in map(_name, view["blocks"])


def _full(name: str, words: Words) -> BotError:
    return BotError(words.say_plain("shortcuts/no-room.j2", field=name, most=LONG_TEXT_LIMIT))


def resumed(view: Block, typed: Mapping[str, str | None], words: Words, questions: Questions) -> Block:
    """The dialog as it was left: with the parts that its buttons had added, and with what was typed."""
    fields = _fields(context_of(view).ref, words)
    blocks, foot = _parted(view["blocks"])
    for kind in _ADDERS:
        for key in _parts(kind, typed):
            added = item_blocks(kind, key, None, fields, questions)
            is_new = key.startswith("+") and key not in _parts(kind, map(_name, blocks))
            if is_new and len(blocks) + len(foot) + len(added) <= VIEW_BLOCKS:
                blocks += added
    if not set(FIELDS).isdisjoint(typed) and not _has_evidence(blocks):
        blocks += evidence_blocks((), fields, questions)
        _, foot = _parted(_without(Action.ADD_EVIDENCE, view))
    if typed.get("status") == RagStatus.OFF_TRACK and "recovery" not in map(_name, blocks):
        place = next((i for i, block in enumerate(blocks, start=1) if _name(block) == "status"), len(blocks))
        blocks[place:place] = fields.ask(questions.get("milestone", "recovery"))
    blocks = [block for block in blocks if not _is_used_up(block, typed)]
    return {**view, "blocks": [*refilled(blocks, typed), *foot]}


def as_drawn(view: Mapping[str, Any], words: Words) -> dict[str, str | None]:
    """The fields that the dialog's buttons have added, and what stands in them: drawn anew, it has them all again."""
    filled = Filled(view, words)
    names = [_name(block) for block in view["blocks"] if _is_input(block)]
    return {name: filled.typed(name) for name in names if ":+" in name or name == FIELDS[0]}


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
    filled = Filled(view, words, form.locale, people=form.people)
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
        evidence=read_pieces(filled, before.evidence),
    )
    submission = MilestoneSubmission(update, read_objectives(filled, form), read_decisions(filled, form))
    filled.check()
    return submission


def _asked(question: Question, form: MilestoneForm, fields: Fields, questions: Questions, words: Words) -> list[Block]:
    update = form.update or MilestoneUpdate()
    if question.is_own:
        return fields.ask(question, update.more.get(question.key))
    if question.key == "promised":
        return promise_blocks(question, form.due_objectives, update.promised, fields, questions, words)
    if question.key in FIELDS:
        return (
            evidence_blocks(update.evidence, fields, questions) if update.evidence and question.key == FIELDS[0] else []
        )
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


def _last_words_offer(form: MilestoneForm, words: Words, salt: str) -> list[Block]:
    """The button that fills in what was said last, where that is not in the fields anyhow."""
    now = form.update or MilestoneUpdate()
    bare = [name for name in _WORDS if getattr(form.last, name, None) and not getattr(now, name)]
    offer = button(words.label("last-words"), Action.LAST_WORDS, value=" ".join(bare))
    return [actions(offer, block_id=block_id(_LAST, salt))] if bare else []


def _is_used_up(block: Block, typed: Mapping[str, str | None]) -> bool:
    """Whether a row offers last quarter's words for fields that have words by now."""
    return _name(block) == _LAST and all(typed.get(name) for name in block["elements"][0]["value"].split())


def _tracker_offer(form: MilestoneForm, words: Words, salt: str) -> list[Block]:
    """What a tracker says, quietly, and the button that takes it over where the field holds another figure."""
    if form.tracker is None:
        return []
    figure, locale = form.tracker.figure, Locale(form.locale)
    zone = ZoneInfo(form.tracker.zone)
    values = {
        "who": one_line(figure.name, 60),
        "percent": locale.percent(figure.percent),
        "place": one_line(figure.place, 80),
        "day": "" if form.tracker.is_of_today else locale.weekday_date(figure.read_at.astimezone(zone).date()),
        "time": locale.time(figure.read_at, zone),
        "due": locale.date_short(figure.forecast) if figure.forecast else "",
    }
    line = context(words.say("dialogs/tracker.j2", figure=figure, **values))
    if form.update and form.update.percent_complete == figure.percent:
        return [line]
    use = words.say_plain("dialogs/use-tracker.j2", percent=values["percent"])
    return [line, actions(button(use, Action.USE_TRACKER), block_id=block_id(_TRACKER, salt))]


def _adders(words: Words, questions: Questions, salt: str, *, has_evidence: bool) -> Block:
    offered = [adder for kind, adder in _ADDERS.items() if questions.of(kind)]
    if not has_evidence and any(question.key in FIELDS for question in questions.of("milestone")):
        offered.append(("add-evidence", Action.ADD_EVIDENCE))
    buttons = [button(words.label(label), action) for label, action in (*offered, ("add-risk", Action.ADD_RISK))]
    return actions(*buttons, block_id=block_id(_ADD, salt))


def _risks(form: MilestoneForm, words: Words, salt: str) -> list[Block]:
    """The milestone's open risks, each to be changed; those that are not shown are behind the message's button."""
    shown = form.risks[:_MOST_RISKS]
    if not shown:
        return []
    more = len(form.risks) - len(shown)
    lines = [
        section(
            line_of(risk, words, has_challenge=False),
            accessory=change_button(form.project.key, risk, words),
            block_id=block_id(f"{_RISKS}:{risk.key}", salt),
        )
        for risk in shown
    ]
    head = context(words.say("dialogs/own-risks.j2", count=len(form.risks), unlisted=more))
    return [head | {"block_id": block_id(_RISKS, salt)}, *lines]


def _parted(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """The fields, and what stands under them: lines of risks, and the row of buttons that add fields."""
    foot = [block for block in blocks if _name(block).partition(":")[0] in (_RISKS, _ADD)]
    return [block for block in blocks if block not in foot], foot


def _without(action: Action, view: Mapping[str, Any]) -> list[Block]:
    """The dialog's blocks, one button of the row that adds fields left out."""
    return [_less(block, action) if _name(block) == _ADD else block for block in view["blocks"]]


def _less(row: Block, action: Action) -> Block:
    return {**row, "elements": [element for element in row["elements"] if element["action_id"] != action]}


def _has_evidence(blocks: Iterable[Block]) -> bool:
    return not set(FIELDS).isdisjoint(map(_name, blocks))


def _with_item(kind: str, view: Mapping[str, Any], words: Words, questions: Questions) -> Block:
    """The dialog with one more set of fields above its buttons; where no more fit, without the button."""
    fields = _fields(context_of(view).ref, words)
    shown = _parts(kind, map(_name, view["blocks"]))
    count = len(shown)
    key = next(key for number in range(count + 1, 2 * count + 2) if (key := f"+{number}") not in shown)
    added = item_blocks(kind, key, None, fields, questions)
    above, foot = _parted(view["blocks"])
    if count < MOST and len(view["blocks"]) + len(added) <= VIEW_BLOCKS:
        return redrawn(view, [*focused([*above, *added], _name(added[0])), *foot])
    _, action = _ADDERS[kind]
    return redrawn(view, _without(action, view))


def _is_input(block: Block) -> bool:
    return bool(block["type"] == "input")


def _name(block: Block) -> str:
    return name_of(block.get("block_id", ""))


def _parts(kind: str, names: Iterable[str]) -> list[str]:
    """The keys of the objectives or decisions that some fields belong to, in their order."""
    parts = (name.split(":") for name in names)
    return list(dict.fromkeys(part[1] for part in parts if part[0] == kind and len(part) > 1))


def _fields(ref: ItemRef, words: Words, people: Mapping[str, Person] | None = None) -> Fields:
    salt = salt_of("milestone", ref.project, str(ref.quarter), ref.milestone)
    return Fields(words, salt, is_drafted=True, people=people)
