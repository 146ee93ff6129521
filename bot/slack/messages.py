"""Messages as Slack takes them: the values of `bot.flow.messages` in, text, blocks and metadata out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bot.flow.messages import (
    DecisionReply,
    Message,
    Notice,
    OverdueDigest,
    OwnerCard,
    PortfolioPost,
    ProjectReply,
    ReportPost,
    RevisionReply,
    SectionReply,
)
from bot.slack import card, digest
from bot.slack.blocks import Block, actions, button, clip, section, split_text
from bot.slack.ids import Action
from bot.slack.post import decisions, portfolio, post, sections
from bot.slack.voice import channel_link, counted, one_line
from bot.slack.words import Words

EVENT_TYPE = "quarterdeck"
_TEXT = 3000  # product rule; Slack refuses edits whose text is longer than 4,000
_BLOCK_ID = 255  # Slack
_MOST_CHANGES = 20
_MOST_NAMES = 20
_BODY = 9000  # characters over the blocks of a message: Slack's limit is about 10,000


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message for chat.postMessage and chat.update.

    `text` is the gist in mrkdwn. Its business key stands in `metadata` and as the first block's `block_id`, so that a
    message whose sending was not confirmed can be found again.
    """

    text: str
    blocks: list[Block]
    metadata: dict[str, Any]


def render(message: Message, words: Words) -> Rendered:
    """Any message as Slack takes it."""
    text, blocks = _content(message, words)
    named = [blocks[0] | {"block_id": message.key[:_BLOCK_ID]}, *blocks[1:]]
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": message.key}}
    return Rendered(clip(text, _TEXT), named, metadata)


def plainer(rendered: Rendered, words: Words) -> Iterator[Rendered]:
    """A message for a Slack that refuses it, plainer and plainer: without its table, then as its gist alone."""
    drawn = [block for block in rendered.blocks if block["type"] != "table"]
    if 0 < len(drawn) < len(rendered.blocks):
        yield replace(rendered, blocks=drawn)
    yield replace(rendered, text=words.say("errors/plain.j2", gist=rendered.text), blocks=[])


def _content(message: Message, words: Words) -> tuple[str, list[Block]]:
    if isinstance(message, OwnerCard):
        return card.gist(message, words), card.build(message, words)
    if isinstance(message, OverdueDigest):
        return digest.gist(message, words), digest.build(message, words)
    if isinstance(message, ReportPost):
        return post.gist(message.report, words), post.build(
            message.report, words, is_preview=message.is_preview, readers=message.readers, asked=message.asked
        )
    if isinstance(message, DecisionReply):
        return decisions.gist(message, words), decisions.build(message, words)
    if isinstance(message, SectionReply):
        reply = sections.replies(message.report, words)[message.index]
        return sections.reply_gist(message.report, reply, words), sections.reply_blocks(reply, words)
    if isinstance(message, RevisionReply):
        return _revision(message, words)
    if isinstance(message, PortfolioPost):
        return portfolio.gist(message.report, words), portfolio.build(message.report, words)
    if isinstance(message, ProjectReply):
        gist = portfolio.reply_gist(message.report, message.index, words)
        return gist, portfolio.reply(message.report, message.index, words)
    return _notice(message, words)


def _revision(message: RevisionReply, words: Words) -> tuple[str, list[Block]]:
    report = message.report
    revision = report.revision or 1
    shown = [one_line(change, 300) for change in message.changes[:_MOST_CHANGES]]
    unlisted = len(message.changes) - len(shown)
    readers = [one_line(name, 60) for name in message.readers[:_MOST_NAMES]]
    others = len(message.readers) - len(readers)
    blocks = words.report(
        "post/revision.j2", revision=revision, changes=shown, unlisted=unlisted, readers=readers, others=others
    )
    text = words.report(
        "post/revision-text.j2",
        project=one_line(report.title),
        label=report.quarter_label,
        revision=revision,
        changes=counted(len(message.changes), "change"),
    )
    return text, _paragraphs(blocks)


def _notice(message: Notice, words: Words) -> tuple[str, list[Block]]:
    """A plain message, its first line the gist as a sentence of its own; a `channel` among its values becomes a link."""
    values = dict(message.values)
    if "channel" in values:
        values["channel"] = channel_link(str(values["channel"]))
    text = words.say(f"notices/{message.name}.j2", **values)
    blocks = _paragraphs(text)
    row = [button(words.label(label), action, value=value) for action, label, value in message.buttons]
    if message.item:
        name, action = ("reassign", Action.REASSIGN) if message.asks_for_owner else ("update", Action.UPDATE_ITEM)
        row.append(button(words.label(name), action, value=card.item_value(message.item), style="primary"))
    gist = text.partition("\n")[0].removesuffix(":")
    return gist, [*blocks, actions(*row)] if row else blocks


def _paragraphs(text: str) -> list[Block]:
    return [section(piece) for piece in split_text(clip(text, _BODY))]
