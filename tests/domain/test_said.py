"""The updates a manager reads: of the quarter, or behind a check each milestone's latest, as the report prints them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.domain.milestone_line import LineState
from bot.domain.project import RagStatus
from bot.domain.report import Check, CheckEvidence
from bot.domain.said import updates_behind, updates_given
from bot.domain.update import Objective, Promise, PromiseResult, Wording, WordingEdit
from tests.builders import Q1, Q2, Q3, a_milestone, a_project, an_update, answers, facts, given

NAMES = {"U0ALICE": "Alice"}


def check_about(*milestones: str | None) -> Check:
    return Check("stalled", "Stalled", tuple(CheckEvidence("…", milestone=key) for key in milestones))


def test_this_quarter_s_answer_is_shown_with_who_gave_it_and_when() -> None:
    built = facts(
        history={Q2: answers({"front-end": an_update(10)}), Q3: answers({"front-end": an_update(60)})}, names=NAMES
    )
    (found,) = updates_behind(check_about("front-end"), built)
    assert (found.quarter, found.line.answered_at is not None, found.line.percent_complete) == (Q3, True, 60)
    assert (found.line.answered_by, found.line.answered_at) == (
        "Alice",
        built.answers.milestones["front-end"].provenance.at,
    )


def test_where_there_is_none_it_is_the_last_one_with_its_words_and_its_quarter() -> None:
    before = an_update(40, RagStatus.AT_RISK, note="Waiting for the vendor.", forecast=date(2025, 12, 1))
    built = facts(history={Q1: answers({"front-end": before}, confirmed=True), Q2: answers(), Q3: answers()})
    (found,) = updates_behind(check_about("front-end"), built)
    assert (found.quarter, found.line.state, found.line.note) == (Q1, LineState.CONFIRMED, "Waiting for the vendor.")


def test_a_milestone_of_which_nothing_was_ever_said_is_shown_as_such() -> None:
    (found,) = updates_behind(check_about("front-end"), facts(history={Q3: answers()}))
    assert (found.quarter, found.line.answered_at is not None, found.line.name) == (Q3, False, "Front end")


def test_what_the_update_answered_for_is_shown_with_it() -> None:
    promise = Objective("pilot", "Pilot with ten customers", target="Q3 2025")
    said = an_update(
        60, promised={"pilot": Promise(PromiseResult.DROPPED, "No room."), "unknown": Promise(PromiseResult.KEPT)}
    )
    built = facts(history={Q2: answers(objectives=(promise,)), Q3: answers({"front-end": said})})
    (found,) = updates_behind(check_about("front-end"), built)
    assert [(p.title, p.promised_in, p.result, p.reason) for p in found.promises] == [
        ("Pilot with ten customers", Q2, PromiseResult.DROPPED, "No room.")
    ]


def test_each_milestone_comes_once_in_the_order_of_the_evidence() -> None:
    project = a_project(a_milestone("a"), a_milestone("b"))
    built = facts(project, {Q2: answers({"a": an_update()}), Q3: answers({"b": an_update()})})
    found = updates_behind(check_about("b", None, "a", "b", "unknown"), built)
    assert [(update.line.key, update.quarter) for update in found] == [("b", Q3), ("a", Q2)]


def test_the_owner_s_own_words_are_kept_beside_those_that_the_report_prints() -> None:
    said = answers({"front-end": an_update(60, note="It's a mess.")})
    edit = WordingEdit(Wording(note="It's a mess."), Wording(note="Work is under way."))
    built = facts(history={Q3: replace(said, wordings={"front-end": given(edit, by="U0BOB")})})
    (found,) = updates_behind(check_about("front-end"), built)
    assert found.line.as_written
    assert (found.line.note, found.line.as_written.note) == ("Work is under way.", "It's a mess.")


def test_the_quarter_s_updates_are_listed_in_the_order_of_the_plan() -> None:
    project = a_project(a_milestone("a"), a_milestone("b"), a_milestone("c"))
    built = facts(project, {Q2: answers({"b": an_update()}), Q3: answers({"c": an_update(), "a": an_update()})})
    assert [update.line.key for update in updates_given(built)] == ["a", "c"]
