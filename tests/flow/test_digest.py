"""What a manager and a sponsor read after a deadline: who let it pass, and who has more time."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.changes import project_changes
from bot.domain.ladder import Action
from bot.domain.project import Person
from bot.domain.update import Resources
from bot.flow.ask.digest import overdue_digest
from bot.flow.messages import ItemRef, OverdueDigest
from bot.flow.schedule.schedule import plan_nudges
from bot.flow.setup.manage import nudge
from bot.store import answers, exceptions, reports
from bot.store.portfolio import record_changes, save_project
from bot.store.session import Database
from tests.builders import BOB, CHARLIE, Q2, Q3, a_milestone, a_project, an_update, given
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


def test_of_a_second_silence_the_sponsor_is_told_though_they_manage_another_project(stage: Stage) -> None:
    """The portal has been silent since January; of the tooling Charlie is manager and sponsor, and was told as manager."""
    portal = a_project(a_milestone(), sponsor=CHARLIE)
    tooling = a_project(a_milestone(), key="tooling", manager=CHARLIE, sponsor=CHARLIE)
    with stage.scene() as scene:
        save_project(scene.session, tooling, today=date(2025, 1, 1))
        for project in (portal, tooling):
            record_changes(scene.session, project_changes(None, project), at(1, 7).now)
    with stage.scene() as scene:
        told = digest(scene, AFTER, CHARLIE.ref, for_sponsor=True)
        assert [(item.ref.project, item.silent_quarters, item.sponsor) for item in told.items] == [("portal", 3, None)]
        assert [item.sponsor for item in digest(scene, AFTER).silent] == ["Charlie"]
        assert [item.sponsor for item in digest(scene, AFTER, CHARLIE.ref).silent] == [None]
        steps = {(n.person.name, n.decision.rung.step) for n in plan_nudges(scene.session, scene.company, AFTER.now)}
        assert {("Charlie", "sponsor"), ("Charlie", "digest"), ("Bob", "digest")} <= steps


@pytest.mark.parametrize(("owner", "told"), [(CHARLIE, [""]), (BOB, [])])
def test_a_manager_reads_who_has_not_answered_for_the_budget_unless_they_do_themselves(
    stage: Stage, owner: Person, told: list[str]
) -> None:
    spent = Resources(actual_cost=Decimal(640_000))
    with stage.scene() as scene:
        project = a_project(currency="USD", budget_at_completion=Decimal(1_200_000), budget_owner=owner)
        save_project(scene.session, project, today=date(2025, 1, 1))
        provenance = given(None).provenance
        answers.record(scene.session, "portal", Q2, "", spent, provenance)
        answers.record(scene.session, "portal", Q3, "front-end", an_update(), provenance)
    with stage.scene() as scene:
        read = digest(scene, AFTER)
        assert [(item.ref.milestone, item.owner, item.last_resources) for item in read.items] == [
            (key, "Charlie", (Q2, spent)) for key in told
        ]
        plan = plan_nudges(scene.session, scene.company, AFTER.now)
        sent = [n.missing for n in plan if (n.decision.rung.step, n.decision.action) == ("digest", Action.SEND)]
        assert sent == [1 for _ in told]
        if told:
            bob, budget = scene.person("U0BOB"), ItemRef("portal", Q3)
            assert nudge(scene.session, scene.company, bob, budget, key="k", moment=AFTER)[1]
