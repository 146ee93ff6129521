"""A Markdown document as blocks that a page is set from: headings, paragraphs, lists and tables.

Every layout, a company's own too, is a Markdown document; so what a layout prints is what PDF and Word print. Markup that
a page has no place for (quotes, code, raw HTML) keeps its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias
from unicodedata import east_asian_width

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_ANCHOR = re.compile(r'<a id="([\w-]+)">|</a>')  # what templates put where a link leads to
_PAGE, _GAP = 105, 3  # characters: about what a line of a table holds on a page, and between two columns


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one style; a line break is a span of its own, ``"\\n"``.

    `target` is the place in the document that it leads to; `anchor` names such a place, in a span without text.
    """

    text: str
    is_bold: bool = False
    is_italic: bool = False
    is_struck: bool = False
    target: str = ""
    anchor: str = ""


Line: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's heading; 1 is the highest level."""

    level: int
    line: Line


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, its line breaks kept."""

    line: Line


@dataclass(frozen=True, slots=True)
class Items:
    """A list; `start` is the first number, None where the list is not numbered."""

    start: int | None
    items: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one header row; every row has as many cells as the header."""

    header: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]
    is_right: tuple[bool, ...]  # by column: figures stand right

    @property
    def shares(self) -> tuple[int, ...]:
        """Each column's share of a page's width: as much as its longest cell needs, the widest ones cut to what is left."""
        longest = [max(map(_width, column)) for column in zip(self.header, *self.rows, strict=True)]
        room = _PAGE - _GAP * len(longest)
        most = next((most for most in range(room, 0, -1) if sum(min(most, width) for width in longest) <= room), 1)
        return tuple(min(most, width) + _GAP for width in longest)


def _width(cell: Line) -> int:
    """How many characters wide a cell is; those of East Asian scripts count twice."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in words(cell))


Block: TypeAlias = Heading | Paragraph | Items | Table


def blocks_of(markdown: str) -> tuple[Block, ...]:
    """The blocks of a document, in its order."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return tuple(_blocks(SyntaxTreeNode(parser.parse(markdown)).children))


def words(line: Iterable[Span]) -> str:
    """The text of a line without its style."""
    return "".join(span.text for span in line)


def _blocks(nodes: Iterable[SyntaxTreeNode]) -> Iterator[Block]:
    for node in nodes:
        match node.type:
            case "heading":
                yield Heading(int(node.tag[1:]), _line(node))
            case "paragraph":
                yield Paragraph(_line(node))
            case "bullet_list" | "ordered_list":
                yield Items(_start(node), tuple(tuple(_blocks(item.children)) for item in node.children))
            case "table":
                yield _table(node)
            case "fence" | "code_block" | "html_block":
                yield Paragraph((Span(node.content.strip()),))
            case _:
                yield from _blocks(node.children)


def _start(node: SyntaxTreeNode) -> int | None:
    return int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None


def _table(node: SyntaxTreeNode) -> Table:
    rows = [row.children for part in node.children for row in part.children]
    header, *body = [tuple(_line(cell) for cell in row) for row in rows]
    is_right = tuple("right" in str(cell.attrs.get("style", "")) for cell in rows[0])
    return Table(header, tuple(body), is_right)


def _line(node: SyntaxTreeNode) -> Line:
    """A block's words as spans, neighbours of the same style joined."""
    joined: list[Span] = []
    for span in (span for child in node.children for span in _spans(child, Span(""))):
        if (
            joined
            and replace(joined[-1], text="") == replace(span, text="")
            and "\n" not in (joined[-1].text, span.text)
        ):
            joined[-1] = replace(span, text=joined[-1].text + span.text)
        elif span.text or span.anchor:
            joined.append(span)
    return tuple(joined)


def _spans(node: SyntaxTreeNode, style: Span) -> Iterator[Span]:
    match node.type:
        case "hardbreak":
            yield Span("\n")
        case "softbreak":
            yield replace(style, text=" ")
        case "image":
            yield replace(style, text=node.content)
        case "link":
            yield from _link(node, style)
        case "html_inline" if mark := _ANCHOR.fullmatch(node.content):
            yield Span("", anchor=mark[1] or "")
        case "inline" | "strong" | "em" | "s":
            inner = replace(
                style,
                is_bold=style.is_bold or node.type == "strong",
                is_italic=style.is_italic or node.type == "em",
                is_struck=style.is_struck or node.type == "s",
            )
            yield from (span for child in node.children for span in _spans(child, inner))
        case _:
            yield replace(style, text=node.content)


def _link(node: SyntaxTreeNode, style: Span) -> Iterator[Span]:
    """A link's words with its address behind them, since paper has no links but those to a place of its own."""
    address = str(node.attrs.get("href", ""))
    inner = [span for child in node.children for span in _spans(child, style)]
    if address.startswith("#"):
        yield from (replace(span, target=address[1:]) for span in inner)
        return
    yield from inner
    if address and address != words(inner):
        yield replace(style, text=f" ({address})")
