"""The digest after the deadline: one message to a manager about everybody who has not answered, and to a sponsor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from bot.domain.quarter import Quarter
from bot.flow.messages import DigestItem, DigestProject, OverdueDigest
from bot.locales import Locale
from bot.slack.blocks import Block, actions, button, context, option, section, select
from bot.slack.card import item_value
from bot.slack.ids import Action
from bot.slack.owed import money_before
from bot.slack.voice import Voice, listed, names_of, one_line, ordinal
from bot.slack.words import Words

_MOST_ITEMS = 12  # a screen or two; the rest is counted, and "People and dates" has them all
_MOST_HEADS = 22  # projects; with the milestones under them, two blocks each, they stay within Slack's 50 blocks
_MOST_PROJECTS = 100  # Slack: options of one select


def build(digest: OverdueDigest, words: Words) -> list[Block]:
    """The digest's blocks: coverage, then each silent milestone with what is known, and what can be done about it."""
    blocks = [block for project in _listed(digest) for block in _project(project, digest, words)]
    if unlisted := len(digest.items) - sum(len(project.shown) for project in _listed(digest)):
        blocks.append(context(words.say("digest/rest.j2", count=unlisted)))
    if digest.returned:
        waiting = [f"{one_line(back.milestone, 80)} ({one_line(back.owner, 60)})" for back in digest.returned]
        blocks.append(context(words.say("digest/returned.j2", waiting=listed(waiting, _MOST_ITEMS))))
    if not digest.is_for_sponsor:
        blocks.append(_buttons(digest, words))
    published = sum(project.is_published for project in digest.projects)
    last = words.say(_file(digest, "last"), published=published, projects=len(digest.projects))
    return [*blocks, context(last)]


def gist(digest: OverdueDigest, words: Words) -> str:
    """The digest in a sentence, for notifications and screen readers."""
    return words.say(_file(digest, "text"), quarter=digest.quarter_label, count=len(digest.silent))


@dataclass(frozen=True, slots=True)
class _Listed:
    """A project in the digest: its silent milestones, and those of them that are shown."""

    project: DigestProject
    items: tuple[DigestItem, ...]
    shown: tuple[DigestItem, ...]

    @property
    def usually_asked(self) -> int:
        """How often most of those who were asked were; 0 where nobody was."""
        counts = Counter(item.asked for item in self.shown if item.asked and item.has_account and not item.until)
        return counts.most_common(1)[0][0] if counts else 0


def _listed(digest: OverdueDigest) -> list[_Listed]:
    """As many projects and milestones as one message has room for."""
    found, room = [], _MOST_ITEMS
    for project in digest.projects[:_MOST_HEADS]:
        items = tuple(item for item in digest.items if item.ref.project == project.ref.project)
        found.append(_Listed(project, items, items[:room]))
        room -= len(items[:room])
    return found


def _project(listed: _Listed, digest: OverdueDigest, words: Words) -> Iterator[Block]:
    yield section(
        words.say(
            _file(digest, "head"),
            project=one_line(listed.project.name),
            quarter=digest.quarter_label,
            received=listed.project.received,
            due=listed.project.due,
            missing=len(listed.items),
            listed=len(listed.shown),
            asked=listed.usually_asked,
        )
    )
    for item in listed.shown:
        yield section(_item(item, listed.usually_asked, digest, words))
        if not digest.is_for_sponsor and (deeds := _deeds(item, words)):
            yield deeds


def _file(digest: OverdueDigest, name: str) -> str:
    return f"{'sponsor' if digest.is_for_sponsor else 'digest'}/{name}.j2"


def _item(item: DigestItem, usually_asked: int, digest: OverdueDigest, words: Words) -> str:
    locale = Locale(digest.locale)
    day = item.known.forecast if item.known and item.known.forecast else date.min  # its year is never said
    voice = Voice(words, locale, digest.quarter, digest.quarter_label, day)
    quarter, last = _last(item, voice)
    return words.say(
        "digest/item.j2",
        item=item,
        title=one_line(item.title, 80),
        owner=one_line(item.owner, 60),
        others=names_of(item.also_asked),
        usually_asked=usually_asked,
        last=last,
        quarter=voice.quarter_name(quarter) if quarter else "",
        away=locale.date_short(item.away_until.astimezone(ZoneInfo(digest.zone)).date()) if item.away_until else "",
        until=locale.date_short(item.until) if item.until else "",
        ordinal=ordinal(item.silent_quarters),
    )


def _last(item: DigestItem, voice: Voice) -> tuple[Quarter | None, str]:
    """What was last known of a milestone or a budget, with its quarter."""
    if item.last_resources:
        quarter, resources = item.last_resources
        return quarter, money_before(resources, item.currency, voice)
    return (item.known.quarter, voice.known(item.known)) if item.known else (None, "")


def _deeds(item: DigestItem, words: Words) -> Block | None:
    """What can be done about what is missing: nobody without an account can be nudged, and a budget stays its owner's."""
    nudge = (("nudge", Action.NUDGE_ONE),) if item.has_account else ()
    others = () if item.ref.is_resources else (("reassign", Action.REASSIGN), ("excuse", Action.EXCUSE))
    deeds = (*nudge, *others)
    if not deeds:
        return None
    value, title = item_value(item.ref), one_line(item.title, 60)
    labels = [(words.label(name), action) for name, action in deeds]
    row = [button(label, action, value=value, label=f"{label}: {title}") for label, action in labels]
    return actions(*row, block_id=value)


def _buttons(digest: OverdueDigest, words: Words) -> Block:
    """People and dates of the project, or of one of the projects; and what was sent to whom."""
    label = words.label("manage")
    manage = button(label, Action.MANAGE, value=item_value(digest.projects[0].ref))
    if len(digest.projects) > 1:
        options = [option(one_line(p.name, 70), item_value(p.ref)) for p in digest.projects[:_MOST_PROJECTS]]
        manage = select(Action.MANAGE, options, placeholder=label)
    return actions(manage, button(words.label("show-ledger"), Action.SHOW_LEDGER, value=str(digest.quarter)))
