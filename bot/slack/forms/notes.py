"""Small dialogs: a check's note, an update returned to its owner, and the choice of a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.quarter import Quarter
from bot.domain.report import Check, LineState
from bot.flow.messages import ProjectChoice, ReviewForm
from bot.slack.blocks import Block, metadata_of, modal, section
from bot.slack.forms import fields
from bot.slack.forms.questions import Question
from bot.slack.ids import View
from bot.slack.words import Words

SALT = "note"


@dataclass(frozen=True, slots=True)
class Note:
    """A note under a check; `under` is the review's view, which is drawn again."""

    check: str
    text: str | None
    under: str


@dataclass(frozen=True, slots=True)
class Returned:
    """An update that goes back to its owner."""

    milestone: str
    comment: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The project to compile."""

    project: str
    quarter: Quarter | None


def build_note(form: ReviewForm, check: Check, under: str, words: Words) -> Block:
    """The dialog for the note that is printed under a check."""
    question = Question("text", words.label("note-printed"), "long text")
    blocks = [section(words.say("dialogs/note.j2", check=check))]
    blocks += fields.text_field(question, check.note, name="text", salt=SALT)
    return modal(
        words.label("note"),
        blocks,
        callback_id=View.CHECK_NOTE,
        submit=words.label("save"),
        close=words.label("cancel"),
        metadata={"project": form.project.key, "quarter": str(form.quarter), "check": check.id, "under": under},
    )


def read_note(view: Mapping[str, Any]) -> Note:
    """The note; empty takes it away."""
    metadata = metadata_of(view)
    return Note(metadata["check"], fields.value_of(view, "text", SALT), metadata["under"])


def build_return(form: ReviewForm, words: Words) -> Block:
    """The dialog that sends an update back to its owner with a comment."""
    answered = (LineState.ANSWERED, LineState.CONFIRMED, LineState.MISSING)
    offered = {line.key: f"{line.name} · {line.owner}" for line in form.report.milestones if line.state in answered}
    which = Question("milestone", words.label("which-update"), "choice", required=True)
    comment = Question("comment", words.label("comment"), "long text", required=True)
    return modal(
        words.label("return-to-owner"),
        [
            *fields.choice_field(which, None, name="milestone", salt=SALT, choices=offered),
            *fields.text_field(comment, None, name="comment", salt=SALT),
        ],
        callback_id=View.RETURN_TO_OWNER,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata={"project": form.project.key, "quarter": str(form.quarter)},
    )


def read_return(view: Mapping[str, Any]) -> Returned:
    """What was returned, and why."""
    milestone = fields.value_of(view, "milestone", SALT) or ""
    return Returned(milestone, fields.value_of(view, "comment", SALT) or "")


def build_choice(choice: ProjectChoice, words: Words) -> Block:
    """Which project to compile."""
    question = Question("project", words.label("project"), "choice", required=True)
    offered = {project.key: project.name for project in choice.projects}
    return modal(
        words.label("review"),
        fields.choice_field(question, None, name="project", salt=SALT, choices=offered),
        callback_id=View.CHOOSE_PROJECT,
        submit=words.label("compile"),
        close=words.label("cancel"),
        metadata={"quarter": str(choice.quarter) if choice.quarter else ""},
    )


def read_choice(view: Mapping[str, Any]) -> Chosen:
    """The project that was chosen."""
    quarter = metadata_of(view).get("quarter")
    return Chosen(fields.value_of(view, "project", SALT) or "", Quarter.parse(quarter) if quarter else None)


def build_text(title: str, lead: str, label: str, callback: str, metadata: dict[str, object], words: Words) -> Block:
    """A dialog with one required text, such as a question or its answer; `lead` is mrkdwn above it."""
    question = Question("text", label, "long text", required=True)
    return modal(
        title,
        [section(lead), *fields.text_field(question, None, name="text", salt=SALT)],
        callback_id=callback,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata=metadata,
    )


def read_text(view: Mapping[str, Any]) -> str:
    """The text of such a dialog."""
    return fields.value_of(view, "text", SALT) or ""
