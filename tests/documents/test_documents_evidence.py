"""The links and files of an update in every format: they can be opened, and no address or name breaks out of its place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from file_readers import csv_rows, docx_words, pdf_words
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_builders import a_milestone, a_report, with_layout

from bot.documents.escape import link, settle
from bot.documents.files import csv_file, docx_file, pdf_file
from bot.documents.json_report import to_json
from bot.documents.layouts import layout_names
from bot.documents.markdown import render_markdown
from bot.domain.attachment import Attachment
from bot.texts import shipped

FOLDERS: Sequence[Path] = (shipped("templates"),)
PIECES = (
    Attachment("https://example.com/runs/7?a=(1)&copy;=2", "Load [test] *final*"),
    Attachment("https://acme.slack.com/files/U1AB/F1AB/plan.pdf", "plan.pdf", "F1AB"),
    Attachment("https://example.com/" + "long/" * 60),  # longer than a line of paper
)


def links_in(document: str) -> list[tuple[str, str]]:
    """Every link of a Markdown document: its words and its address."""
    found: list[tuple[str, str]] = []
    for token in (t for block in MarkdownIt("commonmark").parse(document) for t in block.children or ()):
        if token.type == "link_open":
            found.append(("", str(token.attrs["href"])))
        elif token.type == "text" and found and not found[-1][0]:
            found[-1] = (token.content, found[-1][1])
    return found


@given(st.text(alphabet="ab [](){}<>*_`~\\!&;|#x\n"), st.text(alphabet="ab()[]&;=?%*_~'\"`<>\\ |", min_size=1))
@example("a] b", "x")
@example("\\", "x)")
@example("`", "`")
def test_a_link_stays_one_link_whatever_its_words_and_address(words: str, path: str) -> None:
    address = f"https://example.com/{path}"
    found = links_in(settle(f"- **Evidence:** {link(words, address)}, and after"))
    assert len(found) == 1
    assert found[0][1].startswith("https://example.com/")


@pytest.mark.parametrize("layout", layout_names(FOLDERS))
def test_every_layout_prints_the_evidence_as_links(layout: str) -> None:
    report = with_layout(a_report(a_milestone(evidence=PIECES)), layout)
    found = links_in(render_markdown(report, FOLDERS))
    assert [address for _, address in found] == [piece.url for piece in PIECES]
    assert "plan.pdf" in [words for words, _ in found]
    for words in (pdf_words(pdf_file(report, FOLDERS)), docx_words(docx_file(report, FOLDERS))):
        assert "Load [test] *final*" in words
        assert "https://acme.slack.com/files/U1AB/F1AB/plan.pdf" in words.replace(" ", "")


def test_programs_get_the_evidence_with_slacks_id_of_a_file() -> None:
    report = a_report(a_milestone(evidence=PIECES[1:2]))
    (milestone,) = json.loads(to_json(report))["milestones"]
    assert milestone["evidence"] == [{"url": PIECES[1].url, "title": "plan.pdf", "file": "F1AB"}]
    assert csv_rows(csv_file(report))[0]["evidence"] == f"plan.pdf {PIECES[1].url}"


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "ok;=1+1", "\t=1"])
def test_no_evidence_begins_a_formula(title: str) -> None:
    report = a_report(a_milestone(evidence=(Attachment("https://example.com", title),)))
    cell = csv_rows(csv_file(report))[0]["evidence"]
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert ";=" not in cell
