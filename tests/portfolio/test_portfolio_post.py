"""The portfolio's post, its replies and its views: what they say, and that Slack takes them at any size."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from portfolios import BILLING, MERGER, a_portfolio, a_report, many, the_company
from test_portfolio_documents import check_golden

from bot.domain.portfolio_report import LastShown, PortfolioReport
from bot.domain.project import Project, RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import Coverage, ProjectStatus, QuarterlyReport
from bot.flow.forms import PortfolioForm, Reviewed
from bot.flow.messages import Message, PortfolioPost, ProjectReply, RevisionReply
from bot.sandbox.rules import check_message, check_update, check_view
from bot.sandbox.rules.rich_text import visible_characters
from bot.sandbox.seen import readable
from bot.slack import messages
from bot.slack.post import portfolio
from bot.slack.review import portfolio as portfolio_review
from bot.slack.words import Words
from bot.texts import shipped

WORDS = Words([shipped("prompts")], [shipped("templates")])
AT = datetime(2027, 1, 11, 9, 30, tzinfo=UTC)
FLAVOURS = {
    "plain": "Word",
    "ten thousand characters": "word " * 2000,
    "ampersands": "&" * 5000,
    "emoji": "🚀👩‍🚀" * 1000,
    "a ping": "<!channel> <@U0LENA> @here",
}


def read(report: PortfolioReport) -> str:
    return "\n".join(readable([block for block in portfolio.build(report, WORDS) if block["type"] != "table"]))


def rows(report: PortfolioReport) -> list[list[str]]:
    return [[cell["text"] for cell in row] for row in portfolio.build(report, WORDS)[-1]["rows"][1:]]


def refused(message: Message) -> list[Any]:
    rendered = messages.render(message, WORDS)
    payload = {"text": rendered.text, "blocks": rendered.blocks, "metadata": rendered.metadata}
    return check_message(payload) + check_update(payload)


def a_form(report: PortfolioReport, **values: Any) -> PortfolioForm:
    return PortfolioForm(report, "#leadership", Reviewed("f" * 32, AT), values.pop("has_post", True), **values)


def test_reads_as_kept() -> None:
    report = the_company(revision=2)
    table = "\n".join(" | ".join(row) for row in rows(report))
    check_golden(
        "post.txt", f"{messages.render(PortfolioPost('k', report), WORDS).text}\n\n{read(report)}\n\n{table}\n"
    )


def test_what_moved_since_reports_of_several_quarters_is_not_said_to_be_since_the_last_one() -> None:
    def moved(project: Project, since: Quarter | None) -> tuple[Project, QuarterlyReport]:
        status = ProjectStatus(None, RagStatus.AT_RISK, RagStatus.ON_TRACK, previous_quarter=since)
        return project, a_report(project, RagStatus.AT_RISK, status=status)

    last, older = Quarter(2026, 3), Quarter(2026, 1)
    assert "Since Q3" in read(a_portfolio([moved(BILLING, last), moved(MERGER, None)]))
    assert "Since Q1" in read(a_portfolio([moved(BILLING, older), moved(MERGER, older)]))
    assert "Since the last report of each" in read(a_portfolio([moved(BILLING, last), moved(MERGER, older)]))


def test_the_thread_reads_as_kept() -> None:
    report = the_company()
    replies = [readable(portfolio.reply(report, index, WORDS)) for index in range(len(report.projects))]
    check_golden("thread.txt", "\n\n".join("\n".join(lines) for lines in replies) + "\n")


def test_the_views_read_as_kept() -> None:
    form = a_form(the_company(revision=2), changes=("Billing: published, At risk",), is_shared_channel=True)
    views = [portfolio_review.build(replace(form, saved="Preview sent"), WORDS), portfolio_review.confirm(form, WORDS)]
    check_golden("views.txt", "\n\n".join("\n".join(readable(view["blocks"])) for view in views) + "\n")


@pytest.mark.parametrize("text", FLAVOURS.values(), ids=FLAVOURS)
@pytest.mark.parametrize("count", [1, 60, 1000])
def test_slack_takes_it_at_any_size(count: int, text: str) -> None:
    if count == 1000 and text != "Word":
        text = text[:200]  # what differs from 60 is the number of projects, not the length of their words
    report = many(count, text)
    blocks = portfolio.build(report, WORDS)
    assert refused(PortfolioPost("portfolio", report)) == []
    assert len(blocks) <= 50
    assert visible_characters([block for block in blocks if block["type"] != "table"]) <= 10_000
    assert len(rows(report)) == min(count, 10)
    assert [m for index in (0, count // 2, count - 1) for m in refused(ProjectReply("r", report, index))] == []
    assert refused(RevisionReply("v", report, (text,) * count, is_broadcast=True)) == []
    form = a_form(report, changes=(text,) * count, is_shared_channel=True)
    assert check_view(portfolio_review.build(form, WORDS)) == []
    assert check_view(portfolio_review.confirm(form, WORDS)) == []


def test_beyond_ten_rows_the_rest_is_counted() -> None:
    assert "50 more in the thread and in the document" in read(many(60))
    assert "more in the thread" not in read(many(10))


def test_the_notification_holds_no_money_and_no_words_of_people() -> None:
    text = portfolio.gist(the_company(), WORDS)
    assert not any(word in text for word in ("$", "€", "Vendor", "vendor", "Billing"))


def test_nobody_can_be_pinged() -> None:
    report = many(3, "<!channel>")
    shown = json.dumps([block for block in portfolio.build(report, WORDS) if block["type"] not in ("table", "header")])
    assert "<!channel>" not in shown
    assert "&lt;!channel&gt;" in shown


def test_a_portfolio_of_unpublished_projects_only_says_so() -> None:
    report = a_portfolio(waiting=[(BILLING, Coverage(4, 1)), (MERGER, Coverage(0, 0))])
    assert "*None of 2* projects has published its report yet." in read(report)
    assert "Not yet published: Billing (1 of 4 updates) and Merger (no update due)" in read(report)
    assert not any(head in read(report) for head in ("Since", "Decisions", "risks", "Money"))
    assert "decision" not in portfolio.gist(report, WORDS)
    assert rows(report)[0][1] == "not published"


def test_what_was_last_known_of_unpublished_projects_is_told_with_its_quarter() -> None:
    report = a_portfolio(waiting=[(BILLING, Coverage(4, 1)), (MERGER, Coverage(0, 0))])
    billing, merger = report.projects
    before = LastShown(RagStatus.AT_RISK, report.quarter.previous)
    report = replace(report, projects=(replace(billing, last_shown=before), merger))
    assert "_Last known of the projects:_  🟠 1 At risk  ·  1 never published" in read(report)
    assert rows(report)[0][:3] == ["Billing", "not published", "was At risk (Q3)"]
    assert "last report: 🟠 At risk in Q3" in json.dumps(portfolio.reply(report, 0, WORDS), ensure_ascii=False)


def test_what_cannot_be_compared_still_says_what_it_was() -> None:
    report = a_portfolio([(BILLING, a_report(BILLING, RagStatus.NOT_KNOWN, RagStatus.ON_TRACK))])
    assert "*1 cannot be compared*  Billing (On track → Not known)" in read(report)
    assert rows(report)[0][2] == "was On track"


def test_a_view_gives_back_what_was_reviewed() -> None:
    for view in (
        portfolio_review.build(a_form(the_company()), WORDS),
        portfolio_review.confirm(a_form(the_company()), WORDS),
    ):
        assert portfolio_review.read(view) == (Quarter(2026, 4), Reviewed("f" * 32, AT))
