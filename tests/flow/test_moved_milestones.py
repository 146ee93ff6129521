"""A milestone that a file moves to another project takes what was said of it along."""

from dataclasses import replace
from decimal import Decimal

import pytest
from managed import AFTER, DUE, OPENING, Scene, Stage, at

from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.plan import PlanFile
from bot.domain.quarter import Quarter
from bot.domain.report import ScopeChangeKind
from bot.domain.reporting import build_report
from bot.domain.update import Provenance
from bot.flow.compile.late import late_changes
from bot.flow.moment import Moment
from bot.flow.setup import load_plan
from bot.store import answers, reports
from bot.store.session import Database
from tests.builders import ALICE, CHARLIE, COMPANY, Q2, Q3, a_milestone, a_project, an_update

PORTAL = a_project(a_milestone("back-end", owner=CHARLIE), budget_at_completion=None)
MOBILE = a_project(a_milestone(), key="mobile", name="Mobile app", budget_at_completion=None)
AUGUST = at(8, 1)


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def answer(scene: Scene, project: str, quarter: Quarter, percent: int, moment: Moment) -> None:
    said = Provenance(ALICE.ref, moment.now)
    answers.record(scene.session, project, quarter, "front-end", an_update(percent), said)


def move(scene: Scene, moment: Moment = AUGUST) -> None:
    """Load a file that lists the portal's front end under another project."""
    plan = PlanFile(COMPANY, (), (PORTAL, MOBILE))
    load_plan.save_plan(scene.session, plan, load_plan.plan_changes(scene.session, plan), moment)


def line(scene: Scene, moment: Moment) -> MilestoneLine:
    mobile = scene.company.project("mobile")
    report = build_report(scene.company.facts(scene.session, mobile, Q3, moment.now))
    assert [(c.kind, c.before, c.after) for c in report.scope_changes] == [
        (ScopeChangeKind.MOVED, "Customer Portal", "Mobile app")
    ]
    return next(found for found in report.milestones if found.key == "front-end")


def test_its_last_known_figures_are_in_the_report_of_where_it_is_now(stage: Stage) -> None:
    with stage.scene() as scene:
        answer(scene, "portal", Q2, 40, at(7, 1))
        move(scene)
    with stage.scene() as scene:
        found = line(scene, OPENING)
        assert found.state is LineState.MISSING
        assert found.known is not None and (found.known.quarter, found.known.percent_complete) == (Q2, Decimal(40))
        answer(scene, "mobile", Q3, 70, DUE)
    with stage.scene() as scene:
        assert line(scene, DUE).percent_change == Decimal(30)


def test_it_brings_no_quarter_in_which_its_new_project_was_not_reported(stage: Stage) -> None:
    with stage.scene() as scene:
        mobile = replace(MOBILE, milestones=(a_milestone("screens"),))
        plan = PlanFile(COMPANY, (), (mobile,))
        load_plan.save_plan(scene.session, plan, load_plan.plan_changes(scene.session, plan), at(7, 10))
        answer(scene, "portal", Q2, 40, at(7, 1))
        both = PlanFile(COMPANY, (), (PORTAL, replace(mobile, milestones=(*mobile.milestones, a_milestone()))))
        load_plan.save_plan(scene.session, both, load_plan.plan_changes(scene.session, both), AUGUST)
    with stage.scene() as scene:
        found = build_report(scene.company.facts(scene.session, scene.company.project("mobile"), Q3, DUE.now))
        assert [line.unanswered_quarters for line in found.milestones if line.key == "screens"] == [1]
        assert (found.status.previous, len(found.status_history)) == (None, 1)


def test_the_report_of_where_it_was_says_where_it_went(stage: Stage) -> None:
    with stage.scene() as scene:
        move(scene)
    with stage.scene() as scene:
        [change] = scene.report(Q3, DUE).scope_changes
        assert (change.kind, change.before, change.after) == (ScopeChangeKind.MOVED, "Customer Portal", "Mobile app")


def test_what_was_said_this_quarter_counts_and_an_own_answer_stands_above_it(stage: Stage) -> None:
    with stage.scene() as scene:
        answer(scene, "portal", Q3, 50, OPENING)
        move(scene, OPENING)
    with stage.scene() as scene:
        assert line(scene, DUE).percent_complete == Decimal(50)
        answer(scene, "mobile", Q3, 60, DUE)
    with stage.scene() as scene:
        assert line(scene, DUE).percent_complete == Decimal(60)


def test_it_comes_back_with_what_was_said_meanwhile(stage: Stage) -> None:
    with stage.scene() as scene:
        answer(scene, "portal", Q2, 40, at(7, 1))
        move(scene)
    with stage.scene() as scene:
        answer(scene, "mobile", Q3, 70, OPENING)
        back = PlanFile(
            COMPANY, (), (a_project(a_milestone(), a_milestone("back-end")), replace(MOBILE, milestones=()))
        )
        load_plan.save_plan(scene.session, back, load_plan.plan_changes(scene.session, back), DUE)
    with stage.scene() as scene:
        [found] = (m for m in scene.report(Q3, DUE).milestones if m.key == "front-end")
        assert (found.percent_complete, found.percent_change) == (Decimal(70), Decimal(30))


def test_what_it_brings_is_no_late_change_of_a_report_that_is_published(stage: Stage) -> None:
    with stage.scene() as scene:
        answer(scene, "portal", Q2, 40, at(7, 1))
        mobile = replace(MOBILE, milestones=(a_milestone("screens"),))
        plan = PlanFile(COMPANY, (), (mobile,))
        load_plan.save_plan(scene.session, plan, load_plan.plan_changes(scene.session, plan), at(6, 1))
    with stage.scene() as scene:
        project = scene.company.project("mobile")
        built = build_report(scene.company.facts(scene.session, project, Q2, AUGUST.now))
        report = replace(built, revision=1)
        reports.freeze(scene.session, report, {}, facts="", channel="C0LEADERS", by="U0BOB", at=AUGUST.now)
        move(scene, AFTER)
    with stage.scene() as scene:
        assert late_changes(scene.session, scene.company.project("mobile"), Q2) == ()
