"""Promises that are the manager's: the review asks for them, and keeps what was said of each."""

from dataclasses import replace

import pytest
from managed import AFTER, Scene, Stage

from bot.domain.project import RagStatus
from bot.domain.update import Objective, ProjectSummary, Promise, PromiseResult
from bot.flow.collect import load_answers
from bot.flow.compile.review import review_form, save_summary
from bot.flow.forms import DueObjective, ReviewForm
from bot.settings import Settings
from bot.store.session import Database
from bot.surfaces import ReportDocuments
from tests.builders import Q2, Q3, an_update, answers

DOCUMENTS = ReportDocuments(Settings())
KEPT = Promise(PromiseResult.KEPT)
PROMISED = (
    Objective("hire", "Hire two", target="Q3 2025"),
    Objective("pilot", "Pilot", target="2025-09-30", milestone="front-end"),
    Objective("manual", "Manual", target="2025-09-30", milestone="back-end"),
    Objective("training", "Training", target="2025-09-30", milestone="split-in-two"),
    Objective("later", "Later", target="Q4 2025"),
    Objective("words", "Words", target="next summer"),
)


@pytest.fixture
def stage(database: Database) -> Stage:
    """The back end was complete in the second quarter, so that its owner is not asked in the third."""
    stage = Stage(database)
    updates = {"front-end": an_update(40), "back-end": an_update(100, RagStatus.COMPLETE)}
    with stage.scene() as scene:
        load_answers.save_answers(scene.session, Q2, {"portal": answers(updates, objectives=PROMISED)})
    return stage


def review(scene: Scene) -> ReviewForm:
    company = replace(scene.company, default_channel="C0LEADERS")
    return review_form(scene.session, company, company.project("portal"), Q3, DOCUMENTS, AFTER)


def missed(form: ReviewForm) -> list[str]:
    """The promises that nobody answered for."""
    return [promise.title for promise in form.report.promises if promise.result is None]


def test_the_review_asks_for_what_came_due_and_no_owner_is_asked_for(stage: Stage) -> None:
    with stage.scene() as scene:
        form = review(scene)
    titles = ("Hire two", "Manual", "Training")
    keys = ("hire", "manual", "training")
    assert form.due_objectives == tuple(map(DueObjective, keys, titles, ["Q2 2025"] * 3))
    assert missed(form) == ["Hire two", "Pilot", "Manual", "Training"]


def test_what_the_manager_says_of_one_is_printed_and_no_check_fires_for_it(stage: Stage) -> None:
    with stage.scene() as scene:
        bob, project = scene.person("U0BOB"), scene.company.project("portal")
        of = (scene.session, scene.company, bob, project, Q3)
        save_summary(*of, ProjectSummary(promised={"hire": KEPT}), DOCUMENTS, key="k", moment=AFTER)
    with stage.scene() as scene:
        form = review(scene)
    assert form.summary.promised == {"hire": KEPT}
    assert [due.key for due in form.due_objectives] == ["hire", "manual", "training"], "it can be changed"
    assert missed(form) == ["Pilot", "Manual", "Training"]


def test_one_that_an_owner_has_told_of_is_not_asked_for(stage: Stage) -> None:
    with stage.scene() as scene:
        said = answers({"front-end": an_update(60, promised={"hire": KEPT})})
        load_answers.save_answers(scene.session, Q3, {"portal": said})
    with stage.scene() as scene:
        assert [due.key for due in review(scene).due_objectives] == ["manual", "training"]
