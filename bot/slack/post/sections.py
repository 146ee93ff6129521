"""The whole report in sections: replies in the post's thread, and the dialog behind "Full report"."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.report import (
    DecisionLine,
    EarnedValue,
    ObjectiveLine,
    PromiseLine,
    QuarterlyReport,
    QuestionLine,
    ResourcesLine,
    RiskLine,
)
from bot.domain.rounding import rounded
from bot.domain.sections import ReportSection
from bot.domain.update import DecisionState
from bot.slack.blocks import Block, clean, header, modal, section, slack_length, split_text
from bot.slack.ids import View
from bot.slack.post.money import budget_before
from bot.slack.post.moves import forecast, last_known, moves, plan_changes, status
from bot.slack.post.post import age, first_sentences, promise_facts, ruling_phrase, severity, target, voice_of
from bot.slack.voice import Voice, link_words, listed, marked, one_line
from bot.slack.words import Words
from bot.texts import SAFE

_REPLY_CHARACTERS = 9000  # Slack refuses a message at about 13,000 characters over its blocks; 10,000 is the known good
_REPLY_BLOCKS = 45  # Slack: 50
_VIEW_BLOCKS = 97  # Slack: 100, less the head and the last line
_VIEW_BYTES = 200_000  # Slack: 250 KB for a whole view, counted here as escaped JSON
_LINES_A_PARAGRAPH = 20

_STATES = {
    LineState.CONFIRMED: "confirmed unchanged",
    LineState.MISSING: "no update",
    LineState.NEW: "new, not due yet",
    LineState.EXCUSED: "excused",
    LineState.PAUSED: "paused",
    LineState.DROPPED: "dropped",
}


# The part of the thread that each section of the report is
_PARTS = {
    ReportSection.STATUS: "status",
    ReportSection.EXECUTIVE_SUMMARY: "summary",
    ReportSection.KEY_MILESTONES: "milestones",
    ReportSection.IMPACT: "impact",
    ReportSection.RISKS: "risks",
    ReportSection.OBJECTIVES: "objectives",
    ReportSection.RESOURCES: "resources",
    ReportSection.DECISIONS: "decisions",
    ReportSection.CONCLUSION: "conclusion",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report: its heading, and paragraphs of mrkdwn, each short enough for one block."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """As much of a section as fits one message; `part` of `parts` where it needs several."""

    section: Section
    part: int = 1
    parts: int = 1


def sections(report: QuarterlyReport, words: Words) -> list[Section]:
    """Everything the report holds, in reading order; what was not given is left out."""
    voice = voice_of(report, words)
    parts = {
        "status": [],
        "summary": [_escaped(report.executive_summary, voice), _own_answers(_more(report.more), voice)],
        "moved": _grouped_lines(moves(report, voice)),
        "plan": _grouped_lines([_plan_change(change, voice) for change in plan_changes(report, voice)]),
        "milestones": [milestone_text(milestone, voice) for milestone in report.milestones],
        "impact": [_escaped(report.impact or "", voice)],
        "risks": [_risk(risk, number, voice) for number, risk in enumerate(_gravest_first(report), 1)],
        "objectives": [_objective(line, number, voice) for number, line in enumerate(report.objectives, 1)],
        "promises": _promises(report, voice),
        "resources": [_resources(report, voice)],
        "decisions": [_decision(line, number, voice) for number, line in enumerate(_open_first(report), 1)],
        "questions": [_question(line, voice) for line in report.questions],
        "conclusion": [_escaped(report.conclusion, voice)],
        "sources": _sources(report, voice),
    }
    for section_of, name in _PARTS.items():
        parts[name].append(_own_answers(_placed(report, section_of), voice))
    cut = {name: tuple(piece for text in texts for piece in split_text(text)) for name, texts in parts.items()}
    return [Section(words.label(f"section-{name}"), pieces) for name, pieces in cut.items() if pieces]


def replies(report: QuarterlyReport, words: Words) -> list[Reply]:
    """The thread's replies: a section each, in as many messages as Slack's limits ask for.

    The text of the executive summary is left out where the post shows the whole of it.
    """
    shown_in_post = not first_sentences(report.executive_summary)[1]
    unsaid = replace(report, executive_summary="") if shown_in_post else report
    return [reply for part in sections(unsaid, words) for reply in _fitting(part)]


def section_count(report: QuarterlyReport, words: Words) -> int:
    """How many replies the report makes; `SectionReply.index` counts up to it."""
    return len(replies(report, words))


def reply_blocks(reply: Reply, words: Words) -> list[Block]:
    """One reply: its heading, then its paragraphs."""
    title = words.report("post/section-title.j2", title=reply.section.title, part=reply.part, parts=reply.parts)
    return [section(title), *map(section, reply.section.paragraphs)]


def reply_gist(report: QuarterlyReport, reply: Reply, words: Words) -> str:
    """What a reply is about, for notifications and screen readers."""
    project = one_line(report.project_name)
    return words.report("post/section-text.j2", project=project, label=report.quarter_label, title=reply.section.title)


def full_report(report: QuarterlyReport, words: Words) -> Block:
    """The view behind "Full report": every section, as far as one dialog holds them."""
    blocks: list[Block] = []
    room = _VIEW_BYTES
    for block in _report_blocks(report, words):
        room -= len(json.dumps(block))
        if room < 0 or len(blocks) == _VIEW_BLOCKS:
            blocks.append(section(words.report("post/report-rest.j2")))
            break
        blocks.append(block)
    head = section(_report_head(report, words))
    close = words.label("close")
    return modal(words.label("full-report"), [head, *blocks], callback_id=View.FULL_REPORT, close=close)


def _report_blocks(report: QuarterlyReport, words: Words) -> Iterator[Block]:
    for part in sections(report, words):
        yield header(part.title)
        yield from map(section, part.paragraphs)


def _report_head(report: QuarterlyReport, words: Words) -> str:
    voice = voice_of(report, words)
    return words.report(
        "post/report-head.j2",
        project=one_line(report.project_name),
        label=report.quarter_label,
        status=marked(report.status.shown),
        date=voice.locale.date_long(report.report_date),
        phase=one_line(report.status.phase or "", 80),
        revision=report.revision or 0,
    )


def _fitting(whole: Section) -> list[Reply]:
    """A section cut between paragraphs so that each part fits one message."""
    groups: list[list[str]] = [[]]
    room = _REPLY_CHARACTERS
    for paragraph in whole.paragraphs:
        room -= slack_length(paragraph)
        if groups[-1] and (room < 0 or len(groups[-1]) == _REPLY_BLOCKS):
            groups.append([])
            room = _REPLY_CHARACTERS - slack_length(paragraph)
        groups[-1].append(paragraph)
    cut = [Section(whole.title, tuple(group)) for group in groups]
    return [Reply(part, number, len(cut)) for number, part in enumerate(cut, 1)]


def _escaped(text: str, voice: Voice) -> str:
    return voice.words.report("post/sections/text.j2", text=clean(text))


def milestone_text(milestone: MilestoneLine, voice: Voice) -> str:
    """Everything that is said of a milestone, as mrkdwn of any length."""
    return voice.words.report(
        "post/sections/milestone.j2",
        title=one_line(milestone.name),
        owner=one_line(milestone.owner, 60),
        co_owners=listed([one_line(name, 60) for name in milestone.co_owners], 3),
        said=_standing(milestone, voice),
        slip=milestone.slippage_days or 0,
        first=milestone.slippage_from_first_days or 0,
        moved=milestone.forecast_moved_days or 0,
        state=_state(milestone, voice),
        deliverables=list(map(clean, milestone.deliverables)),
        impact=clean(milestone.impact or ""),
        note=clean(milestone.note or ""),
        recovery=clean(milestone.recovery or ""),
        evidence=[(link_words(piece), piece.url) for piece in milestone.evidence],
        answers=_more(milestone.more),
    )


def _standing(milestone: MilestoneLine, voice: Voice) -> str:
    """Colour, word and figures of this quarter; what was complete before stays complete."""
    if milestone.state is LineState.COMPLETE and milestone.status is None:
        return "✅ Complete in an earlier quarter"
    before = milestone.known.percent_complete if milestone.known else None
    figures = [
        status(milestone),
        voice.progress(milestone.percent_complete, before) if milestone.percent_complete is not None else "",
        f"forecast {forecast(milestone, voice)}" if milestone.forecast else "",
    ]
    return " · ".join(filter(None, figures))


def _state(milestone: MilestoneLine, voice: Voice) -> str:
    """Why there is no answer, and what was last known then."""
    state = _STATES.get(milestone.state, "")
    if milestone.state is not LineState.MISSING or not milestone.known:
        return state
    last = last_known(milestone.known, voice)
    return f"{state}; {voice.when(milestone.known.quarter)} {last}" if last else state


def _risk(risk: RiskLine, number: int, voice: Voice) -> str:
    return voice.words.report(
        "post/sections/risk.j2",
        number=number,
        title=one_line(risk.title),
        severity=severity(risk),
        age=age(risk),
        is_open=risk.is_open,
        is_unmanaged=risk.is_unmanaged,
        challenge=clean(risk.challenge or ""),
        mitigation=clean(risk.mitigation or ""),
        owner=one_line(risk.owner or "", 60),
        due=_day(risk.due, voice),
        waits_on=clean(risk.waits_on or ""),
        since=_day(risk.since, voice),
        milestone=one_line(risk.milestone or ""),
        answers=_more(risk.more),
    )


def _objective(objective: ObjectiveLine, number: int, voice: Voice) -> str:
    return voice.words.report(
        "post/sections/objective.j2",
        number=number,
        title=one_line(objective.title),
        detail=clean(objective.detail or ""),
        deliverable=clean(objective.deliverable or ""),
        starts=target(objective.starts, voice) if objective.starts else "",
        target=target(objective.target, voice) if objective.target else "",
        milestone=one_line(objective.milestone or ""),
    )


def _promises(report: QuarterlyReport, voice: Voice) -> list[str]:
    """How many were kept, then each with its reason."""
    if not report.promises:
        return []
    counted = voice.words.report("post/sections/kept.j2", **promise_facts(report))
    return [counted, *(promise_text(promise, voice) for promise in report.promises)]


def promise_text(promise: PromiseLine, voice: Voice) -> str:
    """What became of an objective, as mrkdwn."""
    return voice.words.report(
        "post/sections/promise.j2",
        title=one_line(promise.title),
        promised_in=voice.quarter_name(promise.promised_in) if promise.promised_in else "",
        result=promise.result.value if promise.result else "",
        reason=clean(promise.reason or ""),
    )


def _gravest_first(report: QuarterlyReport) -> list[RiskLine]:
    """Risks in the order of the post, closed ones last."""
    return [*report.open_risks, *(risk for risk in report.risks if not risk.is_open)]


def _open_first(report: QuarterlyReport) -> list[DecisionLine]:
    """Decisions in the order of the post, settled ones last."""
    return [*report.open_decisions, *(d for d in report.decisions if d.state is not DecisionState.OPEN)]


def _plan_change(change: str, voice: Voice) -> str:
    return voice.words.report("post/sections/plan-change.j2", change=change)


def _decision(decision: DecisionLine, number: int, voice: Voice) -> str:
    return voice.words.report(
        "post/sections/decision.j2",
        number=number,
        what=one_line(decision.what, 500),
        state=decision.state.value,
        who=one_line(decision.who or "", 60),
        by=_day(decision.by, voice),
        options=clean("; ".join(decision.options)),
        outcome=clean(decision.outcome or ""),
        asked_in=voice.quarter_name(decision.asked_in),
        said=SAFE(ruling_phrase(decision.ruling, voice)) if decision.ruling else "",
        comment=clean((decision.ruling and decision.ruling.comment) or ""),
    )


def _question(question: QuestionLine, voice: Voice) -> str:
    """A reader's question with its answer; the report has its instants on the company's clock."""
    answered = voice.day(question.answered_at.date()) if question.answered_at else ""
    return voice.words.report(
        "post/sections/question.j2",
        question=clean(question.text),
        asker=one_line(question.asked_by, 60),
        milestone=one_line(question.milestone or ""),
        asked=voice.day(question.asked_at.date()),
        asked_in=voice.aged(question.asked_in) if question.age_quarters else "",
        answer=clean(question.answer or ""),
        answerer=one_line(question.answered_by or "", 60),
        answered=answered,
    )


def _reported(resources: ResourcesLine, voice: Voice) -> str:
    """Percentages as they were given, where they disagree with the amounts."""
    used = resources.reported_percent_used
    said = (
        "" if used is None else f"{voice.percent(used)} used",
        _variance(resources.reported_percent_variance, voice),
    )
    return ", ".join(filter(None, said))


def _resources(report: QuarterlyReport, voice: Voice) -> str:
    resources, earned = report.resources, report.earned_value
    if resources is None:
        return ""
    return voice.words.report(
        "post/sections/resources.j2",
        budget=_money(resources.budget_at_completion, resources, voice),
        spent=_money(resources.actual_cost, resources, voice),
        forecast=_money(resources.forecast_at_completion, resources, voice),
        used="" if resources.percent_used is None else voice.percent(resources.percent_used),
        variance=_variance(resources.percent_variance, voice),
        reported=_reported(resources, voice),
        variance_before=_variance(resources.previous_percent_variance, voice),
        before=budget_before(resources, voice),
        before_in=voice.quarter_name(resources.previous.quarter) if resources.previous else "",
        earned=SAFE(_earned(earned, resources, voice)) if earned else "",
        budget_note=clean(resources.budget_note or ""),
        staffing_planned=_staff(resources.staffing_planned, resources, voice),
        staffing_actual=_staff(resources.staffing_actual, resources, voice),
        staffing_note=clean(resources.staffing_note or ""),
        vendors=clean(resources.vendors or ""),
        dependencies=clean("; ".join(resources.dependencies)),
        answers=_more(resources.more),
    )


def _earned(value: EarnedValue, resources: ResourcesLine, voice: Voice) -> str:
    """Work done beside what was spent and planned; what lacks an input is left out."""
    amounts = {"planned": value.planned_value, "done": value.earned_value, "spent": value.actual_cost}
    indices = {"by_cost": value.cost_performance_index, "by_plan": value.schedule_performance_index}
    return voice.words.report(
        "post/sections/earned.j2",
        **{name: "" if a is None else _money(rounded(a), resources, voice) for name, a in amounts.items()},
        **{name: "" if i is None else voice.locale.number(rounded(i, 2)) for name, i in indices.items()},
    )


def _sources(report: QuarterlyReport, voice: Voice) -> list[str]:
    """Who said what and when, several lines a paragraph; the report has its instants on the company's clock."""
    lines = [
        voice.words.report(
            "post/sections/source.j2",
            item=one_line(source.item),
            by=one_line(source.speaker, 120),
            day=voice.day(source.at.date()),
            is_confirmed=source.confirmed,
            percent="" if source.percent is None else voice.percent(source.percent),
            link=source.link or "",
            editor=one_line(source.edited_by or "", 60),
            edited_on=voice.day(source.edited_at.date()) if source.edited_at else "",
        )
        for source in report.sources
    ]
    return _grouped_lines(lines)


def _grouped_lines(lines: Sequence[str]) -> list[str]:
    """Many short lines as few paragraphs: a message holds fewer blocks than a report may have lines."""
    starts = range(0, len(lines), _LINES_A_PARAGRAPH)
    return ["\n".join(lines[start : start + _LINES_A_PARAGRAPH]) for start in starts]


def _more(answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Answers to a company's own questions, under the question's key."""
    return [(_asked(key), clean(text)) for key, text in answers.items()]


def _placed(report: QuarterlyReport, section_of: ReportSection) -> list[tuple[str, str]]:
    """The answers that were put into a section, each naming the milestone or risk that it is about."""
    placed = (answer for answer in report.placed_answers if answer.section is section_of)
    return [
        (_asked(answer.question) + (f" ({one_line(answer.about)})" if answer.about else ""), clean(answer.answer))
        for answer in placed
    ]


def _asked(key: str) -> str:
    return key.replace("-", " ").replace("_", " ").capitalize()


def _own_answers(answers: Sequence[tuple[str, str]], voice: Voice) -> str:
    return voice.words.report("post/sections/more.j2", answers=answers)


def _day(day: date | None, voice: Voice) -> str:
    return voice.day(day) if day else ""


def _money(amount: Decimal | None, resources: ResourcesLine, voice: Voice) -> str:
    if amount is None:
        return ""
    return voice.locale.money(amount, resources.currency) if resources.currency else voice.locale.number(amount)


def _variance(value: Decimal | None, voice: Voice) -> str:
    return "" if value is None else voice.variance(value)


def _staff(value: Decimal | None, resources: ResourcesLine, voice: Voice) -> str:
    return "" if value is None else f"{voice.locale.number(value)} {one_line(resources.staffing_unit, 40)}"
