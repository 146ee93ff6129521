"""Claims of the texts held against the figures."""

from datetime import date

import pytest

from bot.domain.checks import run_checks
from bot.domain.project import RagStatus
from bot.domain.reporting import build_report
from bot.domain.update import MilestoneUpdate, ProjectSummary
from tests.builders import Q2, Q3, a_milestone, a_project, an_update, answers, facts

BASELINE = date(2025, 12, 1)


def claims(
    check: str,
    now: MilestoneUpdate,
    before: MilestoneUpdate | None = None,
    summary: ProjectSummary | None = None,
    *,
    confirmed: bool = False,
) -> list[tuple[str, str]]:
    """What a check quotes, and of which milestone ("" for the project)."""
    history = {Q3: answers({"login": now}, summary=summary, confirmed=confirmed)}
    if before is not None:
        history[Q2] = answers({"login": before})
    built = facts(a_project(a_milestone("login", baseline=BASELINE)), history)
    pieces = [piece for f in run_checks(build_report(built), built) if f.check == check for piece in f.evidence]
    return [(getattr(piece["line"], "key", ""), str(piece["words"])) for piece in pieces]


MOVED = "words-moved-figure-did-not"


@pytest.mark.parametrize(
    ("now", "fires"),
    [
        (an_update(40, note="Merged the parser."), True),
        (an_update(40, impact="Launched in Spain."), True),
        (an_update(40, deliverables=("Parser",)), True),
        (an_update(40, deliverables=("Draft",)), False),  # listed last quarter
        (an_update(40, note="Waiting for review."), False),
        (an_update(40, note="Fixed two bugs."), False),  # said last quarter, and left standing
        (an_update(41, note="Merged the parser."), False),
        (an_update(40, note="Merged the parser.", forecast=BASELINE), False),
        (an_update(None, note="Merged the parser."), False),
    ],
)
def test_progress_in_words_is_held_against_percent_and_forecast(now: MilestoneUpdate, fires: bool) -> None:
    before = an_update(40, deliverables=("Draft",), note="Fixed two bugs.")
    assert bool(claims(MOVED, now, before)) is fires
    assert claims(MOVED, now) == []  # nothing is known from before


def test_nothing_changed_and_one_hundred_percent_report_no_progress() -> None:
    note = an_update(40, note="Merged the parser.")
    assert claims(MOVED, note, an_update(40), confirmed=True) == []
    assert claims(MOVED, an_update(100, note="Merged the parser."), an_update(100)) == []


def test_the_manager_s_progress_is_held_against_all_milestones() -> None:
    summary = ProjectSummary(
        executive_summary="Good progress.", status_note="We delivered a lot.", conclusion="Thanks."
    )
    assert claims(MOVED, an_update(40), an_update(40), summary) == [("", "Good progress."), ("", "We delivered a lot.")]
    assert claims(MOVED, an_update(41), an_update(40), summary) == []


@pytest.mark.parametrize(
    ("now", "fires"),
    [
        (an_update(80, note="The milestone is complete."), True),
        (an_update(80, impact="Login is done."), True),
        (an_update(None, note="Complete."), True),  # On track, not Complete
        (an_update(None, None, note="Complete."), False),  # no figure that says otherwise
        (an_update(100, note="Complete."), False),
        (an_update(None, RagStatus.COMPLETE, note="Complete."), False),
        (an_update(80, note="Completed the design review."), False),
        (an_update(80, note="We are ahead of schedule."), True),  # no date says so
        (an_update(80, note="We are ahead of schedule.", forecast=date(2025, 12, 2)), True),
        (an_update(80, note="We are ahead of schedule.", forecast=BASELINE), True),
        (an_update(80, note="We are ahead of schedule.", forecast=date(2025, 11, 26)), False),
        (an_update(100, RagStatus.COMPLETE, note="Finished ahead of schedule."), False),  # before its baseline
    ],
)
def test_a_claim_of_the_owner_is_held_against_the_figures(now: MilestoneUpdate, fires: bool) -> None:
    assert bool(claims("overclaimed", now)) is fires


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Login is complete.", [("login", "Login is complete.")]),
        ("The project is 100 % complete.", [("", "The project is 100 % complete.")]),
        ("Login is ahead of schedule.", [("login", "Login is ahead of schedule.")]),
        ("We are ahead of schedule.", [("", "We are ahead of schedule.")]),
        ("Login is nearly complete.", []),
    ],
)
def test_a_claim_of_the_manager_is_held_against_what_it_names(text: str, expected: list[tuple[str, str]]) -> None:
    summary = ProjectSummary(executive_summary=text)
    assert claims("overclaimed", an_update(80), summary=summary) == expected
    done_early = an_update(100, RagStatus.COMPLETE, forecast=date(2025, 9, 1))
    assert claims("overclaimed", done_early, summary=summary) == []
