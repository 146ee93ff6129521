"""A message of Slack as it is added to an update: its words as a quotation for the note, its files as evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.attachment import read_attachment
from bot.domain.errors import BotError
from bot.slack.blocks import clean, clip
from bot.slack.words import Words

_LONGEST = 1000  # characters of a message that are quoted; its link leads to the rest
_MOST_FILES = 10
_MARKUP = re.compile(r"<([^<>]*)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # all that Slack escapes, in the order to take them back

NameOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Addition:
    """What is put into a milestone's dialog beside what stands there: words for the note, lines for the evidence."""

    note: str
    evidence: tuple[str, ...] = ()


def addition_of(
    message: Mapping[str, Any], channel: str, site: str, words: Words, *, author: str | None, name_of: NameOf
) -> Addition:
    """A message as an addition: `author` is None for one's own, `site` the workspace's address, `name_of` names accounts."""
    files = tuple(_files(message))
    note = words.say_plain(
        "shortcuts/quotation.j2",
        who=author,
        text=clip(clean(as_words(message.get("text") or "", name_of)), _LONGEST),
        files=[name for name, _ in files],
        link=link_to(message, channel, site),
    )
    return Addition(note, tuple(line for _, line in files))


def link_to(message: Mapping[str, Any], channel: str, site: str) -> str:
    """The web address of a message, as Slack's "Copy link" gives it (`chat.getPermalink`), without asking Slack for it."""
    address = f"{site}archives/{channel}/p{message['ts'].replace('.', '')}"
    thread = message.get("thread_ts")
    return f"{address}?thread_ts={thread}&cid={channel}" if thread and thread != message["ts"] else address


def as_words(text: str, name_of: NameOf) -> str:
    """A message's text as people read it: names for accounts, addresses beside the words of links, nothing escaped."""
    said = _MARKUP.sub(lambda found: _spelled(found[1], name_of), text)
    for entity, character in _ENTITIES:
        said = said.replace(entity, character)
    return said


def _spelled(markup: str, name_of: NameOf) -> str:
    """What stands between Slack's angle brackets. A mention is written without its @, so that it can call nobody again."""
    about, _, label = markup.partition("|")
    match about[:1]:
        case "@":
            return label or name_of(about[1:])
        case "#":
            return f"#{label or about[1:]}"
        case "!":
            return (label or about[1:]).removeprefix("@")
    if about.startswith("mailto:"):
        return label or about.removeprefix("mailto:")
    return f"{label} ({about})" if label and label != about else about


def _files(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The name of each file of a message, and its line of evidence; files that Slack has taken away have no address."""
    for file in list(message.get("files") or ())[:_MOST_FILES]:
        name = " ".join(clean(str(file.get("title") or file.get("name") or "")).split())
        try:
            yield name, read_attachment(f"{clip(name, 100)} {file.get('permalink') or ''}").line
        except BotError:
            continue
