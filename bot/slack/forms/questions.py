"""The questions of the dialogs, read from ``prompts/questions.yaml``: their words and order are a company's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import BotError

KINDS = frozenset({"text", "long text", "number", "percent", "money", "date", "choice", "person"})
_CANNOT_HIDE = {
    "milestone": ("percent_complete", "status"),
    "risk": ("title", "kind", "challenge"),
    "summary": ("status",),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a dialog. `choices` are stored values with the words shown for them."""

    key: str
    label: str
    kind: str
    hint: str | None = None
    placeholder: str | None = None
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of every dialog, in the order they are asked."""

    dialogs: Mapping[str, tuple[Question, ...]]

    def of(self, dialog: str) -> tuple[Question, ...]:
        """A dialog's questions in order."""
        return self.dialogs.get(dialog, ())

    def get(self, dialog: str, key: str) -> Question:
        """One question that is known to be asked."""
        return next(question for question in self.of(dialog) if question.key == key)


def read_questions(path: Path, text: str) -> Questions:
    """The questions of a file. Raises BotError that names every mistake."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BotError(f"{path} is not readable YAML: {error}") from error
    problems: list[str] = []
    dialogs = {name: tuple(_question(item, name, problems) for item in items) for name, items in (data or {}).items()}
    for dialog, keys in _CANNOT_HIDE.items():
        asked = {question.key for question in dialogs.get(dialog, ())}
        problems += [f"{dialog}: {key} must be asked" for key in keys if key not in asked]
    if problems:
        raise BotError("\n".join(f"{path}: {problem}" for problem in problems))
    return Questions(dialogs)


def _question(item: Mapping[str, Any], dialog: str, problems: list[str]) -> Question:
    given = {str(key): value for key, value in item.items()}
    missing = [name for name in ("key", "label", "kind") if not given.get(name)]
    unknown = sorted(set(given) - set(Question.__slots__))
    problems += [f"{dialog}: a question without {name}" for name in missing]
    problems += [f"{dialog}: {given.get('key')}: unknown field {name}" for name in unknown]
    if given.get("kind") not in KINDS:
        problems.append(f"{dialog}: {given.get('key')}: kind is one of {', '.join(sorted(KINDS))}")
    choices = {str(key): str(label) for key, label in (given.get("choices") or {}).items()}
    texts = {name: str(given[name]) for name in ("hint", "placeholder") if given.get(name)}
    return Question(
        key=str(given.get("key")),
        label=str(given.get("label")),
        kind=str(given.get("kind")),
        required=bool(given.get("required")),
        choices=choices,
        **texts,
    )
