"""SVG by hand: words, bars and marks, in pixels of a drawing 600 wide. Every text is escaped here."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape

from bot.documents.xml_text import xml_text

WIDTH = 600  # at twice its size, as pictures are made, it stays readable at the 360 to 500 pixels that Slack shows
INK, SOFT, FAINT, TRACK = "#1d1c1d", "#565b63", "#aab0b8", "#e6e9ed"
_LONGEST = 400  # characters: more than fit into any room


def drawing(height: float, parts: Sequence[str]) -> str:
    """A whole SVG document of these parts, on white: a client's dark theme must not swallow the ink."""
    size = f'width="{WIDTH}" height="{height:g}" viewBox="0 0 {WIDTH} {height:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{box(0, 0, WIDTH, height, "#ffffff")}{"".join(parts)}</svg>'


def words(
    x: float,
    y: float,
    text: str,
    *,
    size: float = 16,
    room: float = WIDTH,
    is_bold: bool = False,
    colour: str = INK,
    anchor: str = "start",
) -> str:
    """One line of text with its baseline at `y`; whoever draws it ends it by an ellipsis where it is wider than `room`.

    `anchor` is what stands at `x`: the start, the middle or the end.
    """
    whole = " ".join(xml_text(text).split())
    if len(whole) > _LONGEST:
        whole = whole[:_LONGEST] + "…"
    looks = f'font-size="{size:g}" fill="{colour}" text-anchor="{anchor}" data-room="{room:g}"'
    looks += ' font-weight="bold"' if is_bold else ""
    looks += ' direction="rtl"' if _is_turned(whole) else ""
    return f'<text x="{x:g}" y="{y:g}" {looks}>{escape(whole)}</text>'


def _is_turned(text: str) -> bool:
    """Whether a text begins in a script that runs from right to left."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((direction != "L" for direction in directions if direction in ("L", "R", "AL")), False)


def box(x: float, y: float, width: float, height: float, fill: str, *, edge: str = "", radius: float = 0) -> str:
    """A filled rectangle; `edge` is the colour of a dashed outline."""
    outline = f' stroke="{edge}" stroke-width="1.5" stroke-dasharray="4 3"' if edge else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{max(0, width):g}" height="{height:g}" rx="{radius:g}" fill="{fill}"{outline}/>'


def line(x1: float, y1: float, x2: float, y2: float, *, colour: str = INK, width: float = 2, dash: str = "") -> str:
    """A straight line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}" stroke-width="{width:g}"{dashed}/>'


def tick(x: float, top: float, bottom: float) -> str:
    """The mark of what was last quarter: a dark line with a white edge, seen on any bar."""
    return line(x, top, x, bottom, colour="#ffffff", width=6) + line(x, top, x, bottom, width=3)
