"""What managers and owners see of an update while it waits for its owner's second look."""

from __future__ import annotations

import pytest
from managed import AFTER, BACK, DUE, FRONT, OPENING, Scene, Stage, at
from sqlalchemy import select

from bot.domain.errors import BotError
from bot.domain.milestone_line import LineState
from bot.domain.update import Provenance
from bot.flow.ask import stand_ins
from bot.flow.ask.digest import overdue_digest
from bot.flow.collect import collect
from bot.flow.compile import send_back
from bot.flow.forms import MilestoneSubmission
from bot.flow.messages import OverdueDigest
from bot.flow.schedule.owed import owed_items
from bot.flow.schedule.planner import open_items
from bot.flow.setup import manage
from bot.store import answers
from bot.store.session import Database
from bot.store.tables import OutboxRow
from tests.builders import Q3, an_update


@pytest.fixture
def stage(database: Database) -> Stage:
    """Alice has answered, and Bob has returned her update; Charlie has not answered."""
    stage = Stage(database)
    with stage.scene() as scene:
        answers.record(scene.session, "portal", Q3, "front-end", an_update(40), Provenance("U0ALICE", OPENING.now))
    with stage.scene() as scene:
        give_back(scene)
    return stage


def give_back(scene: Scene, key: str = "k") -> None:
    send_back.return_updates(scene.session, scene.company, scene.person("U0BOB"), [FRONT], "Why?", key=key, moment=DUE)


def digest(scene: Scene, *, for_sponsor: bool = False) -> OverdueDigest:
    bob = scene.person("U0BOB")
    return overdue_digest(scene.session, scene.company, bob, Q3, key="d", now=AFTER.now, for_sponsor=for_sponsor)


def test_the_digest_names_it_beside_the_silent_ones_and_a_sponsor_s_does_not(stage: Stage) -> None:
    with stage.scene() as scene:
        found = digest(scene)
        assert [item.title for item in found.silent] == ["Back end"]
        assert [(back.milestone, back.owner) for back in found.returned] == [("Front end", "Alice")]
        assert digest(scene, for_sponsor=True).returned == ()


def test_it_counts_as_answered_and_nobody_is_nudged_for_it(stage: Stage) -> None:
    with stage.scene() as scene:
        assert scene.state(FRONT) is LineState.ANSWERED
        facts = scene.company.standing(scene.session, scene.company.project("portal"), Q3, AFTER.now)
        alice = scene.person("alice@example.com")
        assert open_items(facts)[alice.id] == {"front-end": False}
        (item,) = owed_items(scene.session, scene.company, alice, Q3, AFTER.now)
        assert (item.is_done, item.returned) == (True, "Why?")
        project = scene.company.project("portal")
        form = manage.manage_form(scene.session, scene.company, scene.person("U0BOB"), project, Q3, AFTER)
        assert [milestone.is_returned for milestone in form.milestones] == [True, False]


def test_what_was_never_answered_cannot_be_returned(stage: Stage) -> None:
    with stage.scene() as scene, pytest.raises(BotError, match="Charlie has not answered for Back end yet"):
        send_back.return_updates(
            scene.session, scene.company, scene.person("U0BOB"), [FRONT, BACK], "Why?", key="other", moment=DUE
        )
    with stage.scene() as scene:
        assert scene.deeds(FRONT) == ["returned"], "and of several none is"


def test_a_second_click_sends_nothing_and_a_second_return_settles_the_first(stage: Stage) -> None:
    with stage.scene() as scene:
        give_back(scene)
        assert [words for _, words, _ in scene.notices()] == ["returned"]
        give_back(scene, key="another")
        assert [words for _, words, _ in scene.notices()] == ["returned", "returned"]
        assert scene.deeds(FRONT) == ["returned", "returned"]


def test_taking_back_twice_is_once(stage: Stage) -> None:
    with stage.scene() as scene:
        for key in ("a", "b"):
            send_back.take_back(
                scene.session, scene.company, scene.person("U0BOB"), FRONT, key=key, moment=at(10, 6, 15)
            )
        assert scene.deeds(FRONT) == ["returned", "return-taken-back"]
        assert digest(scene).returned == ()


def test_whoever_answered_in_the_owner_s_place_hears_of_it_and_of_its_end(database: Database) -> None:
    stage = Stage(database)
    with stage.scene() as scene:
        alice = scene.person("alice@example.com")
        stand_ins.lend(scene.session, scene.company, alice, FRONT, "U0CHARLIE", "", key="l", moment=OPENING)
    with stage.scene() as scene:
        answer(scene, "@charlie", key="first")
    with stage.scene() as scene:
        give_back(scene)
        assert [to for to, words, _ in scene.notices() if words == "returned"] == ["U0ALICE", "U0CHARLIE"]
        for row in scene.session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice")):
            row.state = "sent"
    with stage.scene() as scene:
        answer(scene, "alice@example.com", key="second")
        edits = scene.session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice-edit"))
        assert [row.subject["values"]["outcome"] for row in edits if row.subject["name"] == "return-settled"] == [
            "answered",
            "answered",
        ]


def test_an_admin_who_answered_for_the_owner_hears_of_it_and_one_who_may_not_any_more_does_not(
    database: Database,
) -> None:
    stage = Stage(database)
    with stage.scene() as scene:
        for by, milestone in (("U0BOB", "front-end"), ("U0ALICE", "back-end")):
            answers.record(scene.session, "portal", Q3, milestone, an_update(40), Provenance(by, OPENING.now))
    with stage.scene() as scene:
        bob = scene.person("U0BOB")
        send_back.return_updates(scene.session, scene.company, bob, [FRONT, BACK], "Why?", key="k", moment=DUE)
        assert {to for to, _, _ in scene.notices()} == {"U0ALICE", "U0BOB", "U0CHARLIE"}
        of_back = scene.session.scalars(select(OutboxRow).where(OutboxRow.key.startswith("returned:1:")))
        assert [row.subject["to"] for row in of_back] == ["U0CHARLIE"]


def answer(scene: Scene, who: str, *, key: str) -> None:
    person = scene.person(who)
    form = collect.milestone_form(scene.session, scene.company, person, FRONT, DUE.now)
    said = MilestoneSubmission(an_update(60))
    assert collect.record_milestone(scene.session, scene.company, person, form, said, key=key, moment=DUE) is None
