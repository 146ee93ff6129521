"""What a project manager sees between `/compile-report` and the channel: the review, the confirming view, and help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.report import Check, LineState, MilestoneLine, QuarterlyReport
from bot.flow.messages import CommandHelp, ConfirmForm, ItemRef, ReviewForm
from bot.slack import campaign
from bot.slack.blocks import Block, actions, button, context, divider, modal, section
from bot.slack.card import item_value
from bot.slack.ids import Action, View
from bot.slack.post import printed_checks, voice_of
from bot.slack.voice import Voice, channel_link, listed, marked, one_line, ordinal
from bot.slack.words import Words

_MOST_MISSING = 10  # product rule: the first ten are named
_MOST_EVIDENCE = 3
_MOST_NAMED = 5
_MOST_CHANGES = 12
_MOST_CHECKS = 25  # more than there are rules; keeps the view under Slack's 250 KB
_VIEW_BLOCKS = 98  # Slack: 100, less the head of the checks and the line that counts those left out


def build(form: ReviewForm, words: Words, fields: Sequence[Block]) -> Block:
    """The review: coverage, checks, the summary's input `fields`, then Preview, Return to owner and Publish."""
    voice = voice_of(form.report, words)
    before, after = _coverage(form, voice), _after_checks(form, fields, words)
    room = _VIEW_BLOCKS - len(before) - len(after)
    return modal(
        words.label("review"),
        [*before, *_checks(form.report.checks, room, words), *after],
        callback_id=View.REVIEW,
        submit=words.label("publish"),
        close=words.label("close"),
        metadata=_metadata(form),
    )


def loading(words: Words) -> Block:
    """The view that is open while the report is being compiled."""
    text = section(words.say("review/loading.j2"))
    return modal(words.label("loading"), [text], callback_id=View.LOADING, close=words.label("close"))


def message(title: str, text: str, words: Words) -> Block:
    """A view that says something (mrkdwn) and can only be closed."""
    return modal(title, [section(text)], callback_id=View.MESSAGE, close=words.label("close"))


def confirm(form: ConfirmForm, words: Words) -> Block:
    """The last view before the channel; where answers changed meanwhile, it says so and publishes nothing by itself."""
    parts = [*_changed(form, words), *_consequences(form, words)]
    return modal(
        words.label("confirm"),
        list(map(section, parts)),
        callback_id=View.CONFIRM,
        submit=words.label("publish-now"),
        close=words.label("back"),
        metadata=_metadata(form),
    )


def help_blocks(asked: CommandHelp, words: Words) -> list[Block]:
    """An ephemeral answer: what can be typed, or why a command was not done."""
    if asked.problem:
        return [section(words.say("help/problem.j2", problem=asked.problem))]
    return [section(words.say("help/help.j2"))]


def _metadata(form: ReviewForm | ConfirmForm) -> Mapping[str, object]:
    return {"project": form.project.key, "quarter": str(form.quarter), "facts": form.facts, "seen": form.seen}


def _title(report: QuarterlyReport) -> str:
    return f"{one_line(report.project_name)} · {report.quarter_label}"


def _coverage(form: ReviewForm, voice: Voice) -> list[Block]:
    """What was just done, how many have answered, and who has not."""
    report, words = form.report, voice.words
    counts = {"received": report.coverage.received, "due": report.coverage.due}
    is_full = not report.coverage.missing
    rule = marked(report.status.by_rule)
    head = words.say("review/head.j2", title=_title(report), everything=is_full, rule=rule, **counts)
    value = item_value(ItemRef(form.project.key, form.quarter))
    nudge = [] if is_full else [button(words.label("nudge-all"), Action.NUDGE_ALL, value=value)]
    return [
        *([context(words.say("review/saved.j2", line=form.saved))] if form.saved else []),
        section(head),
        *campaign.standing(form.sending, words),
        *_missing(report, voice),
        *_excused(report, words),
        actions(*nudge, button(words.label("manage"), Action.MANAGE, value=value)),
    ]


def _named(report: QuarterlyReport, keys: Sequence[str]) -> list[MilestoneLine]:
    by_key = {milestone.key: milestone for milestone in report.milestones}
    return [by_key[key] for key in keys if key in by_key]


def _missing(report: QuarterlyReport, voice: Voice) -> list[Block]:
    missing = _named(report, report.coverage.missing)
    if not missing:
        return []
    said = [_silent(milestone, voice) for milestone in missing[:_MOST_MISSING]]
    return [section(voice.words.say("review/missing.j2", missing=said, unlisted=len(missing) - len(said)))]


def _silent(milestone: MilestoneLine, voice: Voice) -> dict[str, object]:
    """A milestone without an answer: whose it is, what was last known, and for how long nothing was said."""
    known = milestone.known
    last = voice.standing(known.percent_complete, known.status, None) if known else ""
    return {
        "title": one_line(milestone.name, 80),
        "owner": one_line(milestone.owner, 60),
        "last": last,
        "aged": voice.aged(known.quarter) if known else "",
        "silent": milestone.unanswered_quarters,
        "ordinal": ordinal(milestone.unanswered_quarters),
    }


def _excused(report: QuarterlyReport, words: Words) -> list[Block]:
    names = [one_line(milestone.name, 60) for milestone in _named(report, report.coverage.excused)]
    is_paused = any(milestone.state is LineState.PAUSED for milestone in report.milestones)
    paused = [context(words.say("review/paused.j2"))] if is_paused else []
    return [*([context(words.say("review/excused.j2", names=listed(names, _MOST_NAMED)))] if names else []), *paused]


def _checks(checks: Sequence[Check], room: int, words: Words) -> list[Block]:
    """A line a check with its Note button, as many as the view has room for; the others are counted."""
    shown = checks[: min(room, _MOST_CHECKS)]
    blocks = [section(words.say("review/checks.j2", count=len(checks))), *(_check(check, words) for check in shown)]
    unlisted = len(checks) - len(shown)
    return [*blocks, context(words.say("review/more-checks.j2", unlisted=unlisted))] if unlisted else blocks


def _check(check: Check, words: Words) -> Block:
    text = words.say(
        "review/check.j2",
        sentence=one_line(check.sentence, 200),
        evidence=[one_line(piece, 200) for piece in check.evidence[:_MOST_EVIDENCE]],
        unlisted=max(0, len(check.evidence) - _MOST_EVIDENCE),
        note=one_line(check.note or "", 400),
        is_private=check.audience == "pm",
    )
    label = f"{words.label('note')}: {one_line(check.sentence, 60)}"
    return section(text, accessory=button(words.label("note"), Action.CHECK_NOTE, value=check.id, label=label))


def _after_checks(form: ReviewForm, fields: Sequence[Block], words: Words) -> list[Block]:
    value = item_value(ItemRef(form.project.key, form.quarter))
    return [
        divider(),
        *_stale(form.stale_edits, words),
        *fields,
        actions(
            button(words.label("preview"), Action.PREVIEW, value=value),
            button(words.label("return-to-owner"), Action.RETURN_TO_OWNER, value=value),
        ),
    ]


def _stale(edits: Sequence[str], words: Words) -> list[Block]:
    if not edits:
        return []
    fields = listed([edit.replace("_", " ") for edit in edits], len(edits))
    return [context(words.say("review/stale.j2", fields=fields, single=len(edits) == 1))]


def _changed(form: ConfirmForm, words: Words) -> list[str]:
    if not (form.is_changed or form.changes):
        return []
    shown = [one_line(change, 200) for change in form.changes[:_MOST_CHANGES]]
    return [words.say("review/confirm-changes.j2", changes=shown, unlisted=len(form.changes) - len(shown))]


def _consequences(form: ConfirmForm, words: Words) -> list[str]:
    """What publishing does: where it goes, what is missing in it, and what it replaces."""
    report, channel = form.report, channel_link(form.channel)
    counts = {"received": report.coverage.received, "due": report.coverage.due}
    rule = marked(report.status.by_rule) if report.status.differs else ""
    values = {"channel": channel, "status": marked(report.status.shown), "rule": rule, **counts}
    parts = [words.say("review/confirm.j2", title=_title(report), **values)]
    if report.revision and report.revision > 1:
        parts.append(words.say("review/confirm-revision.j2", revision=report.revision))
    if form.is_shared_channel:
        parts.append(words.say("review/confirm-shared.j2", channel=channel))
    if missing := [one_line(milestone.name, 60) for milestone in _named(report, report.coverage.missing)]:
        parts.append(words.say("review/confirm-missing.j2", names=listed(missing, _MOST_NAMED)))
    if bare := [one_line(check.sentence, 200) for check in printed_checks(report) if not check.note]:
        shown = bare[:_MOST_CHANGES]
        parts.append(words.say("review/confirm-checks.j2", sentences=shown, unlisted=len(bare) - len(shown)))
    return parts
