"""The App Home: what a person owes, and how the projects they manage stand."""

from __future__ import annotations

from collections.abc import Sequence

from bot.flow.home import Home, ManagedProject
from bot.slack import campaign, card
from bot.slack.blocks import Block, context, divider, header, section
from bot.slack.voice import listed, one_line
from bot.slack.words import Words

_MOST_NAMED = 5
_MOST_BLOCKS = 100  # Slack


def build(home: Home, words: Words, plan: Sequence[Block] = ()) -> Block:
    """The home view; `plan` are the blocks of what can be set up."""
    blocks = [header(words.say_plain("home/title.j2", quarter=home.quarter_label))]
    blocks += card.build(home.card, words) if home.card else [section(words.say("home/nothing-owed.j2"))]
    blocks += _sending(home, words)
    if home.managed:
        blocks += [divider(), section(words.say("home/managed.j2", quarter=home.quarter_label))]
        blocks += [_managed(project, words) for project in home.managed]
        if home.unlisted:
            blocks.append(context(words.say("home/unlisted.j2", count=home.unlisted)))
    blocks += plan
    blocks += [divider(), context(words.say("home/why.j2"))]
    return {"type": "home", "blocks": blocks[:_MOST_BLOCKS]}


def _sending(home: Home, words: Words) -> list[Block]:
    """How the messages to owners stand, for those who manage something; admins can stop and resume them."""
    if home.sending is None:
        return []
    return [campaign.controls(home.sending, words)] if home.is_admin else campaign.standing(home.sending, words)


def _managed(project: ManagedProject, words: Words) -> Block:
    missing = listed([one_line(name, 60) for name in project.missing], _MOST_NAMED)
    text = words.say(
        "home/project.j2",
        title=one_line(project.name),
        key=project.key,
        received=project.coverage.received,
        due=project.coverage.due,
        missing=missing,
    )
    return section(text)
