"""Several owners of one milestone: all are asked, one answer is enough, and nothing is overwritten in silence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from managed import AFTER, BACK, DUE, FRONT, OPENING, Scene, Stage, an_account, at
from sqlalchemy import select

from bot.domain.errors import InvalidInput, NotAllowed
from bot.domain.plan import PlanFile
from bot.domain.project import Person, RagStatus
from bot.domain.update import Resources
from bot.flow.ask import handover
from bot.flow.ask.ask import owner_card
from bot.flow.ask.digest import overdue_digest
from bot.flow.collect import collect
from bot.flow.collect.collect import Overtaken
from bot.flow.company import Company
from bot.flow.forms import MilestoneSubmission
from bot.flow.messages import ItemRef, OwnerCard, Step
from bot.flow.moment import Moment
from bot.flow.schedule.planner import Planner
from bot.flow.schedule.schedule import tick
from bot.flow.setup import manage
from bot.flow.setup.load_plan import plan_changes, save_plan
from bot.flow.setup.setup import SetUp
from bot.intake.plan import PlanReader
from bot.store import answers, ledger, people
from bot.store.ledger import NudgeState
from bot.store.portfolio import save_project
from bot.store.session import Database
from bot.store.tables import AnswerRow
from tests.builders import ALICE, BOB, CHARLIE, COMPANY, Q3, a_milestone, a_project, an_update

MONDAY = at(9, 22)


@pytest.fixture
def stage(database: Database) -> Stage:
    """Alice and Charlie answer for the front end together, Charlie for the back end alone."""
    stage = Stage(database)
    shared = a_milestone(co_owners=(CHARLIE,))
    project = a_project(shared, a_milestone("back-end", owner=CHARLIE), budget_at_completion=None)
    with stage.scene() as scene:
        save_project(scene.session, project, today=date(2025, 1, 1))
    return stage


def card(scene: Scene, ref: str) -> OwnerCard:
    person = scene.person(ref)
    return owner_card(scene.session, scene.company, person, Q3, step=Step.OPENING, key="k", now=MONDAY.now)


def submit(scene: Scene, ref: str, percent: int, *, seen: int = 0, key: str = "k") -> object:
    person = scene.person(ref)
    form = collect.milestone_form(scene.session, scene.company, person, FRONT, MONDAY.now)
    said = MilestoneSubmission(an_update(percent, RagStatus.ON_TRACK))
    opened = replace(form, seen_version=seen)
    return collect.record_milestone(scene.session, scene.company, person, opened, said, key=key, moment=MONDAY)


def test_each_owner_is_asked_in_their_one_message_and_reads_who_else_is(stage: Stage) -> None:
    with stage.scene() as scene:
        assert [(i.title, i.shared_with) for i in card(scene, "@charlie").items] == [
            ("Front end", ("Alice",)),
            ("Back end", ()),
        ]
        assert [(i.title, i.shared_with) for i in card(scene, ALICE.ref).items] == [("Front end", ("Charlie",))]


def test_an_answer_by_one_counts_for_all_and_the_others_read_who_gave_it(stage: Stage) -> None:
    with stage.scene() as scene:
        assert submit(scene, "@charlie", 60) is None
        (item,) = card(scene, ALICE.ref).items
        assert (item.is_done, item.answered_by, item.answered_at) == (True, "Charlie", MONDAY.now)
        mine = card(scene, "@charlie").items[0]
        assert (mine.is_done, mine.answered_by) == (True, None)
        planner = Planner(scene.session, scene.company, Q3, MONDAY.now)
        assert planner.items_missing(scene.person(ALICE.ref)) == 0, "nobody is reminded of what a co-owner answered"
        line = scene.report(Q3).milestones[0]
        assert (line.owner, line.co_owners, line.answered_by, line.answered_for) == (
            "Alice",
            ("Charlie",),
            "Charlie",
            None,
        )
        assert scene.report(Q3).sources[0].by == "Charlie"
        assert scene.due() == 2


def test_nothing_changed_by_one_is_enough(stage: Stage) -> None:
    with stage.scene() as scene:
        from_alice = collect.Provenance(ALICE.ref, OPENING.now)
        answers.record(scene.session, "portal", Q3.previous, "front-end", an_update(40), from_alice)
        charlie = scene.person("@charlie")
        confirmed, _ = collect.confirm_unchanged(scene.session, scene.company, charlie, Q3, MONDAY)
        assert confirmed == 1
        (item,) = card(scene, ALICE.ref).items
        assert (item.is_confirmed, item.answered_by) == (True, "Charlie")


def test_a_second_silence_is_one_milestone_however_many_own_it(stage: Stage) -> None:
    with stage.scene() as scene:
        bob = scene.person(BOB.ref)
        digest = overdue_digest(scene.session, scene.company, bob, Q3, key="d", now=AFTER.now, for_sponsor=False)
        assert [(item.title, item.owner, item.also_asked) for item in digest.items] == [
            ("Front end", "Alice", ("Charlie",)),
            ("Back end", "Charlie", ()),
        ]


def test_a_manager_nudges_all_owners_of_a_milestone(stage: Stage, database: Database) -> None:
    with stage.scene() as scene:
        manage.nudge(scene.session, scene.company, scene.person(BOB.ref), FRONT, key="n", moment=MONDAY)
        asked = {nudge.person_id for nudge in ledger.nudges(scene.session, Q3)}
        assert asked == {scene.person(ref).id for ref in (ALICE.ref, "@charlie")}


def test_only_the_first_owner_hands_over_and_a_co_owner_may_take_it(stage: Stage) -> None:
    with stage.scene() as scene:
        alice, charlie = scene.person(ALICE.ref), scene.person("@charlie")
        of = (scene.session, scene.company)
        with pytest.raises(NotAllowed, match="Alice answers for Front end"):
            handover.hand_over(*of, charlie, FRONT, "U0DANA", "", key="c", moment=OPENING)
        handover.hand_over(*of, alice, FRONT, "U0CHARLIE", "", key="a", moment=OPENING)
        handover.answer(*of, charlie, 1, accepts=True, moment=MONDAY)
    with stage.scene() as scene:
        front = scene.company.project("portal").milestone("front-end")
        assert front is not None and [owner.name for owner in front.owners] == ["Charlie"]


def test_each_is_asked_once_a_step_and_an_answered_one_leaves_the_others_step_empty(
    stage: Stage, database: Database
) -> None:
    tick(database, Company.load, OPENING.now, OPENING.real)
    with stage.scene() as scene:
        submit(scene, "@charlie", 60)
    later = at(9, 26)
    tick(database, Company.load, later.now, later.real)
    with stage.scene() as scene:
        alice = scene.person(ALICE.ref)
        states = {n.step: n.state for n in ledger.nudges(scene.session, Q3, alice.id)}
        assert states["opening"] is NudgeState.QUEUED
        assert states["reminder-5"] is NudgeState.SKIPPED


def test_of_two_answers_at_the_same_instant_one_is_shown_the_other(stage: Stage, database: Database) -> None:
    together, outcomes = Barrier(2), []

    def send(ref: str, percent: int) -> object:
        together.wait()
        with database.answering() as session:
            return submit(Scene(session, Company.load(session)), ref, percent, key=ref)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(send, (ALICE.ref, "@charlie"), (30, 70)))
    overtaken = [outcome for outcome in outcomes if isinstance(outcome, Overtaken)]
    assert outcomes.count(None) == 1
    assert len(overtaken) == 1
    first = {"Alice": 30, "Charlie": 70}
    others = overtaken[0].form.others
    assert others is not None and others.percent_complete == first[others.by]
    with stage.scene() as scene:
        assert len(scene.session.scalars(select(AnswerRow)).all()) == 1
        again = submit(scene, "@charlie" if others.by == "Alice" else ALICE.ref, 70, seen=1, key="again")
        assert again is None, "who has seen it may put theirs on top"


def test_money_is_not_overwritten_in_silence_either(stage: Stage, database: Database) -> None:
    budget = ItemRef("portal", Q3)
    with stage.scene() as scene:
        project = replace(scene.company.project("portal"), budget_at_completion=1000, budget_owner=ALICE)
        save_project(scene.session, project, today=date(2025, 1, 1))

    def send(scene: Scene, who: Person, spent: int, seen: int) -> object:
        form = collect.resources_form(scene.session, scene.company, who, budget, MONDAY.now)
        return collect.record_resources(
            scene.session,
            scene.company,
            who,
            replace(form, seen_version=seen),
            Resources(actual_cost=spent),
            key=f"{who.ref} {seen}",
            moment=MONDAY,
        )

    with stage.scene() as scene:
        alice, bob = scene.person(ALICE.ref), scene.person(BOB.ref)
        assert send(scene, alice, 100, 0) is None
        overtaken = send(scene, bob, 200, 0)
        assert isinstance(overtaken, Overtaken)
        assert (overtaken.form.others.by, overtaken.form.resources.actual_cost) == ("Alice", 200)
        assert send(scene, bob, 200, overtaken.form.seen_version) is None


def test_past_reports_keep_the_co_owners_they_had(stage: Stage) -> None:
    project = a_project(a_milestone(), a_milestone("back-end", owner=CHARLIE), budget_at_completion=None)
    with stage.scene() as scene:
        plan, late = PlanFile(COMPANY, (), (project,)), DUE.now + timedelta(days=30)
        changes = plan_changes(scene.session, plan)
        assert [str(change) for change in changes] == ["portal/front-end: co_owners: Charlie → nothing"]
        save_plan(scene.session, plan, changes, Moment(late, late))
    with stage.scene() as scene:
        assert scene.report(Q3, DUE).milestones[0].co_owners == ("Charlie",)
        assert scene.company.project("portal").milestone("front-end").co_owners == ()


def test_two_refs_of_one_person_are_one_co_owner(stage: Stage) -> None:
    with stage.scene() as scene:
        dana = people.save_person(scene.session, Person("dana@example.com", "Dana", email="dana@example.com"))
        front = a_milestone(co_owners=(CHARLIE, Person("dana@example.com", "Dana", email="dana@example.com")))
        project = a_project(front, a_milestone("back-end", owner=CHARLIE), budget_at_completion=None)
        save_project(scene.session, project, today=date(2025, 1, 1))
        people.set_account(scene.session, dana, an_account("U0CHARLIE", "Charlie"))
    with stage.scene() as scene:
        front_now = scene.company.project("portal").milestone("front-end")
        assert [owner.name for owner in front_now.co_owners] == ["Charlie"]
        assert scene.owner(BACK) == "Charlie"


def test_co_owners_are_set_up_in_slack_by_the_rules_of_files(stage: Stage) -> None:
    def edit(scene: Scene, accounts: str | None, key: str) -> list[str]:
        bob = scene.person(BOB.ref)
        plan = SetUp(scene.session, scene.company, bob, PlanReader(), key, MONDAY)
        return [p.name for p in plan.edit_milestone("portal", "front-end", {"co_owners": accounts}).co_owners]

    with stage.scene() as scene:
        assert edit(scene, "U0CHARLIE\nU0DANA", "a") == ["Charlie", "Dana"]
        assert scene.changes() == [("co_owners", "Charlie", "Charlie · Dana", "U0BOB")]
    with stage.scene() as scene:
        with pytest.raises(InvalidInput) as refused:
            edit(scene, "U0DANA\nU0ALICE", "b")
        assert list(refused.value.problems) == ["co_owners"]
        assert edit(scene, None, "c") == []


def test_a_table_of_milestones_takes_no_co_owner_away(stage: Stage) -> None:
    table = PlanFile(None, (), (a_project(a_milestone(name="Front"), budget_at_completion=None),))
    with stage.scene() as scene:
        changes = plan_changes(scene.session, table)
        assert [change.what for change in changes] == ["name"]
        save_plan(scene.session, table, changes, MONDAY)
    with stage.scene() as scene:
        front = scene.company.project("portal").milestone("front-end")
        assert front is not None
        assert [owner.name for owner in front.owners] == ["Alice", "Charlie"]
