"""A message of Slack as it is added to an update: readable words, and nothing that could call anybody."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import quoting
from bot.slack.quoting import Addition, addition_of
from bot.slack.words import Words
from bot.texts import shipped

SITE = "https://acme.slack.com/"
LINK = "https://acme.slack.com/archives/C1/p1757944800000100"
WORDS = Words([shipped("prompts")], [shipped("templates")])


def added(message: dict[str, Any], author: str | None = "Bob Brown") -> Addition:
    """A message of a channel as an addition."""
    message = {"ts": "1757944800.000100", **message}
    return addition_of(message, "C1", SITE, WORDS, author=author, name_of={"U1": "Ann Adams"}.__getitem__)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Load test &lt;400 ms&gt; &amp; green", "Load test <400 ms> & green"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("<@U1> and <@U1|ann> said so", "Ann Adams and ann said so"),
        ("see <#C1|general> and <#C2>", "see #general and #C2"),
        ("<!channel> <!subteam^S1|@leads> <!date^1757944800^{date}|15 Sep>", "channel leads 15 Sep"),
        ("<https://example.com/7|the run>", "the run (https://example.com/7)"),
        ("<https://example.com/7>", "https://example.com/7"),
        ("<mailto:ann@example.com|ann@example.com>", "ann@example.com"),
        ("plain *bold* text", "plain *bold* text"),
    ],
)
def test_markup_becomes_the_words_that_people_read(text: str, expected: str) -> None:
    assert quoting.as_words(text, {"U1": "Ann Adams"}.__getitem__) == expected


# As Slack sends it: what was typed has its brackets escaped, and only markup has plain ones.
TYPED = st.text(st.sampled_from("<>@#!|&;ltgUhttp:/ab "), max_size=20).map(
    lambda typed: typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
)
MARKUP = st.sampled_from(
    ["<@U1>", "<@U1|ann>", "<!channel>", "<!subteam^S1>", "<#C1|general>", "<https://example.com|@U1>"]
)


@given(st.lists(TYPED | MARKUP, max_size=6).map("".join))
def test_no_text_makes_a_mention(text: str) -> None:
    said = quoting.as_words(text, lambda account: f"name of {account}")
    assert "<@U" not in said or "&lt;" in text, "only what was typed as letters may look like one"


def test_a_colleagues_message_is_quoted_with_name_and_link() -> None:
    assert added({"text": "Done."}) == Addition(f"Bob Brown, {LINK}: “Done.”")


def test_ones_own_message_needs_no_name() -> None:
    assert added({"text": "Done."}, author=None) == Addition(f"From {LINK}: “Done.”")


def test_a_reply_is_linked_in_its_thread() -> None:
    assert f"{LINK}?thread_ts=1757944700.000100&cid=C1" in added({"text": "x", "thread_ts": "1757944700.000100"}).note
    assert "thread_ts" not in added({"text": "x", "thread_ts": "1757944800.000100"}).note, "the root of a thread"


def test_files_become_evidence_and_a_message_without_words_a_sentence() -> None:
    plan = {"title": "plan.pdf", "permalink": f"{SITE}files/U1/F1/plan.pdf"}
    gone = {"id": "F2", "mode": "tombstone"}
    line = f"plan.pdf {SITE}files/U1/F1/plan.pdf"
    assert added({"text": "", "files": [plan, gone]}) == Addition(f"Bob Brown shared plan.pdf: {LINK}", (line,))
    assert added({"text": "Look.", "files": [plan]}).evidence == (line,)


def test_a_message_of_blocks_alone_is_linked() -> None:
    assert added({"text": ""}) == Addition(f"A message by Bob Brown: {LINK}")


def test_a_long_message_is_cut_and_its_link_leads_to_the_rest() -> None:
    note = added({"text": "word " * 4000}).note
    assert len(note) < 1200
    assert LINK in note
    assert note.endswith("…”")
