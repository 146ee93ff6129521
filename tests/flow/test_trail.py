"""What the audit trail tells of answers and notes: who, which item, when and from where, and none of their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from managed import AFTER, FRONT, OPENING, Stage, at

from bot.domain.plan import PlanFile
from bot.domain.update import ProjectSummary, QuarterAnswers
from bot.flow.collect import collect, load_answers, risks
from bot.flow.compile import review
from bot.flow.forms import MilestoneSubmission
from bot.flow.home.trail import trail_lines
from bot.flow.publish import settle
from bot.flow.setup import load_plan, manage
from bot.flow.setup.setup import SetUp
from bot.intake.plan import PlanReader
from bot.settings import Settings
from bot.store import audit, outbox
from bot.store.audit import Deed, Entry, Via
from bot.store.outbox import SendState
from bot.store.session import Database
from bot.store.tables import OutboxRow
from bot.surfaces import ReportDocuments
from tests.builders import ALICE, COMPANY, Q3, a_milestone, a_project, a_risk, an_update, answers

DOCUMENTS = ReportDocuments(Settings())
SECRET = "nobody else is to read this"


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def told(stage: Stage) -> list[tuple[str, str, dict[str, str], str]]:
    with stage.scene() as scene:
        lines = [(e.what.value, e.subject, dict(e.detail), e.via.value) for e in audit.trail(scene.session)]
    assert SECRET not in str(lines)
    return lines


def answer(stage: Stage, who: str, *, key: str) -> None:
    with stage.scene() as scene:
        of = (scene.session, scene.company, scene.person(who))
        form = collect.milestone_form(*of, FRONT, OPENING.now)
        said = MilestoneSubmission(an_update(40, note=SECRET))
        assert collect.record_milestone(*of, form, said, key=key, moment=OPENING) is None


def test_an_answer_is_told_once_however_often_slack_delivers_it(stage: Stage) -> None:
    for _ in range(2):
        answer(stage, ALICE.ref, key="one")
    assert told(stage) == [("said", "portal/front-end", {"quarter": "2025-Q3", "kind": "milestone"}, "slack")]


def test_a_note_under_a_check_is_told_and_so_is_that_it_was_taken_away(stage: Stage) -> None:
    for key, note in (("a", SECRET), ("a", SECRET), ("b", None)):
        with stage.scene() as scene:
            of = (scene.session, scene.company, scene.person("U0BOB"), scene.company.project("portal"))
            review.note_check(*of, Q3, "missing-update", note, key=key, moment=AFTER)
    detail = {"quarter": "2025-Q3", "check": "missing-update"}
    assert told(stage) == [("noted", "portal", detail, "slack"), ("note-taken-away", "portal", detail, "slack")]


def test_asking_everybody_once_more_is_told_once_and_asking_nobody_is_no_deed(stage: Stage) -> None:
    for moment in (OPENING, OPENING):
        with stage.scene() as scene:
            of = (scene.session, scene.company, scene.person("U0BOB"), scene.company.project("portal"))
            manage.nudge_all(*of, Q3, moment)
    assert [line for line in told(stage) if line[3] == "slack"] == [
        ("nudged", "portal", {"quarter": "2025-Q3"}, "slack")
    ]


@pytest.mark.parametrize(("place", "deed"), [(("C0LEADERS", "1.0"), "post-found"), (None, "post-repeated")])
def test_a_word_on_a_message_that_slack_did_not_confirm_is_told(
    stage: Stage, place: tuple[str, str] | None, deed: str
) -> None:
    subject, key = {"project": "portal", "quarter": "2025-Q3", "revision": 1}, "post:portal:2025-Q3:1"
    with stage.scene() as scene:
        outbox.put(scene.session, key=key, kind="post", subject=subject, now=AFTER.real)
        scene.session.query(OutboxRow).update({"state": SendState.UNCONFIRMED})
        for _ in ("delivered", "delivered again"):
            bob = scene.person("U0BOB")
            settle.settle_post(scene.session, scene.company, bob, key, place, said="click", moment=AFTER)
    assert told(stage) == [(deed, "portal", {"quarter": "2025-Q3"}, "slack")]


def test_a_change_of_the_plan_is_told_of_each_project_in_slack_and_by_a_file(stage: Stage) -> None:
    with stage.scene() as scene:
        plan = SetUp(scene.session, scene.company, scene.person("U0BOB"), PlanReader(), "a", OPENING)
        plan.edit_milestone("portal", "front-end", {"name": SECRET})
        plan.edit_milestone("portal", "front-end", {"name": SECRET})
    loaded = PlanFile(replace(COMPANY, company=SECRET), (), (a_project(a_milestone("screens"), key="mobile"),))
    with stage.scene() as scene:
        load_plan.save_plan(scene.session, loaded, load_plan.plan_changes(scene.session, loaded), AFTER)
    assert told(stage) == [
        ("plan-changed", "portal", {}, "slack"),
        ("plan-changed", "all", {}, "command"),
        ("plan-changed", "mobile", {}, "command"),
    ]


def test_a_review_that_was_only_looked_at_is_no_deed_and_one_that_was_written_in_is(stage: Stage) -> None:
    for key, summary in (("looked", ProjectSummary()), ("wrote", ProjectSummary(conclusion=SECRET))):
        with stage.scene() as scene:
            of = (scene.session, scene.company, scene.person("U0BOB"), scene.company.project("portal"))
            review.save_summary(*of, Q3, summary, DOCUMENTS, key=key, moment=AFTER)
    assert [what for what, *_ in told(stage)] == ["said"]


def test_a_risk_is_told_without_its_key_which_is_made_of_words(stage: Stage) -> None:
    for key, risk in (("a", a_risk("secret-vendor")), ("b", a_risk("secret-vendor", is_open=False))):
        with stage.scene() as scene:
            of = (scene.session, scene.company, scene.person(ALICE.ref))
            risks.record_risk(*of, "portal", Q3, risk, key=key, moment=OPENING)
    lines = told(stage)
    assert [detail.get("closed", "") for _, _, detail, _ in lines] == ["", "yes"]
    assert "secret-vendor" not in str(lines)


def test_a_click_that_closes_a_risk_and_is_delivered_twice_is_one_and_no_mistake(stage: Stage) -> None:
    with stage.scene() as scene:
        of = (scene.session, scene.company, scene.person(ALICE.ref))
        risks.record_risk(*of, "portal", Q3, a_risk("vendor"), key="a", moment=OPENING)
    for _ in range(2):
        with stage.scene() as scene:
            of = (scene.session, scene.company, scene.person(ALICE.ref))
            risks.settle_risk(*of, "portal", Q3, "vendor", is_open=False, click="b", moment=OPENING)
    assert [detail.get("closed", "") for _, _, detail, _ in told(stage)] == ["", "yes"]


def test_a_file_s_answers_are_told_as_a_command_s_with_who_is_said_to_have_given_them(stage: Stage) -> None:
    given: dict[str, QuarterAnswers] = {"portal": answers({"front-end": an_update(40, note=SECRET)})}
    for _ in range(2):
        with stage.scene() as scene:
            load_answers.receive_answers(scene.session, scene.company, Q3, given, AFTER)
    with stage.scene() as scene:
        (entry,) = audit.trail(scene.session)
        (line,) = trail_lines(scene.session, scene.company, [entry])
    assert (entry.person, entry.via, entry.subject) == (None, Via.COMMAND, "portal/front-end")
    assert (line.who, line.detail["by"], line.milestone) == ("", "Alice", "Front end")


def test_lines_have_the_names_of_today_and_the_keys_of_what_is_gone(stage: Stage) -> None:
    with stage.scene() as scene:
        alice, bob = scene.person(ALICE.ref).id, scene.person("U0BOB").id
        detail = {"quarter": "2025-Q3", "before": str(alice), "after": "99"}
        entries = [
            Entry(at(10, 1).now, bob, Deed.REASSIGNED, "portal/front-end", detail),
            Entry(at(10, 1).now, None, Deed.EXTENDED, "gone/too", {"quarter": "2025-Q3", "until": "2025-10-09"}),
            Entry(at(10, 1).now, 98, Deed.DEPUTY_NAMED, f"person:{alice}", {"to": ""}),
        ]
        handed, extended, named = trail_lines(scene.session, scene.company, entries)
    assert (handed.who, handed.milestone, handed.quarter) == ("Bob", "Front end", "Q3 2025")
    assert handed.detail == {"before": "Alice", "after": "person 99"}
    assert (extended.project, extended.milestone, extended.until) == ("gone", "too", date(2025, 10, 9))
    assert (named.who, named.about, named.detail) == ("person 98", "Alice", {"to": ""})
