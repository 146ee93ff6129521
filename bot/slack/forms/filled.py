"""Fields that came back: what stands in each, read as people of a locale write it, and what is wrong beside which field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from bot.domain.dates import TYPED_YEARS
from bot.domain.errors import BotError, InvalidInput
from bot.domain.project import Person
from bot.domain.rules import Problem
from bot.domain.update import lines_of
from bot.locales import Locale, UnreadableNumber
from bot.slack.blocks import clean
from bot.slack.forms.fields import as_text, kept_name, name_of, typed_number
from bot.slack.forms.questions import Question
from bot.slack.words import Words

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_STATE_KEYS = ("value", "selected_date", "selected_user", "selected_users", "selected_conversation")
_INITIAL_KEYS = ("initial_value", "initial_date", "initial_user", "initial_users", "initial_conversation")


class Filled:
    """A form that came back.

    Each reading takes what stood there `before`: it stays where the field is not shown (a company took the question out),
    or where it could not be prefilled and was left empty. What cannot be read is noted beside its field; `check` raises it.
    Fields that nobody asks for are passed over. A form that is not `is_final` is kept on the way: required answers may lack.
    `people` are those whom what stood there named, as the form showed them: chosen again, they are named as before.
    """

    def __init__(
        self,
        view: Mapping[str, Any],
        words: Words,
        locale: str = "en_US",
        *,
        is_final: bool = True,
        people: Mapping[str, Person] | None = None,
    ) -> None:
        self._values: Mapping[str, Mapping[str, Any]] = view["state"]["values"]
        self._blocks = {name_of(block["block_id"]): block for block in view["blocks"] if block.get("block_id")}
        self._words = words
        self._locale = Locale(locale)
        self._is_final = is_final
        self._people = people or {}
        self.problems: dict[str, str] = {}

    def keys(self, kind: str) -> list[str]:
        """The keys of the repeated parts that are shown, such as the objectives', in their order."""
        parts = (name.split(":") for name in self._blocks)
        return list(dict.fromkeys(part[1] for part in parts if part[0] == kind and len(part) > 1))

    def is_shown(self, name: str) -> bool:
        """Whether the form has this field."""
        return name in self._blocks

    def is_untouched(self, name: str) -> bool:
        """Whether a field holds what it was opened with."""
        element = self._blocks[name]["element"]
        chosen = (element.get("initial_option") or {}).get("value")
        shown = chosen or next((element[key] for key in _INITIAL_KEYS if element.get(key)), "")
        return self.typed(name) == (clean(_as_lines(shown)) or None)

    def typed(self, name: str) -> str | None:
        """What a person put into a field, cleaned; None where it was left empty or is not there."""
        block = self._blocks.get(name)
        elements = self._values.get(block["block_id"]) if block else None
        for state in (elements or {}).values():
            chosen = (state.get("selected_option") or {}).get("value")
            given = chosen or next((state[key] for key in _STATE_KEYS if state.get(key)), "")
            return clean(_as_lines(given)) or None
        return None

    def text(self, name: str, before: str | None = None) -> str | None:
        """A text."""
        return self._read(name, before, str)

    def lines(self, name: str, before: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A text's lines as items."""
        return self._read(name, before, lines_of) or ()

    def chosen(self, name: str) -> list[str]:
        """The values chosen in a select of several; notes where one that is required has none."""
        block = self._blocks[name]
        states = self._values.get(block["block_id"], {}).values()
        values = [option["value"] for state in states for option in state.get("selected_options") or ()]
        if not values and not block.get("optional"):
            self.refuse_as(name, "required")
        return values

    def files(self, name: str) -> Sequence[Mapping[str, Any]]:
        """The files that were put into a field, as Slack describes them."""
        block = self._blocks.get(name)
        elements = self._values.get(block["block_id"]) if block else None
        return [file for state in (elements or {}).values() for file in state.get("files") or ()]

    def day(self, name: str, before: date | None = None) -> date | None:
        """A date within the years that a report is about."""
        return self._read(name, before, self._day)

    def choice(self, name: str, kind: type[E], before: E | None = None) -> E | None:
        """A choice among known values."""
        return self._read(name, before, kind)

    def percent(
        self, name: str, before: Decimal | None = None, *, least: int | None = 0, most: int | None = None
    ) -> Decimal | None:
        """A percentage within limits, with or without its sign."""
        return self._read(name, before, lambda typed: self._percent(typed, least, most))

    def amount(self, name: str, before: Decimal | None = None, *, currency: str | None = None) -> Decimal | None:
        """A number that is not negative; with a currency it may be written with its sign."""
        return self._read(name, before, lambda typed: self._amount(typed, currency))

    def more(self, questions: Iterable[Question], before: Mapping[str, str]) -> dict[str, str]:
        """The answers to a company's own questions, as text; what was answered to others stays."""
        answers = {question.key: self._own(question, before.get(question.key)) for question in questions}
        return {key: text for key, text in {**before, **answers}.items() if text}

    def refuse(self, name: str, sentence: str) -> None:
        """Note what is wrong beside a field that is shown."""
        self.problems[self._blocks[name]["block_id"]] = sentence

    def refuse_as(self, name: str, problem: str, **values: object) -> None:
        """Note what is wrong in the words of a file of ``dialogs/problems``."""
        self.refuse(name, self._words.say_plain(f"dialogs/problems/{problem}.j2", **values))

    def check(self) -> None:
        """Raise InvalidInput, sentences by block id, where anything was noted."""
        if self.problems:
            raise InvalidInput(self.problems)

    def _read(self, name: str, before: T | None, read: Callable[[str], T]) -> T | None:
        typed = self.typed(name)
        if typed is None:
            return self._empty(name, before)
        if before is not None and typed in self._as_shown(before):
            return before  # as it was: what a file gave stays exact, even where nobody could type it so
        try:
            return read(typed)
        except BotError as unreadable:
            self.refuse(name, str(unreadable))
        except ValueError:  # a choice or date that Slack would not have offered
            self.refuse_as(name, "not-offered")
        return None

    def _as_shown(self, before: object) -> set[str | None]:
        """How a field may have shown what stood there: as it is written and, where that names somebody, by their account."""
        text = as_text(before)
        person = self._people.get(text)
        return {clean(text), person.slack_id if person else None}

    def _empty(self, name: str, before: T | None) -> T | None:
        if not self.is_shown(name) or self.is_shown(kept_name(name)):
            return before
        if self._is_final and not self._blocks[name].get("optional"):
            self.refuse_as(name, "required")
        return None

    def _own(self, question: Question, before: str | None) -> str | None:
        if question.kind == "number":
            return self._read(question.name, before, lambda typed: typed_number(self._locale.read_number(typed)))
        if question.kind == "date":
            return self._read(question.name, before, lambda typed: self._day(typed).isoformat())
        return self.text(question.name, before)

    def _day(self, typed: str) -> date:
        day = date.fromisoformat(typed)
        if day.year not in TYPED_YEARS:
            raise BotError(
                self._words.say_plain("dialogs/problems/date.j2", first=TYPED_YEARS[0], last=TYPED_YEARS[-1])
            )
        return day

    def _percent(self, typed: str, least: int | None, most: int | None) -> Decimal:
        try:
            percent = self._locale.read_percent(typed)
        except UnreadableNumber as unreadable:
            raise (unreadable if unreadable.readings else self._no_percentage(least, most)) from unreadable
        if (least is not None and percent < least) or (most is not None and percent > most):
            raise self._no_percentage(least, most)
        return percent

    def _no_percentage(self, least: int | None, most: int | None) -> BotError:
        return BotError(self._words.say_plain("dialogs/problems/percent.j2", least=least, most=most))

    def _amount(self, typed: str, currency: str | None) -> Decimal:
        amount = self._locale.read_number(typed, currency)
        if amount < 0:
            raise BotError(self._words.say_plain("dialogs/problems/negative.j2"))
        return amount


def _as_lines(given: str | Sequence[str]) -> str:
    """What was typed or chosen as text: several accounts a line each."""
    return given if isinstance(given, str) else "\n".join(given)


def problem_sentences(
    problems: Sequence[Problem], view: Mapping[str, Any], locale: str, words: Words
) -> dict[str, str]:
    """Rule problems as sentences by block id; one whose field is not shown stands at the status, else at the first field."""
    inputs = {name_of(block["block_id"]): block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    otherwise = inputs.get("status", next(iter(inputs.values())))
    sentences: dict[str, str] = {}
    for problem in problems:
        values = dict(problem.values)
        said = words.say_plain(f"dialogs/problems/{problem.rule}.j2", locale=Locale(locale), **values)
        place = inputs.get(problem.at, otherwise)
        sentences[place] = f"{sentences[place]} {said}" if place in sentences else said
    return sentences
