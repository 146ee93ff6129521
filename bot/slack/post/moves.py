"""What moved since last quarter, as the thread tells it, and what was changed in the plan, as the post and the thread do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bot.domain.milestone_line import Known, MilestoneLine
from bot.domain.moves import Moves, moves_of
from bot.domain.report import QuarterlyReport, RiskLine, ScopeChange, ScopeChangeKind
from bot.slack.voice import ARROWS, Voice, counted, listed, marked, one_line

_MOST_NAMED = 5
# What hides most when it goes unsaid comes first: a moved date or sum, then what is in the plan, then names.
_ORDER = (
    ScopeChangeKind.BASELINE_MOVED,
    ScopeChangeKind.REBASELINED,
    ScopeChangeKind.DROPPED,
    ScopeChangeKind.ADDED,
    ScopeChangeKind.MOVED,
    ScopeChangeKind.HANDED_OVER,
    ScopeChangeKind.RENAMED,
)


def moves(report: QuarterlyReport, voice: Voice) -> list[str]:
    """A line for each milestone that moved, the worst first; then how many did not, and which risks came, went or changed.

    Nothing for a report that has nothing before it.
    """
    found = moves_of(report)
    if found is None:
        return []
    said = [_moved(line, voice) for line in found.lines]
    return [*said, *filter(None, [_others(found, voice), _risks(found, voice)])]


def plan_changes(report: QuarterlyReport, voice: Voice) -> list[str]:
    """What was changed in the plan itself, a plain phrase each: moved dates and sums first."""
    currency = report.resources.currency if report.resources else None
    found = sorted(report.scope_changes, key=lambda change: _ORDER.index(change.kind))
    return [_plan_change(change, currency, voice) for change in found]


def slip(days: int | None) -> str:
    """Working days against a baseline: ``+19 d``, ``−2 d``; empty where it is not known."""
    if days is None:
        return ""
    return f"{'+' if days > 0 else '−'}{abs(days):,} d" if days else "0"


def forecast(milestone: MilestoneLine, voice: Voice) -> str:
    """A forecast and, where it moved, what it was: ``Dec 18 → Jan 29``; the last known one where there is none now."""
    before = milestone.known.forecast if milestone.known else None
    if milestone.forecast is None:
        return voice.day(before) if before else ""
    now = voice.day(milestone.forecast)
    return f"{voice.day(before)} → {now}" if before and before != milestone.forecast else now


def last_known(known: Known, voice: Voice) -> str:
    """What was last said, without when: ``60%, on track, forecast Feb 12, 12 working days after its baseline``.

    Empty where nothing was. Where the baseline was moved, the days against the first one follow.
    """
    against = ((known.slippage_days, "its baseline"), (known.slippage_from_first_days, "its first baseline"))
    slips = [f"{counted(abs(n), 'working day')} {'after' if n > 0 else 'before'} {what}" for n, what in against if n]
    return ", ".join(filter(None, [voice.known(known), *slips]))


def slipped(days: int | None, from_first: int | None, said_in: str = "") -> str:
    """Working days against the baseline and, where that was moved, against the first one: ``+10 d (first +35 d, Q3)``.

    `said_in` is the quarter of a value that is not this quarter's. Empty where nothing is known.
    """
    first = f"first {slip(from_first)}" if from_first is not None else ""
    about = ", ".join(filter(None, [first, said_in]))
    return f"{slip(days)} ({about})".strip() if (days is not None or first) and about else slip(days)


def status(milestone: MilestoneLine) -> str:
    """A status with its colour and, where it moved, what it was: ``🟠 At risk (was On track)``."""
    if milestone.status is None:
        return ""
    before = milestone.known.status if milestone.known else None
    was = f" (was {before.value})" if before and before is not milestone.status else ""
    return f"{marked(milestone.status)}{was}"


def _moved(milestone: MilestoneLine, voice: Voice) -> str:
    before = milestone.known.percent_complete if milestone.known else None
    return voice.words.report(
        "post/sections/moved.j2",
        arrow=ARROWS[milestone.movement] if milestone.movement else "",
        title=one_line(milestone.name),
        status=status(milestone),
        progress=voice.progress(milestone.percent_complete, before),
        forecast=forecast(milestone, voice),
        moved=milestone.forecast_moved_days or 0,
    )


def _others(found: Moves, voice: Voice) -> str:
    counts = (
        (found.unchanged, "unchanged"),
        (found.first_told, "reported for the first time"),
        (found.silent, "without an update"),
    )
    said = [f"{counted(count, 'milestone')} {what}" for count, what in counts if count]
    return voice.words.report("post/sections/text.j2", text=" · ".join(said))


def _risks(found: Moves, voice: Voice) -> str:
    groups = (
        ("new", found.new_risks),
        ("graver", found.graver_risks),
        ("less grave", found.eased_risks),
        ("closed", found.closed_risks),
    )
    said = [f"{what}: {_titles(risks)}" for what, risks in groups if risks]
    return voice.words.report("post/sections/risks-moved.j2", groups=said) if said else ""


def _titles(risks: Sequence[RiskLine]) -> str:
    return listed([one_line(risk.title, 80) for risk in risks], _MOST_NAMED)


def _plan_change(change: ScopeChange, currency: str | None, voice: Voice) -> str:
    before, after = _value(change, change.before, currency, voice), _value(change, change.after, currency, voice)
    return voice.words.report_plain(
        "post/plan-change.j2",
        kind=change.kind.value,
        title=one_line(change.name, 60),
        before=before,
        after=after,
        days=slip(change.days) if change.days else "",
        by=one_line(change.by or "", 60),
    )


def _value(change: ScopeChange, value: str | None, currency: str | None, voice: Voice) -> str:
    """A name as typed, a date as the locale has it, an amount at a glance."""
    if not value:
        return "none"
    if change.kind is ScopeChangeKind.REBASELINED:
        return voice.money(Decimal(value), currency)
    return (
        voice.day(date.fromisoformat(value)) if change.kind is ScopeChangeKind.BASELINE_MOVED else one_line(value, 60)
    )
