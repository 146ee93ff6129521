"""The list of open risks, and the dialog for one risk or blocker."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.domain.project import Project
from bot.domain.quarter import Quarter
from bot.domain.update import Rating, Risk, RiskKind
from bot.flow.forms import RiskForm, RisksForm
from bot.slack.blocks import Block, actions, button, clip, context, header, metadata_of, modal, section
from bot.slack.forms.context import METADATA_ROOM, fitting
from bot.slack.forms.fields import VIEW_BLOCKS, Fields, focused, salt_of
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import NOT_RATED, WHOLE_PROJECT, Question, Questions
from bot.slack.forms.repeated import new_key
from bot.slack.ids import Action, View
from bot.slack.words import Words

_FRAME = 3  # blocks of a project besides its risks: heading, a line about them, the button
_RISK = 2  # blocks of a risk: its words, its buttons
_TITLE = 150
_CHALLENGE = 300
_CLICKS = (("keep", Action.RISK_KEEP), ("change", Action.RISK_CHANGE), ("close-risk", Action.RISK_CLOSE))


@dataclass(frozen=True, slots=True)
class Under:
    """The view that a risk's dialog lies on: its id, what kind of view it is, and what it knows of itself."""

    view: str
    kind: str
    metadata: Mapping[str, Any]


def build_list(form: RisksForm, words: Words, said: str = "") -> Block:
    """The open risks, project by project, each kept, changed or closed with one click; `said` is what was just done."""
    blocks = [context(said)] if said else []
    room = VIEW_BLOCKS - 1  # the last one counts the projects that are not shown
    for index, (project, risks) in enumerate(form.projects):
        if room - len(blocks) < _FRAME + _RISK:
            blocks.append(context(words.say("dialogs/more-projects.j2", count=len(form.projects) - index)))
            break
        blocks += _project(project, risks, form, words, room=room - len(blocks))
    return modal(
        words.label("risks-title"),
        blocks or [section(words.say("dialogs/no-risks.j2"))],
        callback_id=View.RISKS,
        close=words.label("done"),
        metadata={"quarter": str(form.quarter), "handled": _latest(form.handled)},
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


def build(form: RiskForm, words: Words, questions: Questions, under: Under | None = None) -> Block:
    """The dialog for one risk, empty for a new one; the view `under` it is drawn anew once this is sent."""
    key = form.risk.key if form.risk else ""
    salt = salt_of("risk", form.project.key, str(form.quarter), key)
    fields = Fields(words, salt, is_drafted=True, people=form.people)
    blocks = [context(words.say("dialogs/risk.j2", project=form.project.name, quarter=form.quarter_label))]
    for question in questions.of("risk"):
        blocks += _asked(question, form, fields)
    return modal(
        words.label("change-risk" if form.risk else "add-risk"),
        focused(blocks),
        callback_id=View.RISK,
        submit=words.label("send"),
        close=words.label("cancel"),
        metadata=_with_under(
            {
                "quarter": str(form.quarter),
                "project": form.project.key,
                "risk": key,
                "milestone": form.milestone or "",
                "locale": form.locale,
            },
            under,
        ),
    )


def _with_under(known: dict[str, object], under: Under | None) -> dict[str, object]:
    """What a dialog knows of itself, and of the view under it; where both do not fit, that view stays as it is."""
    both = known | ({"under": asdict(under)} if under else {})
    return both if len(json.dumps(both)) <= METADATA_ROOM else known


def over(view: Mapping[str, Any]) -> Under:
    """What a risk's dialog that is laid over a view has to know of it."""
    known = {key: value for key, value in metadata_of(view).items() if key != "v"}
    return Under(view["id"], view["callback_id"], known)


def under(view: Mapping[str, Any]) -> Under | None:
    """What the dialog that came back lies on."""
    kept = metadata_of(view).get("under")
    return Under(**kept) if kept else None


def place_of(view: Mapping[str, Any]) -> tuple[str, Quarter, str | None, str | None]:
    """What the risk dialog that came back is about: project, quarter, the risk's key and the milestone it was opened for."""
    metadata = metadata_of(view)
    risk, milestone = metadata.get("risk") or None, metadata.get("milestone") or None
    return metadata["project"], Quarter.parse(metadata["quarter"]), risk, milestone


def read(view: Mapping[str, Any], form: RiskForm, taken: Collection[str], words: Words, questions: Questions) -> Risk:
    """What came back. `form` is what the dialog would be built from now; `taken` are the keys a new risk may not have.

    A risk that was closed while its dialog was open keeps its key. Raises InvalidInput with sentences by block id.
    """
    filled = Filled(view, words, metadata_of(view).get("locale") or form.locale, people=form.people)
    _, _, key, milestone = place_of(view)
    before = form.risk or Risk(key or "", "", milestone=milestone)
    title = filled.text("title", before.title or None) or ""
    risk = replace(
        before,
        key=key or new_key(title, taken),
        title=title,
        kind=filled.choice("kind", RiskKind, before.kind) or RiskKind.RISK,
        milestone=_milestone(filled, before),
        challenge=filled.text("challenge", before.challenge),
        mitigation=filled.text("mitigation", before.mitigation),
        probability=_rating("probability", filled, before.probability),
        impact=_rating("impact", filled, before.impact),
        owner=filled.text("owner", before.owner),
        due=filled.day("due", before.due),
        waits_on=filled.text("waits_on", before.waits_on),
        since=filled.day("since", before.since),
        more=filled.more(questions.own("risk"), before.more),
    )
    filled.check()
    return risk


def _project(project: Project, risks: tuple[Risk, ...], form: RisksForm, words: Words, *, room: int) -> list[Block]:
    """A project's heading, as many of its risks as there is room for, and the button for another."""
    shown = risks[: (room - _FRAME) // _RISK]
    blocks = [header(f"{project.name} · {form.quarter_label}")]
    for risk in shown:
        blocks += _listed(project.key, risk, form.handled.get(risk_value(project.key, risk.key)), words)
    if not risks:
        blocks.append(context(words.say("dialogs/no-risks.j2")))
    if len(shown) < len(risks):
        blocks.append(context(words.say("dialogs/more-risks.j2", count=len(risks) - len(shown))))
    return [*blocks, actions(button(words.label("add-risk"), Action.RISK_NEW, value=project.key))]


def line_of(risk: Risk, words: Words, *, has_challenge: bool) -> str:
    """A risk in a line: its title, what it is, and how it is rated; its challenge under it where that is wanted."""
    challenge = clip(risk.challenge or "", _CHALLENGE) if has_challenge else ""
    return words.say("dialogs/listed-risk.j2", risk=risk, title=clip(risk.title, _TITLE), challenge=challenge)


def change_button(project: str, risk: Risk, words: Words) -> Block:
    """The button that opens a risk's dialog."""
    return _click("change", Action.RISK_CHANGE, risk_value(project, risk.key), risk.title, words)


def _listed(project: str, risk: Risk, handled: str | None, words: Words) -> list[Block]:
    line = section(line_of(risk, words, has_challenge=True))
    if handled:
        return [line, context(words.say("dialogs/handled-risk.j2", handled=handled))]
    value = risk_value(project, risk.key)
    return [line, actions(*(_click(name, action, value, risk.title, words) for name, action in _CLICKS))]


def _click(name: str, action: Action, value: str, title: str, words: Words) -> Block:
    return button(words.label(name), action, value=value, label=f"{words.label(name)}: {title}")


def _latest(handled: Mapping[str, str]) -> dict[str, str]:
    """As many of the latest clicks as the view's metadata holds."""
    return dict(fitting(list(handled.items())[::-1], METADATA_ROOM)[::-1])


def _asked(question: Question, form: RiskForm, fields: Fields) -> list[Block]:
    risk = form.risk or Risk(key="", title="", milestone=form.milestone)
    if question.is_own:
        return fields.ask(question, risk.more.get(question.key))
    if question.key == "milestone":
        return fields.ask(question, risk.milestone, choices=_milestones(question, form.project, risk))
    return fields.ask(question, getattr(risk, question.key))


def _milestones(question: Question, project: Project, risk: Risk) -> dict[str, str]:
    """The choices for a risk's place: the whole project, its live milestones, and the one that was chosen before."""
    live = {m.key: m.name for m in project.milestones if m.dropped_on is None or m.key == risk.milestone}
    return {**question.choices, **live}


def _milestone(filled: Filled, before: Risk) -> str | None:
    chosen = filled.text("milestone", before.milestone)
    return None if chosen == WHOLE_PROJECT else chosen


def _rating(name: str, filled: Filled, before: Rating | None) -> Rating | None:
    return None if filled.typed(name) == NOT_RATED else filled.choice(name, Rating, before)
