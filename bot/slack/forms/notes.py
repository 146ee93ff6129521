"""Small dialogs: a check's note, the choice of a project, and a single text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.quarter import Quarter
from bot.domain.report import Check
from bot.flow.forms import ProjectChoice, ReviewForm
from bot.slack.blocks import Block, metadata_of, modal, section
from bot.slack.forms.fields import Fields, kept_name
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question
from bot.slack.ids import View
from bot.slack.words import Words

SALT = "note"


@dataclass(frozen=True, slots=True)
class Note:
    """A note under a check; `under` is the review's view, which is drawn again.

    `is_kept` marks a note that was too long to show and was left as it is.
    """

    check: str
    text: str | None
    under: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The project to compile."""

    project: str
    quarter: Quarter | None


def build_note(form: ReviewForm, check: Check, under: str, words: Words) -> Block:
    """The dialog for the note that is printed under a check."""
    question = Question("text", words.label("note-printed"), "long text")
    return modal(
        words.label("note"),
        [section(words.say("dialogs/note.j2", check=check)), *Fields(words, SALT).ask(question, check.note)],
        callback_id=View.CHECK_NOTE,
        submit=words.label("save"),
        close=words.label("cancel"),
        metadata={"project": form.project.key, "quarter": str(form.quarter), "check": check.id, "under": under},
    )


def read_note(view: Mapping[str, Any], words: Words) -> Note:
    """The note; empty takes it away."""
    metadata = metadata_of(view)
    filled = Filled(view, words)
    text = filled.text("text")
    return Note(metadata["check"], text, metadata["under"], is_kept=text is None and filled.is_shown(kept_name("text")))


def build_choice(choice: ProjectChoice, words: Words) -> Block:
    """Which project to compile."""
    offered = {project.key: project.name for project in choice.projects}
    question = Question("project", words.label("project"), "choice", required=True, choices=offered)
    return modal(
        words.label("review"),
        Fields(words, SALT).ask(question),
        callback_id=View.CHOOSE_PROJECT,
        submit=words.label("compile"),
        close=words.label("cancel"),
        metadata={"quarter": str(choice.quarter) if choice.quarter else ""},
    )


def read_choice(view: Mapping[str, Any], words: Words) -> Chosen:
    """The project that was chosen."""
    (project,) = _required(view, words, "project")
    quarter = metadata_of(view)["quarter"]
    return Chosen(project, Quarter.parse(quarter) if quarter else None)


def build_text(title: str, lead: str, label: str, callback: str, metadata: dict[str, object], words: Words) -> Block:
    """A dialog with one required text, such as a question or its answer; `lead` is mrkdwn above it."""
    question = Question("text", label, "long text", required=True)
    return modal(
        title,
        [section(lead), *Fields(words, SALT).ask(question)],
        callback_id=callback,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata=metadata,
    )


def read_text(view: Mapping[str, Any], words: Words) -> str:
    """The text of such a dialog. Raises InvalidInput for blanks."""
    (text,) = _required(view, words, "text")
    return text


def _required(view: Mapping[str, Any], words: Words, *names: str) -> list[str]:
    filled = Filled(view, words)
    values = [filled.text(name) or "" for name in names]
    filled.check()
    return values
