"""Where a picture has ink: just enough of PNG (8 bits, not interlaced) to read what typst writes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from itertools import pairwise

_LIGHT = 128  # of 255: darker is ink
_CHANNELS = {2: 3, 6: 4}  # by the file's colour type: RGB, and RGB with opacity


def inked_columns(png: bytes) -> list[int]:
    """The columns of pixels, from the left, that hold ink."""
    width, height, _, colours, *_ = struct.unpack(">IIBBBBB", png[16:29])
    rows = _rows(_data(png), width * _CHANNELS[colours], height, _CHANNELS[colours])
    dark = {
        place // _CHANNELS[colours]
        for row in rows
        for place in range(0, len(row), _CHANNELS[colours])
        if row[place] < _LIGHT
    }
    return sorted(dark)


def gaps(columns: list[int], least: int) -> int:
    """How many stretches of at least so many columns without ink stand between columns with it."""
    return sum(after - before > least for before, after in pairwise(columns))


def _data(png: bytes) -> bytes:
    parts, place = b"", 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            parts += png[place + 8 : place + 8 + length]
        place += length + 12
    return zlib.decompress(parts)


def _rows(data: bytes, stride: int, height: int, step: int) -> list[bytearray]:
    """The rows of a picture, their filters (PNG specification, section 9) undone."""
    rows, above = [], bytearray(stride)
    for number in range(height):
        start = number * (stride + 1)
        row = bytearray(data[start + 1 : start + 1 + stride])
        guess = _GUESSES[data[start]]
        for place in range(stride) if guess else ():
            left, corner = (row[place - step], above[place - step]) if place >= step else (0, 0)
            row[place] = (row[place] + guess(left, above[place], corner)) % 256
        rows.append(row)
        above = row
    return rows


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))


# By the number that stands before a row: what each of its bytes is told as a difference from.
_GUESSES: tuple[Callable[[int, int, int], int] | None, ...] = (
    None,
    lambda left, _above, _corner: left,
    lambda _left, above, _corner: above,
    lambda left, above, _corner: (left + above) // 2,
    _paeth,
)
