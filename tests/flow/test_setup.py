"""The plan is changed by those who may, once, by the rules of portfolio files, and its trail says who did it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from managed import BACK, DANA, FRONT, OPENING, ROBOT, Scene, Stage

from bot.domain.errors import InvalidInput, NotAllowed, NotFound
from bot.domain.project import Milestone, Person, Project
from bot.flow.ask import handover
from bot.flow.setup.checklist import checklist_of
from bot.flow.setup.setup import SetUp, plan_of
from bot.intake.plan import PlanReader
from bot.store import people
from bot.store.portfolio import set_owner
from bot.store.session import Database
from tests.builders import Q3

ADMIN = "U0ADMIN"
Act = Callable[[SetUp], object]


@pytest.fixture
def stage(database: Database) -> Stage:
    stage = Stage(database)
    with stage.scene() as scene:
        people.save_person(scene.session, Person(ADMIN, "Ada", slack_id=ADMIN))
    return stage


def by(scene: Scene, who: str = "U0BOB", *, key: str = "k") -> SetUp:
    """What somebody changes with one submission."""
    return SetUp(scene.session, scene.company, scene.person(who), PlanReader(), key, OPENING)


def milestone(stage: Stage, key: str) -> Milestone:
    """A milestone as it is stored."""
    with stage.scene() as scene:
        found = scene.company.project("portal").milestone(key)
    assert found is not None
    return found


def project(stage: Stage, key: str = "portal") -> Project:
    """A project as it is stored."""
    with stage.scene() as scene:
        return scene.company.project(key)


def problems(stage: Stage, act: Act, who: str = "U0BOB") -> dict[str, str]:
    """What is wrong with a change, by field; nothing of it may have been stored."""
    with stage.scene() as scene, pytest.raises(InvalidInput) as refused:
        act(by(scene, who))
    with stage.scene() as scene:
        assert scene.changes() == []
    return refused.value.problems


ADD = {"name": "Test Lab", "owner": DANA, "baseline": "2025-12-19"}
OF_MANAGER: list[Act] = [
    lambda change: change.edit_project("portal", {"phase": "Build"}),
    lambda change: change.add_milestone("portal", ADD),
    lambda change: change.edit_milestone("portal", "front-end", {"weight": "2"}),
    lambda change: change.drop_milestone("portal", "front-end"),
]


@pytest.mark.parametrize("act", OF_MANAGER)
def test_a_plan_is_for_its_manager_and_admins(stage: Stage, act: Act) -> None:
    for other in ("alice@example.com", "@charlie"):
        with (
            stage.scene() as scene,
            pytest.raises(NotAllowed, match="Only Bob, who manages Customer Portal, and admins"),
        ):
            act(by(scene, other))
    with stage.scene() as scene:
        assert scene.changes() == []
        act(by(scene, ADMIN, key="admin"))
        assert {change[3] for change in scene.changes()} == {ADMIN}


def test_projects_are_made_by_admins_alone(stage: Stage) -> None:
    given = {"name": "Data Centre", "manager": DANA}
    for other in ("U0BOB", "alice@example.com"):
        with stage.scene() as scene, pytest.raises(NotAllowed, match="Only admins can create projects: Ada"):
            by(scene, other).create_project(given)
    with stage.scene() as scene:
        by(scene, ADMIN).create_project(given)
    assert project(stage, "data-centre").manager.name == "Dana", "somebody whom no file names"


@pytest.mark.parametrize("act", OF_MANAGER)
def test_the_same_submission_twice_is_one_change(stage: Stage, act: Act) -> None:
    trails = []
    for _ in range(2):
        with stage.scene() as scene:
            act(by(scene))
            trails.append(scene.changes())
    assert trails[0] == trails[1]
    assert len(trails[0]) == 1


def test_a_change_leaves_alone_what_was_not_given(stage: Stage) -> None:
    """Two people with the same dialog open, each changing another field, both get what they wanted."""
    with stage.scene() as scene:
        by(scene, key="1").edit_project("portal", {"budget_at_completion": "1.2M", "currency": "USD"})
    with stage.scene() as scene:
        by(scene, ADMIN, key="2").edit_project("portal", {"sponsor": DANA, "leadership_channel": "C0STEERCO"})
    now = project(stage)
    assert (now.budget_at_completion, now.currency, now.leadership_channel) == (Decimal(1_200_000), "USD", "C0STEERCO")
    assert now.sponsor is not None
    assert now.sponsor.slack_id == DANA
    assert [m.key for m in now.milestones] == ["front-end", "back-end"]
    with stage.scene() as scene:
        by(scene, key="3").edit_project("portal", {"sponsor": None, "budget_at_completion": None})
    now = project(stage)
    assert (now.sponsor, now.budget_at_completion, now.currency) == (None, None, "USD")


def test_money_is_read_in_the_currency_that_stands(stage: Stage) -> None:
    with stage.scene() as scene:
        by(scene, key="1").edit_project("portal", {"currency": "USD"})
    with stage.scene() as scene, pytest.raises(InvalidInput) as refused:
        by(scene, key="2").edit_project("portal", {"budget_at_completion": "€ 1200"})
    assert set(refused.value.problems) == {"budget_at_completion"}


def test_a_new_milestone_is_part_of_the_plan_from_today_or_from_the_day_given(stage: Stage) -> None:
    with stage.scene() as scene:
        by(scene, key="1").add_milestone("portal", ADD)
        by(scene, key="2").add_milestone("portal", {**ADD, "name": "Racks", "key": "r", "added": "2025-07-01"})
    assert milestone(stage, "test-lab").live_from == date(2025, 9, 19)
    assert milestone(stage, "r").live_from == date(2025, 7, 1)


def test_a_dropped_milestone_keeps_its_history_and_can_come_back(stage: Stage) -> None:
    with stage.scene() as scene:
        by(scene, key="1").drop_milestone("portal", "front-end")
    assert milestone(stage, "front-end").dropped_on == date(2025, 9, 19)
    assert milestone(stage, "back-end").dropped_on is None
    with stage.scene() as scene:
        assert [m.key for m in plan_of(scene.company, scene.person("U0BOB"), "portal").milestones] == ["back-end"]
        for act in (OF_MANAGER[2], OF_MANAGER[3]):
            with pytest.raises(NotFound, match="no longer part of Customer Portal"):
                act(by(scene, key="2"))
        by(scene, key="3").add_milestone("portal", {"key": "front-end", "name": "Front end", "owner": DANA})
    assert milestone(stage, "front-end").dropped_on is None
    with stage.scene() as scene:
        assert [change[0] for change in scene.changes()] == ["dropped", "added", "owner", "baseline"]


def test_an_edit_of_one_milestone_does_not_bring_back_another(stage: Stage) -> None:
    with stage.scene() as scene:
        by(scene, key="1").drop_milestone("portal", "front-end")
    with stage.scene() as scene:
        by(scene, key="2").edit_milestone("portal", "back-end", {"name": "Back end, second half"})
        by(scene, key="3").edit_project("portal", {"phase": "Build"})
    assert milestone(stage, "front-end").dropped_on is not None


def test_an_offer_of_a_milestone_falls_with_its_owner(stage: Stage) -> None:
    with stage.scene() as scene:
        alice = scene.person("alice@example.com")
        handover.hand_over(scene.session, scene.company, alice, FRONT, DANA, "", key="h", moment=OPENING)
    with stage.scene() as scene:
        by(scene).edit_milestone("portal", "front-end", {"owner": "U0CHARLIE"})
    with stage.scene() as scene:
        assert scene.owner(FRONT) == "Charlie"
        with pytest.raises(Exception, match="no longer stands"):
            handover.answer(scene.session, scene.company, scene.person(DANA), 1, accepts=True, moment=OPENING)


def test_what_cannot_be_taken_is_told_by_field_and_changes_nothing(stage: Stage) -> None:
    wrong = {"name": "Lab", "owner": DANA, "baseline": "2025-02-30", "weight": "none", "key": "a b"}
    said = problems(stage, lambda change: change.add_milestone("portal", wrong))
    assert set(said) == {"baseline", "weight", "key"}
    assert said["baseline"] == '"2025-02-30" is not a date; expected YYYY-MM-DD, such as 2025-02-28'
    said = problems(
        stage, lambda change: change.edit_project("portal", {"currency": "EURO", "leadership_channel": "a b"})
    )
    assert set(said) == {"currency", "leadership_channel"}
    assert set(problems(stage, lambda change: change.add_milestone("portal", {**ADD, "owner": ROBOT}))) == {"owner"}
    said = problems(stage, lambda change: change.create_project({"name": "All", "manager": DANA}), ADMIN)
    assert "is a word of the /compile-report command" in said["key"]


@pytest.mark.parametrize("taken", ["front-end", "Front-End"])
def test_a_key_that_is_taken_is_told_with_its_owner(stage: Stage, taken: str) -> None:
    said = problems(stage, lambda change: change.add_milestone("portal", {**ADD, "key": taken}))
    assert said == {"key": '"front-end" is the key of Front end already; choose another.'}
    said = problems(stage, lambda change: change.create_project({"name": "Portal", "manager": DANA}), ADMIN)
    assert said == {"key": '"portal" is the key of Customer Portal already; choose another.'}


def test_a_name_without_letters_asks_for_a_key(stage: Stage) -> None:
    assert set(problems(stage, lambda change: change.add_milestone("portal", {**ADD, "name": "🚀"}))) == {"key"}


def test_what_a_new_project_lacks(stage: Stage) -> None:
    with stage.scene() as scene:
        lacks = checklist_of(scene.company, scene.company.project("portal"), OPENING.now)
    assert (lacks.milestones, lacks.without_account) == (2, ())
    assert (lacks.quarter, lacks.has_opened) == ("Q3 2025", True)


def test_a_new_project_begins_with_the_next_quarter_from_the_instant_at_which_the_grace_ends(stage: Stage) -> None:
    with stage.scene() as scene:
        portal = scene.company.project("portal")
        ends = scene.company.window(Q3, portal).grace_until
        quarters = [checklist_of(scene.company, portal, now).quarter for now in (ends - timedelta(seconds=1), ends)]
    assert quarters == ["Q3 2025", "Q4 2025"]


def test_those_without_an_account_are_named_and_what_was_dropped_is_left_out(stage: Stage) -> None:
    with stage.scene() as scene:
        nobody = people.save_person(scene.session, Person("new@example.com", "Nora New", email="new@example.com"))
        by(scene, key="1").drop_milestone("portal", BACK.milestone)
        set_owner(scene.session, "portal", "front-end", nobody)
    with stage.scene() as scene:
        lacks = checklist_of(scene.company, scene.company.project("portal"), OPENING.now)
    assert (lacks.milestones, lacks.without_account) == (1, ("Nora New",))
