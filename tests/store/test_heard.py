"""What a process remembers of answers is what the database says, whatever was said, taken back or forgotten in between."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from bot.domain.update import LateChoice, Provenance, Return
from bot.store import answers
from bot.store.heard import Heard
from bot.store.portfolio import save_project
from bot.store.session import Database
from tests.builders import Q2, Q3, Q4, a_project, a_risk, an_update

NOON = datetime(2025, 10, 1, 12, tzinfo=UTC)
PROJECTS = ("portal", "other", "third")


class TakenBackError(Exception):
    """Ends a transaction without its answers."""


def say(session: Any, chance: Random, minute: int) -> None:
    """Something about some project: an answer of some kind, or what a manager remarks about one."""
    project, quarter = chance.choice(PROJECTS), chance.choice((Q2, Q3, Q4))
    by = Provenance("U0ALICE", NOON + timedelta(minutes=minute))
    kind = chance.randrange(4)
    if kind == 0:
        answers.record(session, project, quarter, "training", a_risk(), by)
    elif kind == 1:
        answers.record(session, project, quarter, "front-end", Return("Why?"), by)
    elif kind == 2:
        answers.choose(session, project, quarter, "milestone", "front-end", LateChoice(is_left=True), by)
    else:
        answers.record(session, project, quarter, "front-end", an_update(minute % 100), by)


def take_back_some(chance: Random) -> None:
    """End some transactions without their answers."""
    if chance.random() < 0.4:
        raise TakenBackError


def compare(session: Any, heard: Heard, project: str) -> None:
    """A look with a memory tells the same as one without."""
    told = heard.history(session, project, Q3)
    assert told == answers.history(session, project, Q3, with_left=True)
    assert heard.histories(session, PROJECTS, Q3) == dict(answers.histories(session, Q3, PROJECTS, with_left=True))


@pytest.mark.parametrize("most", [3, 1_000])
def test_a_memory_tells_what_the_database_says(database: Database, most: int) -> None:
    chance, heard = Random(most), Heard(most)  # noqa: S311 - the same each time
    with database.writing() as session:
        for key in PROJECTS:
            save_project(session, a_project(key=key), today=date(2025, 1, 1))
    for minute in range(40):
        with suppress(TakenBackError), database.writing() as session:
            compare(session, heard, chance.choice(PROJECTS))
            say(session, chance, minute)
            compare(session, heard, chance.choice(PROJECTS))
            take_back_some(chance)
        with database.reading() as session:
            compare(session, heard, chance.choice(PROJECTS))


def test_a_second_look_in_a_transaction_asks_nothing(database: Database) -> None:
    heard, asked = Heard(), []
    with database.writing() as session:
        save_project(session, a_project(), today=date(2025, 1, 1))
        answers.record(session, "portal", Q3, "front-end", an_update(40), Provenance("U0ALICE", NOON))
    event.listen(database.engine, "before_cursor_execute", lambda *called: asked.append(called[2]))
    with database.reading() as session:
        looks = [heard.history(session, "portal", Q3) for _ in range(2)]
        looks.append(heard.histories(session, ["portal", "portal"], Q3)["portal"])
    assert len([statement for statement in asked if "FROM answers" in statement]) == 1
    assert looks[0] == looks[2] != {}
