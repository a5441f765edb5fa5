"""Frozen dataclasses to canonical JSON and back, without loss and without surprises."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Converter = Callable[[Any], Any]


def dump(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def load(cls: type[T], text: str) -> T:
    """Raise ValueError for a missing, unknown or ill-typed field."""
    return build(cls, json.loads(text))


def build(cls: type[T], values: Any) -> T:
    """The same, of JSON that is parsed already."""
    try:
        kind: Any = cls
        loaded: T = _dataclass_loader(kind)(values)
    except (TypeError, ArithmeticError, KeyError, AttributeError) as error:
        raise ValueError(f"not a {cls.__name__}: {error}") from error
    return loaded


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, (Decimal, date)):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


@lru_cache(maxsize=64)
def _loader(kind: Any) -> _Converter:
    """One converter per type, built once: a long invoice has thousands of values."""
    if isinstance(kind, type) and is_dataclass(kind):
        fields_of: Any = kind
        return _dataclass_loader(fields_of)
    origin = get_origin(kind)
    if origin is tuple:
        item = _loader(get_args(kind)[0])
        return lambda values: tuple(map(item, values))
    if origin in (Union, UnionType):
        inner = _loader(next(arg for arg in get_args(kind) if arg is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is Literal:
        return _literal_loader(get_args(kind))
    if kind is bytes:
        return _decode_base64
    if kind is date:
        return date.fromisoformat
    return Decimal if kind is Decimal else _exact(kind)


@lru_cache(maxsize=64)
def _dataclass_loader(kind: Any) -> _Converter:
    hints = get_type_hints(kind)
    converters = {f.name: _loader(hints[f.name]) for f in fields(kind)}

    def load_fields(values: dict[str, Any]) -> Any:
        return kind(**{name: converters[name](value) for name, value in values.items()})

    return load_fields


def _literal_loader(allowed: tuple[Any, ...]) -> _Converter:
    def load_literal(value: Any) -> Any:
        if value not in allowed:
            raise ValueError(f"{value!r} is none of {allowed}")
        return value

    return load_literal


def _exact(kind: type) -> _Converter:
    def load_exact(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}")
        return value

    return load_exact


def _decode_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
