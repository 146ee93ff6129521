"""What a manager and a sponsor read after a deadline: who let it pass, and who has more time."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.flow.ask.digest import overdue_digest
from bot.flow.messages import OverdueDigest
from bot.store import answers, exceptions, reports
from bot.store.portfolio import save_project
from bot.store.session import Database
from tests.builders import CHARLIE, Q2, Q3, a_milestone, a_project, an_update, given
from tests.flow.managed import AFTER, DUE, OPENING, Moment, Scene, Stage, at

BACK_END = a_milestone("back-end", owner=CHARLIE)


@pytest.fixture
def stage(database: Database) -> Stage:
    """Bob's project, which Charlie sponsors; the back end has until 10 October."""
    stage = Stage(database)
    with stage.scene() as scene:
        project = a_project(a_milestone(), BACK_END, sponsor=CHARLIE)
        save_project(scene.session, project, today=date(2025, 1, 1))
        exceptions.extend(scene.session, "portal", "back-end", Q3, date(2025, 10, 10), by="U0BOB", at=OPENING.now)
    return stage


def digest(scene: Scene, moment: Moment, reader: str = "U0BOB", **values: Any) -> OverdueDigest:
    values = {"key": "k", "for_sponsor": False, **values}
    return overdue_digest(scene.session, scene.company, scene.person(reader), Q3, now=moment.now, **values)


def listed(read: OverdueDigest) -> list[tuple[str, date | None]]:
    """The milestones in their order, with the day until which one has more time."""
    return [(item.ref.milestone, item.until) for item in read.items]


def test_before_the_deadline_nobody_is_named(stage: Stage) -> None:
    with stage.scene() as scene:
        assert digest(scene, OPENING).items == ()


def test_who_has_more_time_is_listed_behind_the_silent_and_not_counted(stage: Stage) -> None:
    with stage.scene() as scene:
        read = digest(scene, AFTER)
        assert listed(read) == [("front-end", None), ("back-end", date(2025, 10, 10))]
        assert [item.ref.milestone for item in read.silent] == ["front-end"]
        assert listed(digest(scene, DUE)) == listed(read)


def test_once_the_later_deadline_has_passed_everybody_is_silent(stage: Stage) -> None:
    with stage.scene() as scene:
        assert listed(digest(scene, at(10, 14))) == [("front-end", None), ("back-end", None)]


def test_it_says_whose_report_is_published(stage: Stage) -> None:
    with stage.scene() as scene:
        assert [project.is_published for project in digest(scene, AFTER).projects] == [False]
        report = replace(scene.report(Q3, AFTER), revision=1)
        reports.freeze(scene.session, report, {}, facts="", channel="C0LEADERS", by="U0BOB", at=AFTER.now)
        assert [project.is_published for project in digest(scene, AFTER).projects] == [True]


def test_a_sponsor_reads_nothing_of_who_has_more_time(stage: Stage) -> None:
    """Only the documentation was answered for in the quarter before and in this one."""
    with stage.scene() as scene:
        docs = a_milestone("docs")
        project = replace(scene.company.project("portal"), milestones=(a_milestone(), BACK_END, docs))
        save_project(scene.session, project, today=date(2025, 1, 1))
        for quarter in (Q2, Q3):
            said = given(an_update())
            answers.record(scene.session, "portal", quarter, docs.key, said.value, said.provenance)
    with stage.scene() as scene:
        assert listed(digest(scene, AFTER, CHARLIE.ref, for_sponsor=True)) == [("front-end", None)]
        assert len(digest(scene, at(10, 14), CHARLIE.ref, for_sponsor=True).items) == 2
