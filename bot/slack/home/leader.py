"""The parts of Home for those who read and decide: decisions, questions and reports."""

from __future__ import annotations

from bot.flow.home.home import Home, List
from bot.flow.home.leader import AskedQuestion, FollowedProject, WaitingDecision
from bot.flow.messages import DecisionRef, OpenQuestion
from bot.locales import Locale
from bot.slack.blocks import Block, actions, button, divider, section
from bot.slack.card import item_value
from bot.slack.home.pager import pager, span
from bot.slack.home.projects import LinkTo, report_line
from bot.slack.ids import Action
from bot.slack.post.decisions import verdict_buttons
from bot.slack.voice import one_line
from bot.slack.words import Words
from bot.texts import SAFE

_WORDS = 400  # characters of a question or a decision; all of it stands in the report's thread


def decisions(home: Home, words: Words) -> list[Block]:
    """What waits for the person's decision."""
    if not home.decisions.total:
        return []
    head = section(words.say("home/decisions.j2", count=home.decisions.total, span=span(home.decisions, words)))
    items = [block for decision in home.decisions.items for block in _decision(decision, home, words)]
    return [divider(), head, *items, *pager(home.decisions, List.DECISIONS, words)]


def to_answer(home: Home, words: Words) -> list[Block]:
    """Readers' questions that wait for the person's answer."""
    if not home.to_answer.total:
        return []
    head = section(words.say("home/to-answer.j2", count=home.to_answer.total, span=span(home.to_answer, words)))
    items = [_to_answer(question, words) for question in home.to_answer.items]
    return [divider(), head, *items, *pager(home.to_answer, List.TO_ANSWER, words)]


def reports(home: Home, link_to: LinkTo, words: Words) -> list[Block]:
    """The latest reports of the projects that the person follows."""
    if not home.reports.total:
        return []
    head = section(words.say("home/reports.j2", span=span(home.reports, words)))
    items = [_report(project, home, link_to, words) for project in home.reports.items]
    return [divider(), head, *items, *pager(home.reports, List.REPORTS, words)]


def asked(home: Home, words: Words) -> list[Block]:
    """What the person asked, and the answers."""
    if not home.asked.total:
        return []
    head = section(words.say("home/asked.j2", span=span(home.asked, words)))
    items = [_asked(question, home, words) for question in home.asked.items]
    return [divider(), head, *items, *pager(home.asked, List.ASKED, words)]


def _decision(decision: WaitingDecision, home: Home, words: Words) -> list[Block]:
    text = words.say(
        "home/decision.j2",
        what=one_line(decision.what, _WORDS),
        project=one_line(decision.project_name),
        by=Locale(home.locale).weekday_date(decision.by) if decision.by else "",
        days_left=decision.days_left,
    )
    ref = DecisionRef(decision.ref.project, decision.ref.quarter, decision.key)
    report = _full_report(item_value(decision.ref), decision.project_name, words)
    return [section(text), actions(*verdict_buttons(ref, decision.what, words), report)]


def _to_answer(question: OpenQuestion, words: Words) -> Block:
    text = words.say(
        "home/question.j2",
        asker=one_line(question.asked_by, 60),
        project=one_line(question.project_name),
        milestone=one_line(question.milestone),
        quarter=question.quarter_label,
        days=question.days,
        text=one_line(question.text, _WORDS),
    )
    label, value = f"{words.label('answer')}: {one_line(question.text, 50)}", str(question.number)
    return section(text, accessory=button(words.label("answer"), Action.ANSWER_QUESTION, value=value, label=label))


def _report(project: FollowedProject, home: Home, link_to: LinkTo, words: Words) -> Block:
    report = project.report
    line = SAFE(report_line(report, home, link_to, words)) if report else ""
    text = words.say("home/followed.j2", title=one_line(project.name), report=line)
    return section(text, accessory=_full_report(item_value(report.ref), project.name, words) if report else None)


def _full_report(item: str, project: str, words: Words) -> Block:
    label = f"{words.label('full-report')}: {one_line(project, 50)}"
    return button(words.label("full-report"), Action.FULL_REPORT, value=item, label=label)


def _asked(question: AskedQuestion, home: Home, words: Words) -> Block:
    return section(
        words.say(
            "home/asked-question.j2",
            project=one_line(question.project_name),
            quarter=question.quarter_label,
            text=one_line(question.text, _WORDS),
            day=Locale(home.locale).date_short(home.day(question.asked_at)),
            answer=one_line(question.answer, _WORDS) if question.answer is not None else None,
            answerer=one_line(question.answered_by, 60),
        )
    )
