"""An owner lets a colleague answer once: it stays the owner's, nobody is nagged meanwhile, and nobody is forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest
from managed import BACK, DANA, DUE, FRONT, OPENING, ROBOT, Scene, Stage, at

from bot.domain.errors import BotError, NotAllowed, NotFound
from bot.domain.ladder import COLLEAGUE_ASKED
from bot.domain.rules import Problem
from bot.flow.ask import stand_ins
from bot.flow.ask.ask import owner_card
from bot.flow.collect import collect
from bot.flow.company import Company
from bot.flow.forms import MilestoneSubmission
from bot.flow.messages import ItemRef, OwnerCard, Step
from bot.flow.moment import Moment
from bot.flow.schedule.plan import plan_lines
from bot.flow.schedule.schedule import tick
from bot.flow.setup import manage
from bot.store import ledger, reports
from bot.store import stand_ins as store
from bot.store.ledger import NudgeState
from bot.store.session import Database
from bot.store.stand_ins import StandInState
from bot.store.tables import StandInRow
from tests.builders import ALICE, Q3, an_update

MONDAY, TUESDAY = at(9, 22), at(9, 23)
WORDS = "you know these figures"


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


@pytest.fixture
def lent(stage: Stage) -> Stage:
    """Alice lets Charlie answer for the front end."""
    with stage.scene() as scene:
        lend(scene)
    return stage


def lend(scene: Scene, to: str = "U0CHARLIE", *, who: str = ALICE.ref, key: str = "l", at: Moment = OPENING) -> object:
    person = scene.person(who)
    return stand_ins.lend(scene.session, scene.company, person, FRONT, to, WORDS, key=key, moment=at)


def answer(scene: Scene, who: str, *, ref: ItemRef = FRONT, key: str = "a", percent: int = 60) -> object:
    person = scene.person(who)
    form = collect.milestone_form(scene.session, scene.company, person, ref, MONDAY.now)
    said = MilestoneSubmission(an_update(percent))
    return collect.record_milestone(scene.session, scene.company, person, form, said, key=key, moment=MONDAY)


def state(scene: Scene, number: int = 1) -> StandInState:
    found = store.stand_in(scene.session, number)
    assert found is not None
    return found.state


def card(scene: Scene, ref: str = ALICE.ref) -> OwnerCard:
    person = scene.person(ref)
    return owner_card(scene.session, scene.company, person, Q3, step=Step.OPENING, key="k", now=MONDAY.now)


def look(database: Database, moment: Moment) -> None:
    with database.writing() as session:
        stand_ins.end_due(session, Company.load(session), moment)
    tick(database, Company.load, moment.now, moment.real)


def test_the_colleague_is_asked_once_and_the_owner_stays_the_owner(lent: Stage) -> None:
    with lent.scene() as scene:
        lend(scene)  # the same submission, delivered again
        assert scene.notices() == [("U0CHARLIE", "stand-in-asked", "waiting")]
        assert scene.owner(FRONT) == "Alice"
        assert scene.deeds(FRONT) == ["stand-in-asked"]
        assert WORDS not in scene.details()
        (item,) = card(scene).items
        assert (item.is_done, item.waits_for) == (False, "Charlie")


def test_the_colleague_may_answer_this_item_in_this_quarter_and_nothing_else(lent: Stage) -> None:
    with lent.scene() as scene:
        charlie = scene.person("@charlie")
        with pytest.raises(NotAllowed):
            earlier = replace(FRONT, quarter=Q3.previous)
            collect.milestone_form(scene.session, scene.company, charlie, earlier, MONDAY.now)
        assert answer(scene, "@charlie") is None
    with lent.scene() as scene:
        (source,) = scene.report(Q3).sources
        assert (source.by, source.for_whom) == ("Charlie", "Alice")
        assert state(scene) is StandInState.ANSWERED
        assert answer(scene, "@charlie", key="again", percent=65) is None, "and correct it"
        (item,) = card(scene).items
        assert (item.is_done, item.answered_by, item.waits_for) == (True, "Charlie", None)


def test_reminders_pass_over_it_and_the_last_call_does_not(lent: Stage, database: Database) -> None:
    with lent.scene() as scene:
        scene.session.get_one(StandInRow, 1).ends_at = DUE.now
    for moment in (OPENING, at(9, 26), at(10, 1), at(10, 3, 14)):
        tick(database, Company.load, moment.now, moment.real)
    with lent.scene() as scene:
        steps = {n.step: (n.state, n.reason) for n in ledger.nudges(scene.session, Q3, scene.person(ALICE.ref).id)}
        assert steps["reminder-5"] == (NudgeState.SKIPPED, COLLEAGUE_ASKED)
        assert steps["reminder-2"] == (NudgeState.SKIPPED, COLLEAGUE_ASKED)
        assert steps["last-call"][0] is NudgeState.QUEUED, "nobody is forgotten"


def test_the_plan_says_why_an_owner_is_passed_over(lent: Stage) -> None:
    with lent.scene() as scene:
        lines = plan_lines(scene.session, scene.company, OPENING.now, (OPENING.now, at(10, 10).now))
        happens = {line[2]: line[6] for line in lines if line[4].startswith("Alice")}
        assert happens["reminder-5"] == f"skip: {COLLEAGUE_ASKED}"
        assert happens["last-call"] == "send"


def test_without_an_answer_it_goes_back_after_two_working_days_and_the_owner_hears(
    lent: Stage, database: Database
) -> None:
    look(database, MONDAY)
    with lent.scene() as scene:
        assert state(scene) is StandInState.ASKED
    look(database, TUESDAY)
    with lent.scene() as scene:
        assert state(scene) is StandInState.LAPSED
        assert ("U0ALICE", "stand-in-outcome", "waiting") in scene.notices()
        assert card(scene).items[0].waits_for is None
        with pytest.raises(NotAllowed):
            answer(scene, "@charlie")


def test_the_colleague_can_say_that_they_cannot(lent: Stage) -> None:
    with lent.scene() as scene:
        charlie = scene.person("@charlie")
        with pytest.raises(NotAllowed):
            stand_ins.decline(scene.session, scene.company, scene.person(ALICE.ref), 1, MONDAY)
        for _ in range(2):
            stand_ins.decline(scene.session, scene.company, charlie, 1, MONDAY)
        assert state(scene) is StandInState.DECLINED
        assert [(to, name) for to, name, _ in scene.notices()[1:]] == [("U0ALICE", "stand-in-outcome")]
        assert scene.deeds(FRONT) == ["stand-in-asked", "stand-in-ended"]


def test_it_can_be_taken_back_until_it_is_answered(lent: Stage) -> None:
    with lent.scene() as scene:
        alice = scene.person(ALICE.ref)
        with pytest.raises(NotAllowed):
            stand_ins.take_back(scene.session, scene.company, scene.person("U0BOB"), 1, MONDAY)
        for _ in range(2):
            assert stand_ins.take_back(scene.session, scene.company, alice, 1, MONDAY) == "Front end"
        assert state(scene) is StandInState.TAKEN_BACK
    with lent.scene() as scene, pytest.raises(NotAllowed):
        answer(scene, "@charlie")
    with lent.scene() as scene:
        lend(scene, key="second")
    with lent.scene() as scene:
        answer(scene, "@charlie")
    with lent.scene() as scene, pytest.raises(BotError, match="answered"):
        stand_ins.take_back(scene.session, scene.company, scene.person(ALICE.ref), 2, MONDAY)


def test_the_owners_own_answer_ends_it(lent: Stage) -> None:
    with lent.scene() as scene:
        answer(scene, ALICE.ref)
        assert state(scene) is StandInState.NOT_NEEDED
        assert scene.report(Q3).sources[0].for_whom is None


def test_a_second_colleague_takes_the_place_of_the_first(lent: Stage) -> None:
    with lent.scene() as scene:
        lend(scene, DANA, key="second thoughts")
        assert [state(scene, n) for n in (1, 2)] == [StandInState.TAKEN_BACK, StandInState.ASKED]


def test_once_the_report_is_published_the_colleague_may_change_nothing(lent: Stage, database: Database) -> None:
    with lent.scene() as scene:
        answer(scene, "@charlie")
    with lent.scene() as scene:
        report = replace(scene.report(Q3, DUE), revision=1)
        reports.freeze(scene.session, report, {}, facts="", channel="C0LEADERS", by="U0BOB", at=DUE.now)
    look(database, DUE)
    with lent.scene() as scene:
        assert state(scene) is StandInState.OVER
        with pytest.raises(NotAllowed):
            answer(scene, "@charlie", key="late")


def test_it_ends_in_silence_where_the_milestone_changes_hands(lent: Stage, database: Database) -> None:
    with lent.scene() as scene:
        manage.reassign(scene.session, scene.company, scene.person("U0BOB"), FRONT, DANA, key="r", moment=MONDAY)
    look(database, MONDAY)
    with lent.scene() as scene:
        assert state(scene) is StandInState.OVER
        assert "stand-in-outcome" not in [name for _, name, _ in scene.notices()]


@pytest.mark.parametrize(
    ("to", "rule"), [("U0ALICE", "person-is-owner"), (ROBOT, "person-not-found"), ("U0NOBODY", "person-not-found")]
)
def test_an_owner_or_nobody_cannot_be_asked(stage: Stage, to: str, rule: str) -> None:
    with stage.scene() as scene:
        refused = lend(scene, to)
        assert isinstance(refused, Problem) and refused.rule == rule
        assert store.standing(scene.session) == []


def test_only_owners_let_others_answer(stage: Stage) -> None:
    with stage.scene() as scene:
        for who in ("U0BOB", "@charlie"):
            with pytest.raises(NotAllowed, match="Alice answers for Front end"):
                lend(scene, DANA, who=who)


def test_the_form_lists_what_is_open_and_what_waits(lent: Stage) -> None:
    with lent.scene() as scene:
        of = (scene.session, scene.company)
        form = stand_ins.lend_form(*of, scene.person(ALICE.ref), Q3, MONDAY.now)
        assert form.items == ()
        assert [(asked.title, asked.colleague) for asked in form.lent] == [("Front end", "Charlie")]
        assert [ref for ref, _, _ in stand_ins.lend_form(*of, scene.person("@charlie"), Q3, MONDAY.now).items] == [BACK]
        with pytest.raises(NotFound):
            stand_ins.lend_form(*of, scene.person("U0BOB"), Q3, MONDAY.now)
