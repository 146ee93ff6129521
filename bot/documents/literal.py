"""Which of the characters that people typed would be markup where they ended up (CommonMark with GitHub's strikethrough).

An asterisk alone is an asterisk: it takes a second one in the same block to make markup. So what to escape is found in
finished blocks, with the same rules by which a reader of Markdown pairs its delimiters.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.entities import html5

MAYBE = "\x04"  # stands before a typed character that may be markup

_CONTAINERS = r"[ >]*(?:(?:[-+*]|\d{1,9}[.)])[ ]+)*"
_BLOCK = re.compile(r"(?=^[ >]*(?:(?:[-+*]|\d{1,9}[.)]|\#{1,6})[ ]))|(?<=\n)(?=\n)", re.MULTILINE)
_ENTITY = re.compile(r"&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|([A-Za-z][A-Za-z0-9]*));")
_ESCAPES = re.compile(r"[!-/:-@\[-`{-~]|[ \t]*(?:\n|$)")  # what a backslash before it changes


def resolve(document: str) -> str:
    """A document in which the marks are backslashes where they have to be, and gone elsewhere."""
    return "".join(map(_resolved, _BLOCK.split(document)))


def _resolved(block: str) -> str:
    if MAYBE not in block:
        return block
    pieces = block.split(MAYBE)
    text = "".join(pieces)
    typed, place = set(), 0
    for piece in pieces[:-1]:
        place += len(piece)
        typed.add(place)
    escaped = _escaped(text, typed)
    return "".join(f"\\{character}" if n in escaped else character for n, character in enumerate(text))


def _escaped(text: str, typed: set[int]) -> set[int]:
    """The places of typed characters that would be markup.

    Where one of a kind would pair with another, all of that kind are escaped: half a pair reads as a mistake.
    """
    at_start = {start for start in _line_starts(text, typed) if start in typed and _begins_block(text, start)}
    found = at_start | {place for place in typed if _is_markup_alone(text, place)}
    paired = _code(text, typed) | _delimiters(text, typed, found)
    return found | {place for place in typed if text[place] in paired}


def _line_starts(text: str, typed: set[int]) -> Iterator[int]:
    """Where each line's words begin, behind the list items and quotes that a template put them in."""
    masked = "".join("x" if place in typed else character for place, character in enumerate(text))
    for line in re.finditer(r"^.*$", masked, re.MULTILINE):
        lead = re.match(_CONTAINERS, line[0])
        yield line.start() + (lead.end() if lead else 0)


def _begins_block(text: str, start: int) -> bool:
    """Whether the character that a line begins with makes a bullet, a rule, a fence or a block of HTML of it."""
    line = text[start:].split("\n", 1)[0]
    return bool(re.match(r"\*(?:\s|$)|([*_])[ \t]*(?:\1[ \t]*){2,}$|~~~|```[^`]*$|<", line))


def _is_markup_alone(text: str, place: int) -> bool:
    """Whether a character is markup without another typed one that could be escaped in its stead."""
    rest = text[place + 1 :]
    match text[place]:
        case "\\":
            return _ESCAPES.match(rest) is not None
        case "<":
            return ">" in rest
        case "&":
            entity = _ENTITY.match(text, place)
            return entity is not None and (entity[1] is None or f"{entity[1]};" in html5)
        case "]":
            return "[" in text[:place] and ((rest[:1] == "(" and ")" in rest) or rest[:1] == ":")
        case "#":
            return re.match(r"#*[ \t]*(?:\n|$)", text[place:]) is not None and _is_heading(text, place)
        case _:
            return False


def _is_heading(text: str, place: int) -> bool:
    line = text[:place].rsplit("\n", 1)[-1]
    return re.match(rf"{_CONTAINERS}#{{1,6}}[ ]", line) is not None


def _code(text: str, typed: set[int]) -> set[str]:
    """The backtick, where a typed run of them would begin or end code: another run has as many."""
    runs = list(re.finditer("`+", text))
    lengths = Counter(len(run[0]) for run in runs)
    would = any(lengths[len(run[0])] > 1 and typed.intersection(range(*run.span())) for run in runs)
    return {"`"} if would else set()


@dataclass(slots=True)
class _Run:
    """A run of delimiters: where it stands, how long it is, what stands around it, and how much of it is not paired yet."""

    character: str
    start: int
    length: int
    is_typed: bool
    before: str
    after: str
    left: int = 0

    @property
    def opens(self) -> bool:
        """Whether it can begin emphasis."""
        return _flanking(self.character, self.before, self.after)[0]

    @property
    def closes(self) -> bool:
        """Whether it can end emphasis."""
        return _flanking(self.character, self.before, self.after)[1]

    @property
    def places(self) -> set[int]:
        return set(range(self.start, self.start + self.length))

    def pairs_with(self, opener: _Run) -> bool:
        """Whether it closes what another one opens (CommonMark, rules 9 and 10 of emphasis)."""
        is_two_faced = self.opens or opener.closes
        is_odd = (self.length + opener.length) % 3 == 0 and (self.length % 3 or opener.length % 3)
        return self.character == opener.character and not (self.character != "~" and is_two_faced and is_odd)


def _delimiters(text: str, typed: set[int], escaped: set[int]) -> set[str]:
    """The kinds of emphasis and strikethrough that typed runs would make, or change in a template's."""
    beside = _joined(text, typed)
    runs = list(_runs(text, typed, escaped))
    found = {run.character for run in runs if run.is_typed and run.places & beside}
    return found | {
        kind for kind in "*_~" if kind not in found and _is_paired([r for r in runs if r.character == kind])
    }


def _joined(text: str, typed: set[int]) -> set[int]:
    """The places of typed characters that stand right beside equal ones of a template: together they mean something else."""
    return {
        place
        for place in typed
        if any(
            0 <= beside < len(text) and beside not in typed and text[beside] == text[place] for beside in _beside(place)
        )
    }


def _beside(place: int) -> tuple[int, int]:
    return place - 1, place + 1


def _runs(text: str, typed: set[int], escaped: set[int]) -> Iterator[_Run]:
    masked = "".join("\0" if place in escaped else character for place, character in enumerate(text))
    for found in re.finditer(r"(?<!\\)(?:\*+|_+|~+)", masked):
        for is_typed, start, length in _owners(found, typed):
            before, after = text[start - 1 : start], text[start + length : start + length + 1]
            yield _Run(found[0][0], start, length, is_typed, before, after)


def _owners(found: re.Match[str], typed: set[int]) -> Iterable[tuple[bool, int, int]]:
    """A run's parts, a template's and a person's: whose each is, where it begins, its length."""
    start = found.start()
    for place in range(found.start() + 1, found.end() + 1):
        if place == found.end() or (place in typed) != (start in typed):
            yield start in typed, start, place - start
            start = place


def _flanking(character: str, before: str, after: str) -> tuple[bool, bool]:
    """Whether a run can open and can close, by the characters around it (CommonMark, left- and right-flanking)."""
    is_left = not _is_blank(after) and (not _is_mark(after) or _is_blank(before) or _is_mark(before))
    is_right = not _is_blank(before) and (not _is_mark(before) or _is_blank(after) or _is_mark(after))
    if character != "_":
        return is_left, is_right
    return is_left and (not is_right or _is_mark(before)), is_right and (not is_left or _is_mark(after))


def _is_blank(character: str) -> bool:
    return not character or character.isspace()


def _is_mark(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "PS"


def _is_paired(runs: list[_Run]) -> bool:
    """Whether, of runs of one character, a typed one would pair with any other."""
    openers: list[_Run] = []
    for run in runs:
        run.left = run.length
        while run.left and run.closes and (opener := _opener_of(run, openers)):
            if run.is_typed or opener.is_typed:
                return True
            del openers[openers.index(opener) + 1 :]
            used = min(2, run.left, opener.left)
            run.left, opener.left = run.left - used, opener.left - used
            if not opener.left:
                openers.remove(opener)
        if run.left and run.opens:
            openers.append(run)
    return False


def _opener_of(run: _Run, openers: list[_Run]) -> _Run | None:
    return next((opener for opener in reversed(openers) if run.pairs_with(opener)), None)
