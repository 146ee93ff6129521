"""Figures: how the work stands, in counts, for those who keep the bot running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from bot.domain.ladder import plain_step
from bot.domain.quarter import Quarter
from bot.domain.reporting.milestones import coverage
from bot.flow.company import Company
from bot.flow.moment import Moment
from bot.store import answers as answer_store
from bot.store import figures as figure_store


@dataclass(frozen=True, slots=True)
class Standing:
    """How the latest quarter that has opened stands: updates received of updates due, and what is to be sent.

    `outbox` counts messages that are not finished by state; `nudges` counts by step and outcome; `oldest_wait` is for how
    long the message that waits longest could have gone out.
    """

    quarter: Quarter
    received: int
    due: int
    outbox: Mapping[str, int]
    nudges: Mapping[tuple[str, str], int]
    oldest_wait: timedelta


def standing(session: Session, company: Company, moment: Moment) -> Standing:
    """Count everything at one moment."""
    quarter = company.latest_opened(moment.now)
    received, due = _updates(session, company, quarter, moment)
    waits_since = figure_store.oldest_due(session, moment.real)
    return Standing(
        quarter=quarter,
        received=received,
        due=due,
        outbox=figure_store.open_by_state(session),
        nudges=_nudges(session, quarter),
        oldest_wait=moment.real - waits_since if waits_since else timedelta(),
    )


def _updates(session: Session, company: Company, quarter: Quarter, moment: Moment) -> tuple[int, int]:
    """Updates received and due over all projects."""
    received = due = 0
    for key, history in answer_store.histories(session, quarter):
        facts = company.facts_from(company.projects[key], quarter, moment.now, history=history, names={})
        found = coverage(facts)
        received, due = received + found.received, due + found.due
    return received, due


def _nudges(session: Session, quarter: Quarter) -> dict[tuple[str, str], int]:
    """By step without the deadline that it is about: Prometheus keeps a series for each."""
    found: Counter[tuple[str, str]] = Counter()
    for (step, outcome), count in figure_store.nudges_by_step(session, quarter).items():
        found[plain_step(step), outcome] += count
    return dict(found)
