"""Read: what leaders do with a post: open the report, acknowledge it, ask a question and get its answer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.domain.errors import BotError, NotAllowed, NotFound
from bot.domain.permissions import Action
from bot.domain.project import Person
from bot.flow.channel import PostKeys, post_place
from bot.flow.company import Company
from bot.flow.deliver import Drop, Post, Work
from bot.flow.messages import ItemRef, Notice
from bot.flow.moment import Moment
from bot.flow.notices import tell
from bot.store import answers as answer_store
from bot.store import outbox, questions, reports
from bot.store import people as people_store
from bot.store.outbox import Parcel
from bot.store.questions import Question
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
    return reports.acknowledge(session, published.id, person.slack_id or person.ref, moment.now)


def ask_question(
    session: Session, company: Company, ref: ItemRef, person: Person, text: str, *, key: str, moment: Moment
) -> None:
    """Keep a question, show it in the thread, and ask the project's manager for the answer."""
    published = published_report(session, ref)
    if not answer_store.is_first_time(session, key, moment.now):
        return
    number = questions.ask(session, ref.project, ref.quarter, text, person.slack_id or person.ref, moment.now)
    _show_in_thread(session, published, number, "question", moment)
    values = {
        "project": published.report.project_name,
        "quarter": published.report.quarter_label,
        "who": person.name,
        "question": text,
    }
    buttons = (("answer_question", "answer", str(number)),)
    notice = Notice(f"question-to:{number}", "question-to-manager", values, buttons)
    tell(session, company, company.project(ref.project).manager, notice, moment)


def question_to_answer(session: Session, company: Company, person: Person, number: int) -> Question:
    """A question that waits, for somebody who may answer it: the project's manager, its owners, or an admin."""
    question = questions.find(session, number)
    if question is None:
        raise NotFound("This question is no longer there.")
    if question.answer is not None:
        raise BotError("This question has been answered; the answer is in the report's thread.")
    project = company.project(question.project)
    if not company.may(person, Action.ANSWER_QUESTION, project):
        raise NotAllowed(f"{project.manager.name} answers questions about {project.name}.")
    return question


def answer_question(
    session: Session, company: Company, person: Person, number: int, text: str, *, moment: Moment
) -> None:
    """Keep the answer and show it in the thread. A second answer to the same question is refused."""
    question = question_to_answer(session, company, person, number)
    if questions.answer(session, number, text, person.slack_id or person.ref, moment.now):
        published = published_report(session, ItemRef(question.project, question.quarter))
        _show_in_thread(session, published, number, "answer", moment)


def compose_reply(session: Session, parcel: Parcel) -> Work:
    """A question, or its answer, in the post's thread."""
    question = questions.find(session, parcel.subject["question"])
    published = question and reports.latest(session, question.project, question.quarter)
    found = post_place(session, published) if published else None
    if question is None or found is None:
        return Drop("there is no thread for it")
    names = people_store.names_by_ref(session)
    values = {
        "asker": names.get(question.asked_by, question.asked_by),
        "question": question.question,
        "answer": question.answer or "",
        "answerer": names.get(question.answered_by or "", question.answered_by or ""),
    }
    notice = Notice(parcel.key, f"{parcel.subject['what']}-in-thread", values)
    return Post(found[1].channel, notice, thread=found[1])


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
