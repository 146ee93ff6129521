"""The only place that knows typst, which sets PDF pages and turns drawings into pictures.

It sees the fonts that ship and those that a company has put into ``fonts`` in its templates folder, never the machine's
own: the same report looks the same everywhere. What is said comes through its inputs as data; it is never markup.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typst
from fontTools.ttLib import TTFont

from bot.documents.charts.layers import layers

_FONTS = Path(__file__).parent / "fonts"
_FAMILIES = (  # in this order; then any other font
    "Noto Sans", "Noto Sans Hebrew", "Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans Thai",
    "Noto Sans Math", "Noto Sans Symbols 2", "Noto Emoji",
)  # fmt: skip
_PIXELS_PER_INCH = 192  # two for each pixel of a drawing (96 to the inch), for sharp screens
_INVISIBLE = {"Cc", "Cf", "Zl", "Zp"}  # Unicode categories that need no glyph
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_UNPRINTABLE = "[…]"


def pdf_of(paper: Mapping[str, Any], note: str, folders: Sequence[Path]) -> bytes:
    """The tagged PDF that ``document/paper.typ`` sets from a paper. Equal papers give equal bytes.

    It conforms to PDF/UA-1, but where somebody typed a control character that PDF/UA-1 forbids: then it does not say so.
    What no font can print is shown as ``[…]``, and `note` then says so on the first page: there is never an empty box.
    `folders` hold templates and fonts, a company's own before the shipped ones.
    """
    text = json.dumps({**paper, "note": None, "fonts": _FAMILIES}, ensure_ascii=False)
    shown = _printable(text, folders)
    if shown != text:
        shown = _printable(json.dumps({**paper, "note": note, "fonts": _FAMILIES}, ensure_ascii=False), folders)
    try:
        return _compiled("paper.typ", {"paper": shown}, folders, format="pdf", pdf_standards=["ua-1"])
    except typst.TypstError:
        return _compiled("paper.typ", {"paper": shown}, folders, format="pdf")


def png_of(svg: str, folders: Sequence[Path]) -> bytes:
    """A drawing as a picture, twice as wide and high as its own pixels."""
    chart = json.dumps({**layers(svg), "fonts": _FAMILIES}, ensure_ascii=False)
    return _compiled("picture.typ", {"chart": _printable(chart, folders)}, folders, format="png", ppi=_PIXELS_PER_INCH)


def _compiled(template: str, inputs: dict[str, str], folders: Sequence[Path], **how: Any) -> bytes:
    path = next(path for folder in folders if (path := folder / "document" / template).is_file())
    fonts = [str(folder) for folder in _font_folders(folders)]
    try:
        made = typst.compile(str(path), font_paths=fonts, ignore_system_fonts=True, sys_inputs=inputs, **how)
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ != "PanicException":
            raise
        raise RuntimeError("typst broke") from error  # where it breaks, it raises what would end the thread
    return bytes(made)


def _font_folders(folders: Sequence[Path]) -> tuple[Path, ...]:
    return (*(own for folder in folders if (own := folder / "fonts").is_dir()), _FONTS)


def _printable(text: str, folders: Sequence[Path]) -> str:
    covered = _covered(_font_folders(folders))
    missing = {character for character in text if ord(character) not in covered and not _is_invisible(character)}
    return re.sub(f"[{re.escape(''.join(sorted(missing)))}]+", _UNPRINTABLE, text) if missing else text


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE or ord(character) in _VARIATION_SELECTORS


@cache
def _covered(folders: tuple[Path, ...]) -> frozenset[int]:
    """Every code point that some font of the folders has a glyph for."""
    paths = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix in (".ttf", ".otf")]
    return frozenset().union(*map(_points, paths))


def _points(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())
