"""Home by what somebody is, and in how many statements it is read; the past answers and the trail that it opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from managed import AFTER, DUE, OPENING, an_account, counted
from sqlalchemy.orm import Session

from bot.domain.errors import NotAllowed
from bot.domain.portfolio_report import LastShown
from bot.domain.project import Person, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.update import Decision, DecisionState, LateChoice, Objective, Provenance, Resources, Risk
from bot.flow.company import Company
from bot.flow.compile.review import confirm_form
from bot.flow.home.company import Trouble
from bot.flow.home.home import (
    Home,
    List,
    home_of,
    is_outsider,
    keep_pages,
    opened_before,
    put_greeting_away,
    request_home,
)
from bot.flow.home.pages import Page
from bot.flow.home.past import PastChoice, past_answers
from bot.flow.home.trail import PAGE, trail_page
from bot.flow.messages import ItemRef, Late
from bot.flow.moment import Moment
from bot.flow.people import acting_person
from bot.flow.publish.portfolio import compile_portfolio
from bot.flow.publish.publish import publish_report
from bot.flow.publish.rulings import decider_of
from bot.settings import Settings
from bot.store import answers, audit, handovers, outbox, people, questions, reports
from bot.store.outbox import SendState
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from bot.store.tables import OutboxRow
from bot.surfaces import ReportDocuments
from tests.builders import CHARLIE, COMPANY, Q1, Q2, Q3, a_milestone, a_project, an_update
from tests.copies import Filling

SAM, RITA = Person("U0SAM", "Sam", slack_id="U0SAM"), Person("U0RITA", "Rita", slack_id="U0RITA")
LOST = Person("lost@example.com", "Lost Larry")
DOCUMENTS = ReportDocuments(Settings())
ACCOUNTS = ("U0ALICE", "U0BOB", "U0CHARLIE", "U0SAM", "U0RITA", "U0ADMIN", "U0DEE", "U0LENA", "U0ANN")


def fill(database: Database) -> None:
    """Write down Bob's portal with a sponsor, a published quarter and a decision for Dee; and Rita's project."""
    portal = a_project(a_milestone(), a_milestone("back-end", owner=CHARLIE), sponsor=SAM, budget_at_completion=1000)
    other = a_project(a_milestone(owner=LOST), key="other", name="Other", manager=RITA)
    with database.writing() as session:
        save_portfolio(session, COMPANY)
        for project in (portal, other):
            save_project(session, project, today=date(2025, 1, 1))
        for slack_id in ACCOUNTS:
            people.save_entry(session, an_account(slack_id, slack_id.title()))
        people.save_entry(session, an_account("U0OLGA", "Olga", is_reachable=False))
        said = Provenance("U0ALICE", OPENING.now)
        answers.record(session, "portal", Q2, "front-end", an_update(30), replace(said, at=OPENING.now - timedelta(90)))
        answers.record(session, "portal", Q3, "front-end", an_update(60), said)
        answers.record(
            session, "portal", Q3, "vendor", Decision("vendor", "Choose", who="U0DEE", by=date(2025, 10, 10)), said
        )
        publish(session)
        questions.ask(session, "portal", Q3, "Why?", "U0LENA", DUE.now)
        report = reports.latest(session, "portal", Q3)
        assert report is not None
        reports.acknowledge(session, report.id, "U0ANN", DUE.now)
        session.query(OutboxRow).where(OutboxRow.key == "post:portal:2025-Q3:1").update(
            {"place_channel": "C0LEADERS", "place_ts": "1.000002", "state": SendState.SENT}
        )


@pytest.fixture(scope="module")
def filling() -> Filling:
    """Each test begins with that."""
    return fill


@pytest.fixture
def company(database: Database) -> Database:
    """A database with the portal in it."""
    return database


def publish(session: Session, revision: int = 1, quarter: Quarter = Q3) -> None:
    """Publish a quarter of the portal, as Bob."""
    loaded = Company.load(session, "C0LEADERS")
    bob, project = acting_person(session, "U0BOB"), loaded.project("portal")
    form = confirm_form(session, loaded, project, quarter, DOCUMENTS, DUE)
    publish_report(
        session, loaded, bob, project, quarter, DOCUMENTS,
        confirmed=form.confirmed, moment=DUE,
    )  # fmt: skip
    assert form.report.revision == revision


def home(database: Database, who: str, pages: dict[str, int] | None = None, moment: Moment = AFTER) -> Home:
    with database.reading() as session:
        return home_of(session, Company.load(session), acting_person(session, who), moment, pages)


PARTS: dict[str, Callable[[Home], bool]] = {
    "owed": lambda h: h.card is not None,
    "offers": lambda h: h.offers.total > 0,
    "decisions": lambda h: h.decisions.total > 0,
    "to answer": lambda h: h.to_answer.total > 0,
    "projects": lambda h: h.projects.total > 0,
    "reports": lambda h: h.reports.total > 0,
    "asked": lambda h: h.asked.total > 0,
    "company": lambda h: h.company is not None,
}
WHO_FINDS_WHAT = """
           owed  offers  decisions  to-answer  projects  reports  asked  company
U0ALICE    yes   -       -          -          -         -        -      -
U0BOB      yes   -       -          yes        yes       -        -      -
U0SAM      -     -       -          -          -         yes      -      -
U0DEE      -     -       yes        -          -         yes      -      -
U0LENA     -     -       -          -          -         yes      yes    -
U0ANN      -     -       -          -          -         yes      -      -
U0RITA     -     -       -          -          yes       -        -      -
U0ADMIN    -     -       -          -          yes       -        -      yes
U0CHARLIE  yes   yes     -          -          -         -        -      -
U0NOBODY   -     -       -          -          -         -        -      -
"""
ROWS = [line.split() for line in WHO_FINDS_WHAT.strip().splitlines()[1:]]


@pytest.mark.parametrize(("quarter", "shown"), [(Q1, 0), (Q2, 1)])
def test_who_read_the_report_before_finds_the_latest_and_who_read_an_older_one_does_not(
    company: Database, quarter: Quarter, shown: int
) -> None:
    """They may have left its channel long ago."""
    with company.writing() as session:
        for earlier in (Q1, Q2):
            publish(session, quarter=earlier)
        read = reports.latest(session, "portal", quarter)
        assert read is not None
        reports.acknowledge(session, read.id, "U0NOBODY", DUE.now)
        questions.ask(session, "portal", quarter, "Why?", "U0OLGA", DUE.now)
    assert home(company, "U0NOBODY").reports.total == home(company, "U0OLGA").reports.total == shown
    assert home(company, "U0OLGA").asked.total == 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_everybody_finds_what_they_are_for(company: Database, row: list[str]) -> None:
    with company.writing() as session:
        alice, charlie = (acting_person(session, who) for who in ("U0ALICE", "U0CHARLIE"))
        handovers.offer(
            session, "portal", "front-end", giver=alice.id, receiver=charlie.id, at=DUE.now, lapses_at=AFTER.now
        )
    shown = home(company, row[0])
    assert [part(shown) for part in PARTS.values()] == [word == "yes" for word in row[1:]]
    assert shown.is_known is (row[0] != "U0NOBODY")


def test_somebody_who_is_several_of_these_finds_each_thing_once(company: Database) -> None:
    """Bob manages the portal; now he sponsors it, is an admin and decides too."""
    with company.writing() as session:
        save_portfolio(session, replace(COMPANY, admins=("U0BOB",)))
        bob = acting_person(session, "U0BOB")
        portal = Company.load(session).project("portal")
        save_project(session, replace(portal, sponsor=bob), today=date(2025, 1, 1))
    shown = home(company, "U0BOB")
    assert [project.name for project in shown.projects.items] == ["Customer Portal", "Other"], "his own first"
    assert shown.reports.total == 0, "they are among his projects already"
    assert shown.company is not None


def test_a_project_says_coverage_the_missing_the_checks_and_where_its_post_is(company: Database) -> None:
    (project,) = home(company, "U0BOB").projects.items
    assert (project.coverage.received, project.coverage.due) == (1, 2)
    assert [(m.milestone, m.owner) for m in project.missing] == [("Back end", "Charlie")]
    assert project.checks > 0
    assert project.checklist is None
    assert project.report is not None
    assert (project.report.ref, project.report.revision) == (ItemRef("portal", Q3), 1)
    assert project.report.place is not None
    assert project.report.place.ts == "1.000002"
    (other,) = home(company, "U0RITA").projects.items
    assert (other.report, other.checks) == (None, 0)
    assert other.checklist is not None
    assert other.checklist.without_account == ("Lost Larry",)


def test_an_admin_is_told_whom_nothing_can_be_sent_to_and_what_was_published(company: Database) -> None:
    with company.writing() as session:
        people.save_entry(session, an_account("U0CHARLIE", "Charlie", is_reachable=False))
    section = home(company, "U0ADMIN").company
    assert section is not None
    assert [(p.name, p.trouble) for p in section.people.items] == [
        ("Charlie", Trouble.CLOSED),
        ("Lost Larry", Trouble.NO_ACCOUNT),
    ]
    assert sum(count for _, count in section.counts) == 1
    assert section.unpublished == 1
    assert section.queue.waiting > 0, "the thread of the report"


def decide(database: Database, moment: Moment = AFTER, **values: object) -> None:
    """Say the decision again."""
    decision = replace(Decision("vendor", "Choose", who="U0DEE", by=date(2025, 10, 10)), **values)
    with database.writing() as session:
        answers.record(session, "portal", Q3, "vendor", decision, Provenance("U0ALICE", moment.now))


def test_a_decision_waits_with_the_days_that_are_left(company: Database) -> None:
    (decision,) = home(company, "U0DEE").decisions.items
    assert (decision.what, decision.days_left) == ("Choose", 4)
    late = Moment(AFTER.now + timedelta(days=7), AFTER.real)
    assert home(company, "U0DEE", moment=late).decisions.items[0].days_left == -1, (
        "Columbus Day, when nobody has worked since"
    )


@pytest.mark.parametrize(("days", "left"), [(4, 1), (5, 0), (6, -1)])
def test_a_decision_by_a_saturday_is_due_on_it_and_not_on_the_friday(company: Database, days: int, left: int) -> None:
    decide(company, by=date(2025, 10, 11))
    with company.writing() as session:
        publish(session, revision=2)
    then = Moment(AFTER.now + timedelta(days=days), AFTER.real)
    assert home(company, "U0DEE", moment=then).decisions.items[0].days_left == left


def test_a_decision_that_was_taken_waits_no_more_and_stays_whose_it_was_when_it_was_printed(company: Database) -> None:
    decide(company, state=DecisionState.DECIDED)
    assert home(company, "U0DEE").decisions.total == 0
    decide(company, who="U0SAM")
    assert home(company, "U0DEE").decisions.total == 1
    assert home(company, "U0SAM").decisions.total == 0, "no published report says so yet"
    with company.writing() as session:
        publish(session, revision=2)
    assert home(company, "U0DEE").decisions.total == 0
    assert home(company, "U0SAM").decisions.total == 1


def test_what_was_loaded_after_publication_with_an_earlier_date_was_in_no_report(company: Database) -> None:
    earlier = Moment(OPENING.now, OPENING.real)
    decide(company, moment=earlier, what="A secret")
    with company.writing() as session:
        new = Decision("new", "Unread", who="U0DEE")
        answers.record(session, "portal", Q3, "new", new, Provenance("U0ALICE", OPENING.now))
    assert [d.what for d in home(company, "U0DEE").decisions.items] == ["Choose"]


def test_a_late_change_that_the_manager_left_out_was_not_printed(company: Database) -> None:
    decide(company, who="U0SAM", what="A secret")
    with company.writing() as session:
        left = LateChoice(is_left=True, instead=1)
        answers.choose(session, "portal", Q3, "decision", "vendor", left, Provenance("U0BOB", AFTER.now))
        answers.record(session, "portal", Q3, "front-end", an_update(70), Provenance("U0ALICE", AFTER.now))
        publish(session, revision=2)
    assert home(company, "U0SAM").decisions.total == 0
    assert [d.what for d in home(company, "U0DEE").decisions.items] == ["Choose"]


def test_an_owner_sees_what_becomes_of_an_answer_after_publication(company: Database) -> None:
    def owed() -> tuple[str | None, Late | None]:
        (item,) = home(company, "U0ALICE").owed.items
        return item.published_by, item.late

    def say(percent: int) -> None:
        with company.writing() as session:
            answers.record(session, "portal", Q3, "front-end", an_update(percent), Provenance("U0ALICE", AFTER.now))

    def choose(*, is_left: bool) -> None:
        with company.writing() as session:
            choice = LateChoice(is_left, instead=1)
            answers.choose(session, "portal", Q3, "milestone", "front-end", choice, Provenance("U0BOB", AFTER.now))

    assert owed() == ("Bob", None), "what was said before it is in it"
    say(70)
    assert owed() == ("Bob", Late.WAITING)
    choose(is_left=True)
    assert owed() == ("Bob", Late.LEFT)
    choose(is_left=False)
    assert owed() == ("Bob", Late.TAKEN)
    say(71)
    assert owed() == ("Bob", Late.WAITING), "nobody has seen this one"
    with company.writing() as session:
        publish(session, revision=2)
    assert owed() == ("Bob", None)


def test_words_of_a_decision_that_leadership_has_not_read_are_not_shown(company: Database) -> None:
    decide(company, what="A secret")
    assert [d.what for d in home(company, "U0DEE").decisions.items] == ["Choose"]
    with company.writing() as session:
        answers.record(
            session, "other", Q3, "new", Decision("new", "Unread", who="U0DEE"), Provenance("U0RITA", DUE.now)
        )
    assert home(company, "U0DEE").decisions.total == 1


WAYS = {
    "U0DEE": True,
    "dee@example.com": True,
    "Dee@Example.com": True,
    "@Dee.D": True,
    "Dee": False,
    "CFO": False,
    "@cfo": False,
    "u0dee": False,
}


@pytest.mark.parametrize("who", WAYS)
def test_a_decision_is_for_whom_it_names_by_more_than_a_name(company: Database, who: str) -> None:
    """Who calls themselves CFO is not the CFO; Home and the buttons of the thread agree on it."""
    with company.writing() as session:
        account = an_account("U0DEE", "CFO")
        people.save_entry(session, replace(account, name="dee.d", email="dee@example.com"))
        people.save_person(session, Person("dee@example.com", "Dee", email="dee@example.com", slack_id="U0DEE"))
        other = Decision("other", "Name", who=who)
        answers.record(session, "portal", Q3, "other", other, Provenance("U0ALICE", OPENING.now))
        publish(session, revision=2)
    assert ("Name" in {d.what for d in home(company, "U0DEE").decisions.items}) is WAYS[who]
    with company.reading() as session:
        decider = decider_of(session, who)
    assert (decider is not None and decider.slack_id == "U0DEE") is WAYS[who]


def test_a_reader_finds_their_question_and_then_its_answer(company: Database) -> None:
    (asked,) = home(company, "U0LENA").asked.items
    assert (asked.text, asked.answer) == ("Why?", None)
    (waiting,) = home(company, "U0BOB").to_answer.items
    assert (waiting.number, waiting.asked_by) == (asked.number, "U0Lena")
    with company.writing() as session:
        questions.answer(session, asked.number, "So.", "U0BOB", AFTER.now)
    (asked,) = home(company, "U0LENA").asked.items
    assert (asked.answer, asked.answered_by) == ("So.", "Bob")
    assert home(company, "U0BOB").to_answer.total == 0


def test_only_accounts_of_the_workspace_and_people_of_the_portfolio_are_let_in(company: Database) -> None:
    with company.reading() as session:
        outside = {
            who: is_outsider(session, acting_person(session, who)) for who in ("U0LENA", "U0OLGA", "U0NEW", "U0BOB")
        }
    assert outside == {"U0LENA": False, "U0OLGA": True, "U0NEW": True, "U0BOB": False}


def refreshes(session: Session) -> int:
    return session.query(OutboxRow).where(OutboxRow.kind == "home").count()


def test_the_home_of_who_has_opened_it_is_drawn_again_where_it_was_left(company: Database) -> None:
    with company.writing() as session:
        bob = acting_person(session, "U0BOB")
        request_home(session, bob, AFTER)
        assert (refreshes(session), opened_before(session, bob)) == (0, False)
        keep_pages(session, bob, {})
        assert opened_before(session, bob)
        put_greeting_away(session, bob, AFTER)
        keep_pages(session, bob, {List.PROJECTS: 2})
        assert not opened_before(session, bob), "opened anew, lists begin at their beginning"
        for _ in range(2):
            request_home(session, bob, AFTER)
        assert refreshes(session) == 1
    assert not home(company, "U0BOB").is_new, "turning pages brings no greeting back"


def grow(session: Session, numbers: range) -> None:
    """Projects in which Bob manages, Alice owns, Sam sponsors, Dee decides, and Lena asked."""
    for number in numbers:
        key = f"p{number:03d}"
        save_project(session, a_project(a_milestone(), key=key, name=key, sponsor=SAM), today=date(2025, 1, 1))
        said = Provenance("U0ALICE", OPENING.now)
        answers.record(session, key, Q3, "front-end", an_update(60), said)
        answers.record(session, key, Q3, "d", Decision("d", "Choose", who="U0DEE"), said)
        questions.ask(session, key, Q3, "Why?", "U0LENA", DUE.now)


# Each statement more is paid by everybody who opens a Home.
STATEMENTS = {"U0ALICE": 13, "U0BOB": 22, "U0SAM": 12, "U0DEE": 15, "U0LENA": 14, "U0ADMIN": 21, "U0NOBODY": 11}


@pytest.mark.parametrize("who", STATEMENTS)
def test_many_projects_take_as_many_statements_as_few(company: Database, who: str) -> None:
    counts = []
    for numbers in (range(10), range(10, 60)):
        with company.writing() as session:
            grow(session, numbers)
        with company.reading() as session:
            loaded, person = Company.load(session), acting_person(session, who)
            session.expunge_all()
            with counted(company) as statements:
                home_of(session, loaded, person, AFTER)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[1] <= STATEMENTS[who]


@pytest.mark.parametrize("who", ["U0BOB", "U0ADMIN"])
def test_every_project_is_on_exactly_one_page(company: Database, who: str) -> None:
    with company.writing() as session:
        grow(session, range(25))
    first = home(company, who)
    pages = [home(company, who, {List.PROJECTS: number}) for number in range(first.projects.count)]
    keys = [project.ref.project for page in pages for project in page.projects.items]
    assert len(keys) == len(set(keys)) == first.projects.total
    assert first.project_starts == tuple(page.projects.items[0].name for page in pages)


def past(database: Database, who: str, choice: PastChoice | None = None, page: int = 0) -> Page:  # type: ignore[type-arg]  # of answers
    with database.reading() as session:
        loaded = Company.load(session)
        return past_answers(session, loaded, acting_person(session, who), choice or PastChoice(), page, AFTER.now).page


def test_past_answers_are_read_by_quarter_and_by_milestone(company: Database) -> None:
    latest = past(company, "U0ALICE").items
    assert [(a.quarter, a.title, a.value.percent_complete, a.is_own) for a in latest] == [(Q3, "Front end", 60, True)]
    assert [a.value.percent_complete for a in past(company, "U0ALICE", PastChoice(quarter=Q2)).items] == [30]
    both = past(company, "U0ALICE", PastChoice(item=("portal", "front-end"))).items
    assert [(a.quarter, a.value.percent_complete) for a in both] == [(Q3, 60), (Q2, 30)]
    assert past(company, "U0ALICE", PastChoice(quarter=Q1)).total == 0


def test_past_answers_say_who_spoke_and_hold_only_the_last_word_and_the_reader_s_own_items(company: Database) -> None:
    with company.writing() as session:
        answers.record(session, "portal", Q3, "front-end", an_update(70), Provenance("U0BOB", AFTER.now))
        answers.record(session, "portal", Q3, "", Resources(actual_cost=5), Provenance("U0BOB", AFTER.now))
    (answer,) = past(company, "U0ALICE").items
    assert (answer.value.percent_complete, answer.said_by, answer.is_own) == (70, "Bob", False)
    assert [a.title for a in past(company, "U0BOB").items] == ["Resources and budget"]
    assert past(company, "U0CHARLIE", PastChoice(item=("portal", "front-end"))).total == 0, (
        "not by typing its key either"
    )


def test_past_answers_hold_all_that_was_said_of_a_milestone_in_its_quarter_but_what_was_taken_back(
    company: Database,
) -> None:
    front, bob = {"milestone": "front-end"}, Provenance("U0BOB", AFTER.now)
    said = (
        Objective("beta", "Open the beta", **front),
        Objective("gone", "Taken back", is_withdrawn=True, **front),
        Objective("other", "Another milestone's", milestone="back-end"),
        Decision("buy", "Buy it", who="bob@example.com", **front),
        Decision("not-buy", "Do not", state=DecisionState.WITHDRAWN, **front),
        Risk("late", "Late", **front),
        Risk("project", "Of the whole project"),
    )
    with company.writing() as session:
        for quarter in (Q2, Q3):
            answers.record(session, "portal", quarter, "late", Risk("late", f"Late in {quarter}", **front), bob)
        for value in said:
            answers.record(session, "portal", Q3, value.key, value, bob)
    (latest, before) = past(company, "U0ALICE", PastChoice(item=("portal", "front-end"))).items
    assert [also.key for also in latest.beside] == ["late", "beta", "buy"]
    assert [also.title for also in before.beside] == ["Late in 2025-Q2"]
    assert latest.promises["gone"] == "Taken back", "a result may be told of it all the same"


def test_the_trail_is_for_admins_and_keeps_its_pages_while_it_grows(company: Database) -> None:
    def do(session: Session, number: int) -> None:
        audit.record(session, audit.Entry(AFTER.now, 1, audit.Deed.NUDGED, "portal", {"n": str(number)}))
        audit.record(session, audit.Entry(AFTER.now, None, audit.Deed.NUDGE, "person:1", {}, audit.Via.BOT))

    with company.writing() as session:
        for number in range(2 * PAGE):
            do(session, number)
    with company.writing() as session:
        loaded, ada = Company.load(session), acting_person(session, "U0ADMIN")
        first = trail_page(session, loaded, ada, until=None, page=0)
        do(session, 99)
        rest = [trail_page(session, loaded, ada, until=first.until, page=n) for n in range(1, first.page.count)]
        lines = [line for page in (first, *rest) for line in page.page.items]
        numbers = [line.detail["n"] for line in lines if line.what == "nudged"]
        assert numbers == [str(n) for n in reversed(range(2 * PAGE))]
        assert len(lines) == first.page.total
        assert all(line.what != audit.Deed.NUDGE for line in lines)
        with pytest.raises(NotAllowed, match="Only admins"):
            trail_page(session, loaded, acting_person(session, "U0BOB"), until=None, page=0)


def test_the_newest_status_of_each_project_is_read_without_its_report(company: Database) -> None:
    with company.reading() as session:
        report = reports.latest(session, "portal", Q3)
        assert report is not None
        assert reports.statuses(session, Q3) == {"portal": report.report.status.shown}
        assert reports.statuses(session, Q2) == {}
        headline = reports.headlines(session, ["portal", "other"])["portal"]
        assert (headline.status, headline.previous) == (report.report.status.shown, report.report.status.previous)
        assert isinstance(headline.status, RagStatus)
        assert outbox.places_in(session, ["report:portal:2025-Q3"], ("post",)) == {
            "report:portal:2025-Q3": ("C0LEADERS", "1.000002")
        }


def test_the_portfolio_tells_what_leadership_read_last_of_an_unpublished_project(company: Database) -> None:
    with company.reading() as session:
        shown = reports.statuses(session, Q3)["portal"]
        loaded = Company.load(session, "C0LEADERS")
        now, then = (compile_portfolio(session, loaded, quarter, AFTER).projects for quarter in (Q3, Q3.next))
    assert [line.last_shown for line in now if line.key == "portal"] == [None]
    assert [line.last_shown for line in then if line.key == "portal"] == [LastShown(shown, Q3)]
