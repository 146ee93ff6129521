"""What a manager decides counts for its quarter and thing alone, once, by those who may, and leaves a trail without words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from managed import AFTER, BACK, DANA, DUE, FRONT, OPENING, ROBOT, Scene, Stage, at

from bot.domain.errors import BotError, NotAllowed, NotFound
from bot.domain.milestone_line import LineState
from bot.domain.quarter import Quarter
from bot.domain.report import ScopeChange, ScopeChangeKind
from bot.domain.update import Provenance, Resources
from bot.flow.collect.collect import Refused
from bot.flow.messages import ItemRef
from bot.flow.schedule.owed import owed_items
from bot.flow.setup import manage
from bot.store import answers, exceptions, handovers, ledger
from bot.store.ledger import Nudge, NudgeState
from bot.store.session import Database
from tests.builders import Q2, Q3, Q4, an_update

WORDS = "the provider has closed its doors"
Act = Callable[[Scene, str], object]


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def acting(scene: Scene, who: str = "U0BOB") -> tuple[object, ...]:
    """Whoever acts, as every act takes it."""
    return scene.session, scene.company, scene.person(who)


def excuse(scene: Scene, who: str = "U0BOB", *, reason: str = WORDS, key: str = "k") -> None:
    manage.excuse(*acting(scene, who), FRONT, reason, key=key, moment=OPENING)


def extend(scene: Scene, who: str = "U0BOB", *, until: date = date(2025, 10, 8), key: str = "k") -> object:
    return manage.give_more_time(*acting(scene, who), FRONT, until, key=key, moment=OPENING)


def reassign(scene: Scene, who: str = "U0BOB", *, to: str = "U0CHARLIE", key: str = "k") -> object:
    return manage.reassign(*acting(scene, who), FRONT, to, key=key, moment=OPENING)


def nudge(scene: Scene, who: str = "U0BOB", *, key: str = "k", moment=OPENING) -> bool:
    return manage.nudge(*acting(scene, who), FRONT, key=key, moment=moment)[1]


def pause(scene: Scene, who: str = "U0BOB", *, key: str = "p", moment=OPENING) -> None:
    session, company, person = acting(scene, who)
    manage.pause(session, company, person, company.project("portal"), Q3, WORDS, key=key, moment=moment)


def resume(scene: Scene, who: str = "U0BOB", *, key: str = "r", moment=OPENING) -> None:
    session, company, person = acting(scene, who)
    manage.resume(session, company, person, company.project("portal"), Q3, key=key, moment=moment)


def take_back(scene: Scene, who: str = "U0BOB", *, key: str = "t") -> None:
    manage.take_back_excuse(*acting(scene, who), FRONT, key=key, moment=OPENING)


def look(scene: Scene, who: str = "U0BOB") -> object:
    session, company, person = acting(scene, who)
    return manage.manage_form(session, company, person, company.project("portal"), Q3, OPENING)


ACTS: list[Act] = [excuse, extend, reassign, nudge, pause, resume, take_back, look]


@pytest.mark.parametrize("act", ACTS)
def test_others_are_told_who_can_and_change_nothing(stage: Stage, act: Act) -> None:
    with stage.scene() as scene, pytest.raises(NotAllowed, match="Only Bob, who manages Customer Portal, and admins"):
        act(scene, "alice@example.com")
    with stage.scene() as scene:
        assert (scene.due(), scene.owner(FRONT), scene.details()) == (2, "Alice", "")


def test_an_excused_milestone_leaves_the_count_of_its_quarter_only(stage: Stage) -> None:
    with stage.scene() as scene:
        excuse(scene)
    with stage.scene() as scene:
        assert scene.state(FRONT) is LineState.EXCUSED
        assert [scene.due(quarter=quarter) for quarter in (Q2, Q3, Q4)] == [2, 1, 2]
        assert owed_items(scene.session, scene.company, scene.person("alice@example.com"), Q3, OPENING.now) == ()
        assert WORDS not in scene.details()


def test_excusing_again_changes_the_reason_and_taking_back_counts_again(stage: Stage) -> None:
    for key, reason in (("1", "first"), ("1", "repeated"), ("2", "second")):
        with stage.scene() as scene:
            excuse(scene, key=key, reason=reason)
    with stage.scene() as scene:
        assert scene.company.exceptions.excused("portal", Q3) == {"front-end": "second"}
        assert scene.deeds(FRONT) == ["excused", "excused"]
        take_back(scene)
        take_back(scene, key="again")
    with stage.scene() as scene:
        assert scene.state(FRONT) is LineState.MISSING
        assert scene.deeds(FRONT) == ["excused", "excused", "excuse-taken-back"]


def test_an_answer_counts_although_it_was_excused(stage: Stage) -> None:
    with stage.scene() as scene:
        excuse(scene)
        by = Provenance("U0ALICE", OPENING.now)
        answers.record(scene.session, "portal", Q3, "front-end", an_update(), by)
    with stage.scene() as scene:
        assert scene.state(FRONT) is LineState.ANSWERED
        assert scene.due() == 2


def test_more_time_is_until_the_companys_due_time_of_that_day(stage: Stage) -> None:
    with stage.scene() as scene:
        extend(scene)
        extend(scene, until=date(2025, 11, 5), key="later, and in winter time")
    with stage.scene() as scene:
        project = scene.company.project("portal")
        assert scene.company.due_at(Q3, project, "front-end") == datetime(2025, 11, 5, 22, tzinfo=UTC)
        assert scene.company.due_at(Q3, project, "back-end") == DUE.now
        assert exceptions.extended(scene.session, Q3) == {("portal", "front-end"): date(2025, 11, 5)}
        assert exceptions.extended(scene.session, Q4) == {}
        (item,) = owed_items(scene.session, scene.company, scene.person("alice@example.com"), Q3, OPENING.now)
        assert item.more_time == date(2025, 11, 5)


def test_more_time_lies_after_the_deadline_and_before_the_next_quarter_opens(stage: Stage) -> None:
    with stage.scene() as scene:
        first, last = manage.days_to_give(scene.company, scene.company.project("portal"), Q3, OPENING)
        assert first == date(2025, 10, 4)
        for day in (first - timedelta(days=1), last + timedelta(days=1)):
            refused = extend(scene, until=day)
            assert isinstance(refused, Refused)
            assert [problem.at for problem in refused.problems] == ["until"]
        assert scene.deeds(FRONT) == []
        assert extend(scene, until=first, key="1") is None
        assert extend(scene, until=last, key="2") is None


def test_a_pause_that_stood_when_a_quarter_closed_stays_in_it(stage: Stage) -> None:
    with stage.scene() as scene:
        pause(scene)
        pause(scene, key="again")
    in_q4 = at(12, 29)
    with stage.scene() as scene:
        assert scene.deeds(ItemRef("portal", Q3)) == ["paused"]
        assert scene.state(FRONT) is LineState.PAUSED
        assert scene.due() == 0
        resume(scene, moment=in_q4)
    with stage.scene() as scene:
        later = at(12, 30)
        assert [scene.due(later, quarter) for quarter in (Q2, Q3, Q4)] == [2, 0, 2]


def test_a_project_resumed_within_the_quarter_is_due_again(stage: Stage) -> None:
    with stage.scene() as scene:
        pause(scene)
        resume(scene, moment=at(9, 24))
    with stage.scene() as scene:
        assert scene.due(AFTER) == 2
        assert scene.deeds(ItemRef("portal", Q3)) == ["paused", "resumed"]


def test_a_click_that_is_delivered_again_after_its_opposite_does_nothing(stage: Stage) -> None:
    with stage.scene() as scene:
        for act in (pause, resume, pause, resume):
            act(scene)
    with stage.scene() as scene:
        assert scene.deeds(ItemRef("portal", Q3)) == ["paused", "resumed"]
        assert scene.due() == 2


def test_a_pause_reaches_no_quarter_that_had_closed_before(stage: Stage) -> None:
    with stage.scene() as scene:
        pause(scene)
    with stage.scene() as scene:
        assert scene.due(at(9, 25), Quarter(2025, 1)) == 2


def test_a_paused_project_owes_no_budget_either(stage: Stage) -> None:
    with stage.scene() as scene:
        answers.record(scene.session, "portal", Q2, "", Resources(vendors="fine"), Provenance("U0BOB", OPENING.now))
        assert len(owed_items(*acting(scene), Q3, OPENING.now)) == 1
        pause(scene)
    with stage.scene() as scene:
        assert owed_items(*acting(scene), Q3, OPENING.now) == ()


def test_reassigning_moves_the_milestone_with_both_trails_and_withdraws_offers(stage: Stage) -> None:
    with stage.scene() as scene:
        alice, charlie = (scene.person(ref).id for ref in ("alice@example.com", "@charlie"))
        later = OPENING.now + timedelta(days=2)
        handovers.offer(
            scene.session, "portal", "front-end", giver=alice, receiver=charlie, at=OPENING.now, lapses_at=later
        )
        reassign(scene, to=DANA)
    with stage.scene() as scene:
        assert scene.owner(FRONT) == "Dana"
        assert scene.changes() == [("owner", "Alice", "Dana", "U0BOB")]
        assert scene.deeds(FRONT) == ["reassigned"]
        alice, dana = scene.person("alice@example.com").id, scene.person(DANA).id
        assert f"'before': '{alice}', 'after': '{dana}'" in scene.details()
        assert handovers.standing(scene.session) == []


def test_the_report_lists_who_handed_a_milestone_over_and_the_one_before_does_not(stage: Stage) -> None:
    with stage.scene() as scene:
        reassign(scene)
    with stage.scene() as scene:
        reports = {quarter: scene.report(quarter) for quarter in (Q2, Q3, Q4)}
    handed = ScopeChange(ScopeChangeKind.HANDED_OVER, "front-end", "Front end", "Alice", "Charlie", by="Bob")
    assert {q: report.scope_changes for q, report in reports.items()} == {Q2: (), Q3: (handed,), Q4: ()}
    owners = {q: report.milestones[0].owner for q, report in reports.items()}
    assert owners == {Q2: "Alice", Q3: "Charlie", Q4: "Charlie"}


def test_what_was_excused_is_remembered_by_the_facts_of_later_quarters(stage: Stage) -> None:
    with stage.scene() as scene:
        excuse(scene)
    with stage.scene() as scene:
        facts = scene.company.facts(scene.session, scene.company.project("portal"), Q4, OPENING.now)
        assert (facts.excused, facts.excused_before) == (frozenset(), {Q3: frozenset({"front-end"})})


def test_the_same_reassignment_twice_is_done_once(stage: Stage) -> None:
    for _ in range(2):
        with stage.scene() as scene:
            done = reassign(scene)
            assert getattr(done, "name", None) == "Charlie"
    with stage.scene() as scene:
        assert len(scene.changes()) == 1


@pytest.mark.parametrize(
    ("to", "rule"), [("U0ALICE", "person-is-owner"), (ROBOT, "person-not-found"), ("U0NOBODY", "person-not-found")]
)
def test_only_another_reachable_person_can_be_named(stage: Stage, to: str, rule: str) -> None:
    with stage.scene() as scene:
        refused = reassign(scene, to=to)
        assert isinstance(refused, Refused)
        assert [(p.at, p.rule) for p in refused.problems] == [("person", rule)]
        assert scene.deeds(FRONT) == []


def test_whom_the_next_step_asks_is_sent_no_notice_of_it(stage: Stage) -> None:
    with stage.scene() as scene:
        reassign(scene)
        assert scene.notices() == []


def test_whoever_was_asked_before_hears_that_there_is_more(stage: Stage) -> None:
    with stage.scene() as scene:
        charlie = scene.person("@charlie").id
        ledger.add(
            scene.session, [Nudge(charlie, Q3, "opening", 0, NudgeState.SENT, OPENING.now, None, "m")], at=OPENING.now
        )
        reassign(scene)
        assert scene.notices() == [("U0CHARLIE", "reassigned", "waiting")]


def test_a_nudge_goes_to_whoever_is_missing_at_most_once_a_day(stage: Stage) -> None:
    with stage.scene() as scene:
        assert nudge(scene)
        assert not nudge(scene, key="an hour later", moment=at(9, 19, 15))
        assert nudge(scene, key="on Monday", moment=at(9, 22, 15))
        assert scene.deeds(FRONT) == ["nudged", "nudged"]
        answers.record(scene.session, "portal", Q3, "front-end", an_update(), Provenance("U0ALICE", OPENING.now))
        with pytest.raises(BotError, match="waits for no answer"):
            nudge(scene, key="answered")


def test_a_milestone_that_is_gone_is_said_to_be(stage: Stage) -> None:
    gone = ItemRef("portal", Q3, "nothing")
    with stage.scene() as scene, pytest.raises(NotFound, match="no longer part of Customer Portal"):
        manage.excuse(*acting(scene), gone, WORDS, key="k", moment=OPENING)


def test_the_form_tells_owner_state_reason_and_date(stage: Stage) -> None:
    with stage.scene() as scene:
        excuse(scene)
        manage.give_more_time(*acting(scene), BACK, date(2025, 10, 8), key="b", moment=OPENING)
    with stage.scene() as scene:
        form = look(scene)
    shown = [(m.line.key, m.line.owner, m.line.state, m.excuse, m.has_more_time) for m in form.milestones]
    assert shown == [
        ("front-end", "Alice", LineState.EXCUSED, WORDS, False),
        ("back-end", "Charlie", LineState.MISSING, "", True),
    ]
