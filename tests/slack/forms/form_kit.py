"""Dialogs as people meet them: forms valid by default, views as Slack sends them back, and what each submission reads."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from bot.domain.project import Milestone, Person, Project, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import Coverage, ProjectStatus, QuarterlyReport
from bot.domain.update import MilestoneUpdate, ProjectSummary, Rating, Resources, Risk, RiskKind
from bot.flow.forms import MilestoneForm, MilestoneSubmission, ResourcesForm, ReviewForm, RiskForm
from bot.flow.messages import ItemRef
from bot.sandbox.forms import client_errors, fields, starting_values
from bot.sandbox.rules import check_ack, check_view
from bot.slack.blocks import clean, modal
from bot.slack.forms import milestone, resources, risks, summary
from bot.slack.forms.fields import name_of
from bot.slack.forms.questions import Questions, read_questions
from bot.slack.words import Words
from bot.texts import shipped

Q3, Q4 = Quarter(2026, 3), Quarter(2026, 4)
LENA = Person("U0LENA", "Lena Brandt", id=1, slack_id="U0LENA")
DANA = Person("dana@example.com", "Dana Petrov", id=2)
PROJECT = Project(
    "portal",
    "Customer Portal",
    DANA,
    (Milestone("mobile", "Mobile app", LENA, baseline=date(2027, 2, 1)), Milestone("push", "Push", LENA)),
    currency="USD",
)
FULL = MilestoneUpdate(
    Decimal(60),
    RagStatus.ON_TRACK,
    date(2027, 2, 12),
    ("Offline mode", "Sign-in"),
    "Fewer calls.",
    "One more week.",
)
RISK = Risk(
    "sandbox",
    "Vendor sandbox unstable",
    "Test runs fail.",
    RiskKind.BLOCKER,
    "Daily call.",
    Rating.HIGH,
    Rating.LOW,
    "ravi@example.com",
    date(2027, 2, 1),
    "the vendor",
    date(2026, 11, 2),
    Q3,
    milestone="push",
)
HARD_TEXTS = {
    "one character": "x",
    "ten thousand characters": "word " * 2000,
    "ten thousand without a space": "x" * 10_000,
    "just too long": "x" * 2901,
    "just short enough": "x" * 2900,
    "emoji": "🚀👩‍🚀" * 2000,
    "a few emoji": "🚀 done",
    "right to left": "שלום עולם 12",
    "a ping": "<!channel> <@U0LENA> @here",
    "a template": "{{ 7*7 }} {% for x in y %}",
    "marks": "*bold* & `code`\n> quote",
}


@cache
def the_words() -> Words:
    return Words([shipped("prompts")], [shipped("templates")])


@cache
def the_questions() -> Questions:
    return read_questions(*the_words().source("questions.yaml"))


def questions_with(dialog: str, *lines: str, without: tuple[str, ...] = ()) -> Questions:
    """The shipped questions with a company's own in one dialog, and without some."""
    _, text = the_words().source("questions.yaml")
    before, head, rest = text.partition(f"\n{dialog}:")
    here, blank, after = rest.partition("\n\n")
    first, *asked = here.splitlines()
    kept = [line for line in asked if not any(f"{{key: {key}," in line for key in without)]
    added = [f"  - {line}" for line in lines]
    return read_questions(Path("questions.yaml"), before + head + "\n".join([first, *added, *kept]) + blank + after)


def a_milestone_form(update: MilestoneUpdate | None = FULL, **values: Any) -> MilestoneForm:
    item = values.get("milestone", PROJECT.milestones[0])
    defaults = {
        "ref": ItemRef("portal", Q4, item.key),
        "project": PROJECT,
        "milestone": item,
        "quarter_label": "Q4 2026",
        "locale": "en_US",
        "update": update,
    }
    return MilestoneForm(**{**defaults, **values})


def a_resources_form(given: Resources | None = None, **values: Any) -> ResourcesForm:
    defaults = {
        "ref": ItemRef("portal", Q4),
        "project": PROJECT,
        "quarter_label": "Q4 2026",
        "locale": "en_US",
        "resources": given,
    }
    return ResourcesForm(**{**defaults, **values})


def a_risk_form(risk: Risk | None = RISK, **values: Any) -> RiskForm:
    return RiskForm(
        **{"project": PROJECT, "quarter": Q4, "quarter_label": "Q4 2026", "locale": "en_US", **values}, risk=risk
    )


def a_review_form(own: ProjectSummary | None = None, **values: Any) -> ReviewForm:
    """A review whose report carries the manager's own words, else what was drafted, as the compiler would."""
    own = own or ProjectSummary()
    by_rule = values.pop("by_rule", RagStatus.AT_RISK)
    report = QuarterlyReport(
        company="Example",
        locale="en_US",
        project_key="portal",
        project_name="Customer Portal",
        quarter=Q4,
        quarter_label="Q4 2026",
        report_date=date(2027, 1, 8),
        layout=own.layout or "memo",
        status=ProjectStatus(
            own.status, by_rule, None, why=own.status_why, note=own.status_note, phase=own.phase or "Build"
        ),
        coverage=Coverage(0, 0),
        milestones=(),
        scheduled_completion=own.scheduled_completion or "Q2 2027",
        impact=own.impact,
        executive_summary=own.executive_summary or values.pop("draft", "One of two milestones is complete."),
        conclusion=own.conclusion or "The next milestone is Push.",
    )
    defaults = {
        "project": PROJECT,
        "quarter": Q4,
        "report": report,
        "summary": own,
        "layouts": ("memo", "brief"),
        "channel": "#leadership",
        "facts": "f",
    }
    return ReviewForm(**{**defaults, **values})


def open_milestone(form: MilestoneForm, questions: Questions | None = None) -> dict[str, Any]:
    return shown(milestone.build(form, the_words(), questions or the_questions()))


def open_resources(form: ResourcesForm, questions: Questions | None = None) -> dict[str, Any]:
    return shown(resources.build(form, the_words(), questions or the_questions()))


def open_risk(form: RiskForm, questions: Questions | None = None) -> dict[str, Any]:
    return shown(risks.build(form, the_words(), questions or the_questions()))


def open_summary(form: ReviewForm, questions: Questions | None = None) -> dict[str, Any]:
    blocks = summary.fields_of(form, the_words(), questions or the_questions())
    return shown(modal("Quarterly report", blocks, callback_id="review", submit="Publish"))


def read_milestone(
    view: Mapping[str, Any], form: MilestoneForm, questions: Questions | None = None
) -> MilestoneSubmission:
    return milestone.read(view, form, the_words(), questions or the_questions())


def read_resources(view: Mapping[str, Any], form: ResourcesForm, questions: Questions | None = None) -> Resources:
    return resources.read(view, form, the_words(), questions or the_questions())


def read_risk(
    view: Mapping[str, Any], form: RiskForm, taken: set[str] | None = None, questions: Questions | None = None
) -> Risk:
    return risks.read(view, form, taken or set(), the_words(), questions or the_questions())


def shown(view: dict[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A view that Slack accepts, as its payloads show it: every block named, with what stands in its fields."""
    assert check_view(view) == []
    view = deepcopy(view)
    for number, block in enumerate(view["blocks"]):
        block.setdefault("block_id", f"sl{number}")
    view["state"] = {"values": starting_values(view, before)}
    return view


def _chosen(value: str | None) -> dict[str, Any]:
    return {"value": value, "text": {"type": "plain_text", "text": "…"}}


def filled(view: Mapping[str, Any], typed: Mapping[str, str | list[str] | None]) -> dict[str, Any]:
    """The view after a person put something (None: nothing) into fields, by name; Slack's own clients would let it go."""
    view = deepcopy(dict(view))
    places = {name_of(field.block["block_id"]): field for field in fields(view)}
    for name, value in typed.items():
        block, element, slot = places[name]
        state = _chosen(value) if slot.key == "selected_option" else value
        state = list(map(_chosen, value)) if slot.key == "selected_options" else state
        entry = {"type": element["type"], slot.key: None if value is None else state}
        view["state"]["values"][block["block_id"]][element["action_id"]] = entry
    assert client_errors(view, view["state"]["values"]) == {}
    return view


def names(view: Mapping[str, Any]) -> list[str]:
    """The names of the fields that are shown, in their order."""
    return [name_of(block["block_id"]) for block in view["blocks"] if block["type"] == "input"]


def field_of(view: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The block of a field."""
    return next(block for block in view["blocks"] if name_of(block.get("block_id", "")) == name)


def by_name(problems: Mapping[str, str], view: Mapping[str, Any]) -> dict[str, str]:
    """Problems by field; Slack must accept them as errors of this view."""
    assert check_ack({"response_action": "errors", "errors": dict(problems)}, view) == []
    return {name_of(block): sentence for block, sentence in problems.items()}


def without_state(view: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in view.items() if key != "state"}


TEXTS = st.text(max_size=4000).map(clean).filter(bool) | st.sampled_from([clean(text) for text in HARD_TEXTS.values()])
SHORT = st.text(min_size=1, max_size=700).map(clean).filter(bool)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
NUMBERS = st.decimals(0, 10**12, places=3, allow_nan=False, allow_infinity=False)
PERCENTS = st.decimals(0, 100, places=2, allow_nan=False, allow_infinity=False)
KEYS = st.from_regex(r"[^\W_][\w.-]{0,63}", fullmatch=True)  # what files may hold


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def renamed(item: Milestone, key: str) -> Milestone:
    return replace(item, key=key)
