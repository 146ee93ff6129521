"""YAML as a tree of nodes that know their line, with every scalar as text: ``NO`` is a country and ``17:00`` a time.

The tree is built from PyYAML's events rather than its own nodes, so that depth and size are limited while it grows:
PyYAML recurses on depth, and aliases of aliases make a small file stand for billions of values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from bot.intake.problems import Problems, quoted, refuse, unwanted

_DEEPEST = 20
_MOST_VALUES = 200_000  # aliases counted as often as they are used
_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
_NULLS = ("~", "null")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value as text; empty for nothing (``key:``, ``~``, ``null``)."""

    line: int
    text: str
    size: int = 1


@dataclass(frozen=True, slots=True)
class Items:
    """A list. `size` counts all values within."""

    line: int
    nodes: tuple[Node, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping in the order of the file, from key to the key's line and the value. `size` counts all values within."""

    line: int
    nodes: dict[str, tuple[int, Node]]
    size: int


Node: TypeAlias = Scalar | Items | Entries


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been read; the children of a mapping are key, value, key, value."""

    line: int
    anchor: str | None
    is_mapping: bool
    children: list[Node] = field(default_factory=list)


def compose(text: str, problems: Problems, filename: str) -> Entries:
    """The mapping that a YAML text is. Notes a key that is given twice; the first one counts.

    Raises FileProblems for text that is not YAML, not one mapping, or past the limits of depth and size.
    """
    try:
        root = _Builder(problems, filename).build(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise refuse(filename, *_explained(error, text)) from error
    except (ValueError, OverflowError) as error:  # the pure Python scanner lets impossible escapes through to chr()
        raise refuse(filename, "not YAML: it holds a character that does not exist") from error
    if root is None or (isinstance(root, Scalar) and not root.text):
        raise refuse(filename, "empty; there is nothing to read")
    if not isinstance(root, Entries):
        raise refuse(filename, f"expected fields such as company: …, found {kind(root)}", root.line)
    return root


def kind(node: Node) -> str:
    """What a node is, in words for a problem."""
    if isinstance(node, Scalar):
        return f"the text {quoted(node.text)}"
    return "a list" if isinstance(node, Items) else "a group of fields"


class _Builder:
    def __init__(self, problems: Problems, filename: str) -> None:
        self._problems = problems
        self._filename = filename
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._root: Node | None = None

    def build(self, events: Iterable[yaml.Event]) -> Node | None:
        """The root node; None for a text without any."""
        for event in events:
            line = _line(event)
            if isinstance(event, yaml.ScalarEvent):
                self._close(self._scalar(event, line), event.anchor)
            elif isinstance(event, yaml.AliasEvent):
                self._close(self._named(str(event.anchor), line), None)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self._descend(_Open(line, event.anchor, isinstance(event, yaml.MappingStartEvent)))
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                ended = self._open.pop()
                self._close(self._finished(ended), ended.anchor)
        return self._root

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> Scalar:
        text: str = event.value
        is_plain = not event.style
        if what := unwanted(text):
            self._problems.add(line, "", what)
        return Scalar(line, "" if is_plain and text.casefold() in _NULLS else text)

    def _named(self, anchor: str, line: int) -> Node:
        if anchor not in self._anchors:
            raise refuse(self._filename, f'"*{anchor}" names nothing that was finished above it', line)
        return self._anchors[anchor]

    def _descend(self, opened: _Open) -> None:
        if len(self._open) >= _DEEPEST:
            raise refuse(self._filename, f"nested more than {_DEEPEST} levels deep", opened.line)
        self._open.append(opened)

    def _finished(self, ended: _Open) -> Node:
        size = 1 + sum(child.size for child in ended.children)
        if size > _MOST_VALUES:
            raise refuse(self._filename, f"more than {_MOST_VALUES} values", ended.line)
        if not ended.is_mapping:
            return Items(ended.line, tuple(ended.children), size)
        return Entries(ended.line, self._entries(ended.children), size)

    def _entries(self, children: list[Node]) -> dict[str, tuple[int, Node]]:
        entries: dict[str, tuple[int, Node]] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                self._problems.add(key.line, "", f"{kind(key)} cannot be the name of a field")
            elif key.text in entries:
                self._problems.add(
                    key.line, "", f"{quoted(key.text)} is given twice; first on line {entries[key.text][0]}"
                )
            else:
                entries[key.text] = (key.line, value)
        return entries

    def _close(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = node
        if self._open:
            self._open[-1].children.append(node)
        elif self._root is not None:
            raise refuse(self._filename, "a second document begins here; expected one", node.line)
        else:
            self._root = node


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _explained(error: yaml.YAMLError, text: str) -> tuple[str, int]:
    """A syntax error as a sentence and its line (0 where PyYAML does not know it)."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return "not YAML: it holds a character that is not allowed", 0
    what = error.problem or error.context or "cannot be understood"
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return f"not YAML: {what}", 0
    return f"not YAML: {what}{_hint(what, text, mark)}", mark.line + 1


def _hint(what: str, text: str, mark: yaml.Mark) -> str:
    """How to mend the three mistakes that people make most."""
    line = (text.splitlines() or [""])[mark.line : mark.line + 1]
    found = line[0][mark.column : mark.column + 1] if line else ""
    if found in ("@", "`", "%"):
        return f'; put a value that begins with {found} in quotes, such as "@handle"'
    if found == "\t":
        return "; indent with spaces, not with tabs"
    return '; put a text that holds ": " in quotes' if "mapping values are not allowed" in what else ""
