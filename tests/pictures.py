"""Takes the pictures of docs/screens.md from the demo's page: a quarter is played, and each screen shown on desk and phone.

    python -m tests.pictures [FOLDER]

People act as the demo's guide tells them to; the browser only looks on.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from bot.demo import Demo, stage
from bot.sandbox.actor import Actor
from bot.sandbox.seen import SeenMessage, SeenView
from bot.settings import read_settings
from bot.slack.manifest import COMMAND

FOLDER = Path("docs/pictures")
SIZES: dict[str, ViewportSize] = {"desk": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
CHANNEL = "C0LEADERSHIP"
PATIENCE = 20.0  # seconds
_IN_FRONT = ", ".join(f"[data-testid={pane}]" for pane in ("modal", "thread", "home", "messages"))
# Once all charts are there: the latest message from its first line on, not from its last, and a thread from its first reply.
_FROM_THE_TOP = """async () => {
    await document.fonts.ready;
    const pictures = [...document.images];
    for (const picture of pictures) picture.loading = "eager";
    await Promise.all(pictures.map((picture) => picture.decode()));
    for (const pane of document.querySelectorAll("[data-testid=thread], [data-testid=messages]")) {
        const messages = pane.querySelectorAll("[data-testid^=message-]");
        messages[pane.dataset.testid === "thread" ? 1 : messages.length - 1]?.scrollIntoView();
    }
}"""


class Play:
    """The demo's people, its clock, and a camera."""

    def __init__(self, demo: Demo, browser: Browser, folder: Path) -> None:
        self._demo = demo
        self._folder = folder
        self._pages = {name: browser.new_page(viewport=size) for name, size in SIZES.items()}
        for page in self._pages.values():
            page.add_init_script("sessionStorage.setItem('guide-dismissed', 'yes')")
        self._ids = {person.name: person.id for person in demo.sandbox.workspace.people.values()}

    def person(self, name: str) -> Actor:
        """Somebody to act as."""
        return self._demo.sandbox.person(self._ids[name])

    def go_to(self, key: str) -> None:
        """Move the clock to one of the demo's stops."""
        [at] = [stop.at for stop in self._demo.stops() if stop.key == key]
        self._demo.move_to(at)

    def settle(self) -> None:
        """Let everything arrive that can."""
        self._demo.bot.settle(PATIENCE)

    def take(self, picture: str, name: str, place: str = "") -> None:
        """What somebody has in front of them, once a size: a conversation, "home", or else the messages with the bot."""
        place = place or self.person(name).direct()
        self.settle()
        for size, page in self._pages.items():
            page.goto("about:blank")
            page.goto(f"{self._demo.sandbox.url}/#/{self._ids[name]}/{place}")
            page.locator(_IN_FRONT).filter(visible=True).first.wait_for()
            page.evaluate(_FROM_THE_TOP)
            page.screenshot(path=self._folder / f"{picture}-{size}.png")

    def card(self, name: str) -> SeenMessage:
        """Somebody's latest message from the bot."""
        self.settle()
        message = self.person(name).last_dm()
        assert message is not None
        return message

    def press(self, name: str, button: str, near: str | None = None) -> SeenView:
        """Press a button of somebody's latest message; the dialog that opens."""
        self.person(name).click(self.card(name), button, near=near)
        return self.opened(name)

    def opened(self, name: str, callback_id: str = "") -> SeenView:
        """The dialog in front of somebody, once it is the one that is waited for."""

        def found() -> SeenView | None:
            view = self.person(name).top_view()
            return view if view and view.callback_id.startswith(callback_id) else None

        return self.person(name).wait_for(found, PATIENCE)


def owners_answer(play: Play) -> None:
    """Opening day: two owners and the budget owner."""
    play.go_to("2025-Q3-opening")
    play.take("owner-message", "maya")
    update = play.press("maya", "Update", near="Rating Engine")
    play.take("owner-update", "maya")
    said = {
        "Percent complete": "80",
        "Status": "At risk",
        "Forecast date": "2025-10-20",
        "Completed deliverables": "Tariff rules for all three countries",
        "Note": "Load test moved by two weeks: the test system was not ready.",
    }
    play.person("maya").submit(update, said)
    play.person("maya").click(play.card("maya"), "Nothing changed")
    play.take("owner-done", "maya")
    budget = play.press("ines", "Budget")
    said = {"Actual cost to date": "1.4M", "Forecast at completion": "2.3M"}
    play.person("ines").fill(budget, said)
    play.take("budget", "ines")
    play.person("ines").submit(play.opened("ines"), {"Budget note": "One more month of the rating contractor."})


def manager_publishes(play: Play) -> None:
    """Two days before due."""
    play.go_to("2025-Q3-two-days")
    manager = play.person("demo-pm")
    manager.command(f"{COMMAND} billing-renewal")
    review = play.opened("demo-pm", "review")
    play.take("review", "demo-pm")
    confirm = manager.submit(review)
    assert confirm is not None
    play.take("confirm", "demo-pm")
    manager.submit(confirm)


def leader_reads(play: Play) -> None:
    """What is in the channel."""
    play.settle()
    leader = play.person("lena")
    play.take("post", "lena", CHANNEL)
    post = next(message for message in leader.messages(CHANNEL) if message.thread_ts in (None, message.ts))
    play.take("thread", "lena", f"{CHANNEL}/{post.ts}")
    leader.click(post, "Full report")
    play.take("full-report", "lena", CHANNEL)
    leader.close(play.opened("lena"), whole_stack=True)
    leader.click(post, "Acknowledge")


def everybody_at_home(play: Play) -> None:
    """Home, for each of the three."""
    for name, picture in (("maya", "home-owner"), ("demo-pm", "home-manager"), ("lena", "home-leader")):
        play.person(name).open_home()
        play.person(name).wait_for(play.person(name).home, PATIENCE)
        play.take(picture, name, "home")


def day_after(play: Play) -> None:
    """The digest of who has not answered."""
    play.go_to("2025-Q3-after")
    play.take("digest", "demo-pm")


SCENES: tuple[Callable[[Play], None], ...] = (
    owners_answer, manager_publishes, leader_reads, everybody_at_home, day_after,
)  # fmt: skip


def main(folder: Path) -> None:
    """Play all scenes."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    options: dict[str, Any] = {"executable_path": chromium, "args": ["--no-sandbox", "--disable-gpu"]}
    with (
        tempfile.TemporaryDirectory() as database,
        stage(Path(database), 0, read_settings({})) as demo,
        sync_playwright() as playwright,
    ):
        play = Play(demo, playwright.chromium.launch(**options), folder)
        for scene in SCENES:
            scene(play)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
