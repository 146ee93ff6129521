"""A PDF reads as a board paper, is accessible, and prints literally whatever people typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from file_readers import pdf_pages, pdf_words
from hypothesis import given, settings
from hypothesis import strategies as st
from report_builders import a_milestone, a_report, a_sparse_report, with_layout
from sample_reports import a_difficult_quarter

from bot.documents.charts import charts_of
from bot.documents.files import pdf_file
from bot.domain.project import RagStatus
from bot.domain.report import ProjectStatus, QuarterlyReport
from bot.texts import shipped

Folders = tuple[Path, ...]
WORDS = (shipped("templates"),)


def a_long_report(**fields: Any) -> QuarterlyReport:
    return a_report(*(a_milestone(f"Milestone {number}") for number in range(60)), layout="memo", **fields)


def tags(content: bytes) -> Iterator[tuple[str, str | None]]:
    """The structure that a screen reader walks: kind and alternative text of each element."""
    waiting = [pypdf.PdfReader(BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]]  # type: ignore[index]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict) and "/K" in node:
            yield str(node.get("/S")), node.get("/Alt")
            waiting.append(node["/K"])


def test_the_same_report_gives_the_same_bytes(folders: Folders) -> None:
    assert pdf_file(a_difficult_quarter(), folders) == pdf_file(a_difficult_quarter(), folders)


def test_pages_are_numbered_and_carry_project_and_quarter_from_the_second_on(folders: Folders) -> None:
    pages = pdf_pages(pdf_file(a_long_report(project_name="Portal"), folders))
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert page.startswith("Portal · Q4 2025") == (number > 1)


def test_a_table_repeats_its_header_on_every_page_it_reaches(folders: Folders) -> None:
    pages = pdf_pages(pdf_file(a_long_report(), folders))
    first = next(number for number, page in enumerate(pages) if "Milestones at a glance" in page)
    reached = [page for page in pages[first:] if "Alice Chen On track 60%" in page]
    assert len(reached) > 1
    assert all("Milestone Owner Status Complete" in page for page in reached)


def test_it_is_an_accessible_document(folders: Folders) -> None:
    report = a_difficult_quarter()
    content = pdf_file(report, folders)
    reader = pypdf.PdfReader(BytesIO(content))
    assert reader.metadata
    assert reader.metadata.title == "Quarterly Project Update Report: Customer Portal Upgrade"
    assert reader.trailer["/Root"]["/Lang"] == "en-US"  # type: ignore[index]
    assert conforms(content)
    found = list(tags(content))
    assert {kind for kind, _ in found} >= {"/Title", "/H1", "/L", "/LI", "/Table", "/TH", "/TD", "/Figure"}
    assert [alt for kind, alt in found if kind == "/Figure"][::-1] == [c.alt for c in charts_of(report, folders)]


@pytest.mark.parametrize("status", RagStatus)
def test_the_badge_says_the_status_in_a_word_beside_its_shape(status: RagStatus, folders: Folders) -> None:
    report = a_report(a_milestone(), layout="memo", status=ProjectStatus(status, status, None))
    title_block = re.search("Example Networks Inc[.](.*?) Date ", pdf_words(pdf_file(report, folders)))
    assert title_block
    assert re.search(rf"[●▲◆✔○?]\s{status.value}$", title_block[1])


def test_a_draft_is_marked_on_every_page(folders: Folders) -> None:
    assert all("Draft" in page for page in pdf_pages(pdf_file(a_long_report(is_draft=True), folders)))
    assert "Draft" not in pdf_words(pdf_file(a_long_report(), folders))


HOSTILE = '#panic("x") $1/0$ *a* _b_ `c` = d @e <f> #import "/g.typ" \\u{41} // h /* i */ [j] {"k"} ~ --- ~~l~~'


@pytest.mark.parametrize("layout", ["brief", "memo"])
def test_what_people_type_is_never_markup(layout: str, folders: Folders) -> None:
    report = with_layout(a_report(a_milestone(HOSTILE, note=HOSTILE), executive_summary=HOSTILE), layout)
    words = pdf_words(pdf_file(report, folders))
    assert words.count(HOSTILE) >= 3


def test_a_word_too_long_for_a_line_is_broken_and_nothing_is_lost(folders: Folders) -> None:
    endless = "x" * 400
    content = pdf_file(a_report(a_milestone(endless), layout="memo", executive_summary=endless), folders)
    page = pypdf.PdfReader(BytesIO(content)).pages[0].extract_text()
    lines = [line.replace("\u200b", "") for line in page.splitlines()]
    assert max(map(len, lines)) < 120
    assert endless in "".join(lines)


def conforms(content: bytes) -> bool:
    """Whether a PDF says that it is made for screen readers (PDF/UA-1)."""
    return b"pdfuaid:part>1<" in pypdf.PdfReader(BytesIO(content)).trailer["/Root"]["/Metadata"].get_object().get_data()  # type: ignore[index]


@pytest.mark.parametrize(
    "name", ["क्षेत्रीय बिलिंग", "مشروع Billing v2", "שדרוג Portal", "การทดสอบ", "客户门户", "👩‍👩‍👧‍👦"]
)
def test_it_is_accessible_in_every_script_that_ships(name: str, folders: Folders) -> None:
    report = a_report(a_milestone(name), layout="memo", executive_summary=name, project_name=name)
    assert charts_of(report, folders)
    assert conforms(pdf_file(report, folders))


@pytest.mark.parametrize("words", ["Ёлка", "Μετάβαση", "数据迁移", "データ移行", "데이터", "Đường", "🚀"])
def test_other_scripts_are_printed(words: str, folders: Folders) -> None:
    report = a_report(a_milestone(words), layout="memo", executive_summary=words)
    found = pdf_words(pdf_file(report, folders))
    assert found.count(words) >= 3
    assert "cannot be printed" not in found


def test_what_no_font_can_print_is_said_and_never_an_empty_box(folders: Folders) -> None:
    report = a_report(a_milestone("Ugaritic 𐎀𐎁 name"), layout="memo", executive_summary="Plain")
    pages = pdf_pages(pdf_file(report, folders))
    assert "Some characters cannot be printed here" in pages[0]
    assert "Ugaritic […] name" in " ".join(pages)


def test_a_companys_own_fonts_and_look_win(tmp_path: Path, folders: Folders) -> None:
    (tmp_path / "document").mkdir()
    (tmp_path / "document" / "paper.typ").write_text(
        '#let paper = json(bytes(sys.inputs.paper))\n#set document(title: paper.title)\n#set text(font: "Noto Sans")\n'
        "Our own look of #paper.title"
    )
    words = pdf_words(pdf_file(a_sparse_report("memo"), (tmp_path, *folders)))
    assert words.startswith("Our own look of Quarterly Project Update Report")


@given(text=st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_no_text_stops_a_document_from_being_made(text: str) -> None:
    report = a_report(a_milestone(text, note=text), layout="brief", executive_summary=text, company=text)
    words = pdf_words(pdf_file(report, WORDS)).replace(
        "\xad", ""
    )  # a soft hyphen stays with the letter's shape wherever it is
    assert "Page 1 of" in words
