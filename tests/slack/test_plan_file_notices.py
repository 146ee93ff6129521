"""What is said about dropped plan files: whole in every case, and safe with any words."""

from __future__ import annotations

import pytest
from builders import FLAVOURS, the_words

from bot.flow.messages import Notice
from bot.sandbox.rules import check_message
from bot.slack import messages
from bot.texts import shipped

WORDS = the_words()
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


@pytest.mark.parametrize("text", FLAVOURS.values(), ids=FLAVOURS)
def test_any_words_can_be_shown(text: str) -> None:
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


def test_the_count_of_problems_is_told_however_long_they_are() -> None:
    values = {"file": "p.yaml", "lines": ["x" * 400] * 40, "unlisted": 199_960}
    said = messages.render(Notice("k", "plan-file-refused", values), WORDS).blocks[0]["text"]["text"]
    assert said.startswith("*p.yaml* was not loaded; the first 40 of 200,000 problems:")


def test_every_kind_of_notice_about_a_file_is_tried() -> None:
    assert {path.stem for path in (shipped("prompts") / "notices").glob("plan-file*")} == set(FILES)
