"""What an admin sees between `/compile-report all` and the channel: the review and the confirming view."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.portfolio_report import PortfolioReport
from bot.domain.quarter import Quarter
from bot.flow.forms import PortfolioForm, Reviewed
from bot.slack.blocks import Block, actions, button, context, metadata_of, modal, section
from bot.slack.ids import Action, View
from bot.slack.post.portfolio import counts, title, updates
from bot.slack.voice import channel_link, listed, one_line
from bot.slack.words import Words

_MOST_WAITING = 10  # as in a project's review: the first ten are named
_MOST_NAMED = 5
_MOST_CHANGES = 12


def build(form: PortfolioForm, words: Words) -> Block:
    """The review: coverage, what is not yet published, Preview and Publish."""
    head = words.say("portfolio/head.j2", **_facts(form.report, words))
    preview = button(words.label("preview"), Action.PORTFOLIO_PREVIEW, value=str(form.report.quarter))
    blocks = [
        section(head),
        section(counts(form.report, words)),
        *_waiting(form.report, words),
        actions(preview),
        *([context(words.say("review/saved.j2", line=form.saved))] if form.saved else []),
    ]
    return modal(
        words.label("review"),
        blocks,
        callback_id=View.PORTFOLIO_REVIEW,
        submit=words.label("publish"),
        close=words.label("close"),
        metadata=_metadata(form),
    )


def confirm(form: PortfolioForm, words: Words) -> Block:
    """The last view before the channel; where something changed meanwhile, it says so and publishes nothing by itself."""
    return modal(
        words.label("confirm"),
        list(map(section, _consequences(form, words))),
        callback_id=View.PORTFOLIO_CONFIRM,
        submit=words.label("publish-now"),
        close=words.label("back"),
        metadata=_metadata(form),
    )


def read(view: Mapping[str, Any]) -> tuple[Quarter, Reviewed]:
    """What either view was about, as it was shown."""
    metadata = metadata_of(view)
    return Quarter.parse(metadata["quarter"]), Reviewed(metadata["facts"], datetime.fromisoformat(metadata["at"]))


def _metadata(form: PortfolioForm) -> dict[str, object]:
    reviewed = form.reviewed
    return {"quarter": str(form.report.quarter), "facts": reviewed.facts, "at": reviewed.at.isoformat()}


def _facts(report: PortfolioReport, words: Words) -> dict[str, object]:
    return {
        "title": title(report, words),
        "published": len(report.published),
        "projects": len(report.projects),
        "received": report.coverage.received,
        "due": report.coverage.due,
    }


def _waiting(report: PortfolioReport, words: Words) -> list[Block]:
    waiting = report.unpublished
    if not waiting:
        return []
    said = [
        {"name": one_line(line.name, 80), "manager": one_line(line.manager, 60), "updates": updates(line.coverage)}
        for line in waiting[:_MOST_WAITING]
    ]
    return [section(words.say("portfolio/unpublished.j2", projects=said, unlisted=len(waiting) - len(said)))]


def _consequences(form: PortfolioForm, words: Words) -> list[str]:
    """What publishing does: where it goes, what is missing in it, and what it replaces."""
    report, channel = form.report, channel_link(form.channel)
    parts = [words.say("portfolio/confirm.j2", channel=channel, **_facts(report, words))]
    if form.changes:
        shown = [one_line(change, 200) for change in form.changes[:_MOST_CHANGES]]
        unlisted = len(form.changes) - len(shown)
        parts.insert(0, words.say("portfolio/confirm-changes.j2", changes=shown, unlisted=unlisted))
    if report.revision and report.revision > 1:
        parts.append(words.say("review/confirm-revision.j2", revision=report.revision, has_post=form.has_post))
    if form.is_shared_channel:
        parts.append(words.say("portfolio/confirm-shared.j2", channel=channel))
    if names := [one_line(line.name, 60) for line in report.unpublished]:
        parts.append(words.say("portfolio/confirm-unpublished.j2", names=listed(names, _MOST_NAMED)))
    return parts
