"""The post that leadership reads: one screen, worst first, every word from templates/post."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date

from bot.domain.milestone_line import MilestoneLine
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import Check, DecisionLine, ObjectiveLine, QuarterlyReport, RiskLine
from bot.domain.update import DecisionState, PromiseResult, RiskKind, Ruling
from bot.flow.messages import ItemRef
from bot.locales import Locale
from bot.slack.blocks import Block, actions, button, clip, context, header, section, slack_length
from bot.slack.card import item_value
from bot.slack.ids import Action
from bot.slack.post.money import budget
from bot.slack.post.moves import plan_changes
from bot.slack.post.table import milestone_table
from bot.slack.voice import Voice, counted, direction, listed, mark, marked, one_line, ordinal
from bot.slack.words import Words
from bot.texts import SAFE

PREVIEW = "preview"  # the value of a preview's buttons: they only say that this is a preview
MOST_DECISIONS, MOST_RISKS = 5, 3
_MOST_OBJECTIVES, _MOST_MISSING, _MOST_PLAN_CHANGES, _MOST_EVIDENCE = 3, 3, 3, 2
_SUMMARY = 600  # characters: three or four sentences
# Characters of each part as mrkdwn: more than an honest report needs, and together under Slack's 10,000 for a message.
_LENGTHS = {"status": 2000, "summary": 1200, "decisions": 2400, "risks": 1500, "lines": 1500, "coverage": 900}
_SENTENCE_END = re.compile(r"[.!?。…][\"”')\]]*(?=\s)")
_EVIDENCE_OF_STATUS = ("status-vs-budget", "status-vs-schedule")


def voice_of(report: QuarterlyReport | PortfolioReport, words: Words) -> Voice:
    """How a report's figures are said: in its locale, seen from its date."""
    return Voice(words, Locale(report.locale), report.quarter, report.quarter_label, report.report_date)


def build(
    report: QuarterlyReport, words: Words, *, is_preview: bool, readers: int = 0, asked: Collection[str] = ()
) -> list[Block]:
    """The post's blocks, the most important first; the table is last, as Slack draws it last.

    `readers` is how many have acknowledged it, `asked` the decisions (keys) for which its texts ask.
    """
    voice = voice_of(report, words)
    table, rest = milestone_table(report, voice)
    return [
        header(f"{one_line(report.project_name)} · {report.quarter_label}"),
        section(clip(_status(report, voice), _LENGTHS["status"])),
        *_summary(report, words),
        *decisions(report.open_decisions, voice, decided=_decided(report), asked=asked, in_thread=True),
        *risks(report.open_risks, voice),
        *_quiet(report, voice),
        *_lines(report, voice),
        context(clip(_coverage(report, voice), _LENGTHS["coverage"]), *_read_by(readers, words)),
        _buttons(report, words, is_preview=is_preview),
        *([context(rest)] if rest else []),
        *([table] if table else []),
    ]


def gist(report: QuarterlyReport, words: Words) -> str:
    """The post in a sentence, for notifications and screen readers: no money and no words of owners."""
    status = report.status
    return words.report(
        "post/text.j2",
        project=one_line(report.project_name),
        label=report.quarter_label,
        status=status.shown.value,
        before=status.previous.value if status.previous else "",
        received=report.coverage.received,
        due=report.coverage.due,
        decisions=f"{counted(len(report.open_decisions), 'decision')} needed",
        risks=f"{counted(len(report.open_risks), 'open risk')}",
    )


def first_sentences(text: str, limit: int = _SUMMARY) -> tuple[str, bool]:
    """The whole sentences at the start of a text that fit, and whether anything was left out."""
    whole = text.strip()
    if slack_length(whole) <= limit:
        return whole, False
    ends = [match.end() for match in _SENTENCE_END.finditer(whole) if slack_length(whole[: match.end()]) <= limit]
    return (whole[: ends[-1]] if ends else clip(whole, limit).rstrip("…")), True


def severity(risk: RiskLine) -> str:
    """A risk's weight in words: ``Blocker``, ``High/Medium`` (probability/impact) or ``not rated``."""
    ratings = "/".join(rating.value for rating in (risk.probability, risk.impact) if rating)
    if risk.kind is RiskKind.BLOCKER:
        return f"Blocker, {ratings}" if ratings else "Blocker"
    return ratings or "not rated"


def age(risk: RiskLine) -> str:
    """How long a risk has been open, and whether it changed: ``new``, ``2nd quarter``, ``3rd quarter, graver than before``."""
    open_for = f"{ordinal(risk.age_quarters + 1)} quarter" if risk.age_quarters else "new"
    if risk.severity_before is None or risk.severity_before == risk.severity:
        return open_for
    return f"{open_for}, {'graver' if risk.severity > risk.severity_before else 'less grave'} than before"


def target(text: str, voice: Voice) -> str:
    """An objective's target as people say it: a date, a quarter, or the words that were typed."""
    try:
        return f"by {voice.day(date.fromisoformat(text.strip()))}"
    except ValueError:
        quarter = Quarter.find(text)
    return f"in {voice.quarter_name(quarter)}" if quarter else one_line(text, 60)


def _status(report: QuarterlyReport, voice: Voice) -> str:
    status = report.status
    return voice.words.report(
        "post/status.j2",
        mark=mark(status.shown),
        status=status.shown.value,
        arrow=direction(status.shown, status.previous),
        before=status.previous.value if status.previous else "",
        before_in=voice.quarter_name(status.previous_quarter or report.quarter.previous),
        rule=marked(status.by_rule) if status.differs else "",
        evidence=_evidence(report.checks),
        unknown=unknown_because(report, voice.words),
        why=one_line(status.why or "", 300),
        note=one_line(status.note or "", 300),
        phase=one_line(status.phase or "", 80),
        check_notes=[_check_note(check) for check in printed_checks(report) if check.note],
    )


def unknown_because(report: QuarterlyReport, words: Words) -> str:
    """Why the rule cannot tell how the project stands, in mrkdwn: ``too few updates are in``; empty where it can."""
    if report.status.by_rule is not RagStatus.NOT_KNOWN:
        return ""
    return SAFE(words.report("parts/unknown.txt.j2", coverage=report.coverage))


def printed_checks(report: QuarterlyReport) -> list[Check]:
    """The checks that leadership may see; those meant for the project manager alone never are."""
    return [check for check in report.checks if check.audience == "all"]


def _evidence(checks: Sequence[Check]) -> str:
    """Why the rule thinks otherwise, from the checks of status against money and dates."""
    found = [check.evidence[0].text for check in checks if check.id in _EVIDENCE_OF_STATUS and check.evidence]
    return "; ".join(one_line(evidence, 120) for evidence in found)


def _check_note(check: Check) -> dict[str, object]:
    """What the project manager says to a check, and what the check is about."""
    pieces = [one_line(piece.text, 120) for piece in check.evidence[:_MOST_EVIDENCE]]
    unlisted = len(check.evidence) - len(pieces)
    return {"sentence": check.sentence, "pieces": pieces, "unlisted": unlisted, "note": one_line(check.note or "", 160)}


def _summary(report: QuarterlyReport, words: Words) -> list[Block]:
    text, is_clipped = first_sentences(report.executive_summary)
    if not text:
        return []
    return [section(clip(words.report("post/summary.j2", text=text, is_clipped=is_clipped), _LENGTHS["summary"]))]


def decisions(
    waiting: Sequence[DecisionLine],
    voice: Voice,
    *,
    decided: Sequence[DecisionLine] = (),
    asked: Collection[str] = (),
    in_thread: bool = False,
) -> list[Block]:
    """The decisions that a project waits for, then those that leaders took; nothing where there are none.

    Of one that the report's texts ask for (a key in `asked`) it is said that it was taken afterwards.
    """
    if not (waiting or decided):
        return []
    said = [decision_facts(decision, voice) for decision in waiting[:MOST_DECISIONS]]
    taken = [decision_facts(line, voice) | {"is_since": line.key in asked} for line in decided[:MOST_DECISIONS]]
    text = voice.words.report(
        "post/decisions.j2",
        decisions=said,
        unlisted=len(waiting) - len(said),
        decided=taken,
        unlisted_decided=len(decided) - len(taken),
        in_thread=in_thread,
    )
    return [section(clip(text, _LENGTHS["decisions"]))]


def _decided(report: QuarterlyReport) -> list[DecisionLine]:
    """The decisions that leaders took in Slack, the latest last."""
    ruled = [(line.ruling.at, line) for line in report.decisions if line.ruling and line.state is DecisionState.DECIDED]
    return [line for _, line in sorted(ruled, key=lambda pair: pair[0])]


def ruling_phrase(ruling: Ruling, voice: Voice) -> str:
    """A leader's word in mrkdwn: ``approved by *Tom Reyes* on Oct 10``; the day is the company's."""
    return voice.words.report(
        "post/ruling.j2",
        verdict=ruling.verdict.value,
        option=one_line(ruling.option or "", 120),
        by=one_line(ruling.by, 60),
        day=voice.day(ruling.at.date()),
    )


def _read_by(readers: int, words: Words) -> list[str]:
    return [words.report("post/readers.j2", count=readers)] if readers else []


def decision_facts(decision: DecisionLine, voice: Voice) -> dict[str, str]:
    """What a line about a decision is made of; empty texts for what was not given."""
    return {
        "what": one_line(decision.what, 200),
        "who": one_line(decision.who or "", 60),
        "by": voice.day(decision.by) if decision.by else "",
        "options": one_line(" or ".join(decision.options), 120),
        "asked": voice.aged(decision.asked_in) if decision.asked_in != voice.quarter else "",
        "said": SAFE(ruling_phrase(decision.ruling, voice)) if decision.ruling else "",
    }


def risks(waiting: Sequence[RiskLine], voice: Voice) -> list[Block]:
    """A project's gravest risks; nothing where there are none."""
    if not waiting:
        return []
    said = [risk_facts(risk) for risk in waiting[:MOST_RISKS]]
    text = voice.words.report("post/risks.j2", risks=said, unlisted=len(waiting) - len(said))
    return [section(clip(text, _LENGTHS["risks"]))]


def risk_facts(risk: RiskLine) -> dict[str, str]:
    """What a line about a risk is made of; empty texts for what was not given."""
    return {
        "title": one_line(risk.title, 100),
        "severity": severity(risk),
        "age": age(risk),
        "owner": one_line(risk.owner or "", 60),
        "mitigation": one_line(risk.mitigation or "", 140),
    }


def _quiet(report: QuarterlyReport, voice: Voice) -> list[Block]:
    """A word where leaders look for decisions, risks and money and there are none."""
    asked = report.open_decisions or _decided(report)
    parts = {"decision": asked, "risk": report.open_risks, "budget": budget(report.resources, voice)}
    missing = [name for name, found in parts.items() if not found]
    return [context(voice.words.report("post/quiet.j2", missing=missing))] if missing else []


def _lines(report: QuarterlyReport, voice: Voice) -> list[Block]:
    """Budget, promises, changes of the plan and next quarter: a line each, in one paragraph."""
    lines = [
        budget(report.resources, voice),
        _promises(report, voice),
        _plan(report, voice),
        _next(report.objectives, voice),
    ]
    return [section(clip("\n".join(filter(None, lines)), _LENGTHS["lines"]))] if any(lines) else []


def _promises(report: QuarterlyReport, voice: Voice) -> str:
    if not report.promises:
        return ""
    quarters = {promise.promised_in for promise in report.promises}
    same = next(iter(quarters)) if len(quarters) == 1 else None
    return voice.words.report(
        "post/promises.j2",
        promised_in=voice.quarter_name(same) if same else "",
        **promise_facts(report),
    )


def promise_facts(report: QuarterlyReport) -> dict[str, str | int]:
    """What became of the promises that came due, ``4 kept · 1 carried over``.

    And how many were kept of all that were answered for in so many quarters; 0 quarters until they were in two.
    """
    results = Counter(promise.result for promise in report.promises)
    words = [(result, result.value) for result in PromiseResult] + [(None, "unanswered")]
    quarters = sum(bool(tally.answered) for tally in report.promise_history)
    kept, answered = report.kept_of_answered
    return {
        "counts": " · ".join(f"{results[result]} {word}" for result, word in words if results[result]),
        "kept": kept,
        "answered": answered,
        "quarters": quarters if quarters > 1 else 0,
    }


def _plan(report: QuarterlyReport, voice: Voice) -> str:
    changes = plan_changes(report, voice)
    if not changes:
        return ""
    said = changes[:_MOST_PLAN_CHANGES]
    return voice.words.report("post/plan.j2", changes=said, unlisted=len(changes) - len(said))


def _next(objectives: Sequence[ObjectiveLine], voice: Voice) -> str:
    if not objectives:
        return ""
    said = [_objective(objective, voice) for objective in objectives[:_MOST_OBJECTIVES]]
    return voice.words.report("post/next.j2", objectives=said, unlisted=len(objectives) - len(said))


def _objective(objective: ObjectiveLine, voice: Voice) -> str:
    title = one_line(objective.title, 100)
    return f"{title} ({target(objective.target, voice)})" if objective.target else title


def _coverage(report: QuarterlyReport, voice: Voice) -> str:
    by_key = {milestone.key: milestone for milestone in report.milestones}
    missing = [by_key[key] for key in report.coverage.missing if key in by_key]
    excused = [one_line(by_key[key].name, 60) for key in report.coverage.excused if key in by_key]
    return voice.words.report(
        "post/coverage.j2",
        due=report.coverage.due,
        received=report.coverage.received,
        missing=[_last_known(milestone, voice) for milestone in missing[:_MOST_MISSING]],
        unnamed=max(0, len(missing) - _MOST_MISSING),
        excused=listed(excused, _MOST_MISSING),
        revision=report.revision or 0,
        date=voice.day(report.report_date),
    )


def _last_known(milestone: MilestoneLine, voice: Voice) -> tuple[str, str, str]:
    """A milestone without an update: its name, what was last known, and when that was."""
    known = milestone.known
    name = one_line(milestone.name, 60)
    if known is None:
        return name, "", ""
    status = known.status.value.lower() if known.status else ""
    last = voice.percent(known.percent_complete) if known.percent_complete is not None else status
    return name, last, voice.aged(known.quarter)


def _buttons(report: QuarterlyReport, words: Words, *, is_preview: bool) -> Block:
    value = PREVIEW if is_preview else item_value(ItemRef(report.project_key, report.quarter))
    return actions(
        button(words.label("full-report"), Action.FULL_REPORT, value=value, style="primary"),
        button(words.label("ask-question"), Action.ASK_QUESTION, value=value),
        button(words.label("acknowledge"), Action.ACKNOWLEDGE, value=value),
    )
