"""SVG by hand: words, bars and marks, in pixels of a drawing 600 wide. Every text is escaped and fitted here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape
from itertools import accumulate

from bot.documents.charts.fonts import Piece, is_turned, pieces, width_of

WIDTH = 600  # at twice its size, as pictures are made, it stays readable at the 360 to 500 pixels that Slack shows
INK, SOFT, FAINT, TRACK = "#1d1c1d", "#565b63", "#aab0b8", "#e6e9ed"
_ELLIPSIS = "…"
_LONGEST = 400  # characters: more than fit into any room
_BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}  # how much of a text stands before its place
_INVISIBLE = ("Mn", "Mc", "Me", "Cf", "Sk")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def drawing(height: float, parts: Sequence[str]) -> str:
    """A whole SVG document of these parts, on white: a client's dark theme must not swallow the ink."""
    size = f'width="{WIDTH}" height="{height:g}" viewBox="0 0 {WIDTH} {height:g}" xml:space="preserve"'
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
    """One line of text with its baseline at `y`, ended by an ellipsis where it is wider than `room`."""
    fitted = elided(text, room, size=size, is_bold=is_bold)
    drawn = pieces(fitted, is_bold=is_bold)
    start = x - _BEFORE[anchor] * size * sum(piece.width for piece in drawn)
    looks = f'font-size="{size:g}" fill="{colour}"' + (' font-weight="bold"' if is_bold else "")
    return "".join(
        f'<text x="{start + size * before:.2f}" y="{y:g}" font-family="{piece.family}" {looks}>{_run(piece)}</text>'
        for before, piece in zip(accumulate((piece.width for piece in drawn), initial=0.0), drawn, strict=False)
    )


def _run(piece: Piece) -> str:
    """A piece of a text, escaped; one from right to left is marked so, that its ellipsis stands at its end."""
    return escape(f"\u2067{piece.text}\u2069" if is_turned(piece.text) else piece.text)


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


def elided(text: str, room: float, *, size: float, is_bold: bool = False) -> str:
    """A text on one line, cut before an ellipsis where it is wider than `room`."""
    whole = " ".join(_NOT_IN_XML.sub("", text).split())
    if len(whole) <= _LONGEST and width_of(whole, is_bold=is_bold) * size <= room:
        return whole
    kept = min(len(whole), _LONGEST)
    while kept and width_of(whole[:kept] + _ELLIPSIS, is_bold=is_bold) * size > room:
        kept -= 1
    return whole[: _whole_character(whole, kept)].rstrip() + _ELLIPSIS


def _whole_character(text: str, end: int) -> int:
    """An end at or before `end` that leaves no half of an accented letter or of a joined emoji."""
    while 0 < end < len(text) and (unicodedata.category(text[end]) in _INVISIBLE or text[end - 1] == "\u200d"):
        end -= 1
    return end
