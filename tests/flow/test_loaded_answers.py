"""An answer that a file brings settles what an answer in a dialog settles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from managed import AFTER, DUE, FRONT, OPENING, Scene, Stage, at

from bot.domain.project import Person
from bot.domain.update import Given, Provenance, QuarterAnswers, Resources
from bot.flow.ask import stand_ins
from bot.flow.collect import collect, load_answers
from bot.flow.compile import send_back
from bot.flow.forms import MilestoneSubmission
from bot.flow.messages import ItemRef
from bot.flow.moment import Moment
from bot.store import answers, reports
from bot.store import stand_ins as store
from bot.store.session import Database
from bot.store.stand_ins import StandInState
from tests.builders import ALICE, Q3, an_update

BUDGET = ItemRef("portal", Q3)


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def bring(scene: Scene, by: str, percent: int, moment: Moment = AFTER) -> None:
    """Load a file in which somebody answers for the front end."""
    said = Given(an_update(percent), Provenance(by, moment.now))
    file = {"portal": QuarterAnswers(milestones={"front-end": said})}
    load_answers.receive_answers(scene.session, scene.company, Q3, file, moment)


def publish(scene: Scene) -> None:
    report = replace(scene.report(Q3, DUE), revision=1)
    reports.freeze(scene.session, report, {}, facts="", channel="C0LEADERS", by="U0BOB", at=DUE.now)


@pytest.mark.parametrize(("by", "state"), [(ALICE.ref, StandInState.NOT_NEEDED), ("U0CHARLIE", StandInState.ANSWERED)])
def test_a_colleague_who_was_asked_is_waited_for_no_more(stage: Stage, by: str, state: StandInState) -> None:
    with stage.scene() as scene:
        alice = scene.person(ALICE.ref)
        stand_ins.lend(scene.session, scene.company, alice, FRONT, "U0CHARLIE", "", key="l", moment=OPENING)
    with stage.scene() as scene:
        bring(scene, by, 60)
        request = store.stand_in(scene.session, 1)
        assert request is not None and request.state is state


def test_an_update_that_was_returned_is_answered(stage: Stage) -> None:
    with stage.scene() as scene:
        answers.record(scene.session, "portal", Q3, "front-end", an_update(40), Provenance(ALICE.ref, OPENING.now))
    with stage.scene() as scene:
        bob = scene.person("U0BOB")
        send_back.return_updates(scene.session, scene.company, bob, [FRONT], "Why?", key="k", moment=DUE)
    with stage.scene() as scene:
        bring(scene, ALICE.ref, 60)
        assert scene.notices() == [("U0ALICE", "returned", "dropped")], "it had not gone out yet"


def by_dialog(scene: Scene, alice: Person) -> None:
    form = collect.milestone_form(scene.session, scene.company, alice, FRONT, AFTER.now)
    said = MilestoneSubmission(an_update(60))
    collect.record_milestone(scene.session, scene.company, alice, form, said, key="a", moment=AFTER)


def by_one_click(scene: Scene, alice: Person) -> None:
    said = Provenance(ALICE.ref, at(6, 20).now)
    answers.record(scene.session, "portal", Q3.previous, "front-end", an_update(40), said)
    assert collect.confirm_unchanged(scene.session, scene.company, alice, Q3, AFTER) == (1, 0)


def by_file(scene: Scene, alice: Person) -> None:
    bring(scene, alice.ref, 60)


@pytest.mark.parametrize("answer", [by_dialog, by_one_click, by_file])
def test_the_manager_hears_of_an_answer_after_publication_however_it_comes(
    stage: Stage, answer: Callable[[Scene, Person], None]
) -> None:
    with stage.scene() as scene:
        publish(scene)
        answer(scene, scene.person(ALICE.ref))
        assert [notice[:2] for notice in scene.notices()] == [("U0BOB", "late-answer")]


def test_the_manager_hears_of_a_budget_that_somebody_else_answers_for(stage: Stage) -> None:
    with stage.scene() as scene:
        said = Given(Resources(), Provenance(ALICE.ref, AFTER.now))
        publish(scene)
        load_answers.receive_answers(
            scene.session, scene.company, Q3, {"portal": QuarterAnswers(resources=said)}, AFTER
        )
        assert [notice[:2] for notice in scene.notices()] == [("U0BOB", "late-answer")]
