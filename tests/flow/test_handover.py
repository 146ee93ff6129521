"""An offer changes nothing until it is accepted, is answered once, and ends by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from managed import BACK, DANA, FRONT, OPENING, ROBOT, Scene, Stage, an_account, at
from sqlalchemy import select

from bot.domain.errors import BotError, NotAllowed, NotFound
from bot.flow.ask import handover
from bot.flow.collect.collect import Refused
from bot.flow.messages import ItemRef
from bot.flow.moment import Moment
from bot.flow.schedule.owed import offers
from bot.flow.setup import manage
from bot.store import handovers, outbox, people
from bot.store.handovers import HandoverState
from bot.store.session import Database
from bot.store.tables import MilestoneRow
from tests.builders import Q3

FRIDAY, MONDAY, TUESDAY = OPENING, at(9, 22), at(9, 23)
WORDS = "you built half of it anyway"


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def offer(scene: Scene, to: str = "U0CHARLIE", *, who: str = "U0ALICE", key: str = "k", ref: ItemRef = FRONT) -> object:
    giver = people.person_by_slack_id(scene.session, who)
    assert giver is not None
    return handover.hand_over(scene.session, scene.company, giver, ref, to, WORDS, key=key, moment=OPENING)


def answer(scene: Scene, *, accepts: bool, who: str = "U0CHARLIE", number: int = 1, moment: Moment = MONDAY) -> None:
    person = people.person_by_slack_id(scene.session, who)
    assert person is not None
    handover.answer(scene.session, scene.company, person, number, accepts=accepts, moment=moment)


def state(scene: Scene, number: int = 1) -> HandoverState:
    found = handovers.handover(scene.session, number)
    assert found is not None
    return found.state


@pytest.fixture
def offered(stage: Stage) -> Stage:
    """Alice has offered the front end to Charlie."""
    with stage.scene() as scene:
        offer(scene)
    return stage


def test_an_offer_changes_no_owner_and_asks_the_receiver_once(offered: Stage) -> None:
    with offered.scene() as scene:
        offer(scene)  # the same submission, delivered again
        assert scene.owner(FRONT) == "Alice"
        assert scene.notices() == [("U0CHARLIE", "handover-offer", "waiting")]
        assert scene.deeds(FRONT) == ["offered"]
        assert WORDS not in scene.details()


def test_accepting_moves_the_milestone_and_tells_the_manager_alone(offered: Stage) -> None:
    with offered.scene() as scene:
        answer(scene, accepts=True)
    with offered.scene() as scene:
        assert scene.owner(FRONT) == "Charlie"
        assert scene.changes() == [("owner", "Alice", "Charlie", "U0CHARLIE")]
        assert [(to, name) for to, name, _ in scene.notices()[1:]] == [("U0BOB", "handover-outcome")]
        assert scene.deeds(FRONT) == ["offered", "accepted"]


@pytest.mark.parametrize("accepts", [True, False])
def test_the_same_answer_twice_is_one_and_the_other_answer_comes_too_late(offered: Stage, accepts: bool) -> None:
    with offered.scene() as scene:
        answer(scene, accepts=accepts)
    with offered.scene() as scene:
        sent = scene.notices()
        answer(scene, accepts=accepts)
        assert scene.notices() == sent
        with pytest.raises(BotError, match="no longer stands"):
            answer(scene, accepts=not accepts)


def test_declining_leaves_it_where_it_was_and_tells_both(offered: Stage) -> None:
    with offered.scene() as scene:
        answer(scene, accepts=False)
    with offered.scene() as scene:
        assert scene.owner(FRONT) == "Alice"
        assert {(to, name) for to, name, _ in scene.notices()[1:]} == {
            ("U0BOB", "handover-outcome"),
            ("U0ALICE", "handover-outcome"),
        }


def test_nobody_answers_for_somebody_else(offered: Stage) -> None:
    with offered.scene() as scene, pytest.raises(NotAllowed):
        answer(scene, accepts=True, who="U0BOB")
    with offered.scene() as scene, pytest.raises(NotAllowed):
        answer(scene, accepts=True, number=99)


def test_only_the_owner_hands_over(stage: Stage) -> None:
    with stage.scene() as scene, pytest.raises(NotAllowed, match="Alice answers for Front end"):
        offer(scene, who="U0BOB")


@pytest.mark.parametrize(("to", "rule"), [("U0ALICE", "person-is-owner"), (ROBOT, "person-not-found")])
def test_an_offer_to_oneself_or_to_nobody_is_refused(stage: Stage, to: str, rule: str) -> None:
    with stage.scene() as scene:
        refused = offer(scene, to)
        assert isinstance(refused, Refused)
        assert [problem.rule for problem in refused.problems] == [rule]
        assert handovers.standing(scene.session) == []


def test_somebody_whom_no_file_names_can_take_it_over(stage: Stage) -> None:
    with stage.scene() as scene:
        offer(scene, DANA)
        answer(scene, accepts=True, who=DANA)
    with stage.scene() as scene:
        assert scene.owner(FRONT) == "Dana"


def test_a_second_offer_takes_the_place_of_the_first(offered: Stage) -> None:
    with offered.scene() as scene:
        offer(scene, DANA, key="second thoughts")
        assert [state(scene, n) for n in (1, 2)] == [HandoverState.WITHDRAWN, HandoverState.OFFERED]
        with pytest.raises(BotError, match="no longer stands"):
            answer(scene, accepts=True)


def test_what_the_manager_decided_meanwhile_holds(offered: Stage) -> None:
    with offered.scene() as scene:
        bob = scene.person("U0BOB")
        manage.reassign(scene.session, scene.company, bob, FRONT, DANA, key="r", moment=OPENING)
    with offered.scene() as scene, pytest.raises(BotError, match="no longer stands"):
        answer(scene, accepts=True)
    with offered.scene() as scene:
        assert scene.owner(FRONT) == "Dana"


def test_an_offer_ends_after_two_working_days_not_before(offered: Stage) -> None:
    with offered.scene() as scene:
        for early in (MONDAY, Moment(TUESDAY.now - timedelta(seconds=1), TUESDAY.real)):
            assert handover.lapse_due(scene.session, scene.company, early) == 0
        assert handover.lapse_due(scene.session, scene.company, TUESDAY) == 1
        assert handover.lapse_due(scene.session, scene.company, TUESDAY) == 0
        assert state(scene) is HandoverState.LAPSED
        assert scene.owner(FRONT) == "Alice"
        assert sorted(to for to, name, _ in scene.notices() if name == "handover-outcome") == ["U0ALICE", "U0BOB"]
        with pytest.raises(BotError, match="no longer stands"):
            answer(scene, accepts=True, moment=TUESDAY)


def test_an_offer_of_a_milestone_that_was_dropped_ends_silently(offered: Stage) -> None:
    with offered.scene() as scene:
        row = scene.session.scalars(select(MilestoneRow).where(MilestoneRow.key == "front-end")).one()
        row.dropped_on = MONDAY.now.date()
    with offered.scene() as scene:
        with pytest.raises(NotFound):
            answer(scene, accepts=True)
        assert handover.lapse_due(scene.session, scene.company, TUESDAY) == 1
        assert [name for _, name, _ in scene.notices()] == ["handover-offer"]


def test_a_load_that_names_another_owner_ends_the_offer_in_silence(offered: Stage) -> None:
    with offered.scene() as scene:
        row = scene.session.scalars(select(MilestoneRow).where(MilestoneRow.key == "front-end")).one()
        row.owner_id = scene.person("U0BOB").id
    with offered.scene() as scene:
        assert offers(scene.session, scene.company) == {}
        with pytest.raises(BotError, match="no longer stands"):
            answer(scene, accepts=True)
        assert handover.lapse_due(scene.session, scene.company, TUESDAY) == 1
        assert [name for _, name, _ in scene.notices()] == ["handover-offer"]


def test_an_offer_waits_for_the_receivers_morning_and_ends_counted_from_there(stage: Stage) -> None:
    with stage.scene() as scene:
        people.save_entry(scene.session, an_account("U0CHARLIE", "Charlie", timezone="Asia/Tokyo"))
        offer(scene)  # 23:00 on a Friday in Tokyo
        assert scene.notices() == [("U0CHARLIE", "handover-offer", "held")]
        (standing,) = handovers.standing(scene.session)
        assert standing.lapses_at == datetime(2025, 9, 24, 0, 30, tzinfo=UTC), "09:30 there on Wednesday"
        monday_morning = datetime(2025, 9, 22, 0, 30, tzinfo=UTC)
        outbox.release(scene.session, monday_morning - timedelta(minutes=1), MONDAY.real)
        assert scene.notices()[0][2] == "held"
        outbox.release(scene.session, monday_morning, MONDAY.real)
        assert scene.notices()[0][2] == "waiting"


def test_not_mine_tells_the_manager_and_changes_nothing(stage: Stage) -> None:
    for _ in range(2):
        with stage.scene() as scene:
            alice = scene.person("alice@example.com")
            handover.not_mine(scene.session, scene.company, alice, FRONT, WORDS, key="k", moment=OPENING)
    with stage.scene() as scene:
        assert scene.notices() == [("U0BOB", "not-mine", "waiting")]
        assert scene.deeds(FRONT) == ["disowned"]
        assert scene.owner(FRONT) == "Alice"
        assert scene.due() == 2


def test_a_managers_own_milestone_brings_the_manager_one_message(stage: Stage) -> None:
    with stage.scene() as scene:
        bob = scene.person("U0BOB")
        manage.reassign(scene.session, scene.company, bob, BACK, "U0BOB", key="r", moment=OPENING)
    with stage.scene() as scene:
        offer(scene, "U0ALICE", who="U0BOB", ref=BACK)
        answer(scene, accepts=False, who="U0ALICE")
        assert [(to, name) for to, name, _ in scene.notices()] == [
            ("U0ALICE", "handover-offer"),
            ("U0BOB", "handover-outcome"),
        ]


def test_only_those_with_milestones_have_something_to_hand_over(stage: Stage) -> None:
    with stage.scene() as scene:
        alice, bob = scene.person("alice@example.com"), scene.person("U0BOB")
        form = handover.handover_form(scene.session, scene.company, alice, Q3, OPENING.now)
        assert [ref for ref, _, _ in form.milestones] == [FRONT]
        with pytest.raises(NotFound):
            handover.handover_form(scene.session, scene.company, bob, Q3, OPENING.now)


def test_two_accounts_that_turn_out_to_be_one_person_keep_their_offers(offered: Stage) -> None:
    with offered.scene() as scene:
        offer(scene, DANA, key="d")
        charlie = scene.person("@charlie").id
        people.set_account(scene.session, charlie, an_account(DANA, "Dana"))
    with offered.scene() as scene:
        (standing,) = handovers.standing(scene.session)
        assert standing.receiver in people.all_people(scene.session)
