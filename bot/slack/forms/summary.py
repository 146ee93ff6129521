"""The project summary: the manager's fields inside the review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.project import RagStatus
from bot.domain.update import ProjectSummary
from bot.flow.messages import ReviewForm
from bot.slack.blocks import Block, clean
from bot.slack.forms import fields
from bot.slack.forms.questions import Question, Questions
from bot.slack.words import Words


def fields_of(form: ReviewForm, questions: Questions) -> list[Block]:
    """The input blocks, filled with the manager's words, else with what was drafted or loaded."""
    salt = _salt(form)
    blocks: list[Block] = []
    for question in questions.of("summary"):
        if question.key == "layout":
            layouts = {name: name for name in form.layouts}
            blocks += fields.choice_field(question, form.report.layout, name="layout", salt=salt, choices=layouts)
        elif question.kind == "choice":
            blocks += fields.choice_field(question, _status(form), name=question.key, salt=salt)
        else:
            blocks += fields.text_field(question, _text(question, form), name=question.key, salt=salt)
    return blocks


def read(view: Mapping[str, Any], form: ReviewForm, words: Words) -> tuple[ProjectSummary, dict[str, str]]:
    """The manager's words, and what is wrong with them by block id. A text left as it was drafted stays a draft."""
    salt = _salt(form)
    chosen = fields.value_of(view, "status", salt)
    claimed = RagStatus(chosen) if chosen else None
    why = fields.value_of(view, "status_why", salt)
    if claimed is form.report.status.by_rule and form.summary.status is None and not why:
        claimed = None  # the rule's own status, left as it was offered, is no claim
    problems = {}
    if claimed is not None and claimed is not form.report.status.by_rule and not why:
        problems[fields.block_id("status_why", salt)] = words.say_plain(
            "dialogs/problems/status-needs-why.j2", by_rule=form.report.status.by_rule
        )
    said = ProjectSummary(
        status=claimed,
        status_why=why,
        status_note=_edited(view, "status_note", form.summary.status_note, None, salt),
        phase=_edited(view, "phase", form.summary.phase, form.project.phase, salt),
        scheduled_completion=_edited(
            view, "scheduled_completion", form.summary.scheduled_completion, form.project.scheduled_completion, salt
        ),
        impact=_edited(view, "impact", form.summary.impact, None, salt),
        executive_summary=_edited(
            view, "executive_summary", form.summary.executive_summary, form.report.executive_summary, salt
        ),
        conclusion=_edited(view, "conclusion", form.summary.conclusion, form.report.conclusion, salt),
        layout=_edited(view, "layout", form.summary.layout, form.report.layout, salt),
    )
    return said, problems


def _status(form: ReviewForm) -> str | None:
    shown = form.report.status.shown
    return None if shown is RagStatus.NOT_KNOWN else shown


def _text(question: Question, form: ReviewForm) -> str | None:
    report = form.report
    offered = {
        "status_why": report.status.why,
        "status_note": report.status.note,
        "phase": report.status.phase,
        "scheduled_completion": report.scheduled_completion,
        "impact": report.impact,
        "executive_summary": report.executive_summary,
        "conclusion": report.conclusion,
    }
    return offered.get(question.key) or None


def _edited(view: Mapping[str, Any], name: str, own: str | None, offered: str | None, salt: str) -> str | None:
    """What the manager made of a text: None where it is still what was offered, the manager's words where there are any."""
    shown = own or offered
    typed = fields.text_of(view, name, salt, shown)
    if own is None and typed is not None and offered is not None and clean(typed) == clean(offered):
        return None
    return typed


def _salt(form: ReviewForm) -> str:
    return fields.salt_of(form.project.key, str(form.quarter), "summary")
