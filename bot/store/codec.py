"""Domain values as JSON and back, by their own type hints, so that a new field of a value needs no new code here."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from bot.domain.quarter import Quarter

T = TypeVar("T")


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
    return _load(kind, data)  # type: ignore[no-any-return]  # get_type_hints knows more than the checker


def _load(kind: Any, data: Any) -> Any:
    origin = get_origin(kind)
    if data is None:
        return () if origin is tuple else {} if origin is Mapping else None
    if origin in (Union, types.UnionType):
        return _load(next(a for a in get_args(kind) if a is not type(None)), data)
    if origin is not None:
        return _load_collection(origin, get_args(kind), data)
    if kind is Quarter:
        return Quarter.parse(data)
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**{name: _load(hint, data.get(name)) for name, hint in _hints(kind, *data).items()})
    return _load_scalar(kind, data)


def _load_collection(origin: Any, arguments: tuple[Any, ...], data: Any) -> Any:
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_load(arguments[0], item) for item in data)
        return tuple(_load(kind, item) for kind, item in zip(arguments, data, strict=True))
    if origin is frozenset:
        return frozenset(_load(arguments[0], item) for item in data)
    return {_load(arguments[0], key): _load(arguments[1], item) for key, item in data.items()}


def _load_scalar(kind: Any, data: Any) -> Any:
    if kind in (date, datetime, time):
        return kind.fromisoformat(data)
    if kind is Decimal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return kind(data)
    return data


def _hints(kind: type, *given: str) -> dict[str, Any]:
    """The types of the fields to fill: those given, and those that have no default to fall back to."""
    hints = _all_hints(kind)
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    return {name: hint for name, hint in hints.items() if name in needed or name in given}


@cache
def _all_hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
