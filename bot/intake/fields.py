"""Reading a file field by field: each problem is noted with its line and path, and reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from bot.domain.update import lines_of
from bot.intake import values
from bot.intake.problems import Problems, quoted
from bot.intake.yaml_marks import Entries, Items, Node, Scalar, kind

T = TypeVar("T")


class Fields:
    """One mapping of a file. Fields that nobody knows are noted at once."""

    def __init__(self, entries: Entries, path: str, problems: Problems, known: Sequence[str]) -> None:
        self.line = entries.line
        self.path = path
        self._entries = entries
        self._problems = problems
        self._misspelt: set[str] = set()
        for name, (line, _) in entries.nodes.items():
            if name not in known:
                close = values.nearest(name, known)
                self._misspelt.add(close)
                problems.add(line, self.path_of(name), f'unknown field; did you mean "{close}"?')

    def path_of(self, name: str) -> str:
        """Where a field is, such as ``projects[0].name``."""
        return f"{self.path}.{_shown(name)}" if self.path else _shown(name)

    def line_of(self, name: str) -> int:
        """The line of a field's name; the group's own line where the field is not given."""
        return self._entries.nodes[name][0] if name in self._entries.nodes else self.line

    def problem(self, name: str, sentence: str) -> None:
        """Note a problem with a field."""
        self._problems.add(self.line_of(name), self.path_of(name), sentence)

    def remark(self, name: str, sentence: str) -> str:
        """A line about a field that is taken as it is, with its place; the place alone where the sentence is empty."""
        return self._problems.line(self.line_of(name), self.path_of(name), sentence)

    def reject(self, sentence: str) -> None:
        """Note a problem with the group as a whole."""
        self._problems.add(self.line, self.path, sentence)

    def names(self) -> tuple[str, ...]:
        """The names given, in the order of the file."""
        return tuple(self._entries.nodes)

    def has(self, name: str) -> bool:
        """Whether a field is given and not empty."""
        return self._node(name) is not None

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        """The value of a field; None where it is not given, empty or wrong."""
        node = self._node(name)
        return None if node is None else self._value(node, self.path_of(name), reader)

    def require(self, name: str, reader: Callable[[str], T], example: str) -> T | None:
        """The value of a field that must be given; None, with the problem noted, where it is not.

        A misspelt name has been noted already, so it is not missing as well.
        """
        if not self.has(name) and name not in self._misspelt:
            self.problem(name, f"missing; expected such as {example}")
        return self.read(name, reader)

    def several(self, name: str, reader: Callable[[str], T]) -> tuple[T, ...]:
        """The values of a list; a single value counts as a list of one, and lines of a text, bulleted or not, as one each."""
        node = self._node(name)
        if isinstance(node, Scalar):
            node = Items(node.line, tuple(Scalar(node.line, line) for line in lines_of(node.text)), node.size)
        if not isinstance(node, Items):
            self._expected(node, name, "a list")
            return ()
        given = [(n, item) for n, item in enumerate(node.nodes) if item != Scalar(item.line, "")]
        read = (self._value(item, f"{self.path_of(name)}[{n}]", reader) for n, item in given)
        return tuple(value for value in read if value is not None)

    def group(self, name: str, known: Sequence[str]) -> Fields | None:
        """The fields within a field."""
        node = self._node(name)
        if isinstance(node, Entries):
            return Fields(node, self.path_of(name), self._problems, known)
        self._expected(node, name, "a group of fields")
        return None

    def groups(self, name: str, known: Sequence[str]) -> Iterator[Fields]:
        """The groups of fields in a list."""
        node = self._node(name)
        if not isinstance(node, Items):
            self._expected(node, name, "a list")
            return
        for number, item in enumerate(node.nodes):
            path = f"{self.path_of(name)}[{number}]"
            if isinstance(item, Entries):
                yield Fields(item, path, self._problems, known)
            else:
                self._problems.add(item.line, path, f"expected a group of fields, found {kind(item)}")

    def named_groups(self, name: str, known: Sequence[str], short: str = "") -> Iterator[tuple[str, Fields]]:
        """The groups of fields in a mapping, each with its name; `short` is the field that a plain value stands for.

        A name with nothing behind it is a group without fields.
        """
        for child_name, line, node in self._named(name):
            path = f"{self.path_of(name)}.{_shown(child_name)}"
            group = _as_group(line, node, short)
            if group is None:
                self._problems.add(line, path, f"expected a group of fields, found {kind(node)}")
            else:
                yield child_name, Fields(group, path, self._problems, known)

    def named_values(self, name: str, reader: Callable[[str], T]) -> dict[str, T]:
        """The values of a mapping whose names are free, such as a company's own questions."""
        read = ((n, self._value(node, f"{self.path_of(name)}.{_shown(n)}", reader)) for n, _, node in self._named(name))
        return {child_name: value for child_name, value in read if value is not None}

    def _named(self, name: str) -> Iterator[tuple[str, int, Node]]:
        node = self._node(name)
        if isinstance(node, Entries):
            yield from ((child_name, line, child) for child_name, (line, child) in node.nodes.items())
        else:
            self._expected(node, name, "a group of fields")

    def _node(self, name: str) -> Node | None:
        """The node of a field; None where it is not given or empty."""
        _, node = self._entries.nodes.get(name, (0, None))
        return None if isinstance(node, Scalar) and not node.text.strip() else node

    def _value(self, node: Node, path: str, reader: Callable[[str], T]) -> T | None:
        if not isinstance(node, Scalar):
            self._problems.add(node.line, path, f"expected a single value, found {kind(node)}")
            return None
        try:
            return reader(node.text.strip())
        except ValueError as wrong:
            self._problems.add(node.line, path, str(wrong))
            return None

    def _expected(self, node: Node | None, name: str, what: str) -> None:
        if node is not None:
            self.problem(name, f"expected {what}, found {kind(node)}")


class Keys:
    """The keys of one list, to see which is given twice; capitals make no difference, as people type them."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}

    def add(self, fields: Fields, key: str) -> None:
        """Take a key (empty where none was given); a problem where an earlier group has it."""
        if not key:
            return
        if key.casefold() in self._lines:
            fields.problem("key", f'"{key}" is given twice; first on line {self._lines[key.casefold()]}')
        self._lines.setdefault(key.casefold(), fields.line_of("key"))


def _as_group(line: int, node: Node, short: str) -> Entries | None:
    """A node as a group that begins on its name's line; None for what is no group."""
    if isinstance(node, Entries):
        return Entries(line, node.nodes, node.size)
    if isinstance(node, Scalar) and (short or not node.text):
        return Entries(line, {short: (line, node)} if short else {}, node.size)
    return None


def _shown(name: str) -> str:
    """A field's name inside a path."""
    return name if name and name.isprintable() and len(name) <= 64 else quoted(name)
