"""What tests of the page share: the size of a phone, and how one comes to the page."""

from playwright.sync_api import Page, expect

from bot.sandbox.server import Sandbox

PHONE = {"width": 390, "height": 844}


def visit(page: Page, sandbox: Sandbox, person: str = "UALICE") -> None:
    """Open the page as a person."""
    page.goto(f"{sandbox.url}/#/{person}")
    expect(page.get_by_test_id("person-switcher")).to_be_visible()


def sideways(page: Page) -> bool:
    """Whether the page, or the list of messages in it, is wider than the window."""
    script = """() => [document.documentElement, ...document.querySelectorAll('.messages')]
        .some((node) => node.scrollWidth > node.clientWidth)"""
    return bool(page.evaluate(script))
