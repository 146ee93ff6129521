"""What people type stays what they typed: it pings nobody, runs nothing, computes nothing and marks nothing up.

Each list of attacks is tried on every surface that shows people's words.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import jinja2
import jinja2.nodes
import pytest
from markdown_it import MarkdownIt

from bot.documents.layouts import layout_names
from bot.domain.portfolio_report import PortfolioReport, ProjectLine
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.flow.messages import Message, PortfolioPost, ProjectReply, ReportPost, RevisionReply, SectionReply
from bot.settings import Settings
from bot.slack.messages import render
from bot.surfaces import ReportDocuments
from bot.texts import shipped
from tests.documents.file_readers import docx_words, pdf_words
from tests.documents.filled import Filler, filled_report

PINGS = (
    "<!channel>", "<!here>", "<!everyone|all>", "<@U0BOSS>", "<!subteam^S0TEAM>", "<#C0SECRET>",
    "<https://evil.example/|your bank>", "<mailto:evil@example.com|write>", "&lt;!channel&gt;", "<!date^0^{date}|now>",
)  # fmt: skip
MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[click](javascript:alert(1))", "![x](https://evil.example/x)",
    "<https://evil.example>", "&#60;b&#62;", "# heading", "```\nfence", "| a | b |\n| - | - |", "[x]: https://evil.example",
    "\\<b>", "</td></tr></table>", "<!-- ", "***", "1. list", "> quote",
)  # fmt: skip
FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", " =1+1", "＝1+1", "x;=1+1", "x\n=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example","x")', "=1+1;2",
)  # fmt: skip
TEMPLATES = (
    "{{ 7 * 191 }}", "{% raw %}", "{{ ''.__class__ }}", "${7*191}", "#{7*191}", "<%= 7*191 %>",
    '#read("/etc/passwd")', '#eval("7 * 191")', "$ 7 * 191 $", "@label", "{{",
)  # fmt: skip

DOCUMENTS = ReportDocuments(Settings())
WORDS = DOCUMENTS.words
LAYOUTS = layout_names([shipped("templates")])
KEPT = frozenset(
    {
        "locale",
        "layout",
        "layouts",
        "currency",
        "project_key",
        "key",
        "id",
        "audience",
        "zone",
        "project",
        "milestone",
        "needs_word",
        "facts",
    }
)  # ours, never typed freely


def poisoned(value: Any, attack: str, name: str = "") -> Any:
    """A value with an attack in the place of every text that people write."""
    if isinstance(value, str) and type(value) is str:
        return value if name in KEPT else attack
    if is_dataclass(value) and not isinstance(value, Quarter):
        return replace(value, **{f.name: poisoned(getattr(value, f.name), attack, f.name) for f in fields(value)})
    if isinstance(value, Mapping):
        return {attack: attack} if value else {}
    return tuple(poisoned(item, attack, name) for item in value) if isinstance(value, tuple) else value


def a_report(attack: str) -> QuarterlyReport:
    return poisoned(filled_report(), attack)


def a_portfolio(attack: str) -> PortfolioReport:
    line = replace(Filler().make(ProjectLine), status=None, resources=None)
    return PortfolioReport(
        attack, "en_US", Quarter(2025, 3), attack, filled_report().report_date, (poisoned(line, attack),)
    )


@pytest.mark.parametrize(
    "file", [f for kind in ("prompts", "templates") for f in sorted(shipped(kind).rglob("*.j2"))], ids=str
)
def test_no_shipped_text_turns_the_escaping_off(file: Path) -> None:
    """Every value is escaped as it is put in, unless its text says that it is safe."""
    tree = jinja2.Environment(autoescape=True).parse(file.read_text(encoding="utf-8"))
    filters = {found.name for found in tree.find_all(jinja2.nodes.Filter)}
    assert not filters & {"safe", "forceescape", "tojson", "xmlattr", "urlize"}
    assert not any(tree.find_all(jinja2.nodes.EvalContextModifier))


def messages(attack: str) -> list[Message]:
    """One message of every kind that shows a report, with an attack in every text."""
    report, portfolio = a_report(attack), a_portfolio(attack)
    replies = DOCUMENTS.section_count(report)
    return [
        ReportPost("k", report),
        ReportPost("k", report, is_preview=True),
        *(SectionReply("k", report, index) for index in range(replies)),
        RevisionReply("k", report, (attack, attack), False),
        PortfolioPost("k", portfolio),
        ProjectReply("k", portfolio, 0),
    ]


def mrkdwn_of(value: Any) -> Iterator[str]:
    """Every text of a message that Slack reads as mrkdwn."""
    if isinstance(value, Mapping):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for item in value.values():
            yield from mrkdwn_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from mrkdwn_of(item)


@pytest.mark.parametrize("attack", PINGS)
def test_no_message_pings(attack: str) -> None:
    for message in messages(attack):
        shown = render(message, WORDS)
        texts = [shown.text, *mrkdwn_of(shown.blocks)]
        assert texts
        assert [text for text in texts if attack in text] == [], type(message).__name__


@pytest.mark.parametrize("attack", (*MARKUP, *PINGS))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_layout_of_the_document_lets_a_text_mark_it_up(layout: str, attack: str) -> None:
    report, innocent = a_report(attack), a_report("innocent")
    assert kinds(DOCUMENTS.markdown(replace(report, layout=layout))) <= kinds(
        DOCUMENTS.markdown(replace(innocent, layout=layout))
    )


@pytest.mark.parametrize("attack", (*MARKUP, *PINGS))
def test_nor_does_the_document_of_the_portfolio(attack: str) -> None:
    documents = DOCUMENTS.portfolio
    assert kinds(documents.markdown(a_portfolio(attack))) <= kinds(documents.markdown(a_portfolio("innocent"))) | {
        "text"
    }


def kinds(markdown: str) -> set[str]:
    """The kinds of markup in a document, line breaks left out: people may type those."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)
    inline = [child for token in tokens for child in token.children or []]
    return {token.type for token in (*tokens, *inline)} - {"softbreak", "hardbreak"}


@pytest.mark.parametrize("attack", FORMULAS)
def test_no_cell_of_a_spreadsheet_computes(attack: str) -> None:
    for content in (DOCUMENTS.csv(a_report(attack)), DOCUMENTS.portfolio.csv(a_portfolio(attack))):
        rows = list(csv.reader(StringIO(content.decode(), newline="")))
        cells = [cell for row in rows[1:] for cell in row]
        assert any("1+1" in cell or "cmd" in cell or "HYPERLINK" in cell or "SUM" in cell for cell in cells)
        assert [cell for cell in cells if computes(cell)] == []


def computes(cell: str) -> bool:
    """Whether a spreadsheet would take a cell for a formula; a plain number is none."""
    text = cell.lstrip()
    if text[:1] not in tuple("=+-@＝＋－＠") and cell[:1] not in ("\t", "\r"):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("attack", TEMPLATES)
def test_no_text_runs_as_a_template(attack: str) -> None:
    report = a_report(attack)
    texts = [
        DOCUMENTS.json(report),
        DOCUMENTS.slack(report),
        *(DOCUMENTS.markdown(replace(report, layout=n)) for n in LAYOUTS),
    ]
    texts += [render(message, WORDS).text for message in messages(attack)]
    assert [text for text in texts if "1337" in text or "<class" in text] == []


@pytest.mark.parametrize("attack", TEMPLATES)
def test_no_text_runs_in_a_typeset_document(attack: str) -> None:
    """PDFs are typeset by a program with a language of its own."""
    report = replace(
        filled_report(), executive_summary=attack, conclusion=attack, project_name=attack, layout="executive"
    )
    words = pdf_words(DOCUMENTS.pdf(report)) + docx_words(DOCUMENTS.docx(report))
    assert "".join(attack.split()) in "".join(words.split())
    assert "1337" not in words
    assert "root:" not in words


@pytest.mark.parametrize("attack", (*PINGS, *MARKUP, *FORMULAS, *TEMPLATES, "\x00\x1b[31m", '"}]', "' OR 1=1 --"))
def test_json_gives_back_what_was_typed(attack: str) -> None:
    report = a_report(attack)
    assert json.loads(DOCUMENTS.json(report))["executive_summary"] == attack
    json.loads(DOCUMENTS.slack(report))
