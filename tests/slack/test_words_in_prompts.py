"""All words for people stand in prompts/ and templates/: none are written into the calls that put words on a screen."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import bot.slack
from bot.slack import blocks

ROOM = Path(bot.slack.__file__).parent
FLOW = ROOM.parent / "flow"
SAYING = {name for name, _ in inspect.getmembers(blocks, inspect.isfunction) if not name.startswith("_")} | {
    "refuse", "whisper", "message",
}  # fmt: skip
WORDS = re.compile(r"[^\W\d_]{2}.* |\s[^\W\d_]{2}")  # a word beside a space; ids, keys and separators have none


def written_in_calls(source: str) -> Iterator[tuple[int, str]]:
    """The words that stand in arguments of calls that show something, with their lines."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and _name(call.func) in SAYING:
            values = [*call.args, *(keyword.value for keyword in call.keywords)]
            for part in (part for value in values for part in ast.walk(value)):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and WORDS.search(part.value):
                    yield part.lineno, part.value


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_words_written_into_a_call_are_found() -> None:
    assert "section" in SAYING
    assert list(written_in_calls('section(f"Thank you, {name}")')) == [(1, "Thank you, ")]
    assert list(written_in_calls('filled.refuse("by", "At most ten")')) == [(1, "At most ten")]
    assert list(written_in_calls('section(words.say("card/done.j2", title=f"{a} · {b}"))')) == []


def test_no_screen_has_words_of_its_own() -> None:
    found = [
        f"{path.name}:{line}: {text}"
        for path in (*ROOM.rglob("*.py"), *FLOW.rglob("*.py"))
        for line, text in written_in_calls(path.read_text(encoding="utf-8"))
    ]
    assert found == []
