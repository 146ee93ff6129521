"""The look of a Word document: its styles and its pages. A company restyles it in Word, as any other document."""

from __future__ import annotations

import re

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Length, Pt, RGBColor
from docx.text.paragraph import Paragraph

from bot.documents.paper import Paper
from bot.documents.xml_text import xml_text

FACT, TABLE, TABLE_TEXT = "Fact", "Report Table", "Table Text"  # the styles that Word has no name for
INK, GREY = "12395B", "52606D"

_FONT = "Calibri"
_SIZES = {"Normal": 10.5, "Title": 20, "Subtitle": 10, "Heading 1": 14, "Heading 2": 12, "Heading 3": 11}  # points
_LISTS = [f"List {kind}{level}" for kind in ("Bullet", "Number", "Continue") for level in ("", " 2", " 3")]
_SPACES = {"Normal": 6, **dict.fromkeys(_LISTS, 2)}  # points after a paragraph
_A4, _LETTER = (Cm(21.0), Cm(29.7)), (Cm(21.59), Cm(27.94))
_MARGIN = Cm(2.2)
_STYLES = f"""
<w:styles {nsdecls("w")}>
  <w:style w:type="paragraph" w:customStyle="1" w:styleId="Fact">
    <w:name w:val="{FACT}"/><w:basedOn w:val="Normal"/><w:qFormat/>
    <w:pPr>
      <w:tabs><w:tab w:val="left" w:pos="2400"/></w:tabs>
      <w:spacing w:after="20"/><w:ind w:left="2400" w:hanging="2400"/>
    </w:pPr>
  </w:style>
  <w:style w:type="paragraph" w:customStyle="1" w:styleId="TableText">
    <w:name w:val="{TABLE_TEXT}"/><w:basedOn w:val="Normal"/><w:qFormat/>
    <w:pPr><w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/></w:pPr>
    <w:rPr><w:sz w:val="17"/></w:rPr>
  </w:style>
  <w:style w:type="table" w:customStyle="1" w:styleId="ReportTable">
    <w:name w:val="{TABLE}"/><w:basedOn w:val="TableNormal"/><w:qFormat/>
    <w:tblPr><w:tblBorders>
      <w:bottom w:val="single" w:sz="4" w:space="0" w:color="C5CDD5"/>
      <w:insideH w:val="single" w:sz="4" w:space="0" w:color="C5CDD5"/>
    </w:tblBorders></w:tblPr>
    <w:tblStylePr w:type="firstRow">
      <w:rPr><w:b/></w:rPr>
      <w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="8" w:space="0" w:color="{INK}"/></w:tcBorders></w:tcPr>
    </w:tblStylePr>
  </w:style>
</w:styles>"""


def add_styles(document: Document) -> None:
    """Give Word's own styles the look of the PDF, and add those that it has none for."""
    for name, size in _SIZES.items():
        font = document.styles[name].font
        font.size = Pt(size)
        _set_font(font.element.rPr)
        if name not in ("Normal", "Subtitle"):
            font.color.rgb = RGBColor.from_string(INK)
    subtitle = document.styles["Subtitle"].font
    subtitle.italic, subtitle.color.rgb = False, RGBColor.from_string(GREY)
    for name, space in _SPACES.items():
        document.styles[name].paragraph_format.space_after = Pt(space)
    document.styles.element.extend(list(parse_xml(_STYLES)))


def set_pages(document: Document, paper: Paper) -> None:
    """Page size and margins; the header from the second page on, the footer on every page."""
    section = document.sections[0]
    section.page_width, section.page_height = _LETTER if paper.is_letter else _A4
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
    section.different_first_page_header_footer = True
    header = section.header.paragraphs[0]
    header.style = document.styles["Normal"]  # that of headers has tabs for a page of another width
    header.paragraph_format.tab_stops.add_tab_stop(text_width(document), WD_TAB_ALIGNMENT.RIGHT)
    header.add_run(xml_text(f"{paper.header}\t{paper.company}"))
    for footer in (section.first_page_footer, section.footer):
        _number(footer.paragraphs[0], paper.footer)


def text_width(document: Document) -> Length:
    """The width of a page between its margins."""
    return Length((document.sections[0].page_width or 0) - 2 * _MARGIN)


def picture_width(document: Document) -> Length:
    """The width of a chart, whose smallest words are then as large as a table's."""
    return Length(text_width(document) * 62 // 100)


def element(tag: str, **attributes: str) -> BaseOxmlElement:
    """A piece of Word's XML that python-docx has no name for, such as ``w:shd``."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _set_font(properties: BaseOxmlElement) -> None:
    """One font for every script that has it; the template names those of its theme, which would win."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("w:ascii", "w:hAnsi"):
        fonts.set(qn(name), _FONT)


def _number(line: Paragraph, words: str) -> None:
    """Page numbers that Word fills in, where the words have ``{page}`` and ``{pages}``."""
    fields = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in re.split(r"(\{pages?\})", words):
        run = line.add_run("" if part in fields else part)
        if part in fields:
            field = element("w:fldSimple", instr=fields[part])
            run._r.addprevious(field)
            run.text = "1"
            field.append(run._r)
