"""Who may do what: the table cell by cell, and every entry of the flow for every kind of person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from managed import AFTER, BACK, DUE, FRONT, OPENING, an_account
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.app import ReportDocuments
from bot.domain.errors import BotError, NotAllowed
from bot.domain.permissions import MAY, Action, Role, may
from bot.domain.project import Person
from bot.domain.update import Decision, ProjectSummary, Provenance
from bot.flow import campaign, collect, handover, manage, plan_file, portfolio, publish, read, review, settle
from bot.flow.company import Company
from bot.flow.messages import ItemRef
from bot.flow.people import acting_person
from bot.flow.setup import SetUp, plan_of
from bot.intake.plan import PlanReader
from bot.settings import Settings
from bot.store import answers, people, questions
from bot.store.outbox import SendState
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from bot.store.tables import OutboxRow
from tests.builders import ALICE, BOB, CHARLIE, COMPANY, Q3, a_milestone, a_project, a_risk, an_update

TABLE = """
                   owner  other-owner  budget-owner  manager  sponsor  admin  colleague  outsider
ANSWER_MILESTONE   yes    -            -             yes      -        yes    -          -
ANSWER_BUDGET      -      -            yes           yes      -        yes    -          -
ANSWER_RISKS       yes    yes          yes           yes      -        yes    -          -
ANSWER_QUESTION    yes    yes          -             yes      -        yes    -          -
HAND_OVER          yes    -            -             -        -        -      -          -
MANAGE_PROJECT     -      -            -             yes      -        yes    -          -
RUN_COMPANY        -      -            -             -        -        yes    -          -
"""
CELLS = [
    (Role(role.replace("-", " ")), Action[action], word == "yes")
    for line in TABLE.strip().splitlines()[1:]
    for action, *words in [line.split()]
    for role, word in zip(TABLE.split("\n")[1].split(), words, strict=True)
]


@pytest.mark.parametrize(("role", "action", "is_allowed"), CELLS)
def test_the_table_cell_by_cell(role: Role, action: Action, is_allowed: bool) -> None:
    assert may([role], action) is is_allowed


def test_the_cells_are_all_that_there_are() -> None:
    assert {(role, action) for role, action, _ in CELLS} == {(role, action) for role in Role for action in Action}
    assert MAY.keys() == set(Action)


# Everybody in the workspace by what they are; those in the last row have nothing to do with the project.
PEOPLE = {
    "U0ALICE": {Role.OWNER},  # of the front end, which the entries below are about
    "U0CHARLIE": {Role.OTHER_OWNER},
    "U0BEA": {Role.BUDGET_OWNER},
    "U0BOB": {Role.MANAGER},
    "U0SAM": {Role.SPONSOR},
    "U0ADMIN": {Role.ADMIN},
    "U0DEE": set(),  # named by a decision
    "U0LENA": set(),  # reads the channel
    "U0RITA": set(),  # manages and owns another project
    "U0NOBODY": set(),  # in no file and in no directory
}


@pytest.fixture
def company(database: Database) -> Database:
    """A project with each of them, a published report, a question that waits and a post that nobody confirmed."""
    bea, sam = Person("U0BEA", "Bea", slack_id="U0BEA"), Person("U0SAM", "Sam", slack_id="U0SAM")
    rita = Person("U0RITA", "Rita", slack_id="U0RITA")
    portal = a_project(
        a_milestone(), a_milestone("back-end", owner=CHARLIE), budget_owner=bea, sponsor=sam, budget_at_completion=1000
    )
    with database.writing() as session:
        save_portfolio(session, COMPANY)
        save_project(session, portal, today=date(2025, 1, 1))
        save_project(session, a_project(a_milestone(owner=rita), key="other", manager=rita), today=date(2025, 1, 1))
        for slack_id in PEOPLE:
            if slack_id != "U0NOBODY":
                people.save_entry(session, an_account(slack_id, slack_id.title()))
        said = Provenance("U0ALICE", OPENING.now)
        answers.record(session, "portal", Q3, "front-end", an_update(), said)
        answers.record(session, "portal", Q3, "training", a_risk(), said)
        answers.record(session, "portal", Q3, "vendor", Decision("vendor", "Choose", who="U0DEE"), said)
        publish_as(session, "U0BOB")
        questions.ask(session, "portal", Q3, "Why?", "U0LENA", DUE.now)
        session.scalars(select(OutboxRow).where(OutboxRow.key == POST)).one().state = SendState.UNCONFIRMED
    return database


POST = "post:portal:2025-Q3:1"
DOCUMENTS = ReportDocuments(Settings())


def publish_as(session: Session, who: str) -> None:
    company = Company.load(session, "C0LEADERS")
    person, project = acting_person(session, who), company.project("portal")
    form = review.confirm_form(session, company, project, Q3, DOCUMENTS, DUE)
    publish.publish_report(
        session, company, person, project, Q3, DOCUMENTS, facts=form.facts, seen=form.seen, moment=DUE
    )


class Visitor:
    """Somebody at the door of every step, in a transaction."""

    def __init__(self, session: Session, who: str) -> None:
        self.session = session
        self.who = who
        self.company = Company.load(session, "C0LEADERS")
        self.person = acting_person(session, who)
        self.project = self.company.project("portal")
        self.of = (session, self.company, self.person)
        self.plan = SetUp(*self.of, PlanReader(), "k", AFTER)

    def drop(self, file: str) -> None:
        """Drop a file and press what its message offers, as far as there is something."""
        text = (
            "company: Mine\ntimezone: UTC\nprojects: []\n" if file.endswith("yaml") else MORE.replace("KEY", file[:-4])
        )
        subject = {"to": self.who, "name": file, "text": text}
        plan_file._read(self.session, self.company, PlanReader(), self.person, subject)

    def settle(self) -> None:
        settle.settle_post(*self.of, POST, ("C0LEADERS", "1.0"), AFTER)


MORE = "project_key,project_name,manager,milestone_key,milestone_name,owner,baseline,weight\nKEY,Name,U0BOB,new,New,U0ALICE,,\n"
RESOURCES = ItemRef("portal", Q3)
SUMMARY = ProjectSummary(conclusion="Thanks.")
Entry = Callable[[Visitor], object]

ENTRIES: dict[Action, dict[str, Entry]] = {
    Action.ANSWER_MILESTONE: {
        "milestone_form": lambda v: collect.milestone_form(*v.of, FRONT, AFTER.now),
    },
    Action.ANSWER_BUDGET: {
        "resources_form": lambda v: collect.resources_form(*v.of, RESOURCES, AFTER.now),
    },
    Action.ANSWER_RISKS: {
        "risk_form": lambda v: collect.risk_form(*v.of, "portal", Q3, None, AFTER.now),
        "record_risk": lambda v: collect.record_risk(*v.of, "portal", Q3, a_risk("new"), key="k", moment=AFTER),
        "settle_risk": lambda v: collect.settle_risk(
            *v.of, "portal", Q3, "training", is_open=False, click="k", moment=AFTER
        ),
    },
    Action.ANSWER_QUESTION: {
        "question_to_answer": lambda v: read.question_to_answer(*v.of, 1),
        "answer_question": lambda v: read.answer_question(*v.of, 1, "So.", moment=AFTER),
    },
    Action.HAND_OVER: {
        "hand_over": lambda v: handover.hand_over(*v.of, FRONT, "U0LENA", "", key="k", moment=AFTER),
        "not_mine": lambda v: handover.not_mine(*v.of, FRONT, "", key="k", moment=AFTER),
    },
    Action.MANAGE_PROJECT: {
        "require_manager": lambda v: review.require_manager(v.company, v.person, v.project),
        "save_summary": lambda v: review.save_summary(
            *v.of, v.project, Q3, SUMMARY, DOCUMENTS, key="k", moment=AFTER
        ),
        "note_check": lambda v: review.note_check(
            *v.of, v.project, Q3, "missing-update", "So.", key="k", moment=AFTER
        ),
        "return_to_owner": lambda v: review.return_to_owner(
            *v.of, v.project, Q3, "front-end", "Please.", key="k", moment=AFTER
        ),
        "request_preview": lambda v: publish.request_preview(*v.of, v.project, Q3, key="k", moment=AFTER),
        "publish_report": lambda v: publish_as(v.session, v.who),
        "settle_post": lambda v: v.settle(),
        "manage_form": lambda v: manage.manage_form(*v.of, v.project, Q3, AFTER),
        "excuse": lambda v: manage.excuse(*v.of, BACK, "So.", key="k", moment=AFTER),
        "take_back_excuse": lambda v: manage.take_back_excuse(*v.of, BACK, key="k", moment=AFTER),
        "give_more_time": lambda v: manage.give_more_time(*v.of, BACK, date(2025, 10, 9), key="k", moment=AFTER),
        "reassign": lambda v: manage.reassign(*v.of, FRONT, "U0LENA", key="k", moment=AFTER),
        "nudge": lambda v: manage.nudge(*v.of, BACK, key="k", moment=AFTER),
        "pause": lambda v: manage.pause(*v.of, v.project, Q3, "So.", key="k", moment=AFTER),
        "resume": lambda v: manage.resume(*v.of, v.project, Q3, key="k", moment=AFTER),
        "plan_of": lambda v: plan_of(v.company, v.person, "portal"),
        "edit_project": lambda v: v.plan.edit_project("portal", {"name": "Mine"}),
        "add_milestone": lambda v: v.plan.add_milestone("portal", {"key": "m", "name": "M", "owner": "U0LENA"}),
        "edit_milestone": lambda v: v.plan.edit_milestone("portal", "front-end", {"name": "Mine"}),
        "drop_milestone": lambda v: v.plan.drop_milestone("portal", "front-end"),
        "load milestones": lambda v: v.drop("portal.csv"),
    },
    Action.RUN_COMPANY: {
        "require_admin": lambda v: portfolio.require_admin(*v.of),
        "request_preview of all": lambda v: portfolio.request_preview(*v.of, Q3, key="k", moment=AFTER),
        "publish_portfolio": lambda v: portfolio.publish_portfolio(
            *v.of, Q3, DOCUMENTS.portfolio, reviewed=portfolio.portfolio_form(v.session, v.company, Q3, AFTER).reviewed,
            moment=AFTER,
        ),
        "stop_sending": lambda v: campaign.stop_sending(*v.of, AFTER),
        "resume_sending": lambda v: campaign.resume_sending(*v.of, AFTER),
        "create_project": lambda v: v.plan.create_project({"key": "mine", "name": "Mine", "manager": v.who}),
        "load a portfolio": lambda v: v.drop("portfolio.yaml"),
        "load milestones of a new project": lambda v: v.drop("new.csv"),
    },
}  # fmt: skip
DOORS = [(action, name) for action, entries in ENTRIES.items() for name in entries]


@pytest.mark.parametrize(("action", "name"), DOORS)
def test_every_door_is_open_to_those_of_the_table_and_to_nobody_else(
    company: Database, action: Action, name: str
) -> None:
    opened = set()
    for who in PEOPLE:
        with company.writing() as session:
            trial = session.begin_nested()
            try:
                ENTRIES[action][name](Visitor(session, who))
                opened.add(who)
            except NotAllowed as refusal:
                assert who not in str(refusal), "it says who can"
            except BotError as other:
                pytest.fail(f"{who}: {other}")
            finally:
                trial.rollback()
    assert opened == {who for who, roles in PEOPLE.items() if may(roles, action)}


def test_every_action_has_a_door() -> None:
    assert ENTRIES.keys() == set(Action)
    assert all(ENTRIES.values())


def test_everybody_is_what_the_company_takes_them_for(company: Database) -> None:
    with company.reading() as session:
        loaded = Company.load(session)
        project = loaded.project("portal")
        milestone = project.milestone("front-end")
        found = {who: set(loaded.roles(acting_person(session, who), project, milestone)) for who in PEOPLE}
    assert found == {who: roles | {Role.COLLEAGUE} for who, roles in PEOPLE.items()}


def test_a_manager_of_another_project_is_a_colleague_here_and_an_owner_of_both_has_both(company: Database) -> None:
    with company.reading() as session:
        loaded = Company.load(session)
        rita = acting_person(session, "U0RITA")
        assert loaded.managed_by(rita) == [loaded.project("other")]
        assert loaded.may(rita, Action.MANAGE_PROJECT, loaded.project("other"))
        alice = people.people_by_ref(session)[ALICE.ref]
        front, back = (loaded.project("portal").milestone(key) for key in ("front-end", "back-end"))
        assert loaded.may(alice, Action.HAND_OVER, loaded.project("portal"), front)
        assert not loaded.may(alice, Action.HAND_OVER, loaded.project("portal"), back)
        assert BOB.slack_id not in loaded.portfolio.admins
