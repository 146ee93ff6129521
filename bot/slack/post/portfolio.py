"""The post on all projects: one screen, worst first, every word from templates/portfolio; and a reply a project."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.movement import Movement
from bot.domain.portfolio_report import MoneyLine, MoneySum, PortfolioReport, ProjectLine
from bot.domain.project import RagStatus
from bot.domain.report import Coverage
from bot.slack.blocks import Block, clip, context, header, section
from bot.slack.post import post
from bot.slack.post.money import budget
from bot.slack.post.portfolio_table import project_table
from bot.slack.post.post import MOST_DECISIONS, MOST_RISKS, first_sentences, voice_of
from bot.slack.voice import ARROWS, Voice, counted, direction, listed, mark, marked, one_line
from bot.slack.words import Words

_MOST_NAMED = 5
_NAME = 60
# Characters of each part as mrkdwn: more than an honest report needs, and together under Slack's 10,000 for a message.
_LENGTHS = {"moved": 2400, "decisions": 2400, "risks": 1500, "money": 1500, "coverage": 900}
_WAYS = (
    (Movement.WORSE, "worse"),
    (Movement.BETTER, "better"),
    (Movement.SAME, "the same"),
    (None, "cannot be compared"),
)


def build(report: PortfolioReport, words: Words) -> list[Block]:
    """The post's blocks, the most important first; the table is last, as Slack draws it last."""
    voice = voice_of(report, words)
    table, rest = project_table(report, voice)
    return [
        header(title(report, words)),
        section(counts(report, words)),
        *_part("moved", _moved(report, voice)),
        *_part("decisions", _decisions(report, voice)),
        *_part("risks", _risks(report, words)),
        *_part("money", _money(report.money, voice)),
        context(clip(_coverage(report, voice), _LENGTHS["coverage"])),
        *([context(rest)] if rest else []),
        table,
    ]


def gist(report: PortfolioReport, words: Words) -> str:
    """The post in a sentence, for notifications and screen readers: no money and no words of owners."""
    return words.report(
        "portfolio/post/text.j2",
        title=title(report, words),
        counts=", ".join(f"{count} {status.value}" for status, count in report.counts),
        published=len(report.published),
        total=len(report.projects),
        received=report.coverage.received,
        due=report.coverage.due,
        decisions=f"{counted(len(report.open_decisions), 'decision')} needed",
    )


def title(report: PortfolioReport, words: Words) -> str:
    """What the post is called, as plain text."""
    return words.report_plain(
        "portfolio/post/title.j2", company=one_line(report.company, _NAME), label=report.quarter_label
    )


def updates(coverage: Coverage) -> str:
    """How many have answered: ``3 of 4 updates``."""
    return f"{coverage.received} of {counted(coverage.due, 'update')}" if coverage.due else "no update due"


def reply(report: PortfolioReport, index: int, words: Words) -> list[Block]:
    """One project in the thread: how it stands, what it needs and risks, and where that was said."""
    line, voice = report.projects[index], voice_of(report, words)
    money = budget(line.resources, voice)
    return [
        section(_standing(line, voice)),
        *post.decisions(line.decisions, voice),
        *post.risks(line.risks, voice),
        *([section(money)] if money else []),
        context(_source(line, voice)),
    ]


def reply_gist(report: PortfolioReport, index: int, words: Words) -> str:
    """What a project's reply says, for notifications and screen readers."""
    line = report.projects[index]
    status = line.status.shown.value if line.status else "not yet published"
    return words.report("portfolio/post/project-text.j2", project=one_line(line.name), status=status)


def _part(name: str, text: str) -> list[Block]:
    return [section(clip(text, _LENGTHS[name]))] if text else []


def counts(report: PortfolioReport, words: Words) -> str:
    """How many projects have each status; of those that are not yet published, what was last known."""
    return words.report(
        "portfolio/post/counts.j2",
        total=len(report.projects),
        published=len(report.published),
        counts=_marked(report.counts),
        unpublished=len(report.unpublished),
        last=_marked(report.last_counts),
        never=sum(line.last_shown is None for line in report.unpublished),
    )


def _marked(counts: Sequence[tuple[RagStatus, int]]) -> list[tuple[str, int, str]]:
    return [(mark(status), count, status.value) for status, count in counts]


def _moved(report: PortfolioReport, voice: Voice) -> str:
    """What went which way since last quarter; empty while nothing is published."""
    ways = [
        {
            "arrow": ARROWS[way] if way else "–",
            "name": name,
            "count": len(lines),
            "projects": listed([_moved_name(line) for line in lines], _MOST_NAMED),
        }
        for way, name in _WAYS
        if (lines := report.moved(way))
    ]
    return voice.words.report("portfolio/post/moved.j2", before=_before(report, voice), ways=ways) if ways else ""


def _before(report: PortfolioReport, voice: Voice) -> str:
    """The quarter with which all projects are compared; empty where the last reports before are of several."""
    told = [line.status for line in report.published if line.status and line.status.previous]
    quarters = {status.previous_quarter or report.quarter.previous for status in told} or {report.quarter.previous}
    return voice.quarter_name(quarters.pop()) if len(quarters) == 1 else ""


def _moved_name(line: ProjectLine) -> str:
    """A project and, where its status moved, from what to what."""
    name = one_line(line.name, _NAME)
    return f"{name} ({line.moved_from} → {line.status.shown})" if line.status and line.moved_from else name


def _decisions(report: PortfolioReport, voice: Voice) -> str:
    waiting = report.open_decisions
    if not waiting:
        return ""
    said = [
        post.decision_facts(decision, voice) | {"project": one_line(line.name, _NAME)}
        for line, decision in waiting[:MOST_DECISIONS]
    ]
    return voice.words.report("portfolio/post/decisions.j2", decisions=said, unlisted=len(waiting) - len(said))


def _risks(report: PortfolioReport, words: Words) -> str:
    known = report.open_risks
    if not known:
        return ""
    said = [post.risk_facts(risk) | {"project": one_line(line.name, _NAME)} for line, risk in known[:MOST_RISKS]]
    return words.report("portfolio/post/risks.j2", risks=said, unlisted=len(known) - len(said))


def _money(money: Sequence[MoneyLine], voice: Voice) -> str:
    """A line a currency; empty where nothing was given."""
    lines = [
        {
            "spent": _spent(line.spent, line.currency, voice),
            "spent_in": _in_projects(line.spent),
            "forecast": _forecast(line.forecast, line.currency, voice),
            "forecast_in": _in_projects(line.forecast),
        }
        for line in money
    ]
    return voice.words.report("portfolio/post/money.j2", lines=lines) if lines else ""


def _spent(total: MoneySum | None, currency: str, voice: Voice) -> str:
    return f"{voice.money(total.amount, currency)} spent of {voice.money(total.budget, currency)}" if total else ""


def _forecast(total: MoneySum | None, currency: str, voice: Voice) -> str:
    if total is None:
        return ""
    return f"forecast {voice.money(total.amount, currency)}, {voice.variance(total.percent_variance)}"


def _in_projects(total: MoneySum | None) -> str:
    return counted(total.projects, "project") if total else ""


def _coverage(report: PortfolioReport, voice: Voice) -> str:
    waiting = [f"{one_line(line.name, _NAME)} ({updates(line.coverage)})" for line in report.unpublished]
    return voice.words.report(
        "portfolio/post/coverage.j2",
        due=report.coverage.due,
        received=report.coverage.received,
        unpublished=listed(waiting, _MOST_NAMED),
        revision=report.revision or 0,
        date=voice.day(report.report_date),
    )


def _standing(line: ProjectLine, voice: Voice) -> str:
    status = line.status
    summary, is_clipped = first_sentences(line.executive_summary)
    return voice.words.report(
        "portfolio/post/project.j2",
        summary=summary,
        is_clipped=is_clipped,
        project=one_line(line.name),
        status=marked(status.shown) if status else "",
        arrow=direction(status.shown, status.previous) if status else "",
        before=status.previous.value if status and status.previous else "",
        before_in=voice.quarter_name((status and status.previous_quarter) or voice.quarter.previous),
        rule=marked(status.by_rule) if status and status.differs else "",
        last=_last_shown(line, voice),
    )


def _last_shown(line: ProjectLine, voice: Voice) -> str:
    """What leadership read of an unpublished project before: ``🟠 At risk in Q2``."""
    last = line.last_shown
    return f"{marked(last.status)} in {voice.aged(last.quarter)}" if last else ""


def _source(line: ProjectLine, voice: Voice) -> str:
    return voice.words.report(
        "portfolio/post/project-source.j2",
        updates=updates(line.coverage),
        manager=one_line(line.manager, _NAME),
        revision=line.revision or 0,
        date=voice.day(line.published_at.date()) if line.published_at else "",
    )
