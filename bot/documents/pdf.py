"""A paper as PDF: its data for ``templates/document/paper.typ``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.documents.blocks import Block, Heading, Items, Paragraph, Table
from bot.documents.charts.layers import layers
from bot.documents.paper import Paper
from bot.documents.typesetting import pdf_of


def to_pdf(paper: Paper, folders: Sequence[Path]) -> bytes:
    """The paper as an accessible PDF; equal papers give equal bytes.

    `folders` hold templates and fonts, a company's own before the shipped ones.
    """
    return pdf_of(_data(paper), paper.unprintable, folders)


def _data(paper: Paper) -> dict[str, Any]:
    language, _, region = paper.locale.partition("_")
    dated = paper.dated
    return {
        "title": paper.title,
        "company": paper.company,
        "lang": language,
        "region": region or None,
        "page_size": "us-letter" if paper.is_letter else "a4",
        "dated": {"year": dated.year, "month": dated.month, "day": dated.day},
        "header": paper.header,
        "footer": paper.footer,
        "draft": paper.draft,
        "badges": [asdict(badge) for badge in paper.badges],
        "facts": [asdict(fact) for fact in paper.facts],
        "lead": [_block(block) for block in paper.lead],
        "charts": [layers(chart.svg) | {"alt": chart.alt} for chart in paper.charts],
        "body": [_block(block) for block in paper.body],
        "appendix": [_block(block) for block in paper.appendix],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading() | Paragraph():
            return {"kind": type(block).__name__.lower(), **asdict(block)}
        case Table():
            return {"kind": "table", **asdict(block), "shares": block.shares}
        case Items():
            return {"kind": "list", "start": block.start, "items": [[_block(b) for b in item] for item in block.items]}
