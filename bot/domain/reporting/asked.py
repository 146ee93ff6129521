"""What people asked of each other and what became of it: promises, decisions, readers' questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.domain.facts import (
    ReportFacts,
    due_objectives,
    earlier_objectives,
    open_decisions,
    promise_results,
    told_questions,
)
from bot.domain.keys import in_words
from bot.domain.report import DecisionLine, PromiseLine, QuestionLine
from bot.domain.update import Ruling


def promises(facts: ReportFacts) -> Iterator[PromiseLine]:
    """Objectives that came due, and those that were answered for though they had no date, or were promised nowhere here."""
    results = promise_results(facts)
    known = {objective.key for _, objective in earlier_objectives(facts)}
    due = {objective.key for _, objective in due_objectives(facts)}
    for quarter, objective in earlier_objectives(facts):
        promise = results.get(objective.key)
        if promise:
            yield PromiseLine(objective.key, objective.title, quarter, promise.result, promise.reason)
        elif objective.key in due:
            yield PromiseLine(objective.key, objective.title, quarter, None, None)
    for key, promise in results.items():
        if key not in known:
            yield PromiseLine(key, in_words(key), None, promise.result, promise.reason)


def decisions(facts: ReportFacts) -> Iterator[DecisionLine]:
    """Decisions that wait in this quarter, and those settled in it."""
    for asked_in, given in open_decisions(facts):
        decision = given.value
        yield DecisionLine(
            key=decision.key,
            what=decision.what,
            who=facts.name_of(decision.who),
            by=decision.by,
            options=decision.options,
            state=decision.state,
            outcome=decision.outcome,
            asked_in=asked_in,
            age_quarters=facts.quarter.since(asked_in),
            ruling=_ruling(facts, decision.ruling),
        )


def _ruling(facts: ReportFacts, ruling: Ruling | None) -> Ruling | None:
    if ruling is None:
        return None
    at = ruling.at.astimezone(ZoneInfo(facts.portfolio.timezone))
    return replace(ruling, by=facts.name_of(ruling.by) or ruling.by, at=at)


def questions(facts: ReportFacts) -> Iterator[QuestionLine]:
    """What readers asked, as far as this report tells it, in the order in which it was asked."""
    for question in told_questions(facts):
        yield QuestionLine(
            key=str(question.number),
            text=question.text,
            milestone=facts.milestone_name(question.milestone),
            asked_by=facts.name_of(question.asked_by) or question.asked_by,
            asked_at=question.asked_at,
            asked_in=question.quarter,
            age_quarters=facts.quarter.since(question.quarter),
            answer=question.answer,
            answered_by=facts.name_of(question.answered_by),
            answered_at=question.answered_at,
        )
