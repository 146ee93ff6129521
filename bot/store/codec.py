"""Domain values as JSON and back, by their own type hints, so that a new field of a value needs no new code here."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from bot.domain.quarter import Quarter

T = TypeVar("T")

Reader = Callable[[Any], Any]


def dump(value: Any) -> Any:
    """A value as JSON: dataclasses as objects without their empty fields, decimals, dates and quarters as text."""
    if is_dataclass(value) and not isinstance(value, (type, Quarter)):
        given = ((f, getattr(value, f.name)) for f in fields(value))
        return {f.name: dump(v) for f, v in given if not _is_implied(f, v)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): dump(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [dump(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted(dump(v) for v in value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return str(value) if isinstance(value, (Decimal, Quarter)) else value


def _is_implied(of: Field[Any], value: Any) -> bool:
    """Whether a field is empty and is read back as empty when it is left out."""
    is_empty_by_default = of.default is MISSING or not of.default
    return is_empty_by_default and value in (None, (), {})


def load(kind: type[T], data: Any) -> T:
    """The value of a type from its JSON; fields that are absent take their defaults."""
    read: Reader = _reader(kind)  # type: ignore[arg-type]  # a type can be hashed, which the checker doubts
    return read(data)  # type: ignore[no-any-return]  # get_type_hints knows more than the checker


@cache
def _reader(kind: Any) -> Reader:
    """How a type is read. Found once a type: what 1,000 projects said in two years holds some million values."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _unless_none(_reader(next(a for a in arguments if a is not type(None))))
    if origin is not None:
        return _collection_reader(origin, [_reader(a) for a in arguments if a is not Ellipsis], arguments)
    if isinstance(kind, type) and is_dataclass(kind) and kind is not Quarter:
        return _unless_none(_dataclass_reader(kind))
    return _scalar_reader(kind)


def _unless_none(read: Reader) -> Reader:
    return lambda data: None if data is None else read(data)


def _collection_reader(origin: Any, readers: list[Reader], arguments: tuple[Any, ...]) -> Reader:
    """Collections are empty where nothing is given."""
    first = readers[0]
    if origin is tuple and arguments[-1] is Ellipsis:
        return lambda data: tuple(map(first, data or ()))
    if origin is tuple:
        return lambda data: tuple(read(item) for read, item in zip(readers, data, strict=True)) if data else ()
    if origin is frozenset:
        return lambda data: frozenset(map(first, data or ()))
    return lambda data: {first(key): readers[1](item) for key, item in (data or {}).items()}


def _scalar_reader(kind: Any) -> Reader:
    if kind is Quarter:
        return _unless_none(Quarter.parse)
    if kind in (date, datetime, time):
        return _unless_none(kind.fromisoformat)
    if kind is Decimal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return _unless_none(kind)
    return lambda data: data


def _dataclass_reader(kind: type) -> Reader:
    """Reads the fields that are given, and as empty those that have no default to fall back to.

    A plain text is its first field: what was stored before the value had more than its words.
    """
    first = fields(kind)[0].name
    readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}

    def read(data: Any) -> Any:
        data = {first: data} if isinstance(data, str) else data
        given = {name: readers[name](item) for name, item in data.items() if name in readers}
        return kind(**{name: readers[name](None) for name in needed.difference(given)}, **given)

    return read
