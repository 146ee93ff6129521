"""A report in which every field holds a value found nowhere else, and the list of those values as documents print them.

Values are made from the fields' types, so that a field added to the report is demanded of every layout by itself.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import count
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from bot.domain.attachment import Attachment
from bot.domain.milestone_line import Known, LineState, MilestoneLine
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import (
    Check,
    CheckEvidence,
    Coverage,
    DecisionLine,
    EarnedValue,
    ObjectiveLine,
    PromiseLine,
    PromiseTally,
    QuarterlyReport,
    QuestionLine,
    ResourcesBefore,
    ResourcesLine,
    RiskLine,
    ScopeChange,
    ScopeChangeKind,
    Source,
)
from bot.domain.sections import PlacedAnswer
from bot.domain.update import DecisionState

T = TypeVar("T")

# Keys tie things together and are for programs; the rest says how to print, or follows from what is printed.
UNPRINTED = {
    *((cls, "key") for cls in (MilestoneLine, RiskLine, DecisionLine, ObjectiveLine, PromiseLine, QuestionLine)),
    (QuarterlyReport, "project_key"),
    (QuarterlyReport, "locale"),
    (QuarterlyReport, "layout"),
    (QuarterlyReport, "quarter"),
    (QuarterlyReport, "judged_on"),  # printed as the ages and delays that follow from it
    (Check, "id"),
    (Check, "audience"),
    *(
        (CheckEvidence, name) for name in ("milestone", "by", "at", "source")
    ),  # told in its words, or what a link leads to
    (Source, "key"),
    (Attachment, "file"),  # for programs; its address is printed
    (MilestoneLine, "tracker"),  # printed among the sources
    (MilestoneLine, "as_written"),  # kept for programs; who edited the wording is printed among the sources
    (MilestoneLine, "known_age_quarters"),  # follows from the quarter it was known in
    (DecisionLine, "age_quarters"),  # printed as the quarter it was first asked in
    (QuestionLine, "age_quarters"),  # printed as the quarter whose report it is about
    (RiskLine, "age_quarters"),  # printed as the quarter it was opened in
    (RiskLine, "severity"),
    (RiskLine, "severity_before"),  # printed as graver or less grave than before
    (ResourcesBefore, "percent_variance"),  # printed as the line's previous_percent_variance
    (EarnedValue, "cost_performance_index"),  # printed with two decimals
    (EarnedValue, "schedule_performance_index"),
    (PlacedAnswer, "key"),
    (PromiseTally, "carried_over"),  # printed as what came due, of which so many were kept
    (PromiseTally, "dropped"),
    (PromiseTally, "unanswered"),
    (ScopeChange, "key"),
    (ScopeChange, "name"),  # printed as what it was and became
    (Coverage, "missing"),
    (Coverage, "excused"),
    (Known, "percent_complete"),  # printed as it is or as the change since; it has a test of its own
    (ResourcesLine, "currency"),  # printed as the sign of its amounts
    (QuarterlyReport, "period"),  # printed as months
}

ANSWERED_FIELDS = (
    *("percent_complete", "status", "forecast", "slippage_days", "forecast_moved_days"),
    *("impact", "note", "recovery", "answered_by", "answered_at", "answered_for"),
)


_hints = cache(get_type_hints)  # they are read from the source's text


class Filler:
    """Makes values that differ from all that it made before."""

    def __init__(self) -> None:
        self._numbers = count(201)  # no day of a month

    def make(self, cls: type[T], **given: Any) -> T:
        """A dataclass with every field filled, but for those given."""
        hints = _hints(cls)
        values = {f.name: self._value(hints[f.name], f.name) for f in fields(cls) if f.name not in given}  # type: ignore[arg-type]
        return cls(**values, **given)

    def _value(self, hint: Any, name: str) -> Any:
        number = next(self._numbers)
        if get_origin(hint) in (Union, types.UnionType):
            return self._value(next(arg for arg in get_args(hint) if arg is not type(None)), name)
        if get_origin(hint) is tuple:
            kinds = get_args(hint)
            return tuple(self._value(kinds[0], name) for _ in range(2))
        if get_origin(hint) is not None and issubclass(get_origin(hint), Mapping):
            return {f"Question{number}": f"answer{number}"}
        if is_dataclass(hint) and hint is not Quarter:
            return self.make(hint)
        return self._simple(hint, name, number)

    def _simple(self, hint: Any, name: str, number: int) -> Any:
        if isinstance(hint, type) and issubclass(hint, Enum):
            return next(iter(hint))
        makers: dict[Any, Any] = {
            str: f"{name.replace('_', '').capitalize()}x{number}",
            bool: True,
            int: number,
            Decimal: Decimal(number),
            date: date(2030, 1, 1) + timedelta(days=number),
            datetime: datetime(2032, 1, 1, tzinfo=UTC) + timedelta(days=number),
            Quarter: Quarter(2100 + number, 1),
        }
        return makers[hint]


def filled_report() -> QuarterlyReport:
    """Every field filled: a milestone for each state, an open and a closed risk, an open and a settled decision."""
    filler = Filler()
    known = filler.make(Known, slippage_days=None, slippage_from_first_days=None)  # this quarter's are printed instead
    answered = filler.make(
        MilestoneLine, known=known, state=LineState.ANSWERED, status=RagStatus.AT_RISK, unanswered_quarters=0
    )
    silent = [
        filler.make(
            MilestoneLine,
            state=state,
            unanswered_quarters=17 if state is LineState.MISSING else 0,
            **dict.fromkeys(ANSWERED_FIELDS),
            deliverables=(),
            more={},
        )
        for state in (LineState.MISSING, LineState.EXCUSED, LineState.PAUSED, LineState.DROPPED)
    ]
    said = filler.make(
        Source,
        item=answered.name,
        by=answered.answered_by,
        at=answered.answered_at,
        for_whom=answered.answered_for,
        percent=None,
        link=None,
    )
    return replace(
        filler.make(
            QuarterlyReport,
            locale="en_US",
            milestones=(answered, *silent),
            risks=tuple(filler.make(RiskLine, is_open=is_open) for is_open in (True, False)),
            decisions=(
                filler.make(DecisionLine, state=DecisionState.OPEN, outcome=None),
                filler.make(DecisionLine, state=DecisionState.DECIDED),
            ),
            checks=(filler.make(Check, audience="all"),),
            resources=filler.make(ResourcesLine, currency="USD"),
            scope_changes=(filler.make(ScopeChange, kind=ScopeChangeKind.RENAMED, days=None),),
        ),
        sources=(said, filler.make(Source)),
        quarter_label="Q1 2077",
        period=(date(2077, 1, 1), date(2077, 3, 31)),
    )


def facts(value: Any) -> Iterator[Any]:
    """Every text, figure, date and quarter in a report that leaders are to read."""
    if is_dataclass(value) and not isinstance(value, Quarter):
        printed = (item.name for item in fields(value) if (type(value), item.name) not in UNPRINTED)
        yield from (fact for name in printed for fact in facts(getattr(value, name)))
    elif isinstance(value, Mapping):
        yield from (part for pair in value.items() for part in pair)
    elif isinstance(value, tuple):
        yield from (fact for item in value for fact in facts(item))
    elif value and not isinstance(value, bool | Enum):
        yield value
