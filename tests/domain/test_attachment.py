"""Links and files of an update: what is taken for one, and what is refused with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.attachment import Attachment, read_attachment
from bot.domain.errors import BotError


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("https://example.com/7", Attachment("https://example.com/7")),
        ("Load test: https://example.com/7", Attachment("https://example.com/7", "Load test")),
        ("http://example.com:8080/a?b=c&d#e the  run", Attachment("http://example.com:8080/a?b=c&d#e", "the run")),
        ("HTTPS://Example.com/ü", Attachment("HTTPS://Example.com/ü")),
        (
            "plan.pdf https://acme.slack.com/files/U061F7AUR/F0S43P1CZ/plan.pdf",
            Attachment("https://acme.slack.com/files/U061F7AUR/F0S43P1CZ/plan.pdf", "plan.pdf", "F0S43P1CZ"),
        ),
        ("https://example.com/files/of/F0S43P1CZ", Attachment("https://example.com/files/of/F0S43P1CZ")),
    ],
)
def test_a_line_is_an_address_with_what_it_is_called(line: str, expected: Attachment) -> None:
    assert read_attachment(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        "the load test",
        "example.com/7",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user:secret@example.com/",
        "https://example.com:port/",
        "https://example.com/`whoami`",
        "https://example.com/<script>",
        'https://example.com/"onload="x',
        "https://example.com/a|b",
        "https://example.com/\u202egnp.exe",
        "https://example.com/\x07",
        "https://example.com/" + "x" * 2000,
        "https://[::1",
    ],
)
def test_what_cannot_be_opened_or_printed_safely_is_refused(line: str) -> None:
    with pytest.raises(BotError, match="no link"):
        read_attachment(line)


@given(
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.from_regex(r"\Ahttps?://[a-z]{1,9}\.com/[a-z0-9?=&%.()*_~-]{0,20}\Z"),
)
def test_what_was_read_is_read_the_same_again(words: str, address: str) -> None:
    """The dialog shows it as a line, and may be sent as it is."""
    try:
        found = read_attachment(f"{words} {address}")
    except BotError:
        return  # the words hold another address
    assert read_attachment(found.line) == found
