"""What people typed, made literal in Markdown (CommonMark with GitHub's tables, strikethrough and task lists).

Only what would change the rendering is escaped: ``R&D (phase 2) - done`` stays as typed. Some characters are markup
only at the start of a line, and where a value stands is known only in the finished document. So escaping has two steps:
`inline`, `prose` and `cell` put a mark before such characters, and `settle` turns the marks of a whole document into
backslashes or drops them; which of those within a line it drops is told in `literal`.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from markupsafe import Markup

from bot.documents import literal

# The marks are control characters, which every escaping below removes from people's texts.
_START = "\x01"  # the next character is markup if it begins a line
_BREAK = "\x02"  # a line break that a person typed
_PARAGRAPH = "\x03"  # an empty line that a person typed

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f]")  # but for those that break lines
_BLOCK_START = re.compile(r"#{1,6}(?=\s|$)|[-+](?=\s|$)|>|=+$|[-:|][-:|\s]*$|\[[ xX]\](?=\s|$)")
_NUMBER_START = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))")
_INLINE = re.compile(
    r"""
      \\(?=[!-/:-@\[-`{-~]|$)                                # a backslash that would escape something or break the line
    | `
    | (?<!\*) (?!(?<=\s)\*++\s) \*++                         # emphasis, unless spaces stand on both sides
    | (?<!_) (?!(?<=\s)_++\s) (?!(?<=[^\W_])_++[^\W_]) _++   # the same; inside a word underscores are letters
    | ~{2,} | (?<=[^\s~])~                                   # strikethrough; "~5 days" opens what nothing can close
    | <(?=[A-Za-z/!?])                                       # tags, comments and autolinks
    | &(?=(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);)
    | \](?=[(\[:]|$)                                         # links and link definitions
    | (?<!\S)\#+$                                            # the closing marks of a heading
    """,
    re.VERBOSE,
)
_LINK_TEXT = re.compile(rf"{_INLINE.pattern} | [\[\]]", re.VERBOSE)
_NO_ADDRESS = re.compile(r"""[\s\x00-\x20\x7f<>"'`\\^{|}]""")  # in no web address as it is written (RFC 3986)
_ADDRESS = re.compile(r"[()&]")  # what would end a link's address, or be read as an entity in it
_CONTAINERS = r"[ >]*(?:(?:[-+*]|\d{1,9}[.)])[ ]+)*"
_LINE_START = re.compile(rf"^({_CONTAINERS}\d{{0,9}}){_START}", re.MULTILINE)


def inline(text: str) -> Markup:
    """A text for one line of a document; line breaks become spaces."""
    return Markup(_line(" ".join(filter(None, _lines(text)))))  # noqa: S704 - this is the escaping


def link(text: str, address: str) -> Markup:
    """A link. What no address holds is written in percents, so that nothing can end it early."""
    address = _NO_ADDRESS.sub(lambda found: quote(found[0]), address)
    words = _LINK_TEXT.sub(_backslashed, " ".join(filter(None, _lines(text))))
    return Markup(f"[{words}]({_ADDRESS.sub(_backslashed, address)})")  # noqa: S704 - this is the escaping


def prose(text: str) -> Markup:
    """A long text that keeps its paragraphs and line breaks, inside whatever list item its line belongs to."""
    paragraphs: list[list[str]] = [[]]
    for line in _lines(text):
        if line:
            paragraphs[-1].append(_line(line))
        elif paragraphs[-1]:
            paragraphs.append([])
    return Markup(_PARAGRAPH.join(_BREAK.join(lines) for lines in paragraphs if lines))  # noqa: S704 - this is the escaping


def cell(text: str) -> Markup:
    """A text for a table's cell: one line in which bars are letters too."""
    return Markup(inline(text).replace("|", r"\|"))  # noqa: S704 - this is the escaping


def settle(document: str) -> str:
    """The finished document: marks become markup where they stand, and no two empty lines follow each other."""
    broken = "\n".join(_broken(line) for line in document.split("\n"))
    settled = literal.resolve(_LINE_START.sub(r"\1\\", broken).replace(_START, ""))
    return re.sub(r"[ \t]*\n(?:[ \t]*\n)+", "\n\n", settled).strip() + "\n"


def _lines(text: str) -> list[str]:
    """A text's lines, without blank space around them and without characters that nobody can see."""
    return [line.strip() for line in _CONTROLS.sub("", text).splitlines()]


def _line(line: str) -> str:
    marked = _NUMBER_START.sub(rf"\1{_START}", _INLINE.sub(_marked, line))
    return f"{_START}{marked}" if _BLOCK_START.match(line) else marked


def _marked(found: re.Match[str]) -> str:
    return "".join(literal.MAYBE + character for character in found[0])


def _backslashed(found: re.Match[str]) -> str:
    return "".join("\\" + character for character in found[0])


def _broken(line: str) -> str:
    """A template's line with the breaks of its values, continued under the list items that it stands in."""
    lead = re.match(_CONTAINERS, line)
    margin = re.sub(r"[^>]", " ", lead[0]) if lead else ""
    return line.replace(_PARAGRAPH, f"\n{margin.rstrip()}\n{margin}").replace(_BREAK, f"  \n{margin}")
