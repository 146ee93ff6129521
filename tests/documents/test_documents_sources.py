"""A printed note leads to the answers behind it: in each format by its own means."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import docx
import pypdf
import pytest
from docx.oxml.ns import qn
from report_builders import with_layout
from sample_reports import a_difficult_quarter

from bot.documents.blocks import Paragraph, blocks_of
from bot.documents.files import docx_file, pdf_file
from bot.documents.json_report import to_json
from bot.documents.markdown import render_markdown
from bot.domain.report import CheckEvidence, QuarterlyReport

Folders = tuple[Path, ...]
LAYOUTS = ["brief", "executive", "memo", "detailed"]


def unsourced() -> QuarterlyReport:
    """The same quarter, its evidence as it was stored before it told its source."""
    report = a_difficult_quarter()
    plain = [replace(check, evidence=tuple(CheckEvidence(e.text) for e in check.evidence)) for check in report.checks]
    return replace(report, checks=tuple(plain))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_markdown_links_a_note_to_the_row_of_its_source(layout: str, folders: Folders) -> None:
    document = render_markdown(with_layout(a_difficult_quarter(), layout), folders)
    assert "forecast $1,180,000 of $1,000,000, [see source](#source-6)" in document
    assert document.count('<a id="source-') == 1, "only what is pointed at is marked"
    assert '<a id="source-6"></a>Resources and budget' in document


@pytest.mark.parametrize("layout", LAYOUTS)
def test_evidence_without_a_source_is_words_alone(layout: str, folders: Folders) -> None:
    document = render_markdown(with_layout(unsourced(), layout), folders)
    assert "#source" not in document
    assert "<a id" not in document


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_pdf_leads_there_by_a_link_within_the_document(layout: str, folders: Folders) -> None:
    pages = pypdf.PdfReader(BytesIO(pdf_file(with_layout(a_difficult_quarter(), layout), folders))).pages
    marks = [mark.get_object() for page in pages for mark in page.get("/Annots", ())]
    assert [mark["/Subtype"] for mark in marks if "/Dest" in mark or mark.get("/A", {}).get("/S") == "/GoTo"] == [
        "/Link"
    ]


def test_a_word_document_leads_there_by_a_bookmark(folders: Folders) -> None:
    body = docx.Document(BytesIO(docx_file(a_difficult_quarter(), folders))).element.body
    links = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))]
    marks = {mark.get(qn("w:name")): mark.getparent() for mark in body.iter(qn("w:bookmarkStart"))}
    assert links == ["source-6"] == list(marks)
    assert "".join(text.text for text in marks["source-6"].iter(qn("w:t"))) == "Resources and budget"


def test_a_link_to_a_place_that_is_not_there_stays_words(tmp_path: Path, folders: Folders) -> None:
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "own.md.j2").write_text("# Own\n\nSee [below](#nowhere).\n")
    report = with_layout(a_difficult_quarter(), "own")
    text = " ".join(
        page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf_file(report, (tmp_path, *folders)))).pages
    )
    assert "See below." in text


def test_other_html_in_a_layout_keeps_its_words() -> None:
    (block,) = blocks_of('<a id="x"></a>One <b>two</b>\n')
    assert isinstance(block, Paragraph)
    assert [(span.text, span.anchor) for span in block.line] == [("", "x"), ("One <b>two</b>", "")]


def test_json_tells_the_source_of_each_piece_beside_its_words() -> None:
    document = json.loads(to_json(a_difficult_quarter()))
    (check, _) = document["checks"]
    assert check["evidence"] == ["forecast $1,180,000 of $1,000,000"]
    assert check["evidence_sources"] == [{"milestone": None, "by": None, "at": None, "source": "resources"}]
    assert [row["item"] for row in document["sources"] if row["key"] == "resources"] == ["Resources and budget"]
