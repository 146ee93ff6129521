"""A milestone that comes into an open window is asked for at once."""

import pytest
from managed import OPENING, Moment, Scene, Stage, at

from bot.domain.plan import PlanFile
from bot.domain.project import Milestone
from bot.flow.ask.ask import ASKED
from bot.flow.setup import load_plan
from bot.store import ledger
from bot.store.ledger import Nudge, NudgeState
from bot.store.session import Database
from tests.builders import ALICE, CHARLIE, COMPANY, Q3, a_milestone, a_project

MONDAY = at(9, 22)


@pytest.fixture
def stage(database: Database) -> Stage:
    """Alice was asked as the window opened; Charlie's first message is still to come."""
    stage = Stage(database)
    with stage.scene() as scene:
        alice = scene.person(ALICE.ref)
        ledger.add(scene.session, [Nudge(alice.id, Q3, "opening", 0, NudgeState.SENT, OPENING.now)], at=OPENING.now)
    return stage


def load(scene: Scene, *added: Milestone, moment: Moment) -> list[tuple[str, Moment]]:
    """Add milestones to the project; who is then to be asked once more, and when."""
    project = a_project(a_milestone(), a_milestone("back-end", owner=CHARLIE), *added)
    plan = PlanFile(COMPANY, (), (project,))
    load_plan.save_plan(scene.session, plan, load_plan.plan_changes(scene.session, plan), moment)
    people = {scene.person(person.ref).id: person.name for person in (ALICE, CHARLIE)}
    asked = [nudge for nudge in ledger.nudges(scene.session, Q3) if nudge.step == ASKED]
    return [(people[nudge.person_id], Moment(nudge.planned_at, nudge.planned_at)) for nudge in asked]


def test_its_owner_is_asked_at_once_unless_their_first_message_is_still_to_come(stage: Stage) -> None:
    with stage.scene() as scene:
        added = a_milestone("docs"), a_milestone("tests"), a_milestone("tools", owner=CHARLIE)
        assert load(scene, *added, moment=MONDAY) == [("Alice", MONDAY)]


@pytest.mark.parametrize("moment", [at(10, 1), at(10, 6)])
def test_one_that_is_not_due_any_more_is_not_asked_for(stage: Stage, moment: Moment) -> None:
    with stage.scene() as scene:
        assert load(scene, a_milestone("docs"), moment=moment) == []


def test_nobody_is_asked_for_what_was_only_changed_nor_twice_within_a_day(stage: Stage) -> None:
    with stage.scene() as scene:
        assert load(scene, moment=MONDAY) == []
        assert load(scene, a_milestone("docs"), moment=at(9, 19, 16)) == [], "the message of two hours ago shows it"
