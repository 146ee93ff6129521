"""What Slack is told is true: a person hears that something is done, or is refused, only once that is committed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.slack.listeners

MODULES = sorted(Path(bot.slack.listeners.__file__).parent.glob("*.py"))


def acks_in_transactions(source: str) -> Iterator[int]:
    """The lines that acknowledge inside of a transaction that writes, before its commit."""
    for block in ast.walk(ast.parse(source)):
        if isinstance(block, ast.With) and any(_writes(item.context_expr) for item in block.items):
            yield from (call.lineno for call in ast.walk(block) if _calls(call, "ack"))


def _writes(opened: ast.expr) -> bool:
    return isinstance(opened, ast.Call) and getattr(opened.func, "attr", "") in ("writing", "noting")


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == name


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_nothing_is_acknowledged_before_its_commit(module: Path) -> None:
    assert list(acks_in_transactions(module.read_text())) == []


def test_one_that_did_would_be_found() -> None:
    source = "with self._desk.writing(body) as visit:\n    if visit:\n        ack()\nack()\n"
    assert list(acks_in_transactions(source)) == [3]
