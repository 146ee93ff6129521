"""The part of Home in which the plan is set up, and what is said about dropped files: for one and for many, for any words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from builders import FLAVOURS, LENA, Q4, the_words

from bot.flow.checklist import Checklist, PlannedProject, PlanSection
from bot.flow.home import Home
from bot.flow.messages import Notice
from bot.sandbox.rules import check_message, check_view
from bot.slack import home, messages, setup
from bot.slack.blocks import Block
from bot.slack.ids import Action
from bot.texts import shipped

WORDS = the_words()
NEW = Checklist("#leadership", 0, ("Ravi",), "Q4 2026", datetime(2026, 12, 18, 23, tzinfo=UTC), has_opened=False)
READY = replace(NEW, milestones=12, without_account=(), has_opened=True)
FILES = {
    "plan-file": [
        {"file": "p.yaml", "count": 3, "dropped": 1, "is_renewed": True, "lines": ["a", "b"], "unlisted": 1},
        {"file": "p.yaml", "count": 1, "dropped": 0, "is_renewed": False, "lines": ["a"], "unlisted": 0},
    ],
    "plan-file-refused": [
        {"file": "p.yaml", "lines": ["p.yaml:3: x: wrong"] * 40, "unlisted": 5},
        {"file": "p.yaml", "lines": ["Only admins can."], "unlisted": 0},
    ],
    "plan-file-unread": [
        {"file": "p.png", "reason": reason, "largest": 1} for reason in ("type", "size", "text", "fetch")
    ],
    "plan-file-settled": [
        {"file": "p.yaml", "outcome": outcome, "count": count}
        for outcome, count in (("loaded", 1), ("loaded", 7), ("cancelled", 0), ("same", 0))
    ],
}


def a_section(*projects: PlannedProject, others: int = 0, may_create: bool = True) -> PlanSection:
    rest = tuple(PlannedProject(f"o{n}", f"Other {n}") for n in range(others))
    return PlanSection(may_create, projects, rest, ZoneInfo("Europe/Berlin"), "en_US")


def shown(section: PlanSection, *, is_member: bool = False) -> Block:
    """A Home that Slack accepts."""
    blocks = setup.build(section, lambda _: is_member, WORDS)
    view = home.build(Home(LENA, Q4, "Q4 2026", None, ()), WORDS, blocks)
    assert check_view(view) == []
    return view


def words_of(view: Block) -> str:
    return "\n".join(block["text"]["text"] for block in view["blocks"] if block["type"] == "section")


def test_a_new_project_is_told_what_it_lacks_and_then_that_it_is_ready() -> None:
    said = words_of(shown(a_section(PlannedProject("portal", "Portal", NEW))))
    assert said.count("To do: ") == 4
    assert "write `/invite @Quarterdeck` there" in said
    assert "opens on December 19, 2026" in said, "the company's day"
    said = words_of(shown(a_section(PlannedProject("portal", "Portal", READY)), is_member=True))
    assert "To do: " not in said
    assert "ready for its first report" in said
    assert "Q4 2026 has opened for 12 milestones" in said


def test_without_a_channel_one_is_to_be_chosen() -> None:
    nowhere = replace(READY, channel=None)
    said = words_of(shown(a_section(PlannedProject("portal", "Portal", nowhere)), is_member=True))
    assert "To do: choose the channel" in said


def test_buttons_say_which_project_they_are_about() -> None:
    view = shown(a_section(PlannedProject("portal", "Portal"), PlannedProject("net", "Network")))
    buttons = [e for block in view["blocks"] if block["type"] == "actions" for e in block["elements"]]
    spoken = [(e["accessibility_label"], e["value"]) for e in buttons if e["action_id"] != Action.NEW_PROJECT]
    assert spoken == [
        ("Edit project: Portal", "portal"),
        ("Milestones: Portal", "portal"),
        ("Edit project: Network", "net"),
        ("Milestones: Network", "net"),
    ]


def test_only_admins_are_offered_a_new_project() -> None:
    assert Action.NEW_PROJECT in str(shown(a_section()))
    assert Action.NEW_PROJECT not in str(shown(a_section(may_create=False)))


@pytest.mark.parametrize(("others", "unlisted"), [(1, ""), (100, ""), (101, "1 more can be changed by file")])
def test_any_number_of_projects_can_be_reached(others: int, unlisted: str) -> None:
    assert unlisted in str(shown(a_section(*[PlannedProject("p", "P", NEW)] * 8, others=others)))


@pytest.mark.parametrize("text", FLAVOURS.values(), ids=FLAVOURS)
def test_any_words_can_be_shown(text: str) -> None:
    named = replace(NEW, without_account=(text,), channel=f"#{text[:70]}")
    view = shown(a_section(PlannedProject("p", text, named), PlannedProject("q", text), others=2))
    assert "<!" not in words_of(view)
    for name, samples in FILES.items():
        values = {**samples[0], "file": text[:255], **({"lines": [text[:400]] * 40} if "lines" in samples[0] else {})}
        rendered = messages.render(Notice("k", name, values, (("cancel_file", "cancel", "k"),)), WORDS)
        assert check_message({"text": rendered.text, "blocks": rendered.blocks}) == []
        assert "<!" not in rendered.text


@pytest.mark.parametrize(("name", "values"), [(name, values) for name, samples in FILES.items() for values in samples])
def test_what_is_said_about_a_file_is_whole(name: str, values: dict[str, object]) -> None:
    said = messages.render(Notice("k", name, values), WORDS).blocks[0]["text"]["text"]
    assert "None" not in said
    assert "\n\n" not in said


def test_before_anything_is_loaded_everybody_is_told_how_with_their_own_id() -> None:
    view = setup.first_run("U0LENA", WORDS)
    assert check_view(view) == []
    assert "admins: [U0LENA]" in str(view)


def test_every_file_of_words_is_named_in_the_program() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (shipped("prompts").parent / "bot").rglob("*.py"))
    for path in (shipped("prompts") / "setup").iterdir():
        assert f"setup/{path.name}" in sources
    assert {path.stem for path in (shipped("prompts") / "notices").glob("plan-file*")} == set(FILES)
