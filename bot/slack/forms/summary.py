"""The project summary: the manager's fields inside the review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from bot.domain.project import RagStatus
from bot.domain.update import ProjectSummary, Promise
from bot.flow.forms import ReviewForm
from bot.slack.blocks import Block
from bot.slack.forms.fields import Fields, salt_of
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Question, Questions
from bot.slack.forms.repeated import promise_blocks, read_promises
from bot.slack.words import Words


def fields_of(form: ReviewForm, words: Words, questions: Questions) -> list[Block]:
    """The input blocks, filled with the manager's words, else with what was drafted or loaded.

    A field's salt holds what it starts with: when a draft reads differently the field is a new one, or Slack would keep
    the old draft in it and it would come back as the manager's own words. First of all comes what was promised and has come
    due without an owner who is asked for it.
    """
    blocks = _promised(form, words, questions)
    for question in questions.of("summary"):
        offered = form.summary.more.get(question.key) if question.is_own else _offered(question.key, form)
        fields = Fields(words, salt_of("summary", form.project.key, str(form.quarter), offered or ""))
        blocks += fields.ask(question, offered, choices=_choices(question, form))
    return blocks


def _promised(form: ReviewForm, words: Words, questions: Questions) -> list[Block]:
    """What became of each promise that is the manager's: the milestone dialog's question, and never required."""
    fields = Fields(words, salt_of("summary", form.project.key, str(form.quarter)))
    asked = (replace(q, required=False) for q in questions.of("milestone") if q.key == "promised")
    found = (promise_blocks(q, form.due_objectives, form.summary.promised, fields, questions, words) for q in asked)
    return list(chain.from_iterable(found))


def read(
    view: Mapping[str, Any], form: ReviewForm, words: Words, questions: Questions, *, is_final: bool = True
) -> tuple[ProjectSummary, dict[str, str]]:
    """The manager's words, and what is wrong with them by block id. What was left as it was drafted stays a draft.

    Until they are `is_final`, a company's own question may wait for its answer though it is required.
    """
    filled = Filled(view, words, form.report.locale, is_final=is_final)
    said = ProjectSummary(
        status=_status(filled, form),
        status_why=_own("status_why", filled, form),
        status_note=_own("status_note", filled, form),
        phase=_own("phase", filled, form),
        scheduled_completion=_own("scheduled_completion", filled, form),
        impact=_own("impact", filled, form),
        executive_summary=_own("executive_summary", filled, form),
        conclusion=_own("conclusion", filled, form),
        promised=_told(filled, form),
        layout=_own("layout", filled, form),
        more=filled.more(_changed(questions.own("summary"), filled, form), form.summary.more),
    )
    by_rule = form.report.status.by_rule
    if said.status not in (None, by_rule) and not said.status_why:
        filled.refuse(
            "status_why", words.say_plain("dialogs/problems/status-needs-why.j2", by_rule=by_rule, status=said.status)
        )
    return said, filled.problems


def _told(filled: Filled, form: ReviewForm) -> Mapping[str, Promise]:
    """What became of promises; one whose fields were left as they were stands: another manager's answer may be newer."""
    standing = form.summary.promised
    parts = [(part, key) for part in ("promised", "reason") for key in filled.keys(part)]
    touched = {key for part, key in parts if not filled.is_untouched(f"{part}:{key}")}
    read = read_promises(filled, standing)
    return {key: said for key, said in standing.items() if key not in touched} | {
        key: said for key, said in read.items() if key in touched
    }


def _changed(asked: Sequence[Question], filled: Filled, form: ReviewForm) -> list[Question]:
    """A company's own questions but for those left as they were, whose answers stand: another manager's may be newer."""
    more = form.summary.more
    return [q for q in asked if not (q.key in more and filled.is_shown(q.name) and filled.is_untouched(q.name))]


def _offered(key: str, form: ReviewForm) -> str | None:
    """What a field starts with."""
    report, status = form.report, form.report.status
    offered = {
        "status": None if status.shown is RagStatus.NOT_KNOWN else status.shown,
        "status_why": status.why,
        "status_note": status.note,
        "phase": status.phase,
        "scheduled_completion": report.scheduled_completion,
        "impact": report.impact,
        "executive_summary": report.executive_summary,
        "conclusion": report.conclusion,
        "layout": report.layout,
    }
    return offered[key] or None


def _choices(question: Question, form: ReviewForm) -> Mapping[str, str]:
    if question.is_own or question.key != "layout":
        return question.choices
    return {layout: question.choices.get(layout, layout) for layout in form.layouts}


def _own(name: str, filled: Filled, form: ReviewForm) -> str | None:
    """What the manager made of a text; one left as it was offered stays the manager's own, or a draft (None)."""
    own: str | None = getattr(form.summary, name)
    if not filled.is_shown(name) or filled.is_untouched(name):
        return own
    return filled.text(name, own)


def _status(filled: Filled, form: ReviewForm) -> RagStatus | None:
    """The status that the manager claims; the rule's own, chosen or left as it was offered, is no claim."""
    if filled.is_untouched("status"):
        return form.summary.status
    chosen = filled.choice("status", RagStatus)
    return None if chosen is form.report.status.by_rule else chosen
