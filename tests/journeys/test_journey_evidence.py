"""Links and files with an update, and last quarter's words: one click each, and all that was typed stays."""

from __future__ import annotations

import base64
import json

from world import World, opened

from bot.domain.attachment import Attachment
from bot.sandbox.seen import SeenView

LAST = """
quarter: 2025-Q2
projects:
  network:
    milestones:
      core-switch:
        percent_complete: 20
        status: On track
        forecast: 2025-12-01
        deliverables: [Rack built, Cables laid]
        impact: Fewer outages.
        note: Two more weeks.
"""


def with_file(view: SeenView, name: str, content: bytes) -> dict[str, object]:
    """A file as the page puts it into the field."""
    return {"Files": [{"name": name, "mimetype": "text/plain", "content_base64": base64.b64encode(content).decode()}]}


def test_links_and_files_are_kept_with_the_answer_and_printed_in_every_format(world: World) -> None:
    omar = world.person("omar")
    view = omar.fill(world.open("omar", "Update"), {"Percent complete": "30", "Note": "See below."})
    assert "Evidence" not in view.labels
    omar.click(view, "Add evidence")
    view = opened(omar)
    assert (view.value("Percent complete"), view.value("Note")) == ("30", "See below.")
    view = omar.submit(
        view, {"Evidence": "Load test https://example.com/7\nnot a link", **with_file(view, "log.txt", b"ok")}
    )
    assert view is not None
    assert "no link" in next(iter(view.errors.values()))
    assert omar.submit(view, {"Evidence": "Load test https://example.com/7"}) is None
    link, file = world.answers("network").milestones["core-switch"].value.evidence
    assert link == Attachment("https://example.com/7", "Load test")
    assert (file.title, file.file is not None) == ("log.txt", True)
    for form, words in (
        ("md", "[Load test](https://example.com/7), [log.txt]("),
        ("csv", "Load test https://example.com/7; log.txt http"),
    ):
        assert words in world.cli("compile", "--project", "network", "--quarter", "2025-Q3", "--format", form).out
    document = json.loads(world.cli("compile", "--project", "network", "--quarter", "2025-Q3", "--format", "json").out)
    assert document["milestones"][0]["evidence"][0] == {
        "url": "https://example.com/7",
        "title": "Load test",
        "file": None,
    }
    again = world.open("omar", "Update")
    assert again.value("Evidence").splitlines() == [link.line, file.line]
    assert omar.submit(again, {"Evidence": link.line}) is None
    assert world.answers("network").milestones["core-switch"].value.evidence == (link,)


def test_last_quarters_words_fill_what_is_empty_and_keep_what_was_typed(world: World) -> None:
    world.load(LAST, command="answers")
    omar = world.person("omar")
    view = world.open("omar", "Update")
    assert (view.value("Completed deliverables"), view.value("Note")) == (None, None)
    assert view.value("Impact on company goals") == "Fewer outages."
    view = omar.fill(view, {"Percent complete": "30", "Note": "My own."})
    omar.click(view, "Use last quarter's words")
    view = opened(omar)
    assert view.value("Completed deliverables") == "Rack built\nCables laid"
    assert (view.value("Percent complete"), view.value("Note")) == ("30", "My own.")
    assert "Use last quarter's words" not in view.words
    omar.close(view)
    view = world.open("omar", "Update")
    assert view.value("Completed deliverables") == "Rack built\nCables laid", "it is kept like what was typed"
    assert "Use last quarter's words" not in view.words, "there is nothing more to fill"
    assert omar.submit(view, {"Completed deliverables": "Rack built\nCables laid\nSwitch powered"}) is None
    given = world.answers("network").milestones["core-switch"].value
    assert given.deliverables == ("Rack built", "Cables laid", "Switch powered")


def test_without_words_of_last_quarter_nothing_is_offered(shared_world: World) -> None:
    assert "Use last quarter's words" not in shared_world.open("omar", "Update").words
