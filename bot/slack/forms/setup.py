"""The dialogs in which the plan is set up: a project, its milestones as a list, one milestone, and a milestone to be dropped.

Fields have the names that portfolio files give them, so that a mistake in either is told by the same sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from bot.domain.errors import InvalidInput
from bot.domain.project import Milestone, Person, Project
from bot.flow.setup.setup import Given, Plan
from bot.locales import Locale
from bot.slack.blocks import Block, actions, button, context, metadata_of, modal, option, overflow, section
from bot.slack.forms.fields import Fields, name_of, salt_of
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question
from bot.slack.ids import Action, View
from bot.slack.voice import listed, one_line
from bot.slack.words import Words

_VIEW_BLOCKS = 96  # Slack: 100, less the line of what was done, the head, the button and the line that counts the rest

# Each field's kind, in the order of the dialog: what every project has first, for a phone.
_PROJECT = {
    "name": "text", "manager": "person", "leadership_channel": "channel", "budget_at_completion": "text",
    "currency": "text", "scheduled_completion": "text", "budget_owner": "person", "sponsor": "person",
    "layout": "choice", "phase": "text", "industry": "text", "audience": "text", "prepared_by": "text",
    "staffing_unit": "text",
}  # fmt: skip
_MILESTONE = {"name": "text", "owner": "person", "co_owners": "people", "baseline": "date", "weight": "text"}
_REQUIRED = ("name", "manager", "owner")
_EXPLAINED = ("key", "budget_owner", "co_owners", "weight", "added", "leadership_channel")  # fields that have a hint


class Choice(StrEnum):
    """What can be done about a milestone of the plan; the value is its label's key."""

    EDIT = "edit-milestone"
    DROP = "drop-milestone"


@dataclass(frozen=True, slots=True)
class PlanPlace:
    """What a dialog is about: keys of a project and a milestone, empty for a new one; `under` is the list that opened it."""

    project: str = ""
    milestone: str = ""
    under: str = ""


def build_new_project(manager: str, words: Words, *, layouts: Sequence[str]) -> Block:
    """The dialog of a new project; the account of whoever sets it up stands there as its `manager` until another is chosen."""
    return _project(PlanPlace(), {**_PROJECT, "key": "text"}, {"manager": manager}, words, layouts)


def build_project(project: Project, words: Words, *, layouts: Sequence[str], channel: str | None) -> Block:
    """The dialog of a project; `channel` is the id of the project's own channel, as far as it is known."""
    values = _values(project, _PROJECT) | {"leadership_channel": channel}
    return _project(PlanPlace(project.key), _PROJECT, values, words, layouts)


def build_milestone(project: Project, milestone: Milestone | None, under: str, words: Words) -> Block:
    """The dialog of a milestone, empty for a new one."""
    kinds = _MILESTONE if milestone else {**_MILESTONE, "added": "date", "key": "text"}
    place = PlanPlace(project.key, milestone.key if milestone else "", under)
    title = words.label("edit-milestone-title" if milestone else "add-milestone")
    head = section(words.say("setup/milestone-head.j2", project=one_line(project.name)))
    fields = _asked(kinds, _values(milestone, kinds), place, words)
    return _dialog(title, View.MILESTONE_PLAN, place, [head, *fields], words)


def build_drop(project: Project, milestone: Milestone, under: str, words: Words) -> Block:
    """The dialog that asks whether a milestone is really to be dropped."""
    names = {"project": one_line(project.name), "milestone": one_line(milestone.name)}
    text = section(words.say("setup/drop.j2", owner=one_line(milestone.owner.name, 60), **names))
    place = PlanPlace(project.key, milestone.key, under)
    return _dialog(
        words.label("drop-milestone-title"), View.DROP_MILESTONE, place, [text], words, submit="drop-milestone"
    )


def build_list(plan: Plan, locale: str, words: Words, *, saved: str = "") -> Block:
    """A project's milestones, each with its menu; `saved` is what was just done. Home is drawn again when it is closed."""
    shown = plan.milestones[:_VIEW_BLOCKS]
    unlisted = len(plan.milestones) - len(shown)
    head = words.say("setup/milestones.j2", project=one_line(plan.project.name), count=len(plan.milestones))
    blocks = [
        *([context(words.say("review/saved.j2", line=saved))] if saved else []),
        section(head),
        actions(button(words.label("add-milestone"), Action.ADD_MILESTONE)),
        *(_milestone(milestone, Locale(locale), words) for milestone in shown),
        *([context(words.say("setup/unlisted.j2", count=unlisted))] if unlisted else []),
    ]
    return modal(
        words.label("milestones"),
        blocks,
        callback_id=View.MILESTONES,
        close=words.label("done"),
        metadata=asdict(PlanPlace(plan.project.key)),
    )


def choice_of(value: str) -> tuple[Choice, str]:
    """What was chosen in a milestone's menu, and the milestone's key."""
    choice, _, key = value.partition(":")
    return Choice(choice), key


def place_of(view: Mapping[str, Any]) -> PlanPlace:
    """What a view is about."""
    metadata = metadata_of(view)
    return PlanPlace(metadata["project"], metadata["milestone"], metadata["under"])


def read(view: Mapping[str, Any], words: Words) -> Given:
    """The fields that were changed, as they were typed; None for those that were emptied.

    Of a new project all of them: nothing stands yet, and what the dialog proposed was agreed to.
    """
    filled, is_new = Filled(view, words), not place_of(view).project
    names = [name_of(block["block_id"]) for block in view["blocks"] if block["type"] == "input"]
    return {name: filled.typed(name) for name in names if is_new or not filled.is_untouched(name)}


@contextmanager
def beside_fields(view: Mapping[str, Any]) -> Iterator[None]:
    """Sentences about fields go beside them in a view; about one that is not shown, beside the first."""
    try:
        yield
    except InvalidInput as refused:
        places = {name_of(block["block_id"]): block["block_id"] for block in view["blocks"] if block["type"] == "input"}
        first = next(iter(places.values()))
        raise InvalidInput({places.get(name, first): text for name, text in refused.problems.items()}) from refused


def _project(
    place: PlanPlace, kinds: Mapping[str, str], values: Mapping[str, object], words: Words, layouts: Sequence[str]
) -> Block:
    title = words.label("edit-project" if place.project else "new-project")
    return _dialog(title, View.PROJECT_PLAN, place, _asked(kinds, values, place, words, layouts), words)


def _dialog(
    title: str, callback: View, place: PlanPlace, blocks: Sequence[Block], words: Words, *, submit: str = "save"
) -> Block:
    return modal(
        title,
        blocks,
        callback_id=callback,
        submit=words.label(submit),
        close=words.label("cancel"),
        metadata=asdict(place),
    )


def _asked(
    kinds: Mapping[str, str],
    values: Mapping[str, object],
    place: PlanPlace,
    words: Words,
    layouts: Sequence[str] = (),
) -> list[Block]:
    fields = Fields(words, salt_of("plan", place.project, place.milestone))
    choices = {layout: layout for layout in layouts}
    return [
        block
        for name, kind in kinds.items()
        for block in fields.ask(_question(name, kind, words), values.get(name), choices=choices)
    ]


def _question(name: str, kind: str, words: Words) -> Question:
    hint = words.say_plain("setup/hint.j2", field=name) if name in _EXPLAINED else None
    return Question(name, words.label(f"plan-{name}"), kind, hint, required=name in _REQUIRED)


def _values(of: Project | Milestone | None, kinds: Mapping[str, str]) -> dict[str, object]:
    """What stands in the plan, by field; people by their account, or by name where none was found."""
    values = {name: getattr(of, name, None) for name in kinds} if of else {}
    return {name: _shown(value) for name, value in values.items()}


def _shown(value: object) -> object:
    """A value as fields take it: people by their accounts."""
    if isinstance(value, tuple):
        return tuple(map(_shown, value))
    return (value.slack_id or value.name) if isinstance(value, Person) else value


def _milestone(milestone: Milestone, locale: Locale, words: Words) -> Block:
    text = words.say(
        "setup/milestone.j2",
        title=one_line(milestone.name, 100),
        key=milestone.key,
        owner=one_line(milestone.owner.name, 60),
        co_owners=listed([one_line(person.name, 60) for person in milestone.co_owners], 3),
        baseline=_day(milestone.baseline, locale),
        weight="" if milestone.weight == 1 else locale.number(milestone.weight),
    )
    options = [option(words.label(choice), f"{choice}:{milestone.key}") for choice in Choice]
    return section(text, accessory=overflow(Action.PLAN_ITEM, options))


def _day(day: date | None, locale: Locale) -> str:
    return locale.date_long(day) if day else ""
