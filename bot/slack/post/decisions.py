"""A decision in the thread of its report: what is asked, by whom and when, and the buttons that answer it."""

from __future__ import annotations

import json

from bot.domain.quarter import Quarter
from bot.domain.update import DecisionState, Verdict
from bot.flow.messages import DecisionRef, DecisionReply
from bot.slack.blocks import Block, actions, button, clean, clip, context, section
from bot.slack.ids import Action
from bot.slack.post.post import decision_facts, voice_of
from bot.slack.voice import one_line
from bot.slack.words import Words

_WHAT, _OPTION, _COMMENT = 900, 120, 900  # characters: an honest decision fits; the documents have the whole
_MOST_OPTIONS = 10
_VERDICTS = {
    Verdict.APPROVED: (Action.APPROVE, "approve", "primary"),
    Verdict.DECLINED: (Action.DECLINE_DECISION, "decline-decision", None),
    Verdict.NEED_MORE: (Action.NEED_MORE, "need-more", None),
}
VERDICT_OF = {action: verdict for verdict, (action, _, _) in _VERDICTS.items()}
LABEL_OF = {verdict: label for verdict, (_, label, _) in _VERDICTS.items()}


def decision_value(ref: DecisionRef) -> str:
    """A decision as the value of a button: a JSON list of project, quarter and key."""
    return json.dumps([ref.project, str(ref.quarter), ref.key], separators=(",", ":"), ensure_ascii=False)


def decision_of(value: str) -> DecisionRef:
    """The decision that `decision_value` wrote."""
    project, quarter, key = json.loads(value)
    return DecisionRef(project, Quarter.parse(quarter), key)


def build(reply: DecisionReply, words: Words) -> list[Block]:
    """The message's blocks; the buttons go once it is decided, but for the one that takes it back."""
    voice = voice_of(reply.report, words)
    line, ruling = reply.decision, reply.decision.ruling
    facts = decision_facts(line, voice)
    text = words.report(
        "post/decision.j2",
        what=one_line(line.what, _WHAT),
        state=line.state.value,
        verdict=ruling.verdict.value if ruling else "",
        who=facts["who"],
        by=facts["by"],
        options=[one_line(option, _OPTION) for option in line.options[:_MOST_OPTIONS]],
        asked=facts["asked"],
        option=one_line((ruling and ruling.option) or "", _OPTION),
        ruled_by=one_line(ruling.by, 60) if ruling else "",
        ruled_on=voice.day(ruling.at.date()) if ruling else "",
        comment=clip(clean((ruling and ruling.comment) or ""), _COMMENT),
    )
    return [section(text), *_below(reply, words)]


def verdict_buttons(ref: DecisionRef, what: str, words: Words) -> list[Block]:
    """The buttons with which a leader answers a decision; `what` it is is said to screen readers."""
    return [_button(ref, what, action, label, style, words) for action, label, style in _VERDICTS.values()]


def gist(reply: DecisionReply, words: Words) -> str:
    """The message in a sentence, for notifications and screen readers: no words of owners."""
    line, ruling = reply.decision, reply.decision.ruling
    return words.report(
        "post/decision-text.j2",
        project=one_line(reply.report.project_name),
        label=reply.report.quarter_label,
        state=line.state.value,
        verdict=ruling.verdict.value if ruling else "",
        by=one_line(ruling.by, 60) if ruling else "",
    )


def _below(reply: DecisionReply, words: Words) -> list[Block]:
    line = reply.decision
    ref = DecisionRef(reply.report.project_key, reply.report.quarter, line.key)
    if line.state is DecisionState.OPEN:
        row = verdict_buttons(ref, line.what, words)
    elif line.ruling and reply.can_be_taken_back:
        row = [_button(ref, line.what, Action.TAKE_BACK, "take-back", None, words)]
    else:
        return []
    names = [one_line(name, 60) for name in reply.deciders]
    by = one_line(line.ruling.by, 60) if line.ruling else ""
    return [actions(*row), context(words.report("post/decision-who.j2", names=names, state=line.state.value, by=by))]


def _button(ref: DecisionRef, what: str, action: Action, label: str, style: str | None, words: Words) -> Block:
    spoken = f"{words.label(label)}: {one_line(what, 50)}"
    return button(words.label(label), action, value=decision_value(ref), style=style, label=spoken)
