"""Who may do what: the table cell by cell, and every entry of the flow for every kind of person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest
from managed import AFTER, BACK, DUE, FRONT, OPENING, an_account
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.errors import BotError, NotAllowed
from bot.domain.permissions import MAY, Action, Role, may
from bot.domain.project import Person
from bot.domain.update import Decision, ProjectSummary, Provenance, Verdict, Wording
from bot.flow.ask import handover, stand_ins
from bot.flow.collect import collect, risks
from bot.flow.company import Company
from bot.flow.compile import late, review, send_back, wording
from bot.flow.forms import Said
from bot.flow.home.trail import trail_page
from bot.flow.messages import DecisionRef, ItemRef
from bot.flow.people import acting_person, require_admin, require_manager
from bot.flow.publish import decisions, portfolio, publish, read, settle
from bot.flow.schedule import campaign
from bot.flow.setup import manage, plan_file
from bot.flow.setup.setup import SetUp, plan_of
from bot.intake.plan import PlanReader
from bot.settings import Settings
from bot.store import answers, people, questions
from bot.store import stand_ins as request
from bot.store.outbox import SendState
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from bot.store.tables import OutboxRow
from bot.surfaces import ReportDocuments
from tests.builders import ALICE, BOB, CHARLIE, COMPANY, Q3, a_milestone, a_project, a_risk, an_update
from tests.copies import Copies

TABLE = """
                   owner  co-owner  other-owner  budget-owner  deputy  stand-in  other-stand-in  manager  sponsor  decider  admin  colleague  outsider
ANSWER_MILESTONE   yes    yes       -            -             yes     yes       -               yes      -        -        yes    -          -
ANSWER_BUDGET      -      -         -            yes           yes     yes       -               yes      -        -        yes    -          -
ANSWER_RISKS       yes    yes       yes          yes           yes     yes       yes             yes      -        -        yes    -          -
ANSWER_QUESTION    yes    yes       yes          -             -       -         -               yes      -        -        yes    -          -
DECIDE             -      -         -            -             -       -         -               -        yes      yes      yes    -          -
HAND_OVER          yes    -         -            -             -       -         -               -        -        -        -      -          -
LEND_MILESTONE     yes    yes       -            -             -       -         -               -        -        -        -      -          -
LEND_BUDGET        -      -         -            yes           -       -         -               -        -        -        -      -          -
MANAGE_PROJECT     -      -         -            -             -       -         -               yes      -        -        yes    -          -
RUN_COMPANY        -      -         -            -             -       -         -               -        -        -        yes    -          -
"""  # noqa: E501 - a table is read by its columns
CELLS = [
    (Role[role.replace("-", "_").upper()], Action[action], word == "yes")
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
    "U0CORA": {Role.CO_OWNER},
    "U0CHARLIE": {Role.OTHER_OWNER},
    "U0DAVE": {Role.DEPUTY, Role.OTHER_STAND_IN},  # of the front end and of the budget
    "U0STAN": {Role.STAND_IN, Role.OTHER_STAND_IN},  # likewise
    "U0OTTO": {Role.OTHER_STAND_IN},
    "U0BEA": {Role.BUDGET_OWNER},
    "U0BOB": {Role.MANAGER},
    "U0SAM": {Role.SPONSOR},
    "U0ADMIN": {Role.ADMIN},
    "U0DEE": {Role.DECIDER},  # the vendor's
    "U0LENA": set(),  # reads the channel
    "U0RITA": set(),  # manages and owns another project
    "U0NOBODY": set(),  # in no file and in no directory
}


@pytest.fixture(scope="module")
def company(copies: Copies, database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A project with each of them, a published report, a question that waits and a post that nobody confirmed.

    One for all tests: what somebody does in it is taken back.
    """
    url = copies.make(database_kind, tmp_path_factory.mktemp("company") / "quarterdeck.db")
    database = Database(url)
    fill(database)
    yield database
    database.close()
    copies.drop(url)


def fill(database: Database) -> None:
    """Write all that down."""
    bea, sam = Person("U0BEA", "Bea", slack_id="U0BEA"), Person("U0SAM", "Sam", slack_id="U0SAM")
    rita, cora = Person("U0RITA", "Rita", slack_id="U0RITA"), Person("U0CORA", "Cora", slack_id="U0CORA")
    portal = a_project(
        a_milestone(co_owners=(cora,)),
        a_milestone("back-end", owner=CHARLIE),
        budget_owner=bea,
        sponsor=sam,
        budget_at_completion=1000,
    )
    with database.writing() as session:
        save_portfolio(session, COMPANY)
        save_project(session, portal, today=date(2025, 1, 1))
        save_project(session, a_project(a_milestone(owner=rita), key="other", manager=rita), today=date(2025, 1, 1))
        for slack_id in PEOPLE:
            if slack_id != "U0NOBODY":
                people.save_entry(session, an_account(slack_id, slack_id.title()))
        ask_others(session)
        said = Provenance("U0ALICE", OPENING.now)
        answers.record(session, "portal", Q3, "front-end", an_update(), said)
        answers.record(session, "portal", Q3, "training", a_risk(), said)
        answers.record(session, "portal", Q3, "vendor", Decision("vendor", "Choose", who="U0DEE"), said)
        publish_as(session, "U0BOB")
        questions.ask(session, "portal", Q3, "Why?", "U0LENA", DUE.now)
        session.scalars(select(OutboxRow).where(OutboxRow.key == POST)).one().state = SendState.UNCONFIRMED


def ask_others(session: Session) -> None:
    """Let Dave, Stan and Otto stand in for owners."""
    deputy, colleague = request.ask_deputy, request.ask_colleague
    for who, ask, key in (
        ("U0DAVE", deputy, "front-end"),
        ("U0DAVE", deputy, ""),
        ("U0STAN", colleague, "front-end"),
        ("U0STAN", colleague, ""),
        ("U0OTTO", deputy, "back-end"),
    ):
        row = people.save_person(session, Person(who, who.title(), slack_id=who))
        known = people.people_by_ref(session)
        owner = known["U0BEA" if not key else ALICE.ref if key == "front-end" else CHARLIE.ref].id
        ask(session, request.Asking("portal", key, Q3, owner=owner, person=row, ends_at=AFTER.now), OPENING.now)


POST = "post:portal:2025-Q3:1"
DOCUMENTS = ReportDocuments(Settings())


def publish_as(session: Session, who: str) -> None:
    company = Company.load(session, "C0LEADERS")
    person, project = acting_person(session, who), company.project("portal")
    form = review.confirm_form(session, company, project, Q3, DOCUMENTS, DUE)
    publish.publish_report(session, company, person, project, Q3, DOCUMENTS, confirmed=form.confirmed, moment=DUE)


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
        settle.settle_post(*self.of, POST, ("C0LEADERS", "1.0"), said="k", moment=AFTER)


MORE = "project_key,project_name,manager,milestone_key,milestone_name,owner,baseline,weight\nKEY,Name,U0BOB,new,New,U0ALICE,,\n"
RESOURCES = ItemRef("portal", Q3)
VENDOR = DecisionRef("portal", Q3, "vendor")
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
        "risk_form": lambda v: risks.risk_form(*v.of, "portal", Q3, None, AFTER.now),
        "record_risk": lambda v: risks.record_risk(*v.of, "portal", Q3, a_risk("new"), key="k", moment=AFTER),
        "settle_risk": lambda v: risks.settle_risk(
            *v.of, "portal", Q3, "training", is_open=False, click="k", moment=AFTER
        ),
    },
    Action.ANSWER_QUESTION: {
        "question_to_answer": lambda v: read.question_to_answer(*v.of, 1),
        "answer_question": lambda v: read.answer_question(*v.of, 1, "So.", key="k", moment=AFTER),
    },
    Action.DECIDE: {
        "ruling_form": lambda v: decisions.ruling_form(*v.of, VENDOR, Verdict.DECLINED),
        "rule": lambda v: decisions.rule(*v.of, VENDOR, Said(Verdict.DECLINED, "No."), key="k", moment=AFTER),
    },
    Action.HAND_OVER: {
        "hand_over": lambda v: handover.hand_over(*v.of, FRONT, "U0LENA", "", key="k", moment=AFTER),
        "not_mine": lambda v: handover.not_mine(*v.of, FRONT, "", key="k", moment=AFTER),
    },
    Action.LEND_MILESTONE: {
        "lend": lambda v: stand_ins.lend(*v.of, FRONT, "U0LENA", "", key="k", moment=AFTER),
    },
    Action.LEND_BUDGET: {
        "lend the budget": lambda v: stand_ins.lend(*v.of, RESOURCES, "U0LENA", "", key="k", moment=AFTER),
    },
    Action.MANAGE_PROJECT: {
        "require_manager": lambda v: require_manager(v.company, v.person, v.project),
        "save_summary": lambda v: review.save_summary(
            *v.of, v.project, Q3, SUMMARY, DOCUMENTS, key="k", moment=AFTER
        ),
        "note_check": lambda v: review.note_check(
            *v.of, v.project, Q3, "missing-update", "So.", key="k", moment=AFTER
        ),
        "return_updates": lambda v: send_back.return_updates(*v.of, [FRONT], "Please.", key="k", moment=AFTER),
        "take_back_return": lambda v: send_back.take_back(*v.of, FRONT, key="k", moment=AFTER),
        "read_form": lambda v: wording.read_form(*v.of, v.project, Q3, DOCUMENTS, AFTER),
        "wording_form": lambda v: wording.wording_form(*v.of, FRONT, AFTER),
        "edit_wording": lambda v: wording.edit_wording(*v.of, FRONT, Wording(), seen="", key="k", moment=AFTER),
        "restore_wording": lambda v: wording.restore_wording(*v.of, FRONT, key="k", moment=AFTER),
        "choose_late": lambda v: late.choose(*v.of, v.project, Q3, [], is_left=True, key="k", moment=AFTER),
        "request_preview": lambda v: publish.request_preview(*v.of, v.project, Q3, key="k", moment=AFTER),
        "publish_report": lambda v: publish_as(v.session, v.who),
        "settle_post": lambda v: v.settle(),
        "manage_form": lambda v: manage.manage_form(*v.of, v.project, Q3, AFTER),
        "excuse": lambda v: manage.excuse(*v.of, BACK, "So.", key="k", moment=AFTER),
        "take_back_excuse": lambda v: manage.take_back_excuse(*v.of, BACK, key="k", moment=AFTER),
        "give_more_time": lambda v: manage.give_more_time(*v.of, BACK, date(2025, 10, 9), key="k", moment=AFTER),
        "reassign": lambda v: manage.reassign(*v.of, FRONT, "U0LENA", key="k", moment=AFTER),
        "nudge": lambda v: manage.nudge(*v.of, BACK, key="k", moment=AFTER),
        "nudge_all": lambda v: manage.nudge_all(*v.of, v.project, Q3, AFTER),
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
        "require_admin": lambda v: require_admin(*v.of, to_do="do it"),
        "request_preview of all": lambda v: portfolio.request_preview(*v.of, Q3, key="k", moment=AFTER),
        "publish_portfolio": lambda v: portfolio.publish_portfolio(
            *v.of, Q3, DOCUMENTS.portfolio, reviewed=portfolio.portfolio_form(v.session, v.company, Q3, AFTER).reviewed,
            moment=AFTER,
        ),
        "trail_page": lambda v: trail_page(*v.of, until=None, page=0),
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
    with company.writing() as session:
        for who in PEOPLE:
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
        decider = acting_person(session, "U0DEE")
        found = {
            who: set(loaded.roles(acting_person(session, who), project, milestone, decider=decider)) for who in PEOPLE
        }
    assert found == {who: roles | {Role.COLLEAGUE} for who, roles in PEOPLE.items()}


def test_an_admin_whose_handle_reads_like_nothing_makes_nobody_else_one(company: Database) -> None:
    with company.reading() as session:
        loaded = replace(Company.load(session), portfolio=replace(COMPANY, admins=("@None",)))
        assert not loaded.is_admin(acting_person(session, "U0DEE"))
        assert loaded.is_admin(Person("@None", "None", handle="@None"))


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


@pytest.mark.parametrize("role", Role)
def test_looking_for_ones_projects_passes_none_over_whoever_may_manage_them(
    company: Database, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MAY, Action.MANAGE_PROJECT, frozenset({role}))
    with company.reading() as session:
        loaded = Company.load(session)
        for who in PEOPLE:
            person = acting_person(session, who)
            managed = [project for project in loaded.projects.values() if loaded.can_manage(person, project)]
            assert loaded.managed_by(person) == managed
