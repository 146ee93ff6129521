"""Read: what leaders do with a post: open the report, acknowledge it, ask a question and get its answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.errors import BotError, NotAllowed, NotFound
from bot.domain.milestone_line import LineState
from bot.domain.permissions import Action
from bot.domain.project import Person
from bot.domain.update import ReaderQuestion
from bot.flow.ask.ask import refresh_cards
from bot.flow.ask.notices import replace_notice, tell
from bot.flow.company import Company
from bot.flow.deliver import Drop, Post, Work
from bot.flow.forms import AskForm
from bot.flow.keep.trail import note
from bot.flow.messages import ItemRef, Notice, OpenQuestion
from bot.flow.moment import Moment
from bot.flow.people import acting_person
from bot.flow.publish.channel import PostKeys, post_place
from bot.flow.publish.live import refresh_post
from bot.flow.publish.questions import about, answerers, listed
from bot.store import answers as answer_store
from bot.store import outbox, questions, reports
from bot.store import people as people_store
from bot.store.audit import Deed, item_subject
from bot.store.outbox import Parcel
from bot.store.reports import Published


def published_report(session: Session, ref: ItemRef) -> Published:
    """The newest revision behind a post; raises NotFound where nothing has been published."""
    published = reports.latest(session, ref.project, ref.quarter)
    if published is None:
        raise NotFound("This report has not been published.")
    return published


def acknowledge(session: Session, ref: ItemRef, person: Person, moment: Moment) -> bool:
    """Note that somebody has read the newest revision; False when that was known."""
    published = published_report(session, ref)
    is_new = reports.acknowledge(session, published.id, person.slack_id or person.ref, moment.now)
    if is_new:
        revision = {"quarter": str(ref.quarter), "revision": str(published.revision)}
        note(session, person, Deed.ACKNOWLEDGED, ref.project, moment, **revision)
        refresh_post(session, ref.project, ref.quarter, moment)
    return is_new


def ask_form(session: Session, ref: ItemRef) -> AskForm:
    """The dialog for a question about a published report, or about one milestone in it."""
    report = published_report(session, ref).report
    lines = (line for line in report.milestones if line.state is not LineState.DROPPED)
    return AskForm(ref, report.project_name, report.quarter_label, tuple((line.key, line.name) for line in lines))


def ask_question(
    session: Session,
    company: Company,
    ref: ItemRef,
    person: Person,
    text: str,
    *,
    key: str,
    moment: Moment,
) -> None:
    """Keep a question, show it in the thread, and ask the manager, and the owners of the milestone it is about."""
    published = published_report(session, ref)
    if not answer_store.is_first_time(session, key, moment.now):
        return
    by = person.slack_id or person.ref
    number = questions.ask(session, ref.project, ref.quarter, text, by, moment.now, milestone=ref.milestone or None)
    question = ReaderQuestion(number, ref.project, ref.quarter, text, by, moment.now, ref.milestone or None)
    _note(session, person, Deed.ASKED, question, moment)
    _show_in_thread(session, published, number, "question", moment)
    values = _values(company, question, person)
    for somebody in answerers(company, question):
        buttons = (("answer_question", "answer", str(number)),)
        notice = Notice(_asked_key(number, somebody), "question-to-answer", values, buttons)
        tell(session, company, somebody, notice, moment)
    _refresh_card(session, company, question, moment)


def question_to_answer(session: Session, company: Company, person: Person, number: int) -> ReaderQuestion:
    """A question that waits, for somebody who may answer it: the project's manager, its owners, or an admin."""
    question = questions.find(session, number)
    if question is None:
        raise NotFound("This question is no longer there.")
    project = company.project(question.project)
    if not company.may(person, Action.ANSWER_QUESTION, project):
        raise NotAllowed(f"{project.manager.name} answers questions about {project.name}.")
    if question.answer is not None:
        raise BotError("This question has been answered; the answer is in the report's thread.")
    return question


def answer_form(session: Session, company: Company, person: Person, number: int, now: datetime) -> OpenQuestion:
    """The question above the field for its answer. Raises as `question_to_answer` does."""
    question = question_to_answer(session, company, person, number)
    return listed(session, company, now, [question])[0]


def answer_question(
    session: Session, company: Company, person: Person, number: int, text: str, *, key: str, moment: Moment
) -> None:
    """Keep the answer, show it in the thread, and tell who asked. A second answer to the same question is refused."""
    if not answer_store.is_first_time(session, key, moment.now):
        return
    question = question_to_answer(session, company, person, number)
    questions.answer(session, number, text, person.slack_id or person.ref, moment.now)
    _note(session, person, Deed.ANSWERED, question, moment)
    published = published_report(session, ItemRef(question.project, question.quarter))
    _show_in_thread(session, published, number, "answer", moment)
    values = _values(company, question, person) | {"answer": text}
    for somebody in answerers(company, question):
        if not outbox.withdraw(session, _asked_key(number, somebody), moment.real):  # it may wait for the morning
            replace_notice(session, Notice(_asked_key(number, somebody), "question-settled", values), moment)
    _refresh_card(session, company, question, moment)
    asker = acting_person(session, question.asked_by)
    if asker.slack_id != person.slack_id:
        tell(session, company, asker, Notice(f"answered:{number}", "question-answered", values), moment)


def compose_reply(session: Session, parcel: Parcel) -> Work:
    """A question, or its answer, in the post's thread."""
    question = questions.find(session, parcel.subject["question"])
    published = reports.latest(session, question.project, question.quarter) if question else None
    found = post_place(session, published) if published else None
    if question is None or published is None or found is None:
        return Drop("there is no thread for it")
    names = people_store.names_of(session, {question.asked_by, question.answered_by or ""})
    milestones = {line.key: line.name for line in published.report.milestones}
    values = {
        "asker": names.get(question.asked_by, question.asked_by),
        "milestone": milestones.get(question.milestone or "", ""),
        "project": published.report.title,
        "quarter": published.report.quarter_label,
        "question": question.text,
        "answer": question.answer or "",
        "answerer": names.get(question.answered_by or "", question.answered_by or ""),
    }
    notice = Notice(parcel.key, f"{parcel.subject['what']}-in-thread", values)
    return Post(found[1].channel, notice, thread=found[1])


def _asked_key(number: int, person: Person) -> str:
    return f"question-to:{number}:{person.id}"


def _values(company: Company, question: ReaderQuestion, who: Person) -> dict[str, object]:
    project, milestone = about(company, question)
    return {
        "project": project.name,
        "quarter": company.label(question.quarter),
        "milestone": milestone.name if milestone else "",
        "who": who.name,
        "question": question.text,
    }


def _refresh_card(session: Session, company: Company, question: ReaderQuestion, moment: Moment) -> None:
    """The owner's own message lists what waits for an answer."""
    project, milestone = about(company, question)
    if milestone:
        refresh_cards(session, milestone.owners, company.latest_opened(moment.now, project), moment.real)


def _note(session: Session, person: Person, deed: Deed, question: ReaderQuestion, moment: Moment) -> None:
    subject = item_subject(question.project, question.milestone)
    note(session, person, deed, subject, moment, quarter=str(question.quarter), question=str(question.number))


def _show_in_thread(session: Session, published: Published, number: int, what: str, moment: Moment) -> None:
    keys = PostKeys(published.subject, published.quarter, published.revision)
    subject = {
        "question": number,
        "what": what,
        "project": published.subject,
        "quarter": str(published.quarter),
        "revision": published.revision,
    }
    outbox.put(session, key=f"{what}:{number}", kind="reply", subject=subject, lane=keys.lane, now=moment.real)
