"""A report as a paper for the board, before it is set as PDF or Word: title block, badge, body, charts, appendix.

The body is what the layout prints, block by block, so that each layout, a company's own too, says the same in every
format. Title block, charts and appendix are added from the report itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bot.documents import escape
from bot.documents.blocks import Block, Heading, Line, Paragraph, Span, blocks_of, words
from bot.documents.charts import Chart, charts_of, portfolio_charts_of
from bot.documents.extent import for_pages
from bot.documents.markdown import render_markdown
from bot.documents.portfolio import render_portfolio
from bot.documents.view import anchors_of
from bot.documents.wording import texts_for
from bot.domain.portfolio_report import PortfolioReport
from bot.domain.project import RagStatus
from bot.domain.report import ProjectStatus, QuarterlyReport
from bot.texts import Texts

# Territories that print on US Letter (Unicode CLDR, paperSize).
_LETTER = {"BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"}
_BADGES = {
    RagStatus.ON_TRACK: ("●", "0B6E4F"),
    RagStatus.AT_RISK: ("▲", "8A5A00"),
    RagStatus.OFF_TRACK: ("◆", "A61B1B"),
    RagStatus.COMPLETE: ("✔", "12395B"),
    RagStatus.NOT_STARTED: ("○", "52606D"),
    RagStatus.NOT_KNOWN: ("?", "52606D"),
}
_BOLD_HEADING = 7  # a line that is all bold is a heading below the six levels that Markdown marks
_LABEL_HEADING = 8


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the title block."""

    label: str
    line: Line


@dataclass(frozen=True, slots=True)
class Badge:
    """A status that a paper leads with: the word, the shape that goes with it, and a colour that repeats them.

    White words on the colour (RRGGBB) have a contrast of 4.5 or more.
    """

    word: str
    shape: str
    color: str


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that is set on the pages, in words; `header` stands on every page but the first, `footer` on each.

    `footer` holds ``{page}`` and ``{pages}``. `draft` is the mark of a draft, empty for what is none; `unprintable` what
    is said where fonts lack a character. `lead` is the body up to where the charts stand, `body` what follows them.
    `badges` are the status and, where the rule says otherwise, the rule's.
    """

    title: str
    header: str
    footer: str
    draft: str
    unprintable: str
    company: str
    locale: str
    dated: date
    facts: tuple[Fact, ...]
    lead: tuple[Block, ...]
    charts: tuple[Chart, ...]
    body: tuple[Block, ...]
    badges: tuple[Badge, ...] = ()
    appendix: tuple[Block, ...] = ()

    @property
    def is_letter(self) -> bool:
        """Whether it is printed on US Letter rather than A4."""
        return self.locale.partition("_")[2] in _LETTER


def paper_of(report: QuarterlyReport | PortfolioReport, folders: Sequence[Path]) -> Paper:
    """A report as a paper. `folders` hold templates, a company's own before the shipped ones.

    Raises NotFound where no folder has the layout that a project's report names.
    """
    if isinstance(report, PortfolioReport):
        body = render_portfolio(report, folders, for_pages(report))
        return _paper(report, body, portfolio_charts_of(report, folders), folders)
    appendix = texts_for(report, folders, escape=escape.inline).render(
        "document/appendix.md.j2", report=report, anchors=anchors_of(report)
    )
    body = render_markdown(report, folders, lists_sources=False)
    paper = _paper(report, body, charts_of(report, folders), folders)
    return replace(
        paper,
        badges=tuple(_badges(report.status, texts_for(report, folders))),
        appendix=_with_headings(blocks_of(escape.settle(appendix))),
    )


def _badges(status: ProjectStatus, texts: Texts) -> Iterator[Badge]:
    yield Badge(status.shown.value, *_BADGES[status.shown])
    if status.differs:
        yield Badge(texts.render("document/by-rule.txt.j2", status=status.by_rule.value), *_BADGES[status.by_rule])


def _paper(
    report: QuarterlyReport | PortfolioReport, markdown: str, charts: tuple[Chart, ...], folders: Sequence[Path]
) -> Paper:
    title, rest = _title_of(blocks_of(markdown))
    facts, blocks = _facts_of(rest)
    body = _with_headings(blocks)
    place = _after_summary(body)
    texts = texts_for(report, folders)
    return Paper(
        title=title or report.title,
        header=texts.render("document/header.txt.j2", report=report),
        footer=texts.render("document/footer.txt.j2", page="{page}", pages="{pages}"),
        draft=texts.render("document/draft.txt.j2", report=report),
        unprintable=texts.render("document/unprintable.txt.j2"),
        company=report.company,
        locale=report.locale,
        dated=report.report_date,
        facts=facts,
        lead=body[:place],
        charts=charts,
        body=body[place:],
    )


def _title_of(blocks: Sequence[Block]) -> tuple[str, Sequence[Block]]:
    """The heading that a document opens with, empty where it has none, and the rest of it."""
    first = _heading(blocks[0]) if blocks else None
    return (words(first.line), blocks[1:]) if isinstance(first, Heading) else ("", blocks)


def _facts_of(blocks: Sequence[Block]) -> tuple[tuple[Fact, ...], Sequence[Block]]:
    """The labelled lines that a document opens with, and the rest of it."""
    facts: list[Fact] = []
    for place, block in enumerate(blocks):
        lines = list(_lines(block.line)) if isinstance(block, Paragraph) else []
        if not lines or not all(_label(line) and len(line) > 1 for line in lines):
            return tuple(facts), blocks[place:]
        facts += [Fact(_label(line), _after_label(line)) for line in lines]
    return tuple(facts), ()


def _lines(line: Line) -> Iterator[Line]:
    """The lines of a paragraph, one by one."""
    breaks = [place for place, span in enumerate(line) if span.text == "\n"]
    for start, end in zip([0, *(place + 1 for place in breaks)], [*breaks, len(line)], strict=True):
        yield line[start:end]


def _label(line: Line) -> str:
    """The bold label that a line begins with, without its colon; empty where it has none."""
    first = line[0] if line else Span("")
    return first.text.removesuffix(":") if first.is_bold and first.text.endswith(":") else ""


def _after_label(line: Line) -> Line:
    return (replace(line[1], text=line[1].text.lstrip()), *line[2:])


def _with_headings(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks with bold lines made headings, whose levels count 1, 2, 3 without gaps.

    Where a layout has no other headings than labels (``**Key Milestones:**``), its labelled paragraphs are sections too.
    """
    found = [_heading(block) for block in blocks]
    has_labels_only = {block.level for block in found if isinstance(block, Heading)} == {_LABEL_HEADING}
    if has_labels_only:
        found = [part for block in found for part in _section(block)]
    levels = sorted({block.level for block in found if isinstance(block, Heading)})
    return tuple(
        replace(block, level=levels.index(block.level) + 1) if isinstance(block, Heading) else block for block in found
    )


def _heading(block: Block) -> Block:
    if not isinstance(block, Paragraph) or not block.line or not all(span.is_bold for span in block.line):
        return block
    text = words(block.line)
    level = _LABEL_HEADING if text.endswith(":") else _BOLD_HEADING
    return Heading(level, (Span(text.removesuffix(":")),))


def _section(block: Block) -> Iterable[Block]:
    if isinstance(block, Paragraph) and _label(block.line):
        return Heading(_LABEL_HEADING, (Span(_label(block.line)),)), Paragraph(_after_label(block.line))
    return (block,)


def _after_summary(blocks: Sequence[Block]) -> int:
    """Where the charts stand: before the heading that follows the first paragraph, which is the summary."""
    kinds = [type(block) for block in blocks]
    summary = kinds.index(Paragraph) if Paragraph in kinds else len(kinds)
    return next((place for place in range(summary, len(kinds)) if kinds[place] is Heading), len(kinds))
