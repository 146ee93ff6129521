"""The questions file as marked YAML: every value as text, every mistake with its line, all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

import yaml

from bot.domain.errors import BotError


class Mistakes:
    """Collects what is wrong with the file, so that all of it can be mended at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[tuple[int, str]] = []

    def compose(self, text: str) -> yaml.Node:
        """The file's tree. Raises BotError for a text that is not YAML or is empty."""
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = f"{self._path}:{mark.line + 1}" if mark else str(self._path)
            raise BotError(f"{place}: not YAML: {error.problem or error.context}") from error
        except yaml.YAMLError as error:
            raise BotError(f"{self._path}: not YAML: it holds a character that is not allowed") from error
        if root is None:
            raise BotError(f"{self._path}: empty; expected dialogs with their questions")
        return root

    def add(self, node: yaml.Node | None, at: str, sentence: str) -> None:
        """Note a mistake at a node (None: the file as a whole), with its path in the file."""
        line = node.start_mark.line + 1 if node is not None and node.start_mark else 0
        place = f"{self._path}:{line}" if line else str(self._path)
        self._found.append((line, ": ".join(filter(None, (place, at, sentence)))))

    def unknown(self, node: yaml.Node, at: str, word: str, known: Sequence[str]) -> None:
        """Note a word that the file may not use here, with the nearest that it may."""
        near = get_close_matches(word, known, 1, 0.5)
        hint = f'did you mean "{near[0]}"?' if near else f"expected one of {', '.join(known)}"
        self.add(node, at, f'"{word}" is not known here; {hint}')

    def raise_any(self) -> None:
        """Raise BotError with every mistake, a line each in the order of the file, where there are any."""
        if self._found:
            raise BotError("\n".join(line for _, line in sorted(self._found, key=lambda found: found[0])))


def text_of(node: yaml.Node) -> str | None:
    """A value as the text it is in the file (``Yes`` stays a word); None for a list or a group."""
    return str(node.value).strip() if isinstance(node, yaml.ScalarNode) else None


def entries(node: yaml.Node, at: str, mistakes: Mistakes) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """The entries of a group: name, where the name stands, value. Anything else, or a name given twice, is noted."""
    if not isinstance(node, yaml.MappingNode):
        mistakes.add(node, at, "expected fields such as key: …")
        return
    seen: set[str] = set()
    for mark, value in node.value:
        name = text_of(mark)
        if name is None or name in seen:
            mistakes.add(mark, at, "expected a name" if name is None else f'"{name}" is given twice')
            continue
        seen.add(name)
        yield name, mark, value


def items(node: yaml.Node, at: str, mistakes: Mistakes) -> Iterator[tuple[str, yaml.Node]]:
    """The items of a list, each with its path such as ``risk[2]``. Anything else is noted."""
    if not isinstance(node, yaml.SequenceNode):
        mistakes.add(node, at, "expected a list of questions, each beginning with - {key: …")
        return
    yield from ((f"{at}[{index}]", item) for index, item in enumerate(node.value))
