"""The parts of the milestone dialog that come several times: what was promised, objectives, decisions.

Each part's fields carry the item's key in their names, never its place in a list: what somebody else adds while the
dialog is open cannot slip under what was typed here. A part that was just added has a key such as ``+2`` until it is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.domain.update import Decision, DecisionState, Objective, Promise, PromiseResult
from bot.flow.forms import DueObjective, MilestoneForm
from bot.slack.blocks import Block
from bot.slack.forms.fields import Fields, salt_of
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question, Questions
from bot.slack.words import Words

MOST = 10  # promises, objectives, and as many decisions, in one dialog
_LONGEST_STEM = 40  # characters of a title in a key; keys are at most 64
_LONGEST_TITLE = 200


def promise_blocks(
    question: Question,
    promised: Sequence[DueObjective],
    answered: Mapping[str, Promise],
    fields: Fields,
    questions: Questions,
    words: Words,
) -> list[Block]:
    """What was promised and has come due: what became of each, with a reason."""
    blocks = []
    for due in promised[:MOST]:
        said = answered.get(due.key)
        hint = question.hint or words.say_plain("dialogs/promised.j2", quarter=due.promised_in)
        asked = replace(question, label=f"{question.label}: {due.title[:_LONGEST_TITLE]}", hint=hint)
        blocks += fields.ask(asked, said.result if said else None, name=f"promised:{due.key}")
        for reason in questions.of("promise"):
            blocks += fields.ask(reason, said.reason if said else None, name=f"reason:{due.key}")
    return blocks


def read_promises(filled: Filled, before: Mapping[str, Promise]) -> dict[str, Promise]:
    """What became of each promise that was asked for; answers for others stay."""
    promised = dict(before)
    for key in filled.keys("promised"):
        said = before.get(key)
        result = filled.choice(f"promised:{key}", PromiseResult, said.result if said else None)
        reason = filled.text(f"reason:{key}", said.reason if said else None)
        if result:
            promised[key] = Promise(result, reason)
        else:
            promised.pop(key, None)
    return promised


def item_blocks(
    kind: str, key: str, item: Objective | Decision | None, fields: Fields, questions: Questions
) -> list[Block]:
    """The fields of one ``objective`` or ``decision``; empty for a new one, or for one that was taken back."""
    shown = None if item is None or _is_taken_back(item) else item
    blocks = []
    for question in questions.of(kind):
        blocks += fields.ask(question, getattr(shown, question.key, None), name=f"{kind}:{key}:{question.key}")
    return blocks


def read_objectives(filled: Filled, form: MilestoneForm) -> tuple[Objective, ...]:
    """The objectives that are shown, new ones with their keys. One whose title was cleared is taken back."""
    known = {objective.key: objective for objective in form.objectives}
    keys = _Keys(form, known)
    found = (_objective(key, known.get(key), filled, form, keys) for key in filled.keys("objective"))
    return tuple(objective for objective in found if objective)


def read_decisions(filled: Filled, form: MilestoneForm) -> tuple[Decision, ...]:
    """The decisions that are shown, new ones with their keys. One whose words were cleared is withdrawn.

    One that was taken while the dialog was open stays as it was taken.
    """
    known = {decision.key: decision for decision in form.decisions}
    keys = _Keys(form, {*known, *form.decided})
    shown = (key for key in filled.keys("decision") if key not in form.decided)
    found = (_decision(key, known.get(key), filled, form, keys) for key in shown)
    return tuple(decision for decision in found if decision)


def new_key(title: str, taken: Collection[str], mark: str = "") -> str:
    """A key for something that was named in a dialog: from its words and a mark, unlike any that is taken."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST_STEM].strip("-") or "item"
    stem = f"{stem}-{mark}" if mark else stem
    numbered = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)


class _Keys:
    """Keys for what is new in a dialog. Its milestone and quarter mark them: the same words promised again are another item."""

    def __init__(self, form: MilestoneForm, known: Iterable[str]) -> None:
        self._mark = salt_of(str(form.ref.quarter), form.ref.milestone)
        self._taken = set(known)

    def of(self, key: str, title: str) -> str:
        """The key itself, or one for what was just added."""
        made = new_key(title, self._taken, self._mark) if key.startswith("+") else key
        self._taken.add(made)
        return made


def _objective(key: str, known: Objective | None, filled: Filled, form: MilestoneForm, keys: _Keys) -> Objective | None:
    name = f"objective:{key}"
    before = known or Objective(key, "", milestone=form.milestone.key)
    title = filled.text(f"{name}:title", before.title or None)
    deliverable = filled.text(f"{name}:deliverable", before.deliverable)
    target = filled.text(f"{name}:target", before.target)
    if title is None and known is None:
        _ask_for_words(f"{name}:title", filled, is_empty=not (deliverable or target))
        return None
    return replace(
        before,
        key=keys.of(key, title or before.title),
        title=title or before.title,
        deliverable=deliverable,
        target=target,
        is_withdrawn=title is None,
    )


def _decision(key: str, known: Decision | None, filled: Filled, form: MilestoneForm, keys: _Keys) -> Decision | None:
    name = f"decision:{key}"
    before = known or Decision(key, "", milestone=form.milestone.key)
    what = filled.text(f"{name}:what", before.what or None)
    who = filled.text(f"{name}:who", before.who)
    by = filled.day(f"{name}:by", before.by)
    if what is None and known is None:
        _ask_for_words(f"{name}:what", filled, is_empty=not (who or by))
        return None
    return replace(
        before,
        key=keys.of(key, what or before.what),
        what=what or before.what,
        who=who,
        by=by,
        state=DecisionState.OPEN if what else DecisionState.WITHDRAWN,
    )


def _ask_for_words(name: str, filled: Filled, *, is_empty: bool) -> None:
    """A part that was added and not named: forgotten when it is empty, else asked for, so that nothing is lost."""
    if not is_empty:
        filled.refuse_as(name, "unnamed")


def _is_taken_back(item: Objective | Decision) -> bool:
    return item.is_withdrawn if isinstance(item, Objective) else item.state is DecisionState.WITHDRAWN
