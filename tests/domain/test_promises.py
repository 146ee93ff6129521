"""The promise ledger: each promise counts once, in the quarter it came due, as what was last said of it."""

from decimal import Decimal

from hypothesis import given as for_all
from hypothesis import strategies as st

from bot.domain.quarter import Quarter
from bot.domain.report import PromiseTally
from bot.domain.reporting import build_report
from bot.domain.update import Objective, ProjectSummary, Promise, PromiseResult, QuarterAnswers
from tests.builders import Q1, Q2, Q3, Q4, an_update, answers, facts

KEPT, CARRIED, DROPPED = (Promise(result) for result in PromiseResult)


def promising(*targets: tuple[str, str | None], said: dict[str, Promise] | None = None) -> QuarterAnswers:
    """A quarter in which objectives were promised (key and target) and earlier ones answered for."""
    objectives = tuple(Objective(key, key, target=target) for key, target in targets)
    return answers({"front-end": an_update(promised=said or {})}, objectives=objectives)


def tallies(history: dict[Quarter, QuarterAnswers], quarter: Quarter = Q3) -> list[PromiseTally]:
    return list(build_report(facts(history=history, quarter=quarter)).promise_history)


def test_each_quarter_in_which_promises_came_due_has_its_tally() -> None:
    history = {
        Q1: promising(("a", "Q2 2025"), ("b", "2025-06-30"), ("c", "Q3 2025"), ("words", "soon")),
        Q2: promising(("d", "Q3 2025"), said={"a": KEPT, "b": CARRIED}),
        Q3: promising(said={"c": DROPPED}),
    }
    assert tallies(history) == [PromiseTally(Q2, kept=1, carried_over=1), PromiseTally(Q3, dropped=1, unanswered=1)]
    report = build_report(facts(history=history))
    assert (report.kept_of_answered, report.kept_rate) == ((1, 3), Decimal(100) / 3)


def test_where_nothing_came_due_there_is_no_rate() -> None:
    report = build_report(facts(history={Q2: promising(("a", "soon"))}))
    assert (report.promise_history, report.kept_rate) == ((), None)


def test_a_promise_that_is_answered_late_counts_where_it_came_due_and_once() -> None:
    history = {Q1: promising(("a", "Q2 2025")), Q2: promising(), Q3: promising(said={"a": KEPT})}
    assert tallies(history, Q2) == [PromiseTally(Q2, unanswered=1)]
    assert tallies(history, Q3) == [PromiseTally(Q2, kept=1)]
    assert [(p.key, p.result) for p in build_report(facts(history=history)).promises] == [("a", PromiseResult.KEPT)]


def test_a_promise_that_is_answered_early_counts_there_and_does_not_come_due_again() -> None:
    history = {Q1: promising(("a", "Q3 2025")), Q2: promising(said={"a": KEPT}), Q3: promising()}
    assert tallies(history) == [PromiseTally(Q2, kept=1)]
    assert build_report(facts(history=history)).promises == ()


def test_a_promise_without_a_date_counts_where_it_was_answered() -> None:
    history = {Q1: promising(("a", None)), Q2: promising(), Q3: promising(said={"a": DROPPED})}
    assert tallies(history) == [PromiseTally(Q3, dropped=1)]


def test_a_promise_that_is_carried_over_and_promised_again_comes_due_twice() -> None:
    history = {
        Q1: promising(("a", "Q2 2025")),
        Q2: promising(("a", "Q3 2025"), said={"a": CARRIED}),
        Q3: promising(said={"a": KEPT}),
    }
    assert tallies(history) == [PromiseTally(Q2, carried_over=1), PromiseTally(Q3, kept=1)]


def test_a_promise_that_was_put_off_before_it_came_due_comes_due_by_its_last_target() -> None:
    history = {Q1: promising(("a", "Q3 2025")), Q2: promising(("a", "Q4 2025"))}
    assert tallies(history) == []
    assert tallies(history, Q4) == [PromiseTally(Q4, unanswered=1)]


def test_promises_come_due_in_a_quarter_in_which_nobody_said_anything() -> None:
    history = {Q1: promising(("a", "Q2 2025")), Q3: promising()}
    assert tallies(history) == [PromiseTally(Q2, unanswered=1)]


def test_the_manager_s_word_counts_where_the_owner_said_nothing() -> None:
    history = {Q2: promising(("a", "Q3 2025")), Q3: answers(summary=ProjectSummary(promised={"a": KEPT}))}
    assert tallies(history) == [PromiseTally(Q3, kept=1)]


QUARTERS = [Quarter(2024, 1).shifted(n) for n in range(8)]
KEYS = st.sampled_from(["a", "b", "c"])
TARGETS = st.sampled_from([*map(str, QUARTERS), "soon", None])
SAID = st.builds(
    lambda targets, said: promising(*targets.items(), said=said),
    st.dictionaries(KEYS, TARGETS, max_size=3),
    st.dictionaries(KEYS, st.sampled_from([KEPT, CARRIED, DROPPED]), max_size=3),
)
HISTORIES = st.dictionaries(st.sampled_from(QUARTERS), SAID)


@for_all(HISTORIES)
def test_no_promise_counts_twice_and_what_came_due_this_quarter_is_in_its_tally(
    history: dict[Quarter, QuarterAnswers],
) -> None:
    built = facts(history=history, quarter=QUARTERS[-1])
    report = build_report(built)
    made = sum(len(said.objectives) for said in history.values())
    assert sum(tally.due for tally in report.promise_history) <= made
    assert [tally.quarter for tally in report.promise_history] == sorted({t.quarter for t in report.promise_history})
    assert all(tally.due for tally in report.promise_history)
    this = next((t for t in report.promise_history if t.quarter == QUARTERS[-1]), PromiseTally(QUARTERS[-1]))
    results = [promise.result for promise in report.promises]
    assert this.unanswered == results.count(None)
    assert this.kept <= results.count(PromiseResult.KEPT)
    rate = report.kept_rate
    assert (rate is None) == (not any(tally.answered for tally in report.promise_history))
    assert rate is None or Decimal(0) <= rate <= 100
