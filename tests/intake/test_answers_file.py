"""The answers file becomes domain values with their provenance, or a list of all that is wrong with it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.domain.attachment import Attachment
from bot.domain.errors import FileProblems
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.update import (
    Decision,
    DecisionState,
    MilestoneUpdate,
    Objective,
    ProjectSummary,
    Promise,
    PromiseResult,
    Provenance,
    QuarterAnswers,
    Rating,
    Resources,
    Risk,
    RiskKind,
)
from bot.intake.answers import AnswersFile, Before

Reader = Callable[..., AnswersFile]
DEFAULT = Provenance("pm@example.com", datetime(2024, 1, 4, tzinfo=UTC))
PORTAL = "quarter: 2023-Q4\nprojects:\n  portal:\n    "
FRONT_END = PORTAL + "milestones:\n      front-end: "


@pytest.fixture
def answers(answers_text: str, answers_of: Reader) -> QuarterAnswers:
    file = answers_of(answers_text)
    assert file.quarter == Quarter(2023, 4)
    return file.projects["portal"]


def problems_of(read: Reader, text: str) -> list[str]:
    with pytest.raises(FileProblems) as refused:
        read(text)
    return str(refused.value).splitlines()


def test_a_milestone_answer_is_read_with_who_and_when(answers: QuarterAnswers) -> None:
    given = answers.milestones["front-end"]
    assert given.value == MilestoneUpdate(
        percent_complete=Decimal(100),
        status=RagStatus.COMPLETE,
        forecast=date(2023, 12, 10),
        deliverables=("New user interface", "Search"),
        impact="Usability.",
        note="Done.",
        recovery="None needed.",
        promised={
            "training-material": Promise(PromiseResult.KEPT),
            "guide": Promise(PromiseResult.CARRIED_OVER, "Editor ill"),
        },
        more={"my-question": "yes"},
    )
    assert given.provenance == Provenance("lead@example.com", datetime(2023, 12, 18, 10, tzinfo=UTC))


def test_answers_to_a_company_s_own_questions_are_read_for_every_dialog(answers_of: Reader) -> None:
    more = "{more: {mood: Good}, MARK}"
    text = f"""
{PORTAL}more: {{mood: Good}}
    milestones: {{front-end: {more.replace("MARK", "note: x")}}}
    risks: [{more.replace("MARK", "title: Fire")}]
    resources: {more.replace("MARK", "vendors: x")}
"""
    said = answers_of(text).projects["portal"]
    assert said.resources and said.summary
    [update], [risk] = said.milestones.values(), said.risks.values()
    assert [given.value.more for given in (update, risk, said.resources, said.summary)] == [{"mood": "Good"}] * 4


def test_risks_are_read(answers: QuarterAnswers) -> None:
    training, billing = (given.value for given in answers.risks.values())
    assert training == Risk(
        key="training",
        title="Insufficient training",
        challenge="Little time",
        mitigation="Coordinator",
        probability=Rating.MEDIUM,
        impact=None,
        owner="lead@example.com",
        due=date(2024, 1, 31),
        opened=Quarter(2023, 3),
        is_open=False,
        milestone="front-end",
    )
    assert billing == Risk(
        key="billing-interface",
        title="Billing interface",
        kind=RiskKind.BLOCKER,
        owner="the vendor",
        waits_on="billing vendor",
        since=date(2023, 11, 2),
    )
    assert answers.risks["training"].provenance == DEFAULT


def test_objectives_and_decisions_are_read(answers: QuarterAnswers) -> None:
    assert answers.objectives["integration"].value == Objective(
        key="integration",
        title="Complete integration",
        detail="All",
        deliverable="Report",
        starts="January 2024",
        target="Q1 2024",
        milestone="front-end",
    )
    assert answers.decisions["vendor"].value == Decision(
        key="vendor",
        what="Choose the vendor",
        who="U0SPONSOR",
        by=date(2024, 1, 15),
        options=("A", "B"),
        state=DecisionState.DECIDED,
        outcome="A",
        milestone="front-end",
    )


def test_resources_are_read_with_the_projects_budget(answers: QuarterAnswers) -> None:
    assert answers.resources is not None
    assert answers.resources.provenance == DEFAULT
    assert answers.resources.value == Resources(
        budget_at_completion=Decimal(1200000),
        actual_cost=Decimal(640000),
        forecast_at_completion=Decimal(1140000),
        percent_used=Decimal(53),
        percent_variance=Decimal(-5),
        budget_note="Fine.",
        staffing_planned=Decimal(20),
        staffing_actual=Decimal("18.5"),
        staffing_note="Two vacancies.",
        vendors="As planned.",
        dependencies=("User acceptance testing",),
    )


def test_a_text_in_place_of_a_list_is_read_line_by_line_as_in_dialogs(answers_of: Reader) -> None:
    text = FRONT_END + '{deliverables: "- Sign-in\\n\\n* Offline mode\\nLaunch - in May"}\n'
    said = answers_of(text).projects["portal"].milestones["front-end"].value
    assert said.deliverables == ("Sign-in", "Offline mode", "Launch - in May")


def test_a_budget_of_nothing_is_another_one_than_the_project_s(answers_of: Reader) -> None:
    said = answers_of(PORTAL + "resources: {budget_at_completion: 0, actual_cost: 500}\n").projects["portal"].resources
    assert said is not None
    assert said.value.budget_at_completion == 0


def test_the_project_summary_is_read(answers: QuarterAnswers) -> None:
    assert answers.summary is not None
    assert answers.summary.value == ProjectSummary(
        report_date=date(2023, 12, 31),
        phase="System Integration",
        status=RagStatus.ON_TRACK,
        status_why="The vendor has confirmed.",
        status_note="Integration has begun.",
        scheduled_completion="Q3 2024",
        impact="Happier customers.",
        executive_summary="All is well.",
        conclusion="We go on.",
        promised={"rollout": Promise(PromiseResult.DROPPED, "No longer needed")},
        check_notes={"stalled": "Waiting for the vendor"},
        layout="brief",
    )


def test_without_by_the_milestones_owner_answered(answers_of: Reader) -> None:
    given = answers_of(FRONT_END + "{percent_complete: 5}\n").projects["portal"].milestones["front-end"]
    assert given.provenance == Provenance("lead@example.com", datetime(2024, 1, 4, tzinfo=UTC))


def test_a_project_without_texts_has_no_summary(answers_of: Reader) -> None:
    assert answers_of(FRONT_END + "{percent_complete: 5}\n").projects["portal"].summary is None


def test_who_and_when_of_a_project_hold_for_its_items(answers_of: Reader) -> None:
    text = PORTAL + "by: U0SPONSOR\n    at: 2024-01-03T08:00:00Z\n    risks: [{title: Rain}]\n"
    given = answers_of(text).projects["portal"].risks["rain"]
    assert given.provenance == Provenance("U0SPONSOR", datetime(2024, 1, 3, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("projects: {}\n", "answers.yaml:1: quarter: missing"),
        ("quarter: 2023-4\n", '"2023-4" is not a quarter'),
        ("quarter: 0001-Q4\n", "expected a year from 1900"),
        ("quarter: 2023-Q4\nprojects: {portl: {}}\n", 'projects.portl: no such project; did you mean "portal"?'),
        (PORTAL + "milestones: {front_end: {}}\n", 'no such milestone; did you mean "front-end"?'),
        (PORTAL + "milestones: {front-end: }\n", "holds no answer"),
        (PORTAL + "status: Amber\n", "is none of On track, At risk, Off track, Not started, Complete"),
        (PORTAL + "status: Not known\n", "is none of"),
        (PORTAL + "status: Compleet\n", 'did you mean "Complete"?'),
        (PORTAL + "sumary: x\n", "unknown field"),
        (PORTAL + "{at: noon, phase: Testing}\n", 'portal.at: "noon" is not an instant'),
        (FRONT_END + "{percent_complete: 101}\n", "not a percentage from 0 to 100"),
        (FRONT_END + "{percent_complete: 100.001}\n", "Is that 100,001 or 100.001?"),
        (FRONT_END + "{percent_complete: -1}\n", "not a percentage from 0 to 100"),
        (FRONT_END + "{percent_complete: eighty}\n", '"eighty" is not a number'),
        (FRONT_END + "{forecast: 2023-13-01}\n", "such as 2023-12-01"),
        (FRONT_END + "{at: 2023-12-18T10:00:00, note: x}\n", "is not an instant"),
        (FRONT_END + "{at: 0001-01-01T00:00:00+14:00, note: x}\n", "is not an instant"),
        (FRONT_END + "{by: Bob, note: x}\n", "does not name a person"),
        (FRONT_END + "{promised: {a: maybe}}\n", "none of kept, carried over, dropped"),
        (
            FRONT_END + "{promised: {a: {reason: x}}}\n",
            "promised.a.result: missing; expected such as kept, carried over or dropped",
        ),
        (FRONT_END + "{more: [a], note: x}\n", "expected a group of fields"),
        (FRONT_END + "{note: [a]}\n", "expected a single value, found a list"),
        (PORTAL + "risks: [{}]\n", "risks[0]: says nothing; leave it out"),
        (PORTAL + "risks: [{title: A b}, {title: a B}]\n", '"a-b" is given twice'),
        (PORTAL + "risks: [{title: A, state: opened}]\n", 'did you mean "open"?'),
        (PORTAL + "risks: [{title: A, impact: Huge}]\n", "is none of Low, Medium, High"),
        (PORTAL + "risks: [{title: A, milestone: front}]\n", 'no such milestone; did you mean "front-end"?'),
        (PORTAL + "decisions: [{what: A, by: soon}]\n", '"soon" is not a date'),
        (PORTAL + "resources: {actual_cost: 1.200}\n", "Is that 1,200 or 1.20? Write 1200 or 1.20."),
        (PORTAL + "resources: {actual_cost: 5 €}\n", "Amounts here are in USD"),
        (PORTAL + "resources: {staffing_actual: -1}\n", "too low"),
    ],
)
def test_each_wrong_field_is_one_problem(text: str, problem: str, answers_of: Reader) -> None:
    line, count = problems_of(answers_of, text)
    assert problem in line
    assert count == "1 problem, nothing was changed."


def test_what_an_unknown_milestone_was_answered_is_read_too(answers_of: Reader) -> None:
    text = PORTAL + "milestones: {front_end: {percent_complete: 101, status: Amber}}\n"
    told = "\n".join(problems_of(answers_of, text))
    assert "no such milestone" in told
    assert "not a percentage" in told
    assert "is none of" in told


@pytest.mark.parametrize(
    ("answer", "warning"),
    [
        ("{status: Off track}", "Off track without a recovery plan"),
        ("{status: At risk, percent_complete: 100}", "100 % complete and At risk"),
        ("{status: On track, forecast: 2024-01-12}", "forecast 20 working days after the baseline"),
        ("{percent_complete: 40}", "percent complete fell from 60% to 40% without a note"),
        ("{promised: {guide: kept}}", "no earlier quarter has the objective guide; it is reported by its key"),
    ],
)
def test_what_a_dialog_would_refuse_is_a_warning(answer: str, warning: str, answers_of: Reader) -> None:
    known = Before({"front-end": MilestoneUpdate(percent_complete=Decimal(60))}, {"training"})
    file = answers_of(FRONT_END + answer + "\n", before=lambda *_: known)
    assert len(file.warnings) == 1
    assert warning in file.warnings[0]
    assert file.warnings[0].startswith("answers.yaml:5: projects.portal.milestones.front-end")


def test_no_word_is_suggested_for_one_that_is_like_none_of_them(answers_of: Reader) -> None:
    line, _ = problems_of(answers_of, PORTAL + "status: Green\n")
    assert line.endswith('"Green" is none of On track, At risk, Off track, Not started, Complete')


@pytest.mark.parametrize(("percent", "meant"), [("33.333", "33.333"), ("66.667", "66.667"), ("100.000", "100")])
def test_a_percentage_has_the_one_meaning_that_is_within_a_hundred(
    percent: str, meant: str, answers_of: Reader
) -> None:
    given = answers_of(FRONT_END + f'{{percent_complete: "{percent}"}}\n').projects["portal"].milestones["front-end"]
    assert given.value.percent_complete == Decimal(meant)


@pytest.mark.parametrize(("percent", "written"), [("0.45", "45%"), ("0,05", "5%")])
def test_a_percentage_that_may_be_a_share_of_one_is_a_warning(percent: str, written: str, answers_of: Reader) -> None:
    (warning,) = answers_of(FRONT_END + f'{{percent_complete: "{percent}"}}\n').warnings
    assert warning.endswith(f"percent_complete: less than 1%; if it is a share of 1, write {written}")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("{status: Complete, percent_complete: 60}", "Complete and 60% complete at once"),
        ("{status: Not started, percent_complete: 5}", "Not started and 5% complete at once"),
    ],
)
def test_a_percentage_that_its_status_contradicts_is_a_warning(answer: str, said: str, answers_of: Reader) -> None:
    (warning,) = answers_of(FRONT_END + answer + "\n").warnings
    assert warning.endswith(f"percent_complete: {said}")


def test_a_forecast_below_what_is_spent_is_a_warning(answers_of: Reader) -> None:
    (warning,) = answers_of(
        PORTAL + "resources: {budget_at_completion: 400, actual_cost: 500, forecast_at_completion: 400}\n"
    ).warnings
    assert warning.endswith("forecast_at_completion: less than the actual cost, without a budget note")


def test_a_variance_without_a_note_is_a_warning(answers_of: Reader) -> None:
    (warning,) = answers_of(PORTAL + "resources: {percent_variance: 7}\n").warnings
    assert "7% off the budget without a budget note" in warning


def test_a_percentage_that_disagrees_with_the_amounts_is_a_warning(answers_of: Reader) -> None:
    said = "resources: {budget_at_completion: 1000, actual_cost: 500, percent_used: 80}\n"
    (warning,) = answers_of(PORTAL + said).warnings
    assert warning.endswith("percent_used: says 80%, the amounts say 50%; the amounts count")


def test_a_good_file_has_no_warnings(answers_text: str, answers_of: Reader) -> None:
    assert answers_of(answers_text).warnings == ()


def test_evidence_is_read_as_links_with_what_they_are_called(answers_of: Reader) -> None:
    text = FRONT_END + "{evidence: [Load test https://example.com/7, 'https://example.com/8']}\n"
    given = answers_of(text).projects["portal"].milestones["front-end"].value
    assert given.evidence == (
        Attachment("https://example.com/7", "Load test"),
        Attachment("https://example.com/8"),
    )


def test_evidence_that_cannot_be_opened_is_named_with_its_line(answers_of: Reader) -> None:
    problem, _ = problems_of(answers_of, FRONT_END + "{evidence: ['javascript:alert(1)']}\n")
    assert ":5: projects.portal.milestones.front-end.evidence[0]: " in problem
    assert "expected one such as https://example.com/results" in problem
