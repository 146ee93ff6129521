"""The shipped fonts as a drawing needs them: which one draws a character, and how wide that is.

A drawing must name the font of every piece of a text. Left to itself, typst finds another font for what the first one
lacks, but loses letters where the two join a different number of them into one glyph: ``ff`` in Latin words, most of
Arabic and Devanagari.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

_FOLDER = Path(__file__).parents[1] / "fonts"
_FILES = {  # in the order in which they are asked for a character; by the names that typst gives the families
    "Noto Sans": "NotoSans-Regular.ttf",
    "Noto Sans Hebrew": "NotoSansHebrew-Regular.ttf",
    "Noto Sans Arabic": "NotoSansArabic-Regular.ttf",
    "Noto Sans Devanagari": "NotoSansDevanagari-Regular.ttf",
    "Noto Sans Thai": "NotoSansThai-Regular.ttf",
    "Noto Sans Math": "NotoSansMath-Regular.ttf",
    "Noto Sans Symbols 2": "NotoSansSymbols2-Regular.ttf",
    "Noto Emoji": "NotoEmoji-Regular.ttf",
    "Droid Sans Fallback": "DroidSansFallback.ttf",
}
_LATIN, _BOLD_FILE = "Noto Sans", "NotoSans-Bold.ttf"
_EMOJI, _JOINER = "Noto Emoji", "\u200d"
_INVISIBLE = ("Mn", "Me", "Cf", "Sk")  # Unicode categories that take no room of their own


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text in one font, and its width in em."""

    family: str
    text: str
    width: float


def pieces(text: str, *, is_bold: bool) -> list[Piece]:
    """A text cut where its font changes, in the order in which it is drawn from left to right."""
    found: list[tuple[str, str]] = []
    for character in text:
        if found and _goes_along(character, found[-1][0]):
            found[-1] = (found[-1][0], found[-1][1] + character)
            continue
        family = _family(character)
        if found and found[-1][0] == family:
            found[-1] = (family, found[-1][1] + character)
        else:
            found.append((family, character))
    drawn = [Piece(family, part, _width(part, family, is_bold=is_bold)) for family, part in found]
    return drawn[::-1] if is_turned(text) else drawn


def width_of(text: str, *, is_bold: bool) -> float:
    """The width of a text in em."""
    return sum(piece.width for piece in pieces(text, is_bold=is_bold))


def is_turned(text: str) -> bool:
    """Whether a text begins in a script that runs from right to left."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((direction != "L" for direction in directions if direction in ("L", "R", "AL")), False)


def _goes_along(character: str, family: str) -> bool:
    """Whether a character is drawn by the font of the one before it: spaces and signs are, letters and figures choose."""
    if unicodedata.category(character) in _INVISIBLE:
        return True
    return family != _EMOJI and not character.isalnum() and ord(character) in _advances(_FILES[family])


def _family(character: str) -> str:
    return next((family for family, file in _FILES.items() if ord(character) in _advances(file)), _LATIN)


def _width(text: str, family: str, *, is_bold: bool) -> float:
    """The width of a text in one font; what is joined to the character before it takes no room of its own."""
    advances = _advances(_BOLD_FILE if is_bold and family == _LATIN else _FILES[family])
    return sum(
        advances.get(ord(character), 1.0)
        for before, character in zip(f" {text}", text, strict=False)
        if before != _JOINER and unicodedata.category(character) not in _INVISIBLE
    )


@cache
def _advances(file: str) -> dict[int, float]:
    """The width in em of every code point that a font has."""
    with TTFont(_FOLDER / file, lazy=True) as font:
        metrics, em = font["hmtx"].metrics, font["head"].unitsPerEm
        return {point: metrics[glyph][0] / em for point, glyph in font.getBestCmap().items()}
