"""Markdown as a reader sees it: what a CommonMark parser (with tables and strikethrough) makes of a document."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_WORDS = {"text", "softbreak", "hardbreak", "text_special"}


def structure(document: str) -> list[str]:
    """Every piece of markup in a document, its words left out."""
    return [kind for token in _PARSER.parse(document) for kind in _kinds(token)]


def literal(document: str) -> str:
    """The words of a document, a line for each block and for each hard line break."""
    return "\n".join(_text(token) for token in _PARSER.parse(document) if token.type == "inline")


def html(document: str) -> str:
    """A document as a browser gets it."""
    return str(_PARSER.render(document))


def _kinds(token: Token) -> Iterator[str]:
    yield token.type
    yield from (child.type for child in token.children or () if child.type not in _WORDS)


def _text(token: Token) -> str:
    breaks = {"softbreak": " ", "hardbreak": "\n"}
    return "".join(breaks.get(child.type, child.content) for child in token.children or ())
