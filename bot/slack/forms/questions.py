"""The questions of the dialogs, read from ``prompts/questions.yaml``: their words and order are a company's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.domain.project import RagStatus
from bot.domain.sections import HOME, Dialog, ReportSection, Sections
from bot.domain.update import PromiseResult, Rating, RiskKind
from bot.slack.forms.question_marks import Mistakes, entries, items, text_of

OWN_KINDS = ("text", "long text", "number", "date", "choice")
NOT_RATED = "not rated"  # the choice that takes a rating back: Slack's select cannot be emptied
WHOLE_PROJECT = "*"  # the choice that takes a risk's milestone back; no key looks like it
_MOST_OWN = 10  # a company's own questions in one dialog: with the others they fit Slack's view
_LONGEST_KEY = 64
_LONGEST_CHOICE = 100  # characters of a choice's value; Slack: 150
_MOST_CHOICES = 100  # Slack: options of one select
_FIELDS = ("key", "label", "kind", "hint", "placeholder", "required", "choices", "section")

_LONG = "long text"
_STATUSES = tuple(RagStatus.choices())
_RATINGS = (*Rating, NOT_RATED)
_RATED: Mapping[str, tuple[str, ...]] = {"probability": _RATINGS, "impact": _RATINGS}

# What the program itself asks: the kind of each question. Any other key is a company's own question.
_KNOWN: Mapping[str, Mapping[str, str]] = {
    "milestone": {
        "percent_complete": "percent", "status": "choice", "recovery": _LONG, "forecast": "date",
        "deliverables": _LONG, "impact": _LONG, "promised": "choice", "note": _LONG,
        "evidence": _LONG, "files": "files",
    },
    "promise": {"reason": "text"},
    "objective": {"title": "text", "deliverable": "text", "target": "text"},
    "decision": {"what": "text", "who": "person", "by": "date"},
    "risk": {
        "title": "text", "kind": "choice", "milestone": "choice", "challenge": _LONG, "mitigation": _LONG,
        "probability": "choice", "impact": "choice", "owner": "person", "due": "date", "waits_on": "text",
        "since": "date",
    },
    "resources": {
        "budget_at_completion": "money", "actual_cost": "money", "forecast_at_completion": "money",
        "percent_used": "percent", "percent_variance": "percent", "budget_note": _LONG, "staffing_planned": "number",
        "staffing_actual": "number", "staffing_note": _LONG, "vendors": _LONG, "dependencies": _LONG,
    },
    "summary": {
        "status": "choice", "status_why": "text", "status_note": _LONG, "phase": "text",
        "scheduled_completion": "text", "impact": _LONG, "executive_summary": _LONG, "conclusion": _LONG,
        "layout": "choice",
    },
}  # fmt: skip
# What a rule of the dialogs points at, or an answer cannot be without: these are asked whenever their dialog is.
_STAYS: Mapping[str, tuple[str, ...]] = {
    "milestone": ("percent_complete", "status", "recovery", "note"),
    "objective": ("title",),
    "decision": ("what",),
    "risk": ("title", "challenge"),
    "resources": ("budget_note",),
    "summary": ("status", "status_why"),
}
_MAY_BE_ABSENT = ("promise", "objective", "decision")
_STORED: Mapping[str, Mapping[str, tuple[str, ...]]] = {  # what a choice may store, where the program has to know it
    "milestone": {"status": _STATUSES, "promised": tuple(PromiseResult)},
    "risk": {"kind": tuple(RiskKind), "milestone": (WHOLE_PROJECT,), **_RATED},
    "summary": {"status": _STATUSES},
}
_FILLED_BY_DATA = (("risk", "milestone"), ("summary", "layout"))


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a dialog. `choices` are stored values with the words shown for them.

    `is_own` is a company's own; its answer is printed in `section`, which is None for the program's.
    """

    key: str
    label: str
    kind: str
    hint: str | None = None
    placeholder: str | None = None
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    is_own: bool = False
    section: ReportSection | None = None

    @property
    def name(self) -> str:
        """The field's name in its form; a company's own questions never meet the program's."""
        return f"more:{self.key}" if self.is_own else self.key


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of every dialog, in the order they are asked."""

    dialogs: Mapping[str, tuple[Question, ...]]

    def of(self, dialog: str) -> tuple[Question, ...]:
        """A dialog's questions in order; none for a part that a company has taken out."""
        return self.dialogs.get(dialog, ())

    def own(self, dialog: str) -> tuple[Question, ...]:
        """A company's own questions of a dialog."""
        return tuple(question for question in self.of(dialog) if question.is_own)

    @property
    def sections(self) -> Sections:
        """Where the answer to each of a company's own questions is printed."""
        own = ((dialog, question) for dialog in Dialog for question in self.own(dialog))
        return {(dialog, question.key): question.section or HOME[dialog] for dialog, question in own}

    def get(self, dialog: str, key: str) -> Question:
        """One question that is known to be asked."""
        return next(question for question in self.of(dialog) if question.key == key)


def read_questions(path: Path, text: str) -> Questions:
    """The questions of a file. Raises BotError that names every mistake with its line."""
    mistakes = Mistakes(path)
    dialogs: dict[str, tuple[Question, ...]] = {}
    marks: dict[str, yaml.Node] = {}
    for name, mark, node in entries(mistakes.compose(text), "", mistakes):
        if name in _KNOWN:
            dialogs[name], marks[name] = tuple(_asked(name, node, mistakes)), mark
        else:
            mistakes.unknown(mark, "", name, tuple(_KNOWN))
    for dialog in _KNOWN:
        _check_whole(dialog, dialogs.get(dialog, ()), marks.get(dialog), mistakes)
    mistakes.raise_any()
    return Questions(dialogs)


def _asked(dialog: str, node: yaml.Node, mistakes: Mistakes) -> Iterator[Question]:
    seen: set[str] = set()
    for at, item in items(node, dialog, mistakes):
        question = _Reader(dialog, at, item, mistakes).question()
        if question is None:
            continue
        if question.key in seen:
            mistakes.add(item, f"{at}.key", f'"{question.key}" is asked twice')
        seen.add(question.key)
        yield question


def _check_whole(dialog: str, asked: tuple[Question, ...], mark: yaml.Node | None, mistakes: Mistakes) -> None:
    """Note, where the dialog begins, what it lacks or has too much of."""
    keys = {question.key for question in asked}
    if not asked and dialog in _MAY_BE_ABSENT:
        return
    for key in _STAYS.get(dialog, ()):
        if key not in keys:
            mistakes.add(mark, dialog, f"{key} must be asked; reword it instead of taking it out")
    if sum(question.is_own for question in asked) > _MOST_OWN:
        mistakes.add(mark, dialog, f"at most {_MOST_OWN} questions of your own fit in a dialog")


class _Reader:
    """Reads one question of the file; what is wrong with it is noted."""

    def __init__(self, dialog: str, at: str, node: yaml.Node, mistakes: Mistakes) -> None:
        self._dialog = dialog
        self._at = at
        self._node = node
        self._mistakes = mistakes
        self._given: dict[str, yaml.Node] = {}
        for name, mark, value in entries(node, at, mistakes):
            if name in _FIELDS:
                self._given[name] = value
            else:
                mistakes.unknown(mark, at, name, _FIELDS)

    def question(self) -> Question | None:
        """The question; None where it has no usable key, label or kind."""
        key, label, kind = (self._needed(name) for name in ("key", "label", "kind"))
        if not (key and label and kind):
            return None
        is_own = key not in _KNOWN[self._dialog]
        self._check_key(key, is_own=is_own)
        self._check_kind(key, kind, is_own=is_own)
        choices = self._choices()
        self._check_choices(key, kind, choices, is_own=is_own)
        return Question(
            key=key,
            label=label,
            kind=kind,
            hint=self._text("hint"),
            placeholder=self._text("placeholder"),
            required=self._flag("required"),
            choices=choices,
            is_own=is_own,
            section=self._section(is_own=is_own),
        )

    def _check_key(self, key: str, *, is_own: bool) -> None:
        if not is_own:
            return
        if self._dialog not in list(Dialog):
            self._mistakes.unknown(self._node, f"{self._at}.key", key, tuple(_KNOWN[self._dialog]))
        elif len(key) > _LONGEST_KEY or not (key.isascii() and key.replace("-", "").replace("_", "").isalnum()):
            expected = f"letters, digits, - and _ such as my-question, {_LONGEST_KEY} at most"
            self._note("key", f'"{key}" is not a key; expected {expected}')

    def _check_kind(self, key: str, kind: str, *, is_own: bool) -> None:
        if is_own and kind not in OWN_KINDS:
            self._note("kind", f'"{kind}" is not a kind; expected one of {", ".join(OWN_KINDS)}')
        expected = _KNOWN[self._dialog].get(key, kind)
        if not is_own and kind != expected and not {kind, expected} <= {"text", _LONG}:
            self._note("kind", f"{key} is of kind {expected}, which cannot be changed")

    def _check_choices(self, key: str, kind: str, choices: Mapping[str, str], *, is_own: bool) -> None:
        if kind != "choice":
            if choices:
                self._note("choices", "only a question of kind choice has choices")
            return
        if not choices and (self._dialog, key) not in _FILLED_BY_DATA:
            self._note("choices", "a choice needs its choices, such as {yes: Yes, no: No}")
        stored = () if is_own else _STORED.get(self._dialog, {}).get(key, ())
        for value in choices:
            if stored and value not in stored:
                self._note("choices", f'"{value}" is not one of {", ".join(stored)}; put your own words to its right')

    def _choices(self) -> dict[str, str]:
        node = self._given.get("choices")
        if node is None:
            return {}
        at = f"{self._at}.choices"
        choices = {name: text_of(value) or "" for name, _, value in entries(node, at, self._mistakes)}
        for value, label in choices.items():
            if not value or not label or len(value) > _LONGEST_CHOICE:
                self._note("choices", f"a choice needs a value of 1 to {_LONGEST_CHOICE} characters and its words")
        if len(choices) > _MOST_CHOICES:
            self._note("choices", f"at most {_MOST_CHOICES} choices")
        return choices

    def _section(self, *, is_own: bool) -> ReportSection | None:
        """The section that the file names; None where it names none that can be meant."""
        name = self._text("section")
        if name is None:
            return None
        if not is_own:
            self._note("section", "only a question of your own has a section")
        elif name not in list(ReportSection):
            self._mistakes.unknown(self._given["section"], f"{self._at}.section", name, tuple(ReportSection))
        else:
            return ReportSection(name)
        return None

    def _needed(self, name: str) -> str | None:
        text = self._text(name)
        if text is None and not (name in self._given and text_of(self._given[name]) is None):
            self._mistakes.add(self._node, f"{self._at}.{name}", "missing")
        return text

    def _text(self, name: str) -> str | None:
        node = self._given.get(name)
        if node is None:
            return None
        text = text_of(node)
        if text is None:
            self._note(name, "expected a text")
        return text or None

    def _flag(self, name: str) -> bool:
        given = self._text(name)
        if given is not None and given.lower() not in ("true", "false", "yes", "no"):
            self._note(name, f'"{given}" is neither true nor false')
        return given is not None and given.lower() in ("true", "yes")

    def _note(self, name: str, sentence: str) -> None:
        self._mistakes.add(self._given.get(name, self._node), f"{self._at}.{name}", sentence)
