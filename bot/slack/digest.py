"""The digest after the deadline: one message to a manager about everybody who has not answered, and to a sponsor."""

from __future__ import annotations

from bot.flow.messages import DigestItem, OverdueDigest
from bot.locales import Locale
from bot.slack.blocks import Block, actions, button, context, option, section, select
from bot.slack.card import item_value
from bot.slack.ids import Action
from bot.slack.voice import Voice, listed, one_line, ordinal
from bot.slack.words import Words

_MOST_ITEMS = 15  # a screen or two; the rest is counted, and "People and dates" has them all
_MOST_PROJECTS = 100  # Slack: options of one select


def build(digest: OverdueDigest, words: Words) -> list[Block]:
    """The digest's blocks: coverage, then each silent milestone with what is known, and what can be done about it."""
    projects = [{"name": one_line(p.name), "received": p.received, "due": p.due} for p in digest.projects]
    missing = len(digest.items)
    head = words.say(_file(digest, "head"), quarter=digest.quarter_label, projects=projects, missing=missing)
    shown = digest.items[:_MOST_ITEMS]
    blocks = [section(head), *(_item(item, digest, words) for item in shown)]
    if len(shown) < missing:
        blocks.append(context(words.say("digest/rest.j2", count=missing - len(shown))))
    if digest.returned:
        waiting = [f"{one_line(back.milestone, 80)} ({one_line(back.owner, 60)})" for back in digest.returned]
        blocks.append(context(words.say("digest/returned.j2", waiting=listed(waiting, _MOST_ITEMS))))
    if not digest.is_for_sponsor:
        blocks.append(_buttons(digest, words))
    return [*blocks, context(words.say(_file(digest, "last")))]


def gist(digest: OverdueDigest, words: Words) -> str:
    """The digest in a sentence, for notifications and screen readers."""
    return words.say(_file(digest, "text"), quarter=digest.quarter_label, count=len(digest.silent))


def _file(digest: OverdueDigest, name: str) -> str:
    return f"{'sponsor' if digest.is_for_sponsor else 'digest'}/{name}.j2"


def _item(item: DigestItem, digest: OverdueDigest, words: Words) -> Block:
    locale = Locale(digest.locale)
    day = item.known.forecast if item.known and item.known.forecast else None
    voice = Voice(words, locale, digest.quarter, digest.quarter_label, day) if day else None
    last = voice.known(item.known) if voice else _percent(item, locale)
    text = words.say(
        "digest/item.j2",
        item=item,
        title=one_line(item.title, 80),
        owner=one_line(item.owner, 60),
        others=listed([one_line(name, 60) for name in item.also_asked], 3),
        several=len(digest.projects) > 1,
        project=one_line(item.project_name, 60),
        last=last,
        quarter=f"Q{item.known.quarter.number} {item.known.quarter.year}" if item.known else "",
        away=locale.date_short(item.away_until.date()) if item.away_until else "",
        until=locale.date_short(item.until) if item.until else "",
        ordinal=ordinal(item.silent_quarters),
    )
    if digest.is_for_sponsor or not item.has_account:
        return section(text)
    label = f"{words.label('nudge')}: {one_line(item.title, 60)}"
    return section(
        text, accessory=button(words.label("nudge"), Action.NUDGE_ONE, value=item_value(item.ref), label=label)
    )


def _percent(item: DigestItem, locale: Locale) -> str:
    known = item.known
    if known is None:
        return ""
    percent = locale.percent(known.percent_complete) if known.percent_complete is not None else ""
    return ", ".join(filter(None, [percent, known.status.value.lower() if known.status else ""]))


def _buttons(digest: OverdueDigest, words: Words) -> Block:
    """People and dates of the project, or of one of the projects; and what was sent to whom."""
    label = words.label("manage")
    manage = button(label, Action.MANAGE, value=item_value(digest.projects[0].ref))
    if len(digest.projects) > 1:
        options = [option(one_line(p.name, 70), item_value(p.ref)) for p in digest.projects[:_MOST_PROJECTS]]
        manage = select(Action.MANAGE, options, placeholder=label)
    return actions(manage, button(words.label("show-ledger"), Action.SHOW_LEDGER, value=str(digest.quarter)))
