"""A drawing taken apart: its shapes as SVG, and its words, which a page sets by itself.

What reads SVG for the page knows one font at a time and no order but that from left to right; where letters are joined,
stacked or run from right to left, it draws them over each other.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

_TEXT = "{http://www.w3.org/2000/svg}text"


def layers(svg: str) -> dict[str, Any]:
    """``svg`` without words, its ``width`` and ``height`` in pixels, and its ``labels``, as ``document/chart.typ`` takes them.

    A label's ``x`` is where its ``anchor`` (start, middle or end) stands, ``y`` its baseline; ``size`` and ``room`` are
    pixels; ``is_turned`` tells a text that runs from right to left.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314 - a drawing of our own
    texts = root.findall(_TEXT)
    for text in texts:
        root.remove(text)
    return {
        "svg": ElementTree.tostring(root, encoding="unicode"),
        "width": float(root.attrib["width"]),
        "height": float(root.attrib["height"]),
        "labels": [_label(text) for text in texts],
    }


def _label(text: ElementTree.Element) -> dict[str, Any]:
    return {
        "words": text.text or "",
        "x": float(text.attrib["x"]),
        "y": float(text.attrib["y"]),
        "size": float(text.attrib["font-size"]),
        "room": float(text.attrib["data-room"]),
        "colour": text.attrib["fill"],
        "anchor": text.attrib["text-anchor"],
        "is_bold": "font-weight" in text.attrib,
        "is_turned": "direction" in text.attrib,
    }
