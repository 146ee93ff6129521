"""Leaders answer back: who decides first decides, every question is answered once, and the next report prints both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.errors import BotError, NotAllowed, NotFound
from bot.domain.project import Person
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.domain.reporting import build_report
from bot.domain.update import Decision, DecisionState, Provenance, Verdict
from bot.flow.company import Company
from bot.flow.compile import review
from bot.flow.deliver import Drop, Edit, Later, Post
from bot.flow.forms import Said
from bot.flow.keep.forget import forget_before, forget_person
from bot.flow.messages import DecisionRef, DecisionReply, ItemRef, ReportPost
from bot.flow.moment import Moment
from bot.flow.people import acting_person
from bot.flow.publish import decisions, files, live, publish, questions, read
from bot.settings import Settings
from bot.store import answers, audit, outbox, people, reports
from bot.store.outbox import Parcel, SendState
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from bot.store.tables import MilestoneRow, OutboxRow
from bot.surfaces import ReportDocuments
from tests.builders import ALICE, BOB, CHARLIE, COMPANY, Q3, Q4, a_milestone, a_project, an_update
from tests.copies import Filling
from tests.flow.managed import an_account, counted

DOCUMENTS = ReportDocuments(Settings())
SAM = Person("U0SAM", "Sam Sponsor", slack_id="U0SAM")
VENDOR, HIRE = DecisionRef("portal", Q3, "vendor"), DecisionRef("portal", Q3, "hire")
REPORT, FRONT = ItemRef("portal", Q3), ItemRef("portal", Q3, "front-end")
MESSAGE = "decision:portal:2025-Q3:1:vendor"
APPROVE, DECLINE = Said(Verdict.APPROVED, None, "A"), Said(Verdict.DECLINED, "No money.")
MORE = Said(Verdict.NEED_MORE, "At what price?")


def at(month: int, day: int, hour: int = 15, year: int = 2025) -> Moment:
    """An instant in UTC; New York is four or five hours behind."""
    instant = datetime(year, month, day, hour, tzinfo=UTC)
    return Moment(instant, instant)


PUBLISHED, NEXT_DAY, NIGHT, DAY_AFTER = at(10, 7), at(10, 8), at(10, 9, 3), at(10, 9)
NEXT_REPORT, YEAR_END = at(1, 9, year=2026), at(4, 9, year=2026)


class Boardroom:
    """A company whose report of the third quarter asks for two decisions."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self) -> None:
        """Write all that down."""
        portal = a_project(a_milestone(), a_milestone("back-end", owner=CHARLIE), sponsor=SAM)
        with self.database.writing() as session:
            save_portfolio(session, COMPANY)
            save_project(session, portal, today=date(2025, 1, 1))
            for person in (ALICE, BOB, CHARLIE, SAM):
                people.save_entry(session, an_account(person.slack_id or "", person.name))
            for slack_id, name in (("U0DEE", "Dee Decider"), ("U0LENA", "Lena"), ("U0ADMIN", "Ada")):
                people.save_entry(session, an_account(slack_id, name))
        self.answer(Q3, PUBLISHED)
        self.ask(Decision("vendor", "Choose the vendor", who="U0DEE", options=("A", "B"), milestone="front-end"))
        self.ask(Decision("hire", "Hire two developers"))
        self.publish(Q3, PUBLISHED)

    def answer(self, quarter: Quarter, moment: Moment) -> None:
        with self.database.writing() as session:
            said = Provenance("U0ALICE", moment.now)
            answers.record(session, "portal", quarter, "front-end", an_update(), said)
            answers.record(session, "portal", quarter, "back-end", an_update(), said)

    def ask(self, decision: Decision, quarter: Quarter = Q3, moment: Moment = PUBLISHED) -> None:
        with self.database.writing() as session:
            answers.record(session, "portal", quarter, decision.key, decision, Provenance("U0ALICE", moment.now))

    def publish(self, quarter: Quarter, moment: Moment) -> None:
        with self.database.writing() as session:
            company = self.company(session)
            bob, project = acting_person(session, "U0BOB"), company.project("portal")
            form = review.confirm_form(session, company, project, quarter, DOCUMENTS, moment)
            done = publish.publish_report(
                session, company, bob, project, quarter, DOCUMENTS,
                confirmed=form.confirmed, moment=moment,
            )  # fmt: skip
            assert done is None

    @staticmethod
    def company(session: Session) -> Company:
        return Company.load(session, "C0LEADERS")

    def rule(
        self, who: str, said: Said = APPROVE, ref: DecisionRef = VENDOR, *, key: str = "", moment: Moment = NEXT_DAY
    ) -> None:
        key = key or f"{who}:{ref.key}:{said.verdict}:{moment.now}"
        with self.database.answering() as session:
            person = acting_person(session, who)
            decisions.rule(session, self.company(session), person, ref, said, key=key, moment=moment)

    def take_back(self, who: str, moment: Moment = DAY_AFTER) -> None:
        with self.database.answering() as session:
            person = acting_person(session, who)
            decisions.take_back(session, self.company(session), person, VENDOR, key=f"{who}:{moment}", moment=moment)

    def ask_question(self, text: str = "Why?", ref: ItemRef = FRONT, moment: Moment = NEXT_DAY, key: str = "") -> None:
        with self.database.answering() as session:
            lena = acting_person(session, "U0LENA")
            read.ask_question(session, self.company(session), ref, lena, text, key=key or text, moment=moment)

    def answer_question(self, who: str = "U0ALICE", moment: Moment = DAY_AFTER, key: str = "answer") -> None:
        with self.database.answering() as session:
            person = acting_person(session, who)
            read.answer_question(session, self.company(session), person, 1, "So.", key=key, moment=moment)

    def report(self, quarter: Quarter, moment: Moment) -> QuarterlyReport:
        with self.database.reading() as session:
            company = self.company(session)
            return build_report(company.facts(session, company.project("portal"), quarter, moment.now))

    def states(self, quarter: Quarter, moment: Moment) -> dict[str, tuple[str, str]]:
        """Each decision that a report would print, with its state and who said something to it."""
        found = self.report(quarter, moment).decisions
        return {line.key: (line.state.value, line.ruling.by if line.ruling else "") for line in found}

    def notices(self, name: str) -> list[tuple[str, str]]:
        """To whom a notice is to be sent, and in which state it is."""
        with self.database.reading() as session:
            rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice").order_by(OutboxRow.id))
            return [(row.subject["to"], row.state) for row in rows if row.subject["name"] == name]

    def queued(self, kind: str) -> list[str]:
        with self.database.reading() as session:
            rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == kind).order_by(OutboxRow.id))
            return [row.key for row in rows]

    def sent(self, key: str, ts: str) -> None:
        """A message stands in Slack."""
        with self.database.writing() as session:
            row = session.scalars(select(OutboxRow).where(OutboxRow.key == key)).one()
            row.state, row.place_channel, row.place_ts, row.done_at = SendState.SENT, "C0LEADERS", ts, NEXT_DAY.real

    def decision_message(self, key: str = MESSAGE) -> DecisionReply:
        """A decision's message as it would be edited now."""
        with self.database.reading() as session:
            subject = outbox.subject_of(session, key)
            parcel = Parcel(0, "edit", "decision-edit", subject, key, 1)
            work = live.compose_decision_edit(session, self.company(session), parcel)
        assert isinstance(work, Edit), work
        assert isinstance(work.message, DecisionReply)
        return work.message


def fill(database: Database) -> None:
    """Write that company down."""
    Boardroom(database).begin()


@pytest.fixture(scope="module")
def filling() -> Filling:
    """Each test begins with that."""
    return fill


@pytest.fixture
def room(database: Database) -> Boardroom:
    return Boardroom(database)


def test_each_decision_has_a_message_of_its_own_right_under_the_post(room: Boardroom) -> None:
    with room.database.reading() as session:
        lane = session.scalars(select(OutboxRow.kind).where(OutboxRow.lane == "report:portal:2025-Q3")).all()
    assert lane[:3] == ["post", "decision", "decision"]
    assert sorted(room.queued("decision")) == ["decision:portal:2025-Q3:1:hire", MESSAGE]


@pytest.mark.parametrize("who", ["U0DEE", "U0SAM", "U0ADMIN"])
def test_whom_it_names_the_sponsor_and_admins_decide(room: Boardroom, who: str) -> None:
    room.rule(who)
    with room.database.reading() as session:
        names = people.names_of(session, [who])
    assert room.states(Q3, NEXT_DAY)["vendor"] == ("decided", names[who])
    assert room.states(Q3, NEXT_DAY)["hire"] == ("open", "")


@pytest.mark.parametrize("who", ["U0BOB", "U0ALICE", "U0LENA", "U0NOBODY"])
def test_others_are_told_who_can(room: Boardroom, who: str) -> None:
    with pytest.raises(NotAllowed, match=r"Only Dee Decider or Sam Sponsor or an admin \(.+\) can decide this"):
        room.rule(who)
    with pytest.raises(NotAllowed, match=r"Only Sam Sponsor or an admin \(.+\) can decide this"):
        room.rule(who, ref=HIRE)
    assert room.states(Q3, NEXT_DAY)["vendor"] == ("open", "")


@pytest.mark.parametrize("moment", [PUBLISHED, NEXT_DAY])
def test_an_owner_cannot_make_themselves_the_decider_of_what_is_published(room: Boardroom, moment: Moment) -> None:
    room.ask(Decision("vendor", "Anything", who="U0ALICE", milestone="back-end"), moment=moment)
    with pytest.raises(NotAllowed, match="Only Dee Decider or Sam Sponsor or an admin"):
        room.rule("U0ALICE", DECLINE)
    room.sent("post:portal:2025-Q3:1", "1.1")
    room.sent(MESSAGE, "1.2")
    assert room.decision_message().deciders == ("Dee Decider", "Sam Sponsor")
    room.rule("U0DEE", DECLINE)
    with room.database.reading() as session:
        (_, decided) = answers.latest_decisions(session, "portal")["portal", "vendor"]
    assert (decided.who, decided.what, decided.milestone) == ("U0DEE", "Choose the vendor", "front-end")


@pytest.mark.parametrize("who", ["CFO", "@CFO", "Chief"])
def test_nobody_decides_by_calling_themselves_what_a_decision_names(room: Boardroom, who: str) -> None:
    room.ask(Decision("hire", "Hire two developers", who=who))
    room.publish(Q3, NEXT_DAY)
    with room.database.writing() as session:
        account = an_account("U0LENA", who.removeprefix("@"))
        people.save_entry(session, replace(account, name="lena"))
    with pytest.raises(NotAllowed, match="Only Sam Sponsor or an admin"):
        room.rule("U0LENA", DECLINE, HIRE)


def test_the_messages_of_a_decision_are_found_at_once_however_much_was_published(room: Boardroom) -> None:
    counts = []
    for day in (10, 11, 12):
        room.ask(Decision("hire", f"Hire {day} developers"))
        room.publish(Q3, at(10, day))
        with room.database.writing() as session, counted(room.database) as statements:
            live.refresh_decision(session, "portal", "never-posted", at(10, day))
        counts.append(len(statements))
    assert counts == [counts[0]] * 3


def test_a_word_is_shown_in_the_posts_that_ask_for_the_decision_and_in_no_other(room: Boardroom) -> None:
    room.ask(Decision("vendor", "Choose the vendor", state=DecisionState.WITHDRAWN))
    room.publish(Q3, NEXT_DAY)
    room.answer(Q4, NEXT_REPORT)
    room.publish(Q4, NEXT_REPORT)
    with room.database.writing() as session:
        session.query(OutboxRow).where(OutboxRow.kind.in_(("post-refresh", "decision-edit"))).delete()
        live.refresh_decision(session, "portal", "vendor", NEXT_REPORT)
    with room.database.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "post-refresh")).all()
    assert [row.subject["quarter"] for row in rows] == ["2025-Q3"]
    assert room.queued("decision-edit")


def test_somebody_without_a_row_decides_nothing_for_another_without_one(room: Boardroom) -> None:
    """People whom no file names have no number to tell them apart: their accounts do."""
    with room.database.reading() as session:
        assert {acting_person(session, who).id for who in ("U0DEE", "U0LENA")} == {0}
    with pytest.raises(NotAllowed):
        room.rule("U0LENA")


def test_who_decides_first_decides_and_the_second_is_told(room: Boardroom) -> None:
    room.rule("U0DEE", DECLINE)
    with pytest.raises(BotError, match="Dee Decider declined this before you"):
        room.rule("U0SAM", APPROVE)
    line = next(line for line in room.report(Q3, NEXT_DAY).decisions if line.key == "vendor")
    assert line.ruling and (line.ruling.verdict, line.ruling.comment) == (Verdict.DECLINED, "No money.")


def test_the_same_submission_twice_is_one_word(room: Boardroom) -> None:
    for _ in range(2):
        room.rule("U0DEE", key="once")
    with room.database.reading() as session:
        deeds = [entry.what.value for entry in audit.trail(session, "portal/front-end")]
    assert deeds == ["ruled"]
    assert len(room.notices("ruling")) == 2


def test_owner_and_manager_hear_of_it_in_their_hours_and_the_decider_does_not(room: Boardroom) -> None:
    room.rule("U0DEE", moment=NIGHT)
    assert room.notices("ruling") == [("U0BOB", "held"), ("U0ALICE", "held")]
    room.rule("U0SAM", ref=HIRE, moment=DAY_AFTER)
    assert room.notices("ruling")[2:] == [("U0BOB", "waiting")], "no owner: it is about the whole project"


def test_more_is_asked_of_the_owner_and_the_decision_waits_on(room: Boardroom) -> None:
    room.rule("U0DEE", MORE)
    with room.database.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice")).all()
    assert {row.subject["to"]: row.subject.get("item") for row in rows} == {
        "U0BOB": None,
        "U0ALICE": {"project": "portal", "quarter": "2025-Q3", "milestone": "front-end"},
    }
    assert room.states(Q3, NEXT_DAY)["vendor"] == ("open", "Dee Decider")
    room.rule("U0SAM", APPROVE, moment=DAY_AFTER)
    assert room.states(Q3, DAY_AFTER)["vendor"] == ("decided", "Sam Sponsor")


def test_what_was_decided_is_in_the_next_report_once_and_what_waits_ages(room: Boardroom) -> None:
    room.rule("U0DEE")
    room.answer(Q4, NEXT_REPORT)
    assert room.states(Q4, NEXT_REPORT) == {"vendor": ("decided", "Dee Decider"), "hire": ("open", "")}
    assert [line.age_quarters for line in room.report(Q4, NEXT_REPORT).decisions] == [1, 1]
    room.publish(Q4, NEXT_REPORT)
    following = Quarter(2026, 1)
    room.answer(following, YEAR_END)
    assert room.states(following, YEAR_END) == {"hire": ("open", "")}
    assert room.states(Q4, YEAR_END)["vendor"] == ("decided", "Dee Decider"), "what was printed stays printed"


def test_a_revision_that_printed_it_spares_the_next_quarter(room: Boardroom) -> None:
    room.rule("U0DEE")
    room.publish(Q3, DAY_AFTER)
    room.answer(Q4, NEXT_REPORT)
    assert room.states(Q4, NEXT_REPORT) == {"hire": ("open", "")}


def test_a_word_after_the_owner_asked_again_counts(room: Boardroom) -> None:
    """The owner's next update repeats an open decision: a word on the old post must not be lost under that."""
    again = Decision("vendor", "Choose the vendor", who="U0DEE", options=("A", "B"), milestone="front-end")
    room.answer(Q4, NEXT_REPORT)
    room.ask(again, Q4, NEXT_REPORT)
    room.rule("U0DEE", moment=NEXT_REPORT)
    assert room.states(Q4, NEXT_REPORT)["vendor"] == ("decided", "Dee Decider")


def test_what_an_owner_changed_since_is_neither_decided_nor_shown(room: Boardroom) -> None:
    room.ask(Decision("vendor", "Buy a yacht", who="U0DEE", milestone="front-end"), moment=NEXT_DAY)
    room.sent("post:portal:2025-Q3:1", "1.0")
    room.sent(MESSAGE, "2.0")
    assert room.decision_message().decision.what == "Choose the vendor"
    room.rule("U0DEE")
    assert [line.what for line in room.report(Q3, NEXT_DAY).decisions if line.key == "vendor"] == ["Choose the vendor"]


def test_a_decision_that_was_withdrawn_can_no_longer_be_taken(room: Boardroom) -> None:
    withdrawn = Decision("hire", "Hire two developers", state=DecisionState.WITHDRAWN)
    room.ask(withdrawn, moment=NEXT_DAY)
    with pytest.raises(BotError, match="no longer asked for"):
        room.rule("U0SAM", ref=HIRE)
    with pytest.raises(NotFound):
        room.rule("U0SAM", ref=replace(HIRE, key="unheard-of"))


def test_only_who_decided_takes_it_back_and_only_until_it_is_printed(room: Boardroom) -> None:
    room.rule("U0DEE")
    with pytest.raises(NotAllowed, match="Only Dee Decider"):
        room.take_back("U0SAM")
    room.take_back("U0DEE")
    assert room.states(Q3, DAY_AFTER)["vendor"] == ("open", "")
    with pytest.raises(BotError, match="waits already"):
        room.take_back("U0DEE", at(10, 10))
    room.rule("U0SAM", moment=at(10, 10))
    room.publish(Q3, at(10, 13))
    with pytest.raises(BotError, match="has printed this"):
        room.take_back("U0SAM", at(10, 14))


def test_a_revision_that_only_forgets_somebody_prints_no_word(room: Boardroom) -> None:
    room.rule("U0DEE")
    with room.database.writing() as session:
        done = forget_person(session, room.company(session), "U0ALICE", (), DOCUMENTS, DAY_AFTER)
    assert [revision for *_, revision in done.revised] == [2]
    room.take_back("U0DEE", at(10, 10))
    assert room.states(Q3, at(10, 10))["vendor"] == ("open", "")


def test_the_owner_of_a_milestone_that_was_dropped_since_is_not_asked_to_say_more(room: Boardroom) -> None:
    with room.database.writing() as session:
        row = session.scalars(select(MilestoneRow).where(MilestoneRow.key == "front-end")).one()
        row.dropped_on = PUBLISHED.now.date()
    room.rule("U0DEE", MORE)
    with room.database.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice")).all()
    assert {row.subject["to"]: row.subject.get("item") for row in rows} == {"U0BOB": None, "U0ALICE": None}


def test_messages_show_the_word_in_every_thread_that_asks(room: Boardroom) -> None:
    room.sent("post:portal:2025-Q3:1", "1.0")
    room.sent(MESSAGE, "2.0")
    room.answer(Q4, NEXT_REPORT)
    room.publish(Q4, NEXT_REPORT)
    later = "decision:portal:2025-Q4:1:vendor"
    room.sent("post:portal:2025-Q4:1", "3.0")
    room.sent(later, "4.0")
    room.rule("U0DEE", moment=at(1, 12, year=2026))
    for key in (MESSAGE, later):
        shown = room.decision_message(key)
        assert (shown.decision.state, shown.can_be_taken_back) == (DecisionState.DECIDED, True)
    assert {key.split(":", 2)[2] for key in room.queued("decision-edit")} == {MESSAGE, later}


def test_a_message_that_is_on_the_way_is_edited_once_it_is_there(room: Boardroom) -> None:
    room.rule("U0DEE")
    with room.database.reading() as session:
        parcel = Parcel(0, "e", "decision-edit", outbox.subject_of(session, MESSAGE), MESSAGE, 1)
        assert isinstance(live.compose_decision_edit(session, room.company(session), parcel), Later)
        gone = replace(parcel, lane="decision:portal:2025-Q3:9:vendor")
        assert isinstance(live.compose_decision_edit(session, room.company(session), gone), Drop)


def test_a_decision_is_posted_as_it_stands_when_it_goes_out(room: Boardroom) -> None:
    room.sent("post:portal:2025-Q3:1", "1.0")
    room.rule("U0DEE")
    with room.database.reading() as session:
        parcel = Parcel(0, MESSAGE, "decision", outbox.subject_of(session, MESSAGE), "report:portal:2025-Q3", 1)
        work = live.compose_decision(session, room.company(session), parcel)
    assert isinstance(work, Post)
    assert isinstance(work.message, DecisionReply)
    assert work.message.decision.state is DecisionState.DECIDED


def test_a_revision_posts_what_is_new_and_edits_what_is_there(room: Boardroom) -> None:
    room.sent("post:portal:2025-Q3:1", "1.0")
    room.sent(MESSAGE, "2.0")
    room.ask(Decision("third", "Move the launch"), moment=NEXT_DAY)
    room.publish(Q3, DAY_AFTER)
    assert room.queued("decision")[2:] == ["decision:portal:2025-Q3:2:third"]
    assert any(key.endswith(MESSAGE) for key in room.queued("decision-edit"))


def test_a_word_in_the_evening_is_of_that_day_in_the_company_s_zone(room: Boardroom) -> None:
    """Three in the morning of the 9th in UTC is the evening of the 8th in New York."""
    room.sent("post:portal:2025-Q3:1", "1.0")
    room.sent(MESSAGE, "1.1")
    room.rule("U0DEE", moment=NIGHT)
    live_line = room.decision_message().decision
    (built,) = (line for line in room.report(Q3, DAY_AFTER).decisions if line.key == "vendor")
    for line in (live_line, built):
        assert line.ruling
        assert (line.ruling.at, line.ruling.at.date()) == (NIGHT.now, date(2025, 10, 8))
    room.publish(Q3, DAY_AFTER)
    with room.database.reading() as session:
        published = reports.latest(session, "portal", Q3)
    assert published
    assert "by Dee Decider on October 8" in published.texts["md"]


def test_a_section_that_the_words_have_no_more_is_left_out(room: Boardroom) -> None:
    """They were changed between the publication and the reply."""
    room.sent("post:portal:2025-Q3:1", "1.0")
    with room.database.reading() as session:
        last = room.queued("section")[-1]
        row = session.scalars(select(OutboxRow).where(OutboxRow.key == last)).one()
        parcel = Parcel(0, row.key, row.kind, row.subject, row.lane, 1)
        fewer = replace(parcel, subject=row.subject | {"index": row.subject["index"] + 1})
        assert isinstance(publish.compose_section(session, DOCUMENTS, parcel), Post)
        assert publish.compose_section(session, DOCUMENTS, fewer) == Drop("the words have no such section any more")


def test_a_chart_that_the_program_draws_no_more_is_left_out(room: Boardroom) -> None:
    with room.database.writing() as session:
        published = read.published_report(session, REPORT)
        reports.keep_file(session, published.id, "weather.png", b"drawn by an older release")
        assert files.kept_chart(session, published, "weather.png", DOCUMENTS) is None


def test_many_readers_are_one_edit(room: Boardroom) -> None:
    room.sent("post:portal:2025-Q3:1", "1.0")
    with room.database.writing() as session:
        for hour, who in enumerate(("U0LENA", "U0SAM", "U0DEE", "U0LENA"), start=10):
            moment = replace(NEXT_DAY, now=at(10, 8, hour).now)
            read.acknowledge(session, REPORT, acting_person(session, who), moment)
    assert len(room.queued("post-refresh")) == 1
    with room.database.reading() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.kind == "post-refresh")).one()
        assert row.due_at == NEXT_DAY.real + live.REFRESH_PAUSE
        work = live.compose_refresh(session, Parcel(0, row.key, row.kind, row.subject, row.lane, 1))
        published = reports.latest(session, "portal", Q3)
        assert published
        shown = review.published_as(session, published)
    assert isinstance(work, Edit)
    assert isinstance(work.message, ReportPost)
    assert work.message.readers == 3
    assert (shown.revision, shown.readers) == (1, ("Lena", "Sam Sponsor", "Dee Decider"))


def test_a_new_revision_is_unread(room: Boardroom) -> None:
    with room.database.writing() as session:
        read.acknowledge(session, REPORT, acting_person(session, "U0LENA"), NEXT_DAY)
    room.ask(Decision("third", "Move the launch"), moment=NEXT_DAY)
    room.publish(Q3, DAY_AFTER)
    with room.database.reading() as session:
        published = reports.latest(session, "portal", Q3)
        assert published
        assert review.published_as(session, published).readers == ()


def test_a_question_goes_to_the_owner_and_the_manager_and_its_answer_to_who_asked(room: Boardroom) -> None:
    room.ask_question()
    assert room.notices("question-to-answer") == [("U0ALICE", "waiting"), ("U0BOB", "waiting")]
    with room.database.reading() as session:
        waiting = questions.questions_to_owner(
            session, room.company(session), acting_person(session, "U0ALICE"), DAY_AFTER.now
        )
        assert [(q.text, q.asked_by, q.milestone, q.days) for q in waiting] == [("Why?", "Lena", "Front end", 1)]
        nobodys = questions.questions_to_owner(
            session, room.company(session), acting_person(session, "U0CHARLIE"), DAY_AFTER.now
        )
        assert nobodys == ()
    room.answer_question()
    assert room.notices("question-answered") == [("U0LENA", "waiting")]
    with pytest.raises(BotError, match="has been answered"):
        room.answer_question("U0BOB", key="another")
    room.answer_question()
    assert len(room.queued("reply")) == 2, "the same answer twice is one"


def test_a_request_that_waits_for_the_morning_is_taken_back_by_an_answer(room: Boardroom) -> None:
    room.ask_question(moment=NIGHT)
    assert {state for _, state in room.notices("question-to-answer")} == {"held"}
    room.answer_question(moment=at(10, 9, 4))
    assert {state for _, state in room.notices("question-to-answer")} == {"dropped"}


def test_questions_are_in_the_next_report_and_wait_there_until_they_are_answered(room: Boardroom) -> None:
    room.ask_question()
    room.ask_question("And when?", REPORT)
    room.answer_question()
    for quarter in (Q3, Q4):
        room.answer(quarter, NEXT_REPORT)
        told = room.report(quarter, NEXT_REPORT).questions
        assert [(q.text, q.milestone, q.answer, q.answered_by) for q in told] == [
            ("Why?", "Front end", "So.", "Alice"),
            ("And when?", None, None, None),
        ]
    assert [q.age_quarters for q in room.report(Q4, NEXT_REPORT).questions] == [1, 1]
    room.publish(Q4, NEXT_REPORT)
    following = Quarter(2026, 1)
    assert [(q.text, q.age_quarters) for q in room.report(following, YEAR_END).questions] == [("And when?", 2)]


def test_a_published_revision_keeps_what_it_said_of_questions_and_decisions(room: Boardroom) -> None:
    room.rule("U0DEE")
    room.ask_question()
    with room.database.reading() as session:
        published = reports.latest(session, "portal", Q3)
    assert published is not None
    assert published.report.questions == ()
    assert {line.state for line in published.report.decisions} == {DecisionState.OPEN}


def test_the_trail_names_neither_words_nor_keys_made_of_them(room: Boardroom) -> None:
    room.rule("U0DEE", DECLINE)
    room.ask_question("Why so late?")
    room.answer_question()
    with room.database.reading() as session:
        entries = [e for e in audit.trail(session) if e.what.value in ("ruled", "asked", "answered")]
    assert [entry.what.value for entry in entries] == ["ruled", "asked", "answered"]
    assert not any(word in str(entry) for entry in entries for word in ("vendor", "No money", "Why so late", "So."))


def test_decisions_of_a_quarter_that_was_pruned_are_passed_over(room: Boardroom) -> None:
    with room.database.writing() as session:
        session.query(OutboxRow).update({"state": SendState.SENT, "done_at": PUBLISHED.real})
        forget_before(session, room.company(session), Q4.next, at(7, 9, year=2026))
        live.refresh_decision(session, "portal", "vendor", at(7, 9, year=2026))
        assert MESSAGE in outbox.subjects_in(session, ["report:portal:2025-Q3"], "decision", without=())
