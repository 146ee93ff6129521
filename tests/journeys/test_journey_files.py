"""The files of a report's thread: charts with words for those who do not see them, then documents; each of them once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import pytest
from world import World

from bot import surfaces
from bot.documents.files import pdf_file
from bot.sandbox.seen import SeenMessage

UPDATES = """
quarter: 2025-Q3
projects:
  billing:
    milestones:
      rating-engine: {percent_complete: 80, status: On track, forecast: 2025-12-15, promised: {parallel-run: kept}}
      invoice-portal: {percent_complete: 50, status: On track, forecast: 2025-12-12}
      data-migration: {percent_complete: 55, status: On track, forecast: 2025-11-28}
    resources: {actual_cost: 1500000, forecast_at_completion: 2600000}
"""
LAST_ONE = """
quarter: 2025-Q3
projects:
  billing:
    milestones:
      payment-gateway: {percent_complete: 70, status: At risk, forecast: 2025-11-14}
"""
CHARTS = [[f"billing-2025-Q3-r1-{chart}.png"] for chart in ("milestones", "budget", "history")]
PAPERS = [f"billing-2025-Q3-r1.{form}" for form in ("pdf", "docx", "md")]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def answered(world: World) -> World:
    """Three of the four milestones of the billing project are answered, and its budget."""
    world.load(UPDATES, command="answers")
    return world


def names(messages: Sequence[SeenMessage]) -> list[list[str]]:
    """The names of files, message by message."""
    return [[file["name"] for file in message.files] for message in messages if message.files]


def contents(world: World) -> dict[str, bytes]:
    """The bytes of every file in the thread, by name."""
    files = [file for reply in world.thread() for file in reply.files]
    return {
        file["name"]: world.sandbox.call(lambda file=file: world.sandbox.workspace.files.get(file["id"]).content)
        for file in files
    }


def compiled(world: World, revision: int, form: str) -> bytes:
    """A published revision as the command line writes it into a file."""
    target = world.folder / f"compiled.{form}"
    arguments = ("--project", "billing", "--quarter", "2025-Q3", "--revision", str(revision), "--format", form)
    ran = world.cli("compile", *arguments, "--output", target)
    assert ran.status == 0, ran.err
    return target.read_bytes()


def test_charts_come_first_one_a_message_then_the_documents_together_then_the_sections(answered: World) -> None:
    answered.publish()
    thread = answered.thread()
    assert names(thread) == [*CHARTS, PAPERS]
    assert [bool(reply.files) for reply in thread] == [True] * 4 + [False] * (len(thread) - 4)
    assert len(thread) > 4, "the sections follow"


def test_a_chart_is_a_picture_and_says_its_facts_in_words(answered: World) -> None:
    answered.publish()
    files = {file["name"]: file for reply in answered.thread() for file in reply.files}
    said = {chart: files[chart]["alt_txt"] for (chart,) in CHARTS}
    assert "Payment Gateway: no update, 45% in Q2 2025" in said["billing-2025-Q3-r1-milestones.png"]
    assert "Data Migration: 55%, On track, +15 points since Q2 2025" in said["billing-2025-Q3-r1-milestones.png"]
    assert "1,500,000" in said["billing-2025-Q3-r1-budget.png"]
    assert "Q2 2025" in said["billing-2025-Q3-r1-history.png"]
    found = contents(answered)
    assert all(found[chart].startswith(PNG) for (chart,) in CHARTS)
    assert not any(files[paper]["alt_txt"] for paper in PAPERS)


@pytest.mark.parametrize("form", ["pdf", "docx", "md"])
def test_what_is_downloaded_is_what_the_command_line_gives_for_the_revision(answered: World, form: str) -> None:
    answered.publish()
    assert contents(answered)[f"billing-2025-Q3-r1.{form}"] == compiled(answered, 1, form)


def test_a_later_revision_brings_its_own_files_and_leaves_the_first_ones(answered: World) -> None:
    answered.publish()
    first = contents(answered)
    answered.load(LAST_ONE, command="answers")
    answered.publish()
    thread = answered.thread()
    told = next(place for place, reply in enumerate(thread) if "Revision 2" in reply.words)
    later = [[name.replace("-r1", "-r2") for name in message] for message in [*CHARTS, PAPERS]]
    assert names(thread[told:]) == later
    found = contents(answered)
    assert {name: found[name] for name in first} == first
    assert compiled(answered, 1, "pdf") == first["billing-2025-Q3-r1.pdf"] != found["billing-2025-Q3-r2.pdf"]


def test_an_upload_that_slack_did_not_confirm_is_put_to_its_publisher_and_never_repeated_blindly(
    answered: World,
) -> None:
    answered.fail("files.completeUploadExternal", "lost_reply")
    answered.publish()
    told = answered.card("petra")
    assert "did not confirm a part of the thread" in told.words
    assert names(answered.thread()) == [CHARTS[0]], "the rest waits behind it"
    answered.person("petra").click(told, "Post it again")
    answered.settle()
    assert names(answered.thread()) == [CHARTS[0], *CHARTS, PAPERS]
    again = [file for reply in answered.thread()[:2] for file in reply.files]
    stored = [answered.sandbox.call(lambda f=f: answered.sandbox.workspace.files.get(f["id"]).content) for f in again]
    assert stored[0] == stored[1]


def test_what_is_lost_before_slack_shows_anything_is_simply_done_again(answered: World) -> None:
    answered.fail("files.getUploadURLExternal", "lost_reply")
    answered.publish()
    assert names(answered.thread()) == [*CHARTS, PAPERS]
    assert answered.cards("petra") == [], "there is nothing to ask her"


def test_a_file_is_made_once_however_often_it_has_to_be_sent(answered: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []

    def count(*arguments: Any) -> bytes:
        made.append(pdf_file(*arguments))
        return made[-1]

    monkeypatch.setattr(surfaces, "pdf_file", count)
    for method in ("files.getUploadURLExternal", "files.completeUploadExternal"):
        answered.fail(method, "ratelimited", times=3)
    answered.publish()
    assert names(answered.thread()) == [*CHARTS, PAPERS]
    assert made == [contents(answered)["billing-2025-Q3-r1.pdf"]]


def test_without_the_parts_for_them_the_report_is_complete_in_words(
    answered: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("bot.documents.paper", "bot.documents.charts"):
        monkeypatch.setitem(sys.modules, module, None)
    answered.publish()
    assert names(answered.thread()) == [["billing-2025-Q3-r1.md"]]
    assert any("*Key milestones*" in reply.words for reply in answered.thread())
    assert answered.cards("petra") == [], "nothing went wrong"


def test_a_file_that_breaks_is_told_and_the_others_are_there(answered: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> bytes:
        raise RuntimeError("a letter that nobody can draw")

    monkeypatch.setattr(surfaces, "pdf_file", breaks)
    answered.publish()
    assert names(answered.thread()) == [*CHARTS, PAPERS[1:]]
    assert any("*Key milestones*" in reply.words for reply in answered.thread())
    assert "not all of its files could be made" in answered.card("petra").words


def test_the_preview_shows_the_manager_the_files_too_and_the_channel_none(answered: World) -> None:
    petra = answered.person("petra")
    petra.click(answered.review(), "Preview")
    answered.settle()
    preview, *beneath = [card for card in answered.cards("petra") if "This is a preview" not in card.words][-2:]
    assert names(beneath) == [[name for (name,) in CHARTS] + PAPERS]
    assert beneath[0].thread_ts == preview.ts
    assert "Billing Renewal · Q3 2025" in preview.words
    assert answered.channel() == []
