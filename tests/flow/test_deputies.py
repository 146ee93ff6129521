"""Where somebody cannot be asked before the deadline their deputy is, for as long as that lasts; else the manager hears."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pytest
from managed import DANA, FRONT, OPENING, Scene, Stage, an_account, at
from sqlalchemy import select

from bot.domain.errors import NotAllowed
from bot.domain.project import Deputy, Person
from bot.domain.update import Provenance
from bot.flow.ask.ask import owner_card
from bot.flow.collect import collect
from bot.flow.company import Company
from bot.flow.forms import MilestoneSubmission
from bot.flow.messages import OwnerCard, Step
from bot.flow.moment import Moment
from bot.flow.schedule import deputies
from bot.flow.schedule.plan import plan_lines
from bot.flow.schedule.schedule import tick
from bot.flow.setup import manage
from bot.store import answers, audit, ledger, outbox, people, stand_ins
from bot.store.ledger import NudgeState
from bot.store.portfolio import save_project
from bot.store.session import Database
from bot.store.stand_ins import StandInState
from bot.store.tables import OutboxRow
from tests.builders import ALICE, BOB, CHARLIE, Q3, a_milestone, a_project, an_update

MONDAY, FRIDAY = at(9, 22), at(9, 26)
BACK_AT = datetime(2025, 10, 20, tzinfo=OPENING.now.tzinfo)


@pytest.fixture
def stage(database: Database) -> Stage:
    """Alice is away beyond the deadline and has named Charlie; the front end is hers, the back end Charlie's."""
    stage = Stage(database)
    with stage.scene() as scene:
        go_away(scene, "U0ALICE", BACK_AT)
        name(scene, ALICE.ref, "U0CHARLIE")
    return stage


def go_away(scene: Scene, slack_id: str, until: datetime | None) -> None:
    entry = people.entry_of(scene.session, slack_id)
    assert entry is not None
    people.save_entry(scene.session, replace(entry, is_away=True, away_until=until))


def come_back(scene: Scene, slack_id: str) -> None:
    people.save_entry(scene.session, an_account(slack_id, slack_id.removeprefix("U0").title()))


def name(scene: Scene, who: str, deputy: str | None, *days: date) -> object:
    span = (*days, None, None)[:2]
    return deputies.name_deputy(scene.session, scene.person(who), deputy, span, OPENING)


def look(database: Database, moment: Moment) -> None:
    """What the bot does at an instant."""
    tick(database, Company.load, moment.now, moment.real)
    with database.writing() as session:
        deputies.end_over(session, Company.load(session), moment)


def card(scene: Scene, ref: str) -> OwnerCard:
    person = scene.person(ref)
    return owner_card(scene.session, scene.company, person, Q3, step=Step.OPENING, key="k", now=MONDAY.now)


def asked(scene: Scene) -> list[tuple[str, str, StandInState]]:
    """Who is asked for which milestone just now."""
    names = {number: person.name for number, person in people.all_people(scene.session).items()}
    return [(names[s.person], s.milestone, s.state) for s in stand_ins.standing(scene.session)]


def reasons(scene: Scene, ref: str) -> list[str | None]:
    return [nudge.reason for nudge in ledger.nudges(scene.session, Q3, scene.person(ref).id)]


def answer(scene: Scene, ref: str, key: str = "k") -> object:
    person = scene.person(ref)
    form = collect.milestone_form(scene.session, scene.company, person, FRONT, MONDAY.now)
    said = MilestoneSubmission(an_update(60))
    return collect.record_milestone(scene.session, scene.company, person, form, said, key=key, moment=MONDAY)


def test_the_deputy_is_asked_with_a_reason_and_the_manager_is_left_in_peace(stage: Stage, database: Database) -> None:
    look(database, OPENING)
    with stage.scene() as scene:
        assert asked(scene) == [("Charlie", "front-end", StandInState.ASKED)]
        assert reasons(scene, ALICE.ref) == ["no good moment before the deadline; Charlie is asked instead"]
        assert [(i.title, i.in_place_of) for i in card(scene, "@charlie").items] == [
            ("Front end", "Alice"),
            ("Back end", None),
        ]
        assert {to for to, _, _ in scene.notices()} <= {"U0CHARLIE"}
        assert scene.deeds(FRONT) == ["stand-in-asked"]


def test_a_deputy_who_was_asked_before_hears_of_it_by_a_message_of_its_own(stage: Stage, database: Database) -> None:
    with stage.scene() as scene:
        come_back(scene, "U0ALICE")
    look(database, OPENING)
    with stage.scene() as scene:
        go_away(scene, "U0ALICE", None)
        charlie = scene.person("@charlie")
        answers.record(scene.session, "portal", Q3, "back-end", an_update(), Provenance(charlie.ref, OPENING.now))
        (opening,) = ledger.nudges(scene.session, Q3, charlie.id)
        ledger.mark(scene.session, opening.message_key or "", NudgeState.SENT, at=OPENING.now)
    look(database, FRIDAY)
    look(database, FRIDAY)
    with stage.scene() as scene:
        assert scene.notices() == [("U0CHARLIE", "deputy-asked", "waiting")]


def test_one_who_was_asked_for_several_things_is_told_that_it_is_over_when_all_of_it_is(
    stage: Stage, database: Database
) -> None:
    project = a_project(
        a_milestone(), a_milestone("side"), a_milestone("back-end", owner=CHARLIE), budget_at_completion=None
    )
    with stage.scene() as scene:
        save_project(scene.session, project, today=date(2025, 1, 1))
    look(database, OPENING)
    with stage.scene() as scene:
        first, second = stand_ins.standing(scene.session)
        key = f"deputy-asked:{first.id}"
        outbox.put(scene.session, key=key, kind="notice", subject={"to": "U0CHARLIE", "name": "x"}, now=OPENING.real)
        manage.reassign(scene.session, scene.company, scene.person("U0BOB"), FRONT, DANA, key="r", moment=OPENING)
    look(database, OPENING)
    with stage.scene() as scene:
        assert [request.id for request in stand_ins.standing(scene.session)] == [second.id]
        assert told_over(scene) == []
        name(scene, ALICE.ref, None)
    look(database, OPENING)
    with stage.scene() as scene:
        assert told_over(scene) == [key]


def told_over(scene: Scene) -> list[str]:
    """The messages that say that nothing more is asked."""
    rows = scene.session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice-edit"))
    return [row.lane for row in rows if row.subject["name"] == "deputy-over"]


def test_two_workers_ask_a_deputy_once_and_again_only_after_the_end(stage: Stage, database: Database) -> None:
    look(database, OPENING)
    with stage.scene() as scene:
        (request,) = stand_ins.standing(scene.session)
        item, people = (request.project, request.milestone, Q3), (request.owner, request.person)
        asking = stand_ins.Asking(*item, *people, request.ends_at)
        again = partial(stand_ins.ask_deputy, scene.session, asking, OPENING.now)
        assert again() is None
        stand_ins.settle(scene.session, request.id, StandInState.OVER, OPENING.now)
        assert again() is not None


def test_the_days_of_a_deputy_without_an_account_can_be_changed(stage: Stage) -> None:
    with stage.scene() as scene:
        alice = scene.person(ALICE.ref)
        erin = people.save_person(scene.session, Person("erin@example.com", "Erin"))
        people.set_deputy(scene.session, alice.id, erin)
    with stage.scene() as scene:
        alice = scene.person(ALICE.ref)
        assert alice.deputy is not None
        wanted = replace(alice.deputy, from_on=date(2025, 9, 1))
        assert deputies.keep_deputy(scene.session, alice, wanted, OPENING) is None
        assert scene.person(ALICE.ref).deputy == wanted
        people.set_deputy(scene.session, erin, alice.id)
        circle = deputies.keep_deputy(scene.session, alice, wanted, OPENING)
        assert circle is not None and circle.rule == "deputy-circle"


def test_an_answer_in_somebodys_place_says_whose(stage: Stage, database: Database) -> None:
    look(database, OPENING)
    with stage.scene() as scene:
        assert answer(scene, "@charlie") is None
    with stage.scene() as scene:
        (source,) = scene.report(Q3).sources
        assert (source.by, source.for_whom) == ("Charlie", "Alice")
        (item,) = card(scene, ALICE.ref).items
        assert (item.is_done, item.answered_by) == (True, "Charlie")


def test_the_owner_keeps_the_right_to_answer(stage: Stage, database: Database) -> None:
    look(database, OPENING)
    with stage.scene() as scene:
        assert answer(scene, ALICE.ref) is None
        assert scene.report(Q3).sources[0].for_whom is None


def test_the_right_ends_when_the_owner_can_be_asked_again(stage: Stage, database: Database) -> None:
    with stage.scene() as scene, pytest.raises(NotAllowed):
        answer(scene, "@charlie")
    look(database, OPENING)
    with stage.scene() as scene:
        come_back(scene, "U0ALICE")
    look(database, MONDAY)
    with stage.scene() as scene:
        assert asked(scene) == []
        assert [item.title for item in card(scene, "@charlie").items] == ["Back end"]
        assert scene.deeds(FRONT) == ["stand-in-asked", "stand-in-ended"]
        with pytest.raises(NotAllowed, match="Alice answers for this"):
            answer(scene, "@charlie")


def test_it_ends_with_the_grace_for_one_who_stays_away(stage: Stage, database: Database) -> None:
    look(database, OPENING)
    with stage.scene() as scene:
        window = scene.company.window(Q3, scene.company.project("portal"))
    look(database, Moment(window.grace_until, window.grace_until))
    with stage.scene() as scene:
        assert asked(scene) == []


@pytest.mark.parametrize(
    ("days", "is_asked"),
    [
        ((), True),
        ((date(2025, 9, 19), date(2025, 9, 19)), True),
        ((date(2025, 9, 20),), False),
        ((date(2025, 9, 1), date(2025, 9, 18)), False),
    ],
)
def test_a_deputy_is_one_on_their_days_alone(
    stage: Stage, database: Database, days: tuple[date, ...], is_asked: bool
) -> None:
    with stage.scene() as scene:
        name(scene, ALICE.ref, "U0CHARLIE", *days)
    look(database, OPENING)
    with stage.scene() as scene:
        assert bool(asked(scene)) is is_asked
        assert (("U0BOB", "cannot-ask", "waiting") in scene.notices()) is not is_asked


def test_a_deputy_who_is_away_too_is_replaced_once_and_then_the_manager_hears(stage: Stage, database: Database) -> None:
    with stage.scene() as scene:
        go_away(scene, "U0CHARLIE", BACK_AT)
        name(scene, "@charlie", DANA)
    look(database, OPENING)
    with stage.scene() as scene:
        assert ("Dana", "front-end", StandInState.ASKED) in asked(scene)
        assert not [name for _, name, _ in scene.notices() if name == "cannot-ask"]


def test_where_the_chain_is_longer_than_that_the_manager_is_told(stage: Stage, database: Database) -> None:
    with stage.scene() as scene:
        for slack_id, ref, deputy in (("U0CHARLIE", "@charlie", DANA), (DANA, DANA, "U0EVE")):
            people.save_entry(scene.session, an_account("U0EVE", "Eve"))
            go_away(scene, slack_id, None)
            name(scene, ref, deputy)
    look(database, OPENING)
    with stage.scene() as scene:
        assert ("Eve", "front-end", StandInState.ASKED) not in asked(scene)
        assert ("U0BOB", "cannot-ask", "waiting") in scene.notices()


def test_a_co_owner_who_can_be_asked_needs_no_deputy_and_no_word_to_the_manager(
    stage: Stage, database: Database
) -> None:
    front = a_milestone(co_owners=(CHARLIE,))
    project = a_project(front, a_milestone("back-end", owner=CHARLIE), budget_at_completion=None)
    with stage.scene() as scene:
        save_project(scene.session, project, today=date(2025, 1, 1))
        name(scene, ALICE.ref, DANA)
    look(database, OPENING)
    with stage.scene() as scene:
        assert asked(scene) == []
        assert reasons(scene, ALICE.ref) == ["no good moment before the deadline; Charlie can answer too"]
        assert scene.notices() == []


def test_what_is_planned_says_who_is_asked_instead(stage: Stage) -> None:
    with stage.scene() as scene:
        span = (at(9, 18).now, at(10, 10).now)
        lines = plan_lines(scene.session, scene.company, OPENING.now, span)
        happens = {line[6] for line in lines if line[4].startswith("Alice") and line[2] == "opening"}
        assert happens == {"skip: no good moment before the deadline; Charlie is asked instead"}


def test_a_circle_is_told_unless_its_days_do_not_meet(stage: Stage) -> None:
    with stage.scene() as scene:
        refused = name(scene, "@charlie", "U0ALICE")
        assert refused is not None and refused.rule == "deputy-circle"
        assert name(scene, BOB.ref, "U0BOB").rule == "deputy-is-oneself"
    with stage.scene() as scene:
        assert deputies.circles(scene.company) == []
        name(scene, ALICE.ref, "U0CHARLIE", date(2025, 9, 1), date(2025, 9, 14))
        assert name(scene, "@charlie", "U0ALICE", date(2025, 9, 15), date(2025, 9, 30)) is None


def test_a_circle_made_by_a_file_and_people_together_is_found(stage: Stage) -> None:
    with stage.scene() as scene:
        alice, charlie = scene.person(ALICE.ref), scene.person("@charlie")
        people.set_deputy(scene.session, charlie.id, alice.id)
    with stage.scene() as scene:
        (circle,) = deputies.circles(scene.company)
        assert {person.name for person in circle} == {"Alice", "Charlie"}


def test_taking_the_deputy_back_ends_what_they_were_asked(stage: Stage, database: Database) -> None:
    look(database, OPENING)
    with stage.scene() as scene:
        name(scene, ALICE.ref, None)
    look(database, OPENING)
    with stage.scene() as scene:
        assert asked(scene) == []
        assert scene.person(ALICE.ref).deputy is None
        deeds = [entry.what for entry in audit.trail(scene.session, audit.person_subject(scene.person(ALICE.ref).id))]
        assert deeds.count(audit.Deed.DEPUTY_NAMED) == 2


def test_a_deputy_is_in_force_on_the_first_and_the_last_day() -> None:
    deputy = Deputy("x", from_on=date(2025, 9, 1), until_on=date(2025, 9, 3))
    days = [date(2025, 8, 31), date(2025, 9, 1), date(2025, 9, 3), date(2025, 9, 4)]
    assert list(map(deputy.is_in_force, days)) == [False, True, True, False]
    assert deputy.overlaps(Deputy("y", from_on=date(2025, 9, 3)))
    assert not deputy.overlaps(Deputy("y", from_on=date(2025, 9, 4)))
