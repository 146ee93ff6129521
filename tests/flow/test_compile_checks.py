"""Checks of people's words are for the manager: seen in the review, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from managed import AFTER, Scene, Stage
from sqlalchemy import select

from bot.domain.project import Person, Project
from bot.domain.update import ProjectSummary
from bot.flow.collect import load_answers
from bot.flow.company import Company
from bot.flow.compile.compile import compile_report, facts_hash
from bot.flow.compile.review import note_check, review_form
from bot.flow.deliver import Post
from bot.flow.forms import Confirmed
from bot.flow.messages import ReportPost
from bot.flow.publish.publish import compose_preview, publish_report, request_preview
from bot.settings import Settings
from bot.store import outbox
from bot.store.session import Database
from bot.store.tables import OutboxRow, ReportRow
from bot.surfaces import ReportDocuments
from tests.builders import Q2, Q3, an_update, answers

MANAGER_ONLY = ("words-moved-figure-did-not", "overclaimed")
SECRET, PRINTED = "for my own eyes", "Charlie is on leave"
DOCUMENTS = ReportDocuments(Settings())


@pytest.fixture
def stage(database: Database) -> Stage:
    """An owner who claims much at a standstill, and a manager who put a note under every check."""
    stage = Stage(database)
    update = an_update(40, note="Merged the parser. The work is complete.")
    summary = ProjectSummary(executive_summary="We wait.", conclusion="Thanks.")
    with stage.scene() as scene:
        load_answers.save_answers(scene.session, Q2, {"portal": answers({"front-end": an_update(40)})})
        load_answers.save_answers(scene.session, Q3, {"portal": answers({"front-end": update}, summary=summary)})
    with stage.scene() as scene:
        company, bob, project = managing(scene)
        for check, note in (*((check, SECRET) for check in MANAGER_ONLY), ("missing-update", PRINTED)):
            note_check(scene.session, company, bob, project, Q3, check, note, key=check, moment=AFTER)
    return stage


def managing(scene: Scene) -> tuple[Company, Person, Project]:
    """Bob and his project, whose reports have a channel to go to."""
    company = replace(scene.company, default_channel="C0LEADERS")
    return company, scene.person("U0BOB"), company.project("portal")


def is_secret(text: str) -> bool:
    """Whether a text tells of a check that is for the manager only."""
    return any(word in text for word in (*MANAGER_ONLY, SECRET))


def test_the_manager_sees_them_in_the_review_and_in_today_s_json(stage: Stage) -> None:
    with stage.scene() as scene:
        company, _, project = managing(scene)
        report = review_form(scene.session, company, project, Q3, DOCUMENTS, AFTER).report
    audiences = {check.id: check.audience for check in report.checks}
    assert audiences == {**dict.fromkeys(MANAGER_ONLY, "pm"), "missing-update": "all"}
    listed = json.loads(DOCUMENTS.json(report))["checks"]
    assert {check["id"]: check["audience"] for check in listed} == audiences
    assert not is_secret(DOCUMENTS.markdown(report))
    assert not is_secret(DOCUMENTS.slack(report))


def test_no_stored_revision_and_nothing_that_is_sent_tells_of_them(stage: Stage) -> None:
    with stage.scene() as scene:
        company, bob, project = managing(scene)
        form = review_form(scene.session, company, project, Q3, DOCUMENTS, AFTER)
        of = (scene.session, company, bob, project, Q3, DOCUMENTS)
        assert publish_report(*of, confirmed=Confirmed(form.facts, form.seen, 1), moment=AFTER) is None
    with stage.scene() as scene:
        (stored,) = scene.session.scalars(select(ReportRow))
        kept = json.dumps([stored.value, stored.texts])
        sent = json.dumps([row.subject for row in scene.session.scalars(select(OutboxRow))])
    assert PRINTED in kept
    assert not is_secret(kept)
    assert not is_secret(sent)


def test_the_preview_shows_what_leaders_will_see(stage: Stage) -> None:
    with stage.scene() as scene:
        company, bob, project = managing(scene)
        request_preview(scene.session, company, bob, project, Q3, key="p", moment=AFTER)
        parcel = outbox.claim(scene.session, "w", AFTER.real, {"preview"})
        assert parcel is not None
        work = compose_preview(scene.session, company, DOCUMENTS, parcel, AFTER)
    assert isinstance(work, Post)
    assert isinstance(work.message, ReportPost)
    assert [check.id for check in work.message.report.checks] == ["missing-update"]


def test_a_past_quarter_reads_the_same_on_any_later_day(stage: Stage) -> None:
    """Ages and lateness are judged at the quarter's last day, so that a published report is no draft the week after."""
    with stage.scene() as scene:
        company, _, project = managing(scene)
        days = [AFTER.now + timedelta(days=n) for n in (0, 1, 40, 400)]
        reports = [compile_report(company.facts(scene.session, project, Q3, day), DOCUMENTS) for day in days]
    drafts = {DOCUMENTS.draft(report) for report in reports}
    assert len(drafts) == len({facts_hash(report) for report in reports}) == 1
    assert {report.judged_on for report in reports} == {date(2025, 9, 30)}
    assert len({report.report_date for report in reports}) == len(days)
