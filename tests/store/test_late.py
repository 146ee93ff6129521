"""What stands of all that was said once a report is out: returns, choices about late answers, and the versions under them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from bot.domain.update import (
    Decision,
    DecisionState,
    LateChoice,
    MilestoneUpdate,
    ProjectSummary,
    Provenance,
    Return,
    Ruling,
    Verdict,
)
from bot.store import answers, late
from bot.store.portfolio import save_portfolio, save_project
from bot.store.session import Database
from tests.builders import COMPANY, Q2, Q3, a_project, a_risk

AT = datetime(2025, 10, 6, 14, tzinfo=UTC)
ALICE, BOB = Provenance("U0ALICE", AT), Provenance("U0BOB", AT)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A project without answers."""
    with database.writing() as session:
        save_portfolio(session, COMPANY)
        save_project(session, a_project(), today=AT.date())
        yield session


def answer(session: Session, percent: int) -> int:
    """The front end is answered; the number of that answer."""
    answers.record(session, "portal", Q3, "front-end", MilestoneUpdate(Decimal(percent)), ALICE)
    return answers.newest(session)


def choose(session: Session, *, is_left: bool, instead: int = 0) -> None:
    answers.choose(session, "portal", Q3, "milestone", "front-end", LateChoice(is_left, instead), BOB)


def percent(session: Session, *, with_left: bool = False, seen: int | None = None) -> Decimal | None:
    """What a report says of the front end, or its owner reads."""
    said = answers.history(session, "portal", with_left=with_left, seen=seen).get(Q3)
    given = said.milestones.get("front-end") if said else None
    return given.value.percent_complete if given else None


def test_what_is_left_out_gives_way_to_what_was_printed_and_its_owner_still_reads_it(session: Session) -> None:
    seen = answer(session, 40)
    answer(session, 50)
    answer(session, 60)
    choose(session, is_left=True, instead=1)
    assert (percent(session), percent(session, with_left=True)) == (40, 60)
    assert percent(session, seen=seen) == 40
    choose(session, is_left=False)
    assert percent(session) == 60


def test_a_first_answer_that_is_left_out_is_none(session: Session) -> None:
    answer(session, 40)
    choose(session, is_left=True)
    assert (percent(session), percent(session, with_left=True)) == (None, 40)


def test_a_new_answer_after_one_that_was_left_counts_until_it_is_left_too(session: Session) -> None:
    seen = answer(session, 40)
    answer(session, 50)
    choose(session, is_left=True, instead=1)
    answer(session, 60)
    assert percent(session) == 60
    (found,) = late.late_answers(session, "portal", Q3, seen)
    assert found.is_left is None, "nobody has decided about this one"


def test_late_is_what_was_said_otherwise_than_it_was_printed(session: Session) -> None:
    seen = answer(session, 40)
    assert late.late_answers(session, "portal", Q3, seen) == []
    answer(session, 50)
    answers.record(session, "portal", Q3, "training", a_risk(), ALICE)
    answers.record(session, "portal", Q3, "", ProjectSummary(conclusion="Thanks."), BOB)
    milestone, risk = late.late_answers(session, "portal", Q3, seen)
    assert milestone.printed is not None
    assert (milestone.printed.version, milestone.newest.version) == (1, 2)
    assert (risk.kind, risk.key, risk.printed) == ("risk", "training", None)
    choose(session, is_left=True, instead=1)
    milestone, _ = late.late_answers(session, "portal", Q3, seen)
    assert (milestone.is_left, milestone.chosen) == (True, BOB)


def test_the_same_said_again_is_no_change_and_neither_is_a_leader_s_word(session: Session) -> None:
    answers.record(session, "portal", Q3, "vendor", Decision("vendor", "Choose"), ALICE)
    seen = answer(session, 40)
    answers.record(
        session, "portal", Q3, "front-end", MilestoneUpdate(Decimal(40)), Provenance("U0ALICE", AT.replace(hour=15))
    )
    ruling = Ruling(Verdict.APPROVED, "U0LENA", AT)
    decided = Decision("vendor", "Choose", state=DecisionState.DECIDED, ruling=ruling)
    answers.record(session, "portal", Q3, "vendor", decided, BOB)
    assert late.late_answers(session, "portal", Q3, seen) == []


MORE = Ruling(Verdict.NEED_MORE, "U0LENA", AT)
OTHERWISE: dict[str, dict[str, object]] = {
    "words": {"what": "Choose another"},
    "who": {"who": "U0ALICE"},
    "no longer": {"state": DecisionState.WITHDRAWN},
    "settled elsewhere": {"state": DecisionState.DECIDED},
}


@pytest.mark.parametrize("change", OTHERWISE)
def test_what_is_said_of_a_decision_after_a_leader_asked_for_more_is_reviewed(session: Session, change: str) -> None:
    asked = Decision("vendor", "Choose", who="U0LENA")
    answers.record(session, "portal", Q3, "vendor", asked, ALICE)
    seen = answers.newest(session)
    answers.record(session, "portal", Q3, "vendor", replace(asked, ruling=MORE), BOB)
    assert late.late_answers(session, "portal", Q3, seen) == []
    answers.record(session, "portal", Q3, "vendor", replace(asked, ruling=MORE, **OTHERWISE[change]), ALICE)  # type: ignore[arg-type]  # some field's
    (found,) = late.late_answers(session, "portal", Q3, seen)
    assert (found.key, found.newest.version) == ("vendor", 3)


def test_a_decision_of_an_earlier_quarter_that_is_repeated_is_no_change(session: Session) -> None:
    asked = Decision("vendor", "Choose", who="U0LENA")
    answers.record(session, "portal", Q2, "vendor", asked, ALICE)
    seen = answers.newest(session)
    answers.record(session, "portal", Q3, "vendor", asked, ALICE)
    assert late.late_answers(session, "portal", Q3, seen) == []
    answers.record(session, "portal", Q3, "vendor", replace(asked, ruling=MORE), BOB)
    assert late.late_answers(session, "portal", Q3, seen) == []
    answers.record(session, "portal", Q3, "vendor", replace(asked, state=DecisionState.WITHDRAWN), ALICE)
    assert [found.key for found in late.late_answers(session, "portal", Q3, seen)] == ["vendor"]


def test_opening_again_what_a_report_has_closed_is_reviewed(session: Session) -> None:
    closed = Decision("vendor", "Choose", state=DecisionState.DECIDED)
    answers.record(session, "portal", Q3, "vendor", closed, ALICE)
    seen = answers.newest(session)
    answers.record(session, "portal", Q3, "vendor", replace(closed, state=DecisionState.OPEN), ALICE)
    assert len(late.late_answers(session, "portal", Q3, seen)) == 1


def test_any_answer_settles_a_return_and_the_manager_can_take_it_back(session: Session) -> None:
    def waiting() -> list[str]:
        return list(answers.history(session, "portal")[Q3].returns)

    answer(session, 40)
    answers.record(session, "portal", Q3, "front-end", Return("Why?"), BOB)
    assert waiting() == ["front-end"]
    answer(session, 40)
    assert waiting() == ["front-end"], "the very same version, loaded again, is no answer"
    answer(session, 50)
    assert waiting() == []
    answers.record(session, "portal", Q3, "front-end", Return("And now?"), BOB)
    answers.record(session, "portal", Q3, "front-end", Return(None), BOB)
    assert waiting() == []
