"""A Word document is made of Word's own styles, holds the paper's words, and is the same file whenever it is made."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn
from file_readers import docx_words
from hypothesis import given, settings
from hypothesis import strategies as st
from report_builders import a_milestone, a_report, with_layout
from sample_reports import a_difficult_quarter

from bot.documents.charts import charts_of
from bot.documents.files import docx_file
from bot.texts import shipped

Folders = tuple[Path, ...]
WORDS = (shipped("templates"),)


def test_the_same_report_gives_the_same_bytes_at_any_time(folders: Folders) -> None:
    content = docx_file(a_difficult_quarter(), folders)
    assert content == docx_file(a_difficult_quarter(), folders)
    with ZipFile(BytesIO(content)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_properties_name_title_company_language_and_the_reports_date(folders: Folders) -> None:
    properties = docx.Document(BytesIO(docx_file(a_difficult_quarter(), folders))).core_properties
    assert properties.title == "Quarterly Project Update Report: Customer Portal Upgrade"
    assert properties.author == "Example Networks Inc."
    assert properties.language == "en-US"
    assert properties.created == properties.modified == datetime(2026, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "script", "language"),
    [
        ("ja_JP", "eastAsia", "ja-JP"),
        ("ja_JP", "val", "en-US"),
        ("zh_Hant_TW", "eastAsia", "zh-Hant-TW"),
        ("de_DE", "val", "de-DE"),
    ],
)
def test_a_language_is_that_of_its_own_script(locale: str, script: str, language: str, folders: Folders) -> None:
    document = docx.Document(BytesIO(docx_file(replace(a_difficult_quarter(), locale=locale), folders)))
    (set_as,) = document.styles.element.xpath(f"w:docDefaults//w:lang/@w:{script}")
    assert set_as == language


def test_it_uses_words_own_styles(folders: Folders) -> None:
    document = docx.Document(BytesIO(docx_file(with_layout(a_difficult_quarter(), "memo"), folders)))
    used = {paragraph.style.name for paragraph in document.paragraphs if paragraph.style}
    assert used >= {"Title", "Subtitle", "Heading 1", "List Number", "List Bullet", "List Bullet 2"}
    headings = [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"]
    assert {"Executive Summary", "Decisions Needed", "Milestones at a glance"} <= set(headings)


def test_every_table_repeats_its_header_and_keeps_its_rows_whole(folders: Folders) -> None:
    document = docx.Document(BytesIO(docx_file(a_difficult_quarter(), folders)))
    assert len(document.tables) >= 2
    for table in document.tables:
        repeated = [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in table.rows]
        assert repeated == [True] + [False] * (len(table.rows) - 1)
        assert all(row._tr.find(f".//{qn('w:cantSplit')}") is not None for row in table.rows)


def test_every_numbered_list_begins_with_its_own_first_number(folders: Folders) -> None:
    document = docx.Document(BytesIO(docx_file(with_layout(a_difficult_quarter(), "memo"), folders)))
    numbered = [p for p in document.paragraphs if p.style and p.style.name == "List Number"]
    lists = {p._p.pPr.numPr.numId.val: p.text for p in reversed(numbered)}
    firsts = ["Extend the vendor contract", "Mobile app", "Partner contract unsigned", "Finish billing integration"]
    assert all(any(text.startswith(first) for text in lists.values()) for first in firsts)
    numbering = document.part.numbering_part.element
    for number in lists:
        starts = numbering.num_having_numId(number).findall(f".//{qn('w:startOverride')}")
        assert [start.get(qn("w:val")) for start in starts] == ["1"]


def test_charts_are_pictures_with_their_words(folders: Folders) -> None:
    report = a_difficult_quarter()
    document = docx.Document(BytesIO(docx_file(report, folders)))
    told = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert told == [chart.alt for chart in charts_of(report, folders)]


def test_the_footer_numbers_pages_and_the_header_begins_on_the_second(folders: Folders) -> None:
    section = docx.Document(BytesIO(docx_file(a_difficult_quarter(), folders))).sections[0]
    for footer in (section.footer, section.first_page_footer):
        fields = re.findall(r'w:instr="(\w+)"', footer.paragraphs[0]._p.xml)
        assert fields == ["PAGE", "NUMPAGES"]
    assert section.header.paragraphs[0].text == "Customer Portal Upgrade · Q4 2025\tExample Networks Inc."
    assert section.first_page_header.paragraphs[0].text == ""


@given(text=st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_no_text_stops_a_document_from_being_made(text: str) -> None:
    report = a_report(a_milestone(text, note=text), layout="brief", executive_summary=text, company=text)
    assert "Milestones at a glance" in docx_words(docx_file(report, WORDS))
