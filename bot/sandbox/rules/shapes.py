"""The small vocabulary in which every rule of Slack is written: a check walks a JSON value and yields its faults."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple


class Fault(NamedTuple):
    """One thing wrong with a JSON value: where (JSON pointer) and what, in Slack's wording."""

    pointer: str
    message: str


class Problem(NamedTuple):
    """A fault together with the error code with which Slack refuses the whole call.

    `error` is Slack's own code (`invalid_blocks`, `msg_too_long`, …), `pointer` a JSON pointer into the
    checked value ("" for the whole of it), `message` says what is wrong there.
    """

    error: str
    pointer: str
    message: str


Check = Callable[[Any, str], Iterator[Fault]]


def length(text: str) -> int:
    """Count characters the stricter of the two possible ways: an emoji outside the basic plane counts two.

    Slack does not publish its counting unit; what passes here passes either way.
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def string(high: int, low: int = 1, pattern: str | None = None) -> Check:
    """Text of `low` to `high` characters, wholly matching `pattern` where one is given."""

    def check(value: Any, at: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(at, "must provide a string")
        elif length(value) < low:
            yield Fault(at, f"must be more than {low - 1} characters")
        elif length(value) > high:
            yield Fault(at, f"must be less than {high + 1} characters")
        elif pattern is not None and not re.fullmatch(pattern, value):
            yield Fault(at, f"failed to match required pattern: {pattern}")

    return check


def boolean(value: Any, at: str) -> Iterator[Fault]:
    """true or false, nothing that merely looks like it."""
    if not isinstance(value, bool):
        yield Fault(at, "must provide a boolean")


def integer(low: int, high: int) -> Check:
    """A whole number of `low` to `high`."""

    def check(value: Any, at: str) -> Iterator[Fault]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Fault(at, "must provide a number")
        elif not low <= value <= high:
            yield Fault(at, f"must be between {low} and {high}")

    return check


def one_of(*allowed: object) -> Check:
    """Exactly one of the given values."""

    def check(value: Any, at: str) -> Iterator[Fault]:
        if value not in allowed or isinstance(value, bool):
            yield Fault(at, f"must be one of: {', '.join(map(str, allowed))}")

    return check


def listing(of: Check, high: int, low: int = 1) -> Check:
    """An array of `low` to `high` items, each passing `of`."""

    def check(value: Any, at: str) -> Iterator[Fault]:
        if not isinstance(value, list | tuple):
            yield Fault(at, "must provide an array")
            return
        if len(value) < low:
            yield Fault(at, f"no fewer than {low} items allowed")
        if len(value) > high:
            yield Fault(at, f"no more than {high} items allowed")
        for position, item in enumerate(value):
            yield from of(item, f"{at}/{position}")

    return check


def record(
    required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, rules: Sequence[Check] = ()
) -> Check:
    """An object with these fields and no others; `rules` look at the whole of it once its fields are sound."""
    known = {**required, **(optional or {})}

    def fields(value: Mapping[str, Any], at: str) -> Iterator[Fault]:
        for name in required:
            if name not in value:
                yield Fault(at, f"missing required field: {name}")
        for name, item in value.items():
            if name not in known:
                yield Fault(f"{at}/{name}", f"invalid additional property: {name}")
            else:
                yield from known[name](item, f"{at}/{name}")

    def check(value: Any, at: str) -> Iterator[Fault]:
        if not isinstance(value, Mapping):
            yield Fault(at, "must provide an object")
            return
        faults = list(fields(value, at))
        yield from faults or (fault for rule in rules for fault in rule(value, at))

    return check


def kind(
    name: str,
    required: Mapping[str, Check] | None = None,
    optional: Mapping[str, Check] | None = None,
    rules: Sequence[Check] = (),
) -> Check:
    """A record whose `type` is `name`."""
    return record({"type": one_of(name), **(required or {})}, optional, rules)


def tagged(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` says which of `kinds` checks it; any other type is refused."""

    def check(value: Any, at: str) -> Iterator[Fault]:
        if not isinstance(value, Mapping):
            yield Fault(at, "must provide an object")
            return
        name = value.get("type")
        if isinstance(name, str) and name in kinds:
            yield from kinds[name](value, at)
        else:
            yield Fault(f"{at}/type", f"unsupported type: {name}")

    return check


def exactly_one(*names: str) -> Check:
    """A rule: the object has one of these fields, not none and not several."""

    def check(value: Mapping[str, Any], at: str) -> Iterator[Fault]:
        if sum(name in value for name in names) != 1:
            yield Fault(at, f"must have exactly one of: {', '.join(names)}")

    return check


def at_least_one(*names: str) -> Check:
    """A rule: the object has one of these fields or several."""

    def check(value: Mapping[str, Any], at: str) -> Iterator[Fault]:
        if not any(name in value for name in names):
            yield Fault(at, f"must have at least one of: {', '.join(names)}")

    return check


def repeated(values: Iterable[tuple[str, str]], what: str) -> Iterator[Fault]:
    """Fault every value seen before; `values` are (value, pointer) pairs."""
    seen: set[str] = set()
    for value, pointer in values:
        if value in seen:
            yield Fault(pointer, f"`{what}` must be unique: {value}")
        seen.add(value)
