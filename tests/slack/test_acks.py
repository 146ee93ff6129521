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
    return isinstance(opened, ast.Call) and getattr(opened.func, "attr", "") in ("writing", "noting", "answering")


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == name


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_nothing_is_acknowledged_before_its_commit(module: Path) -> None:
    assert list(acks_in_transactions(module.read_text())) == []


def test_one_that_did_would_be_found() -> None:
    source = "with self._desk.writing(body) as visit:\n    if visit:\n        ack()\nack()\n"
    assert list(acks_in_transactions(source)) == [3]


def long_waits(source: str) -> Iterator[int]:
    """The lines on which somebody's click or dialog waits for the database for longer than Slack waits for an answer."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef) and any(given.arg == "body" for given in function.args.args):
            calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
            yield from (call.lineno for call in calls if ast.unparse(call.func).endswith("database.writing"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_whoever_waits_for_an_answer_is_told_of_a_busy_database_in_time(module: Path) -> None:
    assert list(long_waits(module.read_text())) == []
