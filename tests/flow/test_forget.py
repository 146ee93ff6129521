"""Who is forgotten is nowhere in the database any more, nor in a published report; the facts stay, and the trail says so."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from managed import AFTER, DUE, OPENING, an_account
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from bot.domain.changes import Change
from bot.domain.errors import BotError, NotFound
from bot.domain.portfolio_report import ALL
from bot.domain.project import Person
from bot.domain.redaction import NOBODY
from bot.domain.update import Decision, Provenance
from bot.flow.company import Company
from bot.flow.compile.compile import compile_report, facts_hash, mark_draft
from bot.flow.compile.review import confirm_form
from bot.flow.keep import forget
from bot.flow.keep.forget import Forgotten
from bot.flow.keep.trail import disagreements
from bot.flow.messages import ItemRef
from bot.flow.people import find_accounts
from bot.flow.publish import read
from bot.flow.publish.files import published_content
from bot.flow.publish.portfolio import portfolio_form, publish_portfolio
from bot.flow.publish.publish import publish_report
from bot.settings import Settings
from bot.store import answers, audit, drafts, exceptions, ledger, outbox, people, questions, reports
from bot.store.exports import export
from bot.store.ledger import Nudge, NudgeState
from bot.store.portfolio import record_changes, save_portfolio, save_project
from bot.store.session import Database
from bot.store.tables import AuditRow, HandledRow, OutboxRow, PersonRow
from bot.surfaces import ReportDocuments
from tests.builders import CHARLIE, COMPANY, Q1, Q2, Q3, a_milestone, a_project, a_risk, an_update
from tests.copies import Filling

MAYA = Person("maya@example.com", "Maya Okafor", slack_id="U0MAYA", email="maya@example.com", handle="@maya.o")
TRACES = ("okafor", "maya@example.com", "u0maya", "maya.o")  # whatever tells who it was, in small letters
DOCUMENTS = ReportDocuments(Settings())
FRONT = ItemRef("portal", Q3, "front-end")


@dataclass(frozen=True)
class Office:
    """A company in which Maya owns, administers, promises, decides, asks and is talked about."""

    database: Database

    def forget(self, ref: str = "maya@example.com", *words: str) -> Forgotten:
        with self.database.writing() as session:
            company = Company.load(session, "C0LEADERS")
            return forget.forget_person(session, company, ref, words, DOCUMENTS, AFTER)

    def dump(self, folder: Path) -> str:
        """Everything in the database, as one text in small letters."""
        export(self.database, folder)
        return "\n".join(f"{file}: {file.read_text()}" for file in sorted(folder.glob("*.jsonl"))).lower()


def fill(database: Database) -> None:
    """Write down all that there is of Maya."""
    front, back = a_milestone(owner=MAYA), a_milestone("back-end", owner=CHARLIE)
    project = a_project(front, back, sponsor=MAYA, prepared_by="Maya Okafor, Example Networks")
    company = replace(COMPANY, admins=("U0MAYA", "U0BOB"))
    with database.writing() as session:
        save_portfolio(session, company)
        save_project(session, project, today=date(2025, 1, 1))
        for slack_id, name in (("U0MAYA", "Maya Okafor"), ("U0BOB", "Bob"), ("U0CHARLIE", "Charlie")):
            people.save_entry(session, an_account(slack_id, name))
        maya = people.people_by_ref(session)["maya@example.com"]
        said = Provenance("U0MAYA", OPENING.now)
        note = "Ask maya okafor, or <@U0MAYA|maya.o>; mail maya@example.com."
        answers.record(
            session, "portal", Q3, "front-end", an_update(50, note=note, impact="O'Brien & Maya  Okafor"), said
        )
        answers.record(session, "portal", Q3, "training", a_risk(owner="maya@example.com"), said)
        answers.record(session, "portal", Q3, "vendor", Decision("vendor", "Choose", who="U0MAYA"), said)
        record_changes(
            session, [Change("portal", "front-end", "owner", "Dana", "Maya Okafor")], OPENING.now, by="U0MAYA"
        )
        exceptions.excuse(session, "portal", "back-end", Q3, "Maya Okafor is away", by="U0MAYA", at=OPENING.now)
        drafts.keep(session, maya.id, "d", Q3, {"note": "half a thought"}, order="1.0", at=OPENING.now)
        ledger.add(session, [Nudge(maya.id, Q3, "opening", 0, NudgeState.SENT, OPENING.now)], at=OPENING.now)
        subject = {"to": "U0MAYA", "name": "x", "values": {"person": "Maya Okafor", "comment": "Dear Maya Okafor"}}
        outbox.put(session, key="notice:U0MAYA:1", kind="notice", subject=subject, now=OPENING.real)
        session.add(HandledRow(key="click:U0MAYA:update:1.0", at=OPENING.now))
    publish(Office(database))
    with database.writing() as session:
        published = reports.latest(session, "portal", Q3)
        assert published
        reports.acknowledge(session, published.id, "U0MAYA", DUE.now)
        questions.ask(session, "portal", Q3, "Is Maya Okafor well?", "U0MAYA", DUE.now)
        reports.keep_file(session, published.id, "pdf", b"%PDF of Maya Okafor")


@pytest.fixture(scope="module")
def filling() -> Filling:
    """Each test begins with that."""
    return fill


@pytest.fixture
def office(database: Database) -> Office:
    """The company at work."""
    return Office(database)


def publish(office: Office) -> None:
    """Publish the project's report, then the portfolio's."""
    with office.database.writing() as session:
        company = Company.load(session, "C0LEADERS")
        bob, project = people.people_by_ref(session)["U0BOB"], company.project("portal")
        form = confirm_form(session, company, project, Q3, DOCUMENTS, DUE)
        publish_report(
            session, company, bob, project, Q3, DOCUMENTS,
            confirmed=form.confirmed, moment=DUE,
        )  # fmt: skip
        whole = portfolio_form(session, company, Q3, DUE)
        publish_portfolio(session, company, bob, Q3, DOCUMENTS.portfolio, reviewed=whole.reviewed, moment=DUE)


def test_nothing_in_the_database_tells_who_it_was(office: Office, tmp_path: Path) -> None:
    before = office.dump(tmp_path / "before")
    assert all(trace in before for trace in TRACES), "else the test would look for what was never there"
    office.forget()
    after = office.dump(tmp_path / "after")
    assert [trace for trace in TRACES if trace in after] == []


@pytest.mark.parametrize("ref", ["maya@example.com", "U0MAYA", "@maya.o"])
def test_any_ref_will_do(office: Office, ref: str) -> None:
    office.forget(ref)
    with office.database.reading() as session:
        assert [p.name for p in people.all_people(session).values()].count(NOBODY) == 1


def test_nobody_is_forgotten_by_a_ref_that_is_nobody_s(office: Office, tmp_path: Path) -> None:
    before = office.dump(tmp_path / "before")
    with pytest.raises(NotFound, match="Nobody goes by"):
        office.forget("@max")
    assert office.dump(tmp_path / "after").replace("/after/", "/before/") == before


def test_what_was_answered_stays_without_the_name(office: Office) -> None:
    office.forget()
    with office.database.reading() as session:
        company = Company.load(session)
        report = compile_report(company.facts(session, company.project("portal"), Q3, AFTER.now), DOCUMENTS)
        line = report.milestones[0]
        assert (line.owner, line.answered_by, line.percent_complete) == (NOBODY, NOBODY, 50)
        assert line.impact == f"O'Brien & {NOBODY}"
        assert line.note == f"Ask {NOBODY}, or {NOBODY}; mail left-{company.projects['portal'].milestones[0].owner.id}."
        assert report.risks[0].owner == report.decisions[0].who == NOBODY
        assert company.portfolio.admins == ("U0BOB",)


def test_a_published_report_is_revised_and_the_old_revision_redacted(office: Office) -> None:
    done = office.forget()
    assert set(done.redacted) == {("portal", "2025-Q3", 1), (ALL, "2025-Q3", 1)}
    assert done.revised == [("portal", "2025-Q3", 2), (ALL, "2025-Q3", 2)]
    with office.database.reading() as session:
        old, new = (reports.revision(session, "portal", Q3, number) for number in (1, 2))
        assert old and new
        assert replace(old.report, revision=2) == new.report
        assert NOBODY in old.texts["md"] and NOBODY in new.texts["md"]
        assert json.loads(old.texts["json"])["revision"] == 1
        assert reports.file(session, old.id, "pdf") is None, "it is made anew when somebody asks for it"
    assert published_content(office.database, old, "md", DOCUMENTS) == old.texts["md"].encode()


def test_the_new_revision_is_what_today_s_facts_say(office: Office) -> None:
    """Nobody is asked to publish what has not changed."""
    publish(office)  # with the question that was asked about the first revision
    office.forget()
    with office.database.reading() as session:
        company = Company.load(session, "C0LEADERS")
        report = compile_report(company.facts(session, company.project("portal"), Q3, AFTER.now), DOCUMENTS)
        published = reports.latest(session, "portal", Q3)
        assert published and published.facts == facts_hash(report)
        assert not mark_draft(report, published).is_draft


def test_a_draft_stays_one(office: Office) -> None:
    with office.database.writing() as session:
        answers.record(session, "portal", Q3, "back-end", an_update(30), Provenance("U0CHARLIE", AFTER.now))
    office.forget()
    with office.database.reading() as session:
        company = Company.load(session)
        report = compile_report(company.facts(session, company.project("portal"), Q3, AFTER.now), DOCUMENTS)
        assert mark_draft(report, reports.latest(session, "portal", Q3)).is_draft


def test_nothing_is_posted(office: Office) -> None:
    with office.database.reading() as session:
        before = len(session.scalars(select(OutboxRow)).all())
    office.forget()
    with office.database.reading() as session:
        assert len(session.scalars(select(OutboxRow)).all()) == before


def test_the_trail_says_so_and_still_agrees_with_what_is_stored(office: Office) -> None:
    number = office.forget().person
    with office.database.reading() as session:
        lines = [
            (e.what.value, e.subject, dict(e.detail), e.via.value) for e in audit.trail(session) if e.via == "command"
        ]
        revision = {"quarter": "2025-Q3", "revision": "1"}
        assert ("forgotten", f"person:{number}", {}, "command") in lines
        assert ("redacted", "portal", revision, "command") in lines
        assert ("published", "portal", {**revision, "revision": "2"}, "command") in lines
        *counts, differences = disagreements(session)
        assert (counts, differences) == ([1, 4], [])


def test_the_account_stays_forgotten_until_its_person_is_named_or_acts_again(office: Office) -> None:
    """Slack lists closed accounts for ever, and the directory is read every day."""
    office.forget()
    account = an_account("U0MAYA", "Maya Okafor", is_reachable=False)
    with office.database.writing() as session:
        people.save_directory(session, [account, an_account("U0BOB", "Bob")])
        people.save_entry(session, account)
        assert people.entry_of(session, "U0MAYA") is None
        people.save_person(session, Person("U0MAYA", "U0MAYA", slack_id="U0MAYA"))
        people.save_directory(session, [account, an_account("U0BOB", "Bob")])
        assert people.entry_of(session, "U0MAYA")


def test_nobody_takes_over_what_was_theirs_by_the_name_that_is_left(office: Office) -> None:
    """Everybody gives themselves their display name in Slack."""
    number = office.forget().person
    with office.database.writing() as session:
        find_accounts(session, [an_account("U0BOB", "Bob"), an_account("U0MALLORY", NOBODY)])
        assert people.person_by_slack_id(session, "U0MALLORY") is None
        assert people.all_people(session)[number].slack_id is None


def test_a_first_name_alone_is_left_and_counted_and_goes_when_asked(office: Office, tmp_path: Path) -> None:
    """It may be somebody else's, or a word: May, Will, Mark."""
    with office.database.writing() as session:
        questions.ask(session, "portal", Q3, "Will maya go on? Mayans do.", "U0BOB", DUE.now)
    done = office.forget()
    assert (done.parts, dict(done.leftovers)) == (["Maya", "Okafor"], {"questions": 1})
    assert "will maya go on" in office.dump(tmp_path / "before")


def test_words_that_are_named_go_too(office: Office, tmp_path: Path) -> None:
    with office.database.writing() as session:
        questions.ask(session, "portal", Q3, "Will maya go on? Mayans do.", "U0BOB", DUE.now)
    assert not office.forget("U0MAYA", "Maya").leftovers
    assert f"will {NOBODY.lower()} go on? mayans do." in office.dump(tmp_path / "after")


def test_others_keep_their_names_and_what_they_still_must_be_told_is_told(office: Office) -> None:
    with office.database.writing() as session:
        people.save_person(session, Person("other@example.com", "Maya Okafor", email="other@example.com"))
    done = office.forget("U0MAYA")
    assert done.namesakes == 1
    assert sorted(done.still) == ["portal/front-end: owner", "portal: sponsor"]
    with office.database.reading() as session:
        names = sorted(session.scalars(select(PersonRow.name)))
        assert names == ["Bob", "Charlie", "Maya Okafor", NOBODY]


def test_readers_of_the_old_post_get_the_new_revision_and_count_as_its_readers(office: Office) -> None:
    with office.database.writing() as session:
        reports.acknowledge(session, read.published_report(session, FRONT).id, "U0BOB", DUE.now)
    office.forget()
    with office.database.reading() as session:
        published = read.published_report(session, FRONT)
        assert published.revision == 2
        assert reports.reader_count(session, published.id) == 2, "Bob, and who is forgotten"
        assert "U0BOB" in reports.readers(session, published.id)


def test_old_quarters_lose_what_nobody_needs(office: Office) -> None:
    long_ago = datetime(2025, 1, 10, tzinfo=UTC)
    with office.database.writing() as session:
        maya = people.people_by_ref(session)["maya@example.com"].id
        ledger.add(session, [Nudge(maya, Q1, "opening", 0, NudgeState.SENT, long_ago)], at=long_ago)
        drafts.keep(session, maya, "old", Q1, {"note": "x"}, order="1.0", at=long_ago)
        session.add(HandledRow(key="old", at=long_ago))
        outbox.put(session, key="old", kind="notice", subject={"values": {"words": "x"}}, now=long_ago)
        row = session.scalars(select(OutboxRow).where(OutboxRow.key == "old")).one()
        row.done_at, row.place_channel, row.place_ts = long_ago, "D1", "1.0"
    with office.database.writing() as session:
        removed = forget.forget_before(session, Company.load(session), Q2, AFTER)
    assert dict(removed) == {"drafts": 1, "nudges": 1, "handled": 1, "outbox": 1}
    with office.database.reading() as session:
        assert (outbox.subject_of(session, "old"), outbox.place_of(session, "old")) == ({}, ("D1", "1.0"))
        assert len(ledger.nudges(session, Q3)) == 1
        assert answers.history(session, "portal").keys() == {Q3}
        assert disagreements(session)[2] == []


FILE = "admins: [Maya]\nprojects: [{name: Portal, sponsor: maya@example.com}]"


def drop_a_file(office: Office, at: datetime) -> None:
    """Bob drops a file, and has its answer."""
    with office.database.writing() as session:
        subject = {"to": "U0BOB", "name": "plan.yaml", "text": FILE}
        outbox.put(session, key="plan-file:F1", kind="plan-file", subject=subject, now=at)
        session.scalars(select(OutboxRow).where(OutboxRow.key == "plan-file:F1")).one().done_at = at


def test_a_dropped_file_does_not_outlive_whom_it_may_name(office: Office, tmp_path: Path) -> None:
    drop_a_file(office, DUE.real)
    assert "admins: [maya]" in office.dump(tmp_path / "before")
    office.forget()
    assert "admins: [" not in office.dump(tmp_path / "after")
    with office.database.reading() as session:
        assert outbox.subject_of(session, "plan-file:F1") == {"to": "U0BOB", "name": "plan.yaml"}


def test_a_dropped_file_of_an_old_quarter_goes_with_its_words(office: Office) -> None:
    drop_a_file(office, datetime(2025, 1, 10, tzinfo=UTC))
    with office.database.writing() as session:
        forget.forget_before(session, Company.load(session), Q2, AFTER)
    with office.database.reading() as session:
        assert outbox.subject_of(session, "plan-file:F1") == {}


def test_what_the_last_two_quarters_need_is_not_removed(office: Office) -> None:
    with office.database.writing() as session, pytest.raises(BotError, match="2025-Q2 or an earlier quarter"):
        forget.forget_before(session, Company.load(session), Q3, AFTER)


@pytest.mark.parametrize("change", ["UPDATE audit SET what = 'nudged'", "DELETE FROM audit"])
def test_the_database_itself_keeps_the_trail_as_it_is(office: Office, change: str) -> None:
    with (
        pytest.raises(DBAPIError, match="the audit trail is only added to"),
        office.database.engine.begin() as connection,
    ):
        connection.exec_driver_sql(change)
    with office.database.reading() as session:
        assert session.scalars(select(AuditRow.id)).all()
