"""What a project manager sees between `/compile-report` and the channel: the review, the confirming view, and help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.life import LifeState
from bot.domain.milestone_line import LineState, MilestoneLine
from bot.domain.report import Check, QuarterlyReport
from bot.flow.forms import CommandHelp, Confirmed, ConfirmForm, PublishedAs, ReviewForm
from bot.flow.messages import ItemRef, ReturnedUpdate
from bot.slack import campaign
from bot.slack.blocks import Block, actions, button, context, divider, metadata_of, modal, section
from bot.slack.card import item_value
from bot.slack.ids import Action, View
from bot.slack.post.moves import last_known
from bot.slack.post.post import printed_checks, unknown_because, voice_of
from bot.slack.review import late
from bot.slack.voice import Voice, channel_link, listed, marked, names_of, one_line, ordinal
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
    """The last view before the channel; where answers changed meanwhile, it says so and publishes nothing by itself.

    Where the channel holds these very words, there is nothing to confirm.
    """
    if form.already:
        return _already(form, form.already, words)
    parts = [*_changed(form, words), *_consequences(form, words)]
    return modal(
        words.label("confirm"),
        list(map(section, parts)),
        callback_id=View.CONFIRM,
        submit=words.label("publish-now"),
        close=words.label("back"),
        metadata=_metadata(form),
    )


def confirmed_in(view: Mapping[str, Any]) -> Confirmed:
    """What was confirmed in that view."""
    metadata = metadata_of(view)
    return Confirmed(metadata["facts"], metadata["seen"], metadata["revision"])


def help_blocks(asked: CommandHelp, words: Words) -> list[Block]:
    """An ephemeral answer: what can be typed, or why a command was not done."""
    if asked.problem:
        return [section(words.say("help/problem.j2", problem=asked.problem))]
    return [section(words.say("help/help.j2"))]


def _metadata(form: ReviewForm | ConfirmForm) -> Mapping[str, object]:
    return {
        "project": form.project.key,
        "quarter": str(form.quarter),
        "facts": form.facts,
        "seen": form.seen,
        "revision": form.report.revision,
    }


def _title(report: QuarterlyReport) -> str:
    return f"{one_line(report.project_name)} · {report.quarter_label}"


def _coverage(form: ReviewForm, voice: Voice) -> list[Block]:
    """What was just done, how many have answered, and who has not."""
    report, words = form.report, voice.words
    counts = {"received": report.coverage.received, "due": report.coverage.due}
    is_full = not report.coverage.missing
    rule = marked(report.status.by_rule)
    unknown = unknown_because(report, words)
    head = words.say("review/head.j2", title=_title(report), everything=is_full, rule=rule, unknown=unknown, **counts)
    value = item_value(ItemRef(form.project.key, form.quarter))
    revision = form.published.revision if form.published else 0
    is_silent = form.silent_budget or not is_full
    nudge = [button(words.label("nudge-all"), Action.NUDGE_ALL, value=value)] if is_silent else []
    return [
        *([context(words.say("review/saved.j2", line=form.saved))] if form.saved else []),
        section(head),
        *campaign.standing(form.sending, words),
        *_standing(form, voice),
        *_missing(report, voice),
        *_silent_budget(form, words),
        *_waiting(form, voice),
        *_excused(report, words),
        actions(*nudge, button(words.label("manage"), Action.MANAGE, value=value)),
        *late.blocks(form.late, revision, form.zone, voice),
    ]


def _standing(form: ReviewForm, voice: Voice) -> list[Block]:
    """What is in the channel already, and whether it is what would be published now."""
    if form.published is None:
        return []
    text = voice.words.say(
        "review/published.j2", is_same=form.life is LifeState.PUBLISHED, **_published(form.published, form.zone, voice)
    )
    return [context(text), *_readers(form, voice.words)]


def _readers(form: ReviewForm, words: Words) -> list[Block]:
    """Who has acknowledged the revision in the channel, and how many of its readers' questions wait."""
    names = [one_line(name, 60) for name in form.published.readers] if form.published else []
    waiting = sum(question.answer is None for question in form.report.questions)
    if not (names or waiting):
        return []
    readers = listed(names, _MOST_NAMED)
    return [context(words.say("review/readers.j2", count=len(names), readers=readers, waiting=waiting))]


def _published(published: PublishedAs, zone: str, voice: Voice) -> dict[str, object]:
    return {
        "revision": published.revision,
        "by": one_line(published.by, 60),
        "day": voice.weekday(published.at, zone),
        "time": voice.time(published.at, zone),
    }


def _waiting(form: ReviewForm, voice: Voice) -> list[Block]:
    """Updates that came back to their owners, and edits of the wording that the owners have overtaken."""
    lines = [_returned(returned, form.zone, voice) for returned in form.returned[:_MOST_MISSING]]
    unlisted = len(form.returned) - len(lines)
    overtaken = listed([one_line(name, 60) for name in form.overtaken], _MOST_NAMED)
    words = voice.words
    return [
        *([section(words.say("review/returned.j2", returned=lines, unlisted=unlisted))] if lines else []),
        *(
            [context(words.say("review/overtaken.j2", names=overtaken, single=len(form.overtaken) == 1))]
            if overtaken
            else []
        ),
    ]


def _returned(returned: ReturnedUpdate, zone: str, voice: Voice) -> dict[str, object]:
    return {
        "title": one_line(returned.milestone, 80),
        "owner": one_line(returned.owner, 60),
        "by": one_line(returned.by, 60),
        "day": voice.weekday(returned.at, zone),
        "comment": one_line(returned.comment, 200),
    }


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
    return {
        "title": one_line(milestone.name, 80),
        "owner": one_line(milestone.owner, 60),
        "co_owners": names_of(milestone.co_owners),
        "last": last_known(known, voice) if known else "",
        "aged": voice.aged(known.quarter) if known else "",
        "silent": milestone.unanswered_quarters,
        "ordinal": ordinal(milestone.unanswered_quarters),
    }


def _silent_budget(form: ReviewForm, words: Words) -> list[Block]:
    owner = one_line(form.silent_budget, 60)
    return [section(words.say("review/silent-budget.j2", owner=owner))] if owner else []


def _excused(report: QuarterlyReport, words: Words) -> list[Block]:
    names = [one_line(milestone.name, 60) for milestone in _named(report, report.coverage.excused)]
    is_paused = any(milestone.state is LineState.PAUSED for milestone in report.milestones)
    paused = [context(words.say("review/paused.j2"))] if is_paused else []
    return [*([context(words.say("review/excused.j2", names=listed(names, _MOST_NAMED)))] if names else []), *paused]


def _checks(checks: Sequence[Check], room: int, words: Words) -> list[Block]:
    """One check after another, as many as the view has room for; the others are counted."""
    blocks = [section(words.say("review/checks.j2", count=len(checks)))]
    for number, check in enumerate(checks):
        lines = _check(check, words)
        room -= len(lines)
        if room < 0 or number == _MOST_CHECKS:
            return [*blocks, context(words.say("review/more-checks.j2", unlisted=len(checks) - number))]
        blocks += lines
    return blocks


def _check(check: Check, words: Words) -> list[Block]:
    """A check with its Note button beside it; then its evidence, beside which a button shows the updates that it is about."""
    sentence = words.say("review/check.j2", sentence=one_line(check.sentence, 200), is_private=check.audience == "pm")
    evidence = words.say(
        "review/check-evidence.j2",
        evidence=[one_line(piece.text, 200) for piece in check.evidence[:_MOST_EVIDENCE]],
        unlisted=max(0, len(check.evidence) - _MOST_EVIDENCE),
        note=one_line(check.note or "", 400),
    )
    note = _check_button("note", Action.CHECK_NOTE, check, words)
    is_about_updates = any(piece.milestone for piece in check.evidence)
    read = _check_button("read-these", Action.SHOW_UPDATES, check, words) if is_about_updates else None
    return [
        section(sentence, accessory=note, block_id=f"check:{check.id}"),
        *([section(evidence, accessory=read, block_id=f"evidence:{check.id}")] if evidence else []),
    ]


def _check_button(label: str, action: Action, check: Check, words: Words) -> Block:
    spoken = f"{words.label(label)}: {one_line(check.sentence, 60)}"
    return button(words.label(label), action, value=check.id, label=spoken)


def _after_checks(form: ReviewForm, fields: Sequence[Block], words: Words) -> list[Block]:
    value = item_value(ItemRef(form.project.key, form.quarter))
    return [
        divider(),
        *_stale(form.stale_edits, words),
        *fields,
        actions(
            button(words.label("preview"), Action.PREVIEW, value=value),
            button(words.label("read-updates"), Action.READ_UPDATES, value=value),
            button(words.label("return-to-owner"), Action.RETURN_TO_OWNER, value=value),
        ),
        *([context(words.say("review/saved.j2", line=form.sent))] if form.sent else []),
    ]


def _stale(edits: Sequence[str], words: Words) -> list[Block]:
    if not edits:
        return []
    fields = listed([edit.replace("_", " ") for edit in edits], len(edits))
    return [context(words.say("review/stale.j2", fields=fields, single=len(edits) == 1))]


def _already(form: ConfirmForm, published: PublishedAs, words: Words) -> Block:
    voice = voice_of(form.report, words)
    channel = channel_link(form.channel)
    text = words.say("review/already.j2", channel=channel, **_published(published, form.zone, voice))
    return message(words.label("review"), text, words)


def _changed(form: ConfirmForm, words: Words) -> list[str]:
    """What happened since the manager looked: another revision went out, answers changed."""
    if not (form.is_changed or form.changes):
        return []
    other, shown = form.overtaken_by, [one_line(change, 200) for change in form.changes[:_MOST_CHANGES]]
    published = _published(other, form.zone, voice_of(form.report, words)) if other else {}
    changed = words.say(
        "review/confirm-changes.j2",
        changes=shown,
        unlisted=len(form.changes) - len(shown),
        is_overtaken=other is not None,
    )
    return [*([words.say("review/confirm-overtaken.j2", **published)] if other else []), changed]


def _consequences(form: ConfirmForm, words: Words) -> list[str]:
    """What publishing does: where it goes, what is missing in it, and what it replaces."""
    report, channel = form.report, channel_link(form.channel)
    counts = {"received": report.coverage.received, "due": report.coverage.due}
    rule = marked(report.status.by_rule) if report.status.differs else ""
    unknown = unknown_because(report, words)
    values = {"channel": channel, "status": marked(report.status.shown), "rule": rule, "unknown": unknown, **counts}
    parts = [words.say("review/confirm.j2", title=_title(report), **values)]
    if report.revision and report.revision > 1:
        parts.append(words.say("review/confirm-revision.j2", revision=report.revision, has_post=form.has_post))
    if form.is_shared_channel:
        parts.append(words.say("review/confirm-shared.j2", channel=channel))
    if missing := [one_line(milestone.name, 60) for milestone in _named(report, report.coverage.missing)]:
        parts.append(words.say("review/confirm-missing.j2", names=listed(missing, _MOST_NAMED)))
    if back := [one_line(returned.milestone, 60) for returned in form.returned]:
        parts.append(words.say("review/confirm-returned.j2", names=listed(back, _MOST_NAMED), is_one=len(back) == 1))
    if decided := late.consequences(form.late, words):
        parts.append(decided)
    if bare := [one_line(check.sentence, 200) for check in printed_checks(report) if not check.note]:
        shown = bare[:_MOST_CHANGES]
        parts.append(words.say("review/confirm-checks.j2", sentences=shown, unlisted=len(bare) - len(shown)))
    return parts
