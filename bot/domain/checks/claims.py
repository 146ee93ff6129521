"""Claims of the texts held against the figures, for the manager only.

Evidence: `words`, quoted, and `line`, None where the manager's own texts claim it of the project.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.checks import words
from bot.domain.checks.evidence import Values, of_answer, of_line
from bot.domain.checks.sentences import sentences
from bot.domain.facts import ReportFacts
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.report import QuarterlyReport
from bot.domain.update import MilestoneUpdate


def words_moved_figure_did_not(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """A text of this quarter reports progress, while percent and forecast are the last known ones.

    The manager's texts are held against all milestones: if one of them may have moved, they may speak of that.
    """
    still = [line for line in report.milestones if _stands_still(line)]
    for line in still:
        if claim := _new_progress(line, facts):
            yield of_line(line, facts, words=words.quote(claim))
    if still and not any(map(_may_have_moved, report.milestones)):
        for text in _manager_texts(facts):
            if claim := next(words.progress_claims(sentences(text)), None):
                yield of_answer(facts.answers.summary, facts, line=None, words=words.quote(claim))


def overclaimed(report: QuarterlyReport, facts: ReportFacts) -> Iterator[Values]:
    """A text says complete, 100 % or ahead of schedule, and the figures do not."""
    answered = [line for line in report.milestones if line.is_answered]
    for line in answered:
        if claim := next(_owner_overclaims(line, facts), None):
            yield of_line(line, facts, words=words.quote(claim))
    for text in _manager_texts(facts):
        for named, claim in _manager_overclaims(list(sentences(text)), answered, report, facts):
            yield of_answer(facts.answers.summary, facts, line=named, words=words.quote(claim))


def _manager_texts(facts: ReportFacts) -> list[str]:
    said = facts.summary
    return [text for text in (said.executive_summary, said.conclusion, said.status_note) if text]


def _stands_still(line: MilestoneLine) -> bool:
    """Percent and forecast are the last known ones; a date never given stands still, at 100 % there is nowhere to go.

    Nothing is known of the movement of a percentage that was not given.
    """
    if line.state is not LineState.ANSWERED or line.known is None or _is_at_the_end(line):
        return False
    return line.percent_change == 0 and line.forecast == line.known.forecast


def _may_have_moved(line: MilestoneLine) -> bool:
    return line.state is LineState.ANSWERED and not _stands_still(line)


def _new_progress(line: MilestoneLine, facts: ReportFacts) -> str | None:
    """The first progress that the owner's texts report and did not report in the last answer."""
    known = facts.last_known(line.key)
    before = known[1].value if known else MilestoneUpdate()
    listed = {item.strip().casefold() for item in before.deliverables}
    delivered = (item for item in line.deliverables if item.strip().casefold() not in listed)
    if claim := next(delivered, None):
        return claim
    texts = (text for text in (line.impact, line.note) if text and text not in (before.impact, before.note))
    return next((claim for text in texts for claim in words.progress_claims(sentences(text))), None)


def _owner_overclaims(line: MilestoneLine, facts: ReportFacts) -> Iterator[str]:
    for text in filter(None, (*line.deliverables, line.impact, line.note)):
        read = list(sentences(text))
        if _is_incomplete(line):
            yield from words.completion_claims(read, (*words.MILESTONE, line.name), is_about_it=True)
        if not _is_ahead(line, facts):
            yield from words.lead_claims(read)


def _manager_overclaims(
    text: list[str], answered: list[MilestoneLine], report: QuarterlyReport, facts: ReportFacts
) -> Iterator[tuple[MilestoneLine | None, str]]:
    """What the manager claims of a milestone by its name, and of the project elsewhere."""
    for line in filter(_is_incomplete, answered):
        yield from ((line, claim) for claim in words.completion_claims(text, (line.name,), is_about_it=False))
    for claim in words.lead_claims(text):
        named = [line for line in answered if words.names(claim, line.name)]
        yield from ((line, claim) for line in named if not _is_ahead(line, facts))
        if not named and not _is_project_ahead(answered, facts):
            yield None, claim
    yield from ((None, claim) for claim in _project_overclaims(text, report))


def _project_overclaims(text: list[str], report: QuarterlyReport) -> Iterator[str]:
    if any(map(_is_incomplete, report.milestones)):
        for claim in words.completion_claims(text, (*words.PROJECT, report.project_name), is_about_it=True):
            if not any(words.names(claim, line.name) for line in report.milestones):
                yield claim


def _is_at_the_end(line: MilestoneLine) -> bool:
    """Complete, or at 100 % whatever its status: no claim of completion goes beyond that."""
    return line.is_complete or line.percent_complete == 100


def _is_incomplete(line: MilestoneLine) -> bool:
    """Whether a figure of this quarter says that it is not complete."""
    return not _is_at_the_end(line) and (line.percent_complete is not None or line.status is not None)


def _is_ahead(line: MilestoneLine, facts: ReportFacts) -> bool:
    """Whether the dates say so: against the baseline it had at first, where that was moved; complete before it is ahead."""
    slip = line.slippage_days if line.slippage_from_first_days is None else line.slippage_from_first_days
    if slip is not None:
        return slip < 0
    baseline = line.first_baseline or line.baseline
    return _is_at_the_end(line) and baseline is not None and facts.judged_on < baseline


def _is_project_ahead(answered: list[MilestoneLine], facts: ReportFacts) -> bool:
    is_late = any((line.slippage_days or 0) > 0 for line in answered)
    return not is_late and any(_is_ahead(line, facts) for line in answered)
