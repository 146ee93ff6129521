"""The list of open risks, and the dialog for one risk or blocker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.quarter import Quarter
from bot.domain.update import Rating, Risk, RiskKind
from bot.flow.messages import RiskForm, RisksForm
from bot.slack.blocks import Block, actions, button, clip, context, header, metadata_of, modal, section
from bot.slack.forms import fields
from bot.slack.forms.milestone import new_key
from bot.slack.forms.questions import Question, Questions
from bot.slack.ids import Action, View
from bot.slack.words import Words

_MOST_RISKS = 30  # two blocks each, within a view's hundred
_MOST_PROJECTS = 15


def build_list(form: RisksForm, words: Words) -> Block:
    """The open risks, project by project, each kept, changed or closed with one click."""
    blocks: list[Block] = []
    room = _MOST_RISKS
    for project, risks in form.projects[:_MOST_PROJECTS]:
        blocks.append(header(f"{project.name} · {form.quarter_label}"))
        shown, room = risks[:room], max(0, room - len(risks))
        for risk in shown:
            blocks += _listed(project.key, risk, form.handled.get(risk.key), words)
        if not risks:
            blocks.append(context(words.say("dialogs/no-risks.j2")))
        if len(shown) < len(risks):
            blocks.append(context(words.say("dialogs/more-risks.j2", count=len(risks) - len(shown))))
        blocks.append(actions(button(words.label("add-risk"), Action.RISK_NEW, value=project.key)))
    return modal(
        words.label("risks-title"),
        blocks or [section(words.say("dialogs/no-risks.j2"))],
        callback_id=View.RISKS,
        close=words.label("done"),
        metadata={"quarter": str(form.quarter), "handled": dict(list(form.handled.items())[-40:])},
    )


def quarter_of(view: Mapping[str, Any]) -> Quarter:
    """The quarter that a list or a dialog of risks is about."""
    return Quarter.parse(metadata_of(view)["quarter"])


def handled_in(view: Mapping[str, Any]) -> dict[str, str]:
    """What was clicked in a list: risk keys with "kept" or "closed"."""
    handled: dict[str, str] = metadata_of(view).get("handled", {})
    return handled


def risk_value(project: str, key: str) -> str:
    """A risk as the value of a button."""
    return f"{project}\n{key}"


def risk_of(value: str) -> tuple[str, str]:
    """The project and risk that `risk_value` wrote."""
    project, _, key = value.partition("\n")
    return project, key


def build(form: RiskForm, words: Words, questions: Questions) -> Block:
    """The dialog for one risk, empty for a new one."""
    salt = _salt(form)
    blocks = [context(words.say("dialogs/risk.j2", project=form.project.name, quarter=form.quarter_label))]
    for question in questions.of("risk"):
        blocks += _field(question, form, salt)
    return modal(
        words.label("change-risk" if form.risk else "add-risk"),
        blocks,
        callback_id=View.RISK,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata={
            "quarter": str(form.quarter),
            "project": form.project.key,
            "risk": form.risk.key if form.risk else "",
            "milestone": form.milestone or "",
        },
    )


def place_of(view: Mapping[str, Any]) -> tuple[str, Quarter, str | None, str | None]:
    """What the risk dialog that came back is about: project, quarter, the risk's key and the milestone it was opened for."""
    metadata = metadata_of(view)
    risk, milestone = metadata.get("risk") or None, metadata.get("milestone") or None
    return metadata["project"], Quarter.parse(metadata["quarter"]), risk, milestone


def read(view: Mapping[str, Any], form: RiskForm, taken: set[str]) -> Risk:
    """What came back. `form` is what the dialog would be built from now; `taken` are the keys a new risk may not have."""
    salt = _salt(form)
    before = form.risk
    title = fields.value_of(view, "title", salt) or ""
    probability, impact = (fields.value_of(view, name, salt) for name in ("probability", "impact"))
    return Risk(
        key=before.key if before else new_key(title, "", taken),
        title=title,
        kind=RiskKind(fields.value_of(view, "kind", salt) or RiskKind.RISK),
        milestone=fields.value_of(view, "milestone", salt),
        challenge=fields.text_of(view, "challenge", salt, before.challenge if before else None),
        mitigation=fields.text_of(view, "mitigation", salt, before.mitigation if before else None),
        probability=Rating(probability) if probability else None,
        impact=Rating(impact) if impact else None,
        owner=fields.person_of(view, "owner", salt, before.owner if before else None),
        due=fields.date_of(view, "due", salt),
        waits_on=fields.value_of(view, "waits_on", salt),
        since=fields.date_of(view, "since", salt),
        opened=before.opened if before else None,
        more=before.more if before else {},
    )


def _listed(project: str, risk: Risk, handled: str | None, words: Words) -> list[Block]:
    line = section(words.say("dialogs/listed-risk.j2", risk=risk, challenge=clip(risk.challenge or "", 300)))
    if handled:
        return [line, context(words.say("dialogs/handled-risk.j2", handled=handled))]
    value = risk_value(project, risk.key)
    return [
        line,
        actions(
            button(words.label("keep"), Action.RISK_KEEP, value=value, label=f"{words.label('keep')}: {risk.title}"),
            button(
                words.label("change"), Action.RISK_CHANGE, value=value, label=f"{words.label('change')}: {risk.title}"
            ),
            button(
                words.label("close-risk"),
                Action.RISK_CLOSE,
                value=value,
                label=f"{words.label('close-risk')}: {risk.title}",
            ),
        ),
    ]


def _field(question: Question, form: RiskForm, salt: str) -> list[Block]:
    risk = form.risk or Risk(key="", title="", milestone=form.milestone)
    if question.key == "milestone":
        live = {m.key: m.name for m in form.project.milestones if m.dropped_on is None}
        return fields.choice_field(question, risk.milestone, name="milestone", salt=salt, choices=live)
    value = getattr(risk, question.key, None)
    if question.kind == "choice":
        return fields.choice_field(question, value, name=question.key, salt=salt)
    if question.kind == "date":
        return fields.date_field(question, value, name=question.key, salt=salt)
    if question.kind == "person":
        return fields.person_field(question, value, name=question.key, salt=salt)
    return fields.text_field(question, value or None, name=question.key, salt=salt)


def _salt(form: RiskForm) -> str:
    return fields.salt_of(form.project.key, str(form.quarter), form.risk.key if form.risk else "")
