"""A paper as a Word document, made of Word's own styles, so that a company can restyle and edit it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Emu, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from bot.documents.blocks import Block, Heading, Items, Line, Paragraph, Table
from bot.documents.paper import Paper
from bot.documents.typesetting import png_of
from bot.documents.word_look import (
    FACT,
    GREY,
    TABLE,
    TABLE_TEXT,
    add_styles,
    element,
    picture_width,
    set_pages,
    text_width,
)
from bot.documents.xml_text import xml_text

_DEEPEST = 3  # levels of list styles that Word has
# Word keeps a language for each kind of script; Latin text that is said to be Japanese breaks within its words.
_SCRIPT_OF = {"ja": "w:eastAsia", "ko": "w:eastAsia", "zh": "w:eastAsia"}


def to_word(paper: Paper, folders: Sequence[Path]) -> bytes:
    """The paper as a Word document (DOCX); equal papers give equal bytes.

    `folders` hold templates and fonts, a company's own before the shipped ones.
    """
    document = docx.Document()
    _set_properties(document, paper)
    add_styles(document)
    set_pages(document, paper)
    _add_title_block(document, paper)
    _add_blocks(document, paper.lead)
    for chart in paper.charts:
        _add_picture(document, png_of(chart.svg, folders), chart.alt)
    _add_blocks(document, paper.body)
    _add_blocks(document, paper.appendix)
    return _saved(document)


def _set_properties(document: Document, paper: Paper) -> None:
    properties = document.core_properties
    properties.title = xml_text(paper.title)
    properties.author = properties.last_modified_by = xml_text(paper.company)
    properties.comments = ""
    properties.language = paper.locale.replace("_", "-")
    properties.created = properties.modified = datetime.combine(paper.dated, time(), tzinfo=UTC)
    script = _SCRIPT_OF.get(paper.locale[:2], "w:val")
    for language in document.styles.element.xpath("w:docDefaults//w:lang"):
        language.set(qn(script), properties.language)


def _add_title_block(document: Document, paper: Paper) -> None:
    _new_paragraph(document, "Subtitle").add_run(xml_text(paper.company))
    _new_paragraph(document, "Title").add_run(xml_text(paper.title))
    badges = [(f"{badge.shape} {badge.word}", badge.color) for badge in paper.badges]
    marks = [(paper.draft, GREY)] if paper.draft else []
    if badges or marks:
        line = document.add_paragraph()
        for words, color in (*badges, *marks):
            _add_badge(line, words, color)
    for fact in paper.facts:
        line = _new_paragraph(document, FACT)
        line.add_run(f"{xml_text(fact.label)}\t").bold = True
        _add_line(line, fact.line)


def _new_paragraph(document: Document, style: str) -> WordParagraph:
    """A last paragraph with a style.

    python-docx would search all styles for its name, and everything that stands in the document for the place before its
    last element, the page setup.
    """
    paragraph = WordParagraph(OxmlElement("w:p"), document._body)
    paragraph._p.style = _style_id(style)
    document.element.body[-1].addprevious(paragraph._p)
    return paragraph


def _style_id(style: str) -> str:
    return style.replace(" ", "")


def _add_badge(line: WordParagraph, words: str, color: str) -> None:
    run = line.add_run(f"\u00a0{words}\u00a0")
    run.bold, run.font.color.rgb = True, RGBColor(255, 255, 255)
    run._r.get_or_add_rPr().append(element("w:shd", val="clear", color="auto", fill=color))
    line.add_run(" ")


def _add_blocks(document: Document, blocks: Sequence[Block], depth: int = 0) -> None:
    """Blocks one after another; `depth` is that of the list they stand in, 0 outside of lists."""
    for block in blocks:
        match block:
            case Heading():
                _add_line(_new_paragraph(document, f"Heading {block.level}"), block.line)
            case Paragraph():
                style = _list_style("List Continue", depth) if depth else "Normal"
                _add_line(_new_paragraph(document, style), block.line)
            case Items():
                _add_list(document, block, depth + 1)
            case Table():
                _add_table(document, block)


def _add_list(document: Document, items: Items, depth: int) -> None:
    style = _list_style("List Bullet" if items.start is None else "List Number", depth)
    numbering = None if items.start is None else _new_numbering(document, style, items.start)
    for item in items.items:
        line = _new_paragraph(document, style)
        if numbering is not None:
            line._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = numbering
        first = item[0] if item else None
        if isinstance(first, Paragraph):
            _add_line(line, first.line)
        _add_blocks(document, item[1:] if isinstance(first, Paragraph) else item, depth)


def _list_style(name: str, depth: int) -> str:
    return name if depth == 1 else f"{name} {min(depth, _DEEPEST)}"


def _new_numbering(document: Document, style: str, start: int) -> int:
    """The id of a numbering that begins anew: Word would count on through all lists of a style."""
    numberings = document.part.numbering_part.element
    of_style = document.styles[style].element.pPr.numPr.numId.val
    number = numberings.add_num(numberings.num_having_numId(of_style).abstractNumId.val)
    number.add_lvlOverride(ilvl=0).add_startOverride(start)
    return int(number.numId)


def _add_table(document: Document, block: Table) -> None:
    rows = (block.header, *block.rows)
    table = document.add_table(len(rows), len(block.header), style=TABLE)
    table.autofit = False
    widths = [Emu(text_width(document) * share // sum(block.shares)) for share in block.shares]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for place, cell in enumerate(table._cells):  # fetched once: looking up a single cell walks the whole table
        row, number = divmod(place, len(widths))
        cell.width = widths[number]
        line = cell.paragraphs[0]
        line._p.style = _style_id(TABLE_TEXT)
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT if block.is_right[number] else None
        _add_line(line, rows[row][number])
    for table_row in table.rows:
        table_row._tr.get_or_add_trPr().append(element("w:cantSplit"))
    table.rows[0]._tr.get_or_add_trPr().append(element("w:tblHeader"))
    document.add_paragraph()


def _add_line(paragraph: WordParagraph, line: Line) -> None:
    for span in line:
        if span.anchor:
            _add_anchor(paragraph, span.anchor)
            continue
        run = paragraph.add_run(xml_text(span.text))
        run.bold = span.is_bold or None
        run.italic = span.is_italic or None
        run.font.strike = span.is_struck or None
        run.font.underline = bool(span.target) or None
        if span.target:
            _link(run, span.target)


def _add_anchor(paragraph: WordParagraph, name: str) -> None:
    """A bookmark at this place. Word wants a number for each: how many there are by now."""
    number = str(len(paragraph.part.element.xpath("//w:bookmarkStart")))
    paragraph._p.append(element("w:bookmarkStart", id=number, name=name))
    paragraph._p.append(element("w:bookmarkEnd", id=number))


def _link(run: Run, target: str) -> None:
    """Let a run lead to a bookmark."""
    link = element("w:hyperlink", anchor=target)
    run._r.addprevious(link)
    link.append(run._r)


def _add_picture(document: Document, png: bytes, alt: str) -> None:
    picture = document.add_picture(BytesIO(png), width=picture_width(document))
    picture._inline.docPr.set("descr", xml_text(alt))


def _saved(document: Document) -> bytes:
    """The document's file, its parts dated alike: python-docx stamps them with the present time."""
    made, dated = BytesIO(), BytesIO()
    document.save(made)
    with ZipFile(made) as parts, ZipFile(dated, "w") as archive:
        for name in parts.namelist():
            archive.writestr(ZipInfo(name), parts.read(name), ZIP_DEFLATED)
    return dated.getvalue()
