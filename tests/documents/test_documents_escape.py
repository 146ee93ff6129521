"""What people type is literal wherever a document puts it, and is escaped no more than that needs."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from markdown_reader import html, literal, structure

from bot.documents.escape import cell, inline, prose, settle

MARKUP = st.text(alphabet="ab1 \t*_`~#>+-=.)(][!<>&;|:\\/x\n")
FRAGMENTS = st.sampled_from(
    (
        *("# a", "- a", "1. a", "> a", "    a", "===", "---", "***", "- - -", "```", "~~~", "1)", "10.", "[x] a"),
        *("*a*", "**a**", "_a_", "__", "`a`", "~~a~~", "\\", "\\*", "a  \nb", "a\\\nb", "a #", "a|b", "|--|"),
        *("[a](b)", "[a]: b", "![a](b)", "]", "<b>", "<!-- a", "<http://a.b>", "http://a.b", "&amp;", "&#35;"),
        *("٣", "مرحبا", "\x00", "\u2028", "\xa0"),
    )
)
TEXTS = st.one_of(MARKUP, st.lists(FRAGMENTS).map(" ".join), st.lists(FRAGMENTS).map("\n".join), st.text())

PLACES = [
    "{}",
    "before\n{}",
    "- {}",
    "12. {}",
    "- a\n  - {}",
    "> {}",
    "# {}",
    "**Label:** {}",
    "**{}:** after",
    "**{}** after",
    "- {}: after",
    "({}) after",
]
CELL = "| a | b |\n|---|---|\n| {} | c |\n| d | e |"


def one_line(text: str) -> str:
    """The text as a reader expects it in one line."""
    lines = "".join(ch for ch in text if ch in "\t\n\v\f\r\x1c\x1d\x1e" or not (ch < " " or ch == "\x7f")).splitlines()
    return " ".join(filter(None, map(str.strip, lines)))


@pytest.mark.parametrize("place", PLACES)
@given(text=TEXTS)
@example("[a]")
@example("a\\")
@example(" ** *a")
@example("1.")
@example("#")
@example("|-|\n|-|")
def test_text_is_literal_in_any_place_of_a_line(place: str, text: str) -> None:
    assume(one_line(text))
    document = settle(place.format(inline(text)))
    assert structure(document) == structure(place.format("word"))
    assert literal(document) == literal(place.format("word")).replace("word", one_line(text))


@given(text=TEXTS)
@example("a\\|b")
def test_text_is_literal_in_a_table_cell(text: str) -> None:
    assume(one_line(text))
    document = settle(CELL.format(cell(text)))
    assert structure(document) == structure(CELL)
    assert literal(document) == literal(CELL).replace("{}", one_line(text))


@given(text=TEXTS)
def test_long_text_keeps_its_lines_and_stays_in_its_list_item(text: str) -> None:
    lines = list(map(one_line, text.splitlines()))
    assume(any(lines))
    document = settle("10. **Item**\n    - **Label:** " + prose(text) + "\n    - last\n\nafter")
    expected = "\n".join(line for line in lines if line)
    assert literal(document) == f"Item\nLabel: {expected}\nlast\nafter"
    assert structure(document)[-3:] == ["paragraph_open", "inline", "paragraph_close"]
    assert structure(document).count("bullet_list_open") == 1


@given(first=TEXTS, second=TEXTS)
def test_two_texts_in_a_line_cannot_make_markup_together(first: str, second: str) -> None:
    assume(one_line(first) and one_line(second))
    document = settle(f"- {inline(first)} ({inline(second)}): x")
    assert structure(document) == structure("- a (b): x")
    assert literal(document) == f"{one_line(first)} ({one_line(second)}): x"


@pytest.mark.parametrize(
    "text",
    [
        "R&D (phase 2) - done, see AT&T.",
        "snake_case and 2 * 3 < 7 > 5 [sic] 50% #1 ~5 days",
        "C:\\Users and 100+ users; a/b = c",
        "31. Dezember 2025",
        "- 5 °C",
        "# 1 in class",
        "2*3 and _x",
        "AT&T; and &such;",
        "a ` b, 5~6, 1 <b, c](d",
    ],
)
def test_what_is_no_markup_inside_a_line_stays_as_typed(text: str) -> None:
    assert settle("Note: " + inline(text)) == f"Note: {text}\n"


@pytest.mark.parametrize(
    ("text", "escaped"), [("# x", "\\# x"), ("- x", "\\- x"), ("1. x", "1\\. x"), ("> x", "\\> x")]
)
def test_block_markup_is_escaped_at_the_start_of_a_line_only(text: str, escaped: str) -> None:
    assert settle(str(inline(text))) == f"{escaped}\n"
    assert settle("- " + inline(text)) == f"- {escaped}\n"
    assert settle("Note: " + inline(text)) == f"Note: {text}\n"


@pytest.mark.parametrize("place", ["{}", "**Label:** {}", "- a\n  - {}"])
@given(text=st.text(alphabet="ab *_`&;#lt", max_size=12))
@example("*a*")
@example("``a`` `b`")
@example("**a** *b*")
@example("2*3")
def test_a_text_that_is_no_markup_stays_as_typed(place: str, text: str) -> None:
    """Each kind of escape is needed: without it the text would be drawn in another way."""
    assume(one_line(text))
    document = settle(place.format(inline(text)))
    for kind in set(re.findall(r"\\(.)", document)):
        without = document.replace(f"\\{kind}", kind)
        assert html(without) != html(document), f"{document!r} has escapes too many"


def test_a_typed_checkbox_is_no_task() -> None:
    assert settle("- " + inline("[ ] later")) == "- \\[ ] later\n"


def test_paragraphs_are_continued_inside_their_item() -> None:
    document = settle("10. **A**\n    - **B:** " + prose("one\ntwo\n\n\n\n# three"))
    assert document == "10. **A**\n    - **B:** one  \n      two\n\n      \\# three\n"


def test_empty_lines_of_a_template_become_one() -> None:
    assert settle("\n\na\n\n \n\nb  \n\nc\n\n") == "a\n\nb\n\nc\n"
