"""Faults and files on the page, in a real browser."""

import re
import struct
import zlib

import pytest
from browsing import PHONE, sideways, visit
from playwright.sync_api import Page, expect
from slack_bolt import App
from slack_sdk.errors import SlackApiError

from bot.sandbox.server import Sandbox

pytestmark = pytest.mark.browser


def post(bolt: App, times: int = 1) -> list[bool]:
    """Which of some posts of the app were taken."""
    taken = []
    for _ in range(times):
        try:
            taken.append(bool(bolt.client.chat_postMessage(channel="CGENERAL", text="t")["ok"]))
        except SlackApiError:
            taken.append(False)
    return taken


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, PHONE], ids=["wide", "phone"])
def test_a_fault_is_planned_counted_and_cleared_by_keyboard(
    page: Page, sandbox: Sandbox, bolt: App, size: dict[str, int]
) -> None:
    page.set_viewport_size(size)
    visit(page, sandbox)
    page.get_by_test_id("faults-open").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("faults")).to_contain_text("Everything gets through")
    page.get_by_test_id("fault-target").focus()
    page.keyboard.type("chat.postM")
    expect(page.get_by_test_id("fault-target")).to_have_value("chat.postMessage")
    page.keyboard.press("Tab")  # how: 429
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("fault-retry-after")).to_be_focused()
    page.get_by_test_id("fault-times").fill("2")
    page.keyboard.press("Enter")
    planned = page.get_by_test_id("fault-1")
    expect(planned).to_contain_text(re.compile("chat.postMessage.*429.*Retry-After 30.*Struck 0 of 2"))
    expect(page.get_by_test_id("faults-open")).to_have_accessible_name("Faults, 1 in force")
    assert not sideways(page)
    assert post(bolt, 3) == [False, False, True]
    expect(planned).to_contain_text("Struck 2 of 2 · over")
    expect(page.get_by_test_id("faults-open")).to_have_text("⚡ Faults")
    page.get_by_test_id("faults-clear").press("Enter")
    expect(planned).to_have_count(0)
    assert sandbox.faults.shown() == []


def test_a_share_and_the_faults_of_deliveries_are_planned(page: Page, sandbox: Sandbox) -> None:
    visit(page, sandbox)
    page.get_by_test_id("faults-open").click()
    page.get_by_test_id("fault-target").select_option("deliveries")
    expect(page.get_by_test_id("fault-retry-after")).to_be_hidden()
    page.get_by_test_id("fault-kind").select_option("reorder")
    page.get_by_test_id("fault-percent").fill("25")
    page.get_by_test_id("fault-seed").fill("7")
    page.get_by_test_id("fault-add").click()
    expect(page.get_by_test_id("fault-1")).to_contain_text("25 % (seed 7)")
    (fault,) = sandbox.faults.shown()
    assert [fault[name] for name in ("target", "kind", "times", "share", "seed")] == [
        "deliveries",
        "reorder",
        None,
        0.25,
        7,
    ]
    page.get_by_test_id("fault-remove-1").click()
    expect(page.get_by_test_id("faults")).to_contain_text("Everything gets through")
    page.get_by_test_id("faults-close").click()
    expect(page.get_by_test_id("faults")).to_have_count(0)


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = (b"\0" + b"\x99" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def report(bolt: App) -> str:
    """A message with a chart, a PDF and a Word file in its thread, and one with the chart as a block; its ts."""
    ts = str(bolt.client.chat_postMessage(channel="CGENERAL", text="The report")["ts"])
    files = [
        {"content": png(900, 300), "filename": "chart.png", "title": "Burn-up", "alt_txt": "Spent: 62 % of plan"},
        {"content": b"%PDF-1.7" + b" " * 204_800, "filename": "report.pdf", "title": "Report (PDF)"},
        {"content": b"PK", "filename": "report.docx", "title": "Report (Word)"},
    ]
    done = bolt.client.files_upload_v2(channel="CGENERAL", thread_ts=ts, file_uploads=files)
    chart = {"type": "image", "slack_file": {"id": done["files"][0]["id"]}, "alt_text": "The same chart"}
    bolt.client.chat_postMessage(channel="CGENERAL", text="Chart", blocks=[chart])
    return ts


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, PHONE], ids=["wide", "phone"])
def test_files_in_a_thread_are_shown_or_offered(
    page: Page, sandbox: Sandbox, report: str, size: dict[str, int]
) -> None:
    page.set_viewport_size(size)
    page.goto(f"{sandbox.url}/#/UALICE/CGENERAL/{report}")
    thread = page.get_by_test_id("thread-messages")
    drawn(page, "Spent: 62 % of plan")
    for name, size_shown in (("report.pdf", "200 KB"), ("report.docx", "2 bytes")):
        link = thread.get_by_role("link").filter(has_text=f"{name} · {size_shown}")
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename == name
    assert not sideways(page)
    page.goto(f"{sandbox.url}/#/UALICE/CGENERAL")
    drawn(page, "The same chart")


def drawn(page: Page, alt_text: str) -> None:
    """Expect a picture to have arrived, at its own proportions."""
    picture = page.get_by_alt_text(alt_text)
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 900)
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(3, abs=0.1)
