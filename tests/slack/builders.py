"""The Customer Portal in its fourth quarter, valid by default, override what matters; and blocks as readable text."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.domain.milestone_line import Known, LineState, MilestoneLine
from bot.domain.project import Milestone, Person, Project, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import (
    Check,
    CheckEvidence,
    Coverage,
    DecisionLine,
    ObjectiveLine,
    ProjectStatus,
    PromiseLine,
    QuarterlyReport,
    QuestionLine,
    ResourcesLine,
    RiskLine,
    ScopeChange,
    ScopeChangeKind,
    Source,
)
from bot.domain.update import (
    DecisionState,
    MilestoneUpdate,
    ProjectSummary,
    PromiseResult,
    Rating,
    Resources,
    RiskKind,
    Ruling,
    Verdict,
)
from bot.flow.forms import ConfirmForm, ReviewForm
from bot.flow.messages import ItemRef, OwedItem, OwnerCard, Step
from bot.slack.words import Words
from bot.texts import shipped
from tests.goldens import assert_kept

Q2, Q3, Q4 = Quarter(2026, 2), Quarter(2026, 3), Quarter(2026, 4)
DUE = datetime(2027, 1, 6, 16, 0, tzinfo=UTC)
LENA = Person("U0LENA", "Lena Brandt", id=1, slack_id="U0LENA")
DANA = Person("dana@example.com", "Dana Petrov", id=2)
FLAVOURS = {
    "plain": "Word",
    "ten thousand characters": "word " * 2000,
    "ten thousand without a space": "x" * 10_000,
    "ampersands": "&" * 10_000,
    "emoji": "🚀👩‍🚀" * 2000,
    "right to left": "שלום עולם 12 " * 400,
    "a ping": "<!channel> <@U0LENA> @here",
    "a template": "{{ 7*7 }} {% for x in y %}",
    "a script": "<script>alert('x')</script>",
    "marks": "*bold* _italic_ `code` ~gone~\n> quote",
    "control characters": "a\x00b\x07c\r\nd",
}


def the_words() -> Words:
    return Words([shipped("prompts")], [shipped("templates")])


def a_known(percent: int = 60, status: RagStatus = RagStatus.ON_TRACK, **values: Any) -> Known:
    return Known(**{"quarter": Q3, "percent_complete": Decimal(percent), "status": status, "forecast": None, **values})


def an_item(key: str = "mobile-app", title: str = "Mobile app", **values: Any) -> OwedItem:
    return OwedItem(ItemRef("portal", Q4, key), values.pop("project_name", "Customer Portal"), title, **values)


MOBILE = an_item(known=a_known(60, forecast=date(2027, 2, 12)))
PUSH = an_item(
    "push",
    "Push notifications",
    known=a_known(85, RagStatus.AT_RISK, forecast=date(2026, 12, 18)),
    forecast_passed=True,
)
SESSION = an_item("session", "Session handling")
BUDGET = an_item("", "Resources and budget")


def answered(item: OwedItem, percent: int, status: RagStatus, forecast: date | None = None) -> OwedItem:
    return replace(item, is_done=True, answer=MilestoneUpdate(Decimal(percent), status, forecast), needs_word=None)


DONE = (
    answered(MOBILE, 85, RagStatus.ON_TRACK, date(2027, 2, 12)),
    answered(PUSH, 80, RagStatus.AT_RISK, date(2027, 1, 29)),
    answered(SESSION, 10, RagStatus.ON_TRACK),
)
SPENT = replace(
    BUDGET,
    is_done=True,
    resources=Resources(actual_cost=Decimal(1_040_000), forecast_at_completion=Decimal(1_180_000)),
)


def an_owner_card(*items: OwedItem, **values: Any) -> OwnerCard:
    defaults = {
        "key": "nudge:1:2026-Q4:opening:0",
        "step": Step.OPENING,
        "person": LENA,
        "quarter": Q4,
        "quarter_label": "Q4 2026",
        "due_at": DUE,
        "zone": "Europe/Berlin",
        "days_left": 10,
        "locale": "en_US",
        "asked_by": ("Dana Petrov",),
        "channel": "#leadership",
        "items": items or (MOBILE, PUSH, SESSION),
    }
    return OwnerCard(**{**defaults, **values})


RULES = (
    "nothing-known",
    "forecast-passed",
    "confirmed-twice",
    "needs-answer",
    "promise-due",
    "recovery-missing",
    "late-but-on-track",
    "complete-at-risk",
    "status-and-percent",
    "fell-without-note",
)


def many(count: int, title: str = "Milestone", projects: int = 1) -> list[OwedItem]:
    return [
        replace(
            (MOBILE, PUSH, SESSION)[n % 3],
            ref=ItemRef(f"p{n % projects}", Q4, f"m{n}"),
            title=f"{title} {n}",
            project_name=f"{title} project {n % projects}",
        )
        for n in range(count)
    ]


def a_line(
    key: str, name: str, percent: int | str | None = None, status: RagStatus | None = None, **values: Any
) -> MilestoneLine:
    defaults = {
        "key": key,
        "name": name,
        "owner": "Lena Brandt",
        "weight": Decimal(1),
        "state": LineState.ANSWERED,
        "percent_complete": None if percent is None else Decimal(percent),
        "status": status,
    }
    return MilestoneLine(**{**defaults, **values})


MILESTONES = (
    a_line(
        "mobile-app",
        "Mobile app",
        85,
        RagStatus.ON_TRACK,
        known=a_known(60, forecast=date(2027, 2, 12)),
        baseline=date(2027, 2, 12),
        forecast=date(2027, 2, 12),
        slippage_days=0,
        forecast_moved_days=0,
        deliverables=("Offline mode", "Sign-in with a passkey"),
        impact="Customers can settle a bill without calling us.",
    ),
    a_line(
        "push",
        "Push notifications",
        80,
        RagStatus.AT_RISK,
        known=a_known(85, RagStatus.AT_RISK, forecast=date(2026, 12, 18)),
        baseline=date(2027, 1, 15),
        forecast=date(2027, 1, 29),
        slippage_days=10,
        forecast_moved_days=26,
        note="The certificate has to be bought anew.",
    ),
    a_line(
        "billing",
        "Billing interface",
        owner="Ravi Nair",
        state=LineState.MISSING,
        known=a_known(40, RagStatus.AT_RISK, forecast=date(2027, 3, 12), slippage_days=19),
        baseline=date(2027, 2, 15),
        unanswered_quarters=1,
    ),
    a_line(
        "login", "Login", 100, RagStatus.COMPLETE, state=LineState.COMPLETE, forecast=date(2026, 10, 3), slippage_days=0
    ),
    a_line(
        "design",
        "Design system",
        100,
        RagStatus.COMPLETE,
        known=a_known(90),
        forecast=date(2026, 8, 28),
        slippage_days=-2,
    ),
)
RISKS = (
    RiskLine(
        key="sandbox",
        title="Vendor sandbox unstable",
        kind=RiskKind.RISK,
        challenge="Test runs fail twice a week.",
        mitigation="daily call, fallback by Feb 1",
        probability=Rating.HIGH,
        impact=Rating.HIGH,
        owner="Ravi Nair",
        due=date(2027, 2, 1),
        waits_on=None,
        since=None,
        opened=Q2,
        age_quarters=2,
        is_open=True,
        severity=9,
        is_unmanaged=False,
    ),
    RiskLine(
        key="staff",
        title="Two developers short of plan",
        kind=RiskKind.RISK,
        challenge=None,
        mitigation=None,
        probability=Rating.MEDIUM,
        impact=None,
        owner=None,
        due=None,
        waits_on=None,
        since=None,
        opened=Q4,
        age_quarters=0,
        is_open=True,
        severity=0,
        is_unmanaged=False,
    ),
)
RESOURCES = ResourcesLine(
    currency="USD",
    budget_at_completion=Decimal(1_000_000),
    actual_cost=Decimal(1_040_000),
    forecast_at_completion=Decimal(1_180_000),
    percent_used=Decimal(104),
    percent_variance=Decimal(18),
    previous_percent_variance=Decimal(6),
    budget_note="The vendor's sandbox came late.",
    staffing_unit="developers",
    staffing_planned=Decimal(20),
    staffing_actual=Decimal(18),
    staffing_note=None,
    vendors="Daily call with the billing vendor.",
    dependencies=("User acceptance testing",),
)
OVER = CheckEvidence("forecast 18% over budget", source="resources")
FELL = CheckEvidence("Push notifications 85 → 80% (Lena, Jan 4)", milestone="push")
CHECKS = (
    Check("status-vs-budget", "The status says On track, the budget does not", (OVER,)),
    Check("progress-fell", "Progress fell, and no note says why", (FELL,)),
    Check(
        "promise-missed",
        "Something promised came due",
        (CheckEvidence("“Penetration test done” (promised in Q3 by Ravi)"),),
        "In the plan for Q1.",
    ),
    Check("overclaimed", "The text says more than the figures", (CheckEvidence("“finished” at 80%"),), audience="pm"),
)
SUMMARY = (
    "Two of five milestones are complete; mobile app moved from 60 to 85%. Billing interface slips 19 working days to "
    "March 12 because the vendor's sandbox came late. Three of four updates are in."
)


def a_report(**values: Any) -> QuarterlyReport:
    defaults = {
        "company": "Example Networks Inc.",
        "locale": "en_US",
        "project_key": "portal",
        "project_name": "Customer Portal Upgrade",
        "quarter": Q4,
        "quarter_label": "Q4 2026",
        "report_date": date(2027, 1, 8),
        "layout": "memo",
        "status": ProjectStatus(
            RagStatus.ON_TRACK, RagStatus.AT_RISK, RagStatus.ON_TRACK, why="The vendor pays for it."
        ),
        "coverage": Coverage(4, 3, ("billing",)),
        "milestones": MILESTONES,
        "impact": "Fewer calls to the service desk.",
        "risks": RISKS,
        "objectives": (
            ObjectiveLine(
                "billing", "Finish billing integration", None, "Signed-off interface", None, "2027-03-12", "Billing"
            ),
            ObjectiveLine("test", "Acceptance test", None, None, None, "2027-Q1"),
            ObjectiveLine("rollout", "Rollout plan", None, None, None, "as soon as the test is done"),
        ),
        "promises": (
            PromiseLine("a", "Sign-in", Q3, PromiseResult.KEPT, None),
            PromiseLine("b", "Push in beta", Q3, PromiseResult.CARRIED_OVER, "certificate"),
            PromiseLine("c", "Penetration test done", Q3, None, None),
        ),
        "decisions": (
            DecisionLine(
                key="vendor",
                what="Extend the vendor contract or bring billing in-house",
                who="Tom Reyes",
                by=date(2027, 1, 15),
                options=(),
                state=DecisionState.OPEN,
                outcome=None,
                asked_in=Q3,
            ),
        ),
        "resources": RESOURCES,
        "executive_summary": SUMMARY,
        "conclusion": "The first quarter decides whether the portal opens in May.",
        "checks": CHECKS,
        "sources": (Source("Mobile app", "Lena Brandt", datetime(2027, 1, 4, 9, tzinfo=UTC), confirmed=True),),
    }
    return QuarterlyReport(**{**defaults, **values})


def a_sparse_report(**values: Any) -> QuarterlyReport:
    """A project of which nearly nothing was said."""
    nothing = {
        "status": ProjectStatus(None, RagStatus.NOT_KNOWN, None),
        "coverage": Coverage(1, 0, ("a",)),
        "milestones": (a_line("a", "Only milestone", state=LineState.MISSING),),
        "impact": None,
        "resources": None,
        **dict.fromkeys(("risks", "objectives", "promises", "decisions", "checks", "sources"), ()),
        **dict.fromkeys(("executive_summary", "conclusion"), ""),
    }
    return a_report(**{**nothing, **values})


def a_report_of(text: str, milestones: int) -> QuarterlyReport:
    """A report in which every word of a person is `text`, with so many of everything."""
    keys = [f"m{n}" for n in range(milestones)]
    states = list(LineState)
    lines = tuple(
        replace(MILESTONES[n % 5], key=key, name=text, owner=text, deliverables=(text, text), impact=text, note=text)
        if n % 2
        else a_line(key, text, owner=text, state=states[n % len(states)], recovery=text, more={"a-question": text})
        for n, key in enumerate(keys)
    )
    piece = (CheckEvidence(text, milestone="m0"),)
    risk = replace(RISKS[0], title=text, challenge=text, mitigation=text, owner=text, waits_on=text, more={"q": text})
    return a_report(
        project_name=text,
        status=ProjectStatus(
            RagStatus.ON_TRACK, RagStatus.AT_RISK, RagStatus.OFF_TRACK, why=text, note=text, phase=text
        ),
        coverage=Coverage(len(keys), 1, tuple(keys[: len(keys) // 2]), tuple(keys[len(keys) // 2 :])),
        milestones=lines,
        impact=text,
        risks=(risk,) * milestones,
        objectives=(ObjectiveLine("o", text, text, text, text, text, text),) * milestones,
        promises=(PromiseLine("p", text, Q3, PromiseResult.DROPPED, text),) * milestones,
        decisions=tuple(
            DecisionLine("d", text, text, date(2027, 1, 15), (text, text), state, text, Q2, ruling=ruling)
            for state, verdict in ((DecisionState.OPEN, Verdict.NEED_MORE), (DecisionState.DECIDED, Verdict.APPROVED))
            for ruling in (Ruling(verdict, text, DUE, text, text),)
        )
        * milestones,
        questions=(
            QuestionLine("1", text, text, text, DUE, Q2, 2, text, text, DUE),
            QuestionLine("2", text, None, text, DUE, Q3),
        )
        * milestones,
        resources=replace(RESOURCES, budget_note=text, vendors=text, dependencies=(text,) * 5, more={"k": text}),
        executive_summary=text,
        conclusion=text,
        checks=tuple(
            Check(f"check-{n}", text, piece * 60, note=text if n % 2 else None) for n in range(2 * milestones)
        ),
        sources=tuple(Source(text, text, DUE) for _ in keys),
        scope_changes=tuple(
            ScopeChange(kind, "k", text, text, text, by=text)
            for kind in (ScopeChangeKind.ADDED, ScopeChangeKind.RENAMED, ScopeChangeKind.HANDED_OVER)
        ),
    )


A_PROJECT = Project(
    "portal", "Customer Portal Upgrade", DANA, tuple(Milestone(line.key, line.name, LENA) for line in MILESTONES)
)


def a_review(report: QuarterlyReport | None = None, **values: Any) -> ReviewForm:
    defaults = {
        "project": A_PROJECT,
        "quarter": Q4,
        "report": report or a_report(),
        "summary": ProjectSummary(),
        "layouts": ("memo", "brief"),
        "channel": "#leadership",
        "facts": "f" * 64,
    }
    return ReviewForm(**{**defaults, **values})


def a_confirmation(report: QuarterlyReport | None = None, **values: Any) -> ConfirmForm:
    channel, has_post = values.pop("channel", "#leadership"), values.pop("has_post", True)
    return ConfirmForm(A_PROJECT, Q4, report or a_report(), channel, "f" * 64, has_post, **values)


FIELDS = [
    {
        "type": "input",
        "block_id": f"summary-{n}",
        "label": {"type": "plain_text", "text": label},
        "optional": True,
        "element": {"type": "plain_text_input", "action_id": "input", "multiline": True},
    }
    for n, label in enumerate(("Executive summary", "Conclusion"))
]


def outline(blocks: list[Mapping[str, Any]]) -> str:
    """Blocks as a person reads them: text, buttons in brackets, a table as lines."""
    return "\n\n".join(_OUTLINES[block["type"]](block) for block in blocks) + "\n"


def check_golden(name: str, text: str) -> None:
    """Compare with the kept reading; `GOLDEN=write` keeps a new one, to be read in the diff."""
    assert_kept(Path(__file__).parent / "golden" / f"{name}.txt", text)


def _button(element: Mapping[str, Any]) -> str:
    if element["type"] == "overflow":
        return "[⋯]"
    return f"[{(element.get('text') or element['placeholder'])['text']}{' ▾' if element['type'] != 'button' else ''}]"


def _section(block: Mapping[str, Any]) -> str:
    return block["text"]["text"] + (f"  {_button(block['accessory'])}" if "accessory" in block else "")


def _table(block: Mapping[str, Any]) -> str:
    return "\n".join("| " + " | ".join(cell["text"] for cell in row) + " |" for row in block["rows"])


_OUTLINES = {
    "header": lambda block: f"# {block['text']['text']}",
    "section": _section,
    "context": lambda block: "\n".join(f"({element['text']})" for element in block["elements"]),
    "actions": lambda block: " ".join(map(_button, block["elements"])),
    "divider": lambda block: "---",
    "input": lambda block: f"{block['label']['text']}: [ … ]",
    "table": _table,
}
