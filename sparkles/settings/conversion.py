"""Convert text from a command line, and values from a config file, to the type of a field."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Union

from sparkles.errors import SettingsError, nearest

__all__ = ["convert", "number_word"]


def convert(name: str, kind: Any, value: Any) -> Any:
    """Convert a value that a user gave to the type of a setting.

    Raises
    ------
    SettingsError
        If it does not fit.

    Examples
    --------
    >>> convert("classes", tuple[str, ...], "Car, Tree")
    ('Car', 'Tree')
    >>> convert("seed", int, "many")
    Traceback (most recent call last):
    sparkles.errors.SettingsError: seed: expected a whole number, got 'many'
    """
    if value is None and type(None) in typing.get_args(kind):
        return None
    if typing.get_origin(kind) in (Union, types.UnionType):
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    try:
        if typing.get_origin(kind) is tuple:
            return _words(value)
        return _scalar(kind, value)
    except (ValueError, TypeError) as error:
        expected, hint = _describe(kind, value)
        raise SettingsError(
            f"{name}: expected {expected}, got {value!r}{hint}", settings=[name]
        ) from error


def _words(value: Any) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, Sequence):
        raise TypeError(value)
    # Without the check, str() would make the class None or True of a null or YAML's yes.
    texts = [_scalar(str, word).strip() for word in words]
    return tuple(text for text in texts if text)


def _scalar(kind: Any, value: Any) -> Any:
    if kind is bool:
        if not isinstance(value, bool):
            raise TypeError(value)
        return value
    if value is None or isinstance(value, bool | list | dict):
        raise TypeError(value)
    if kind is int and isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    return kind(value)


def number_word(kind: Any) -> str:
    """Return what an error message calls a number of a field's type.

    Examples
    --------
    >>> number_word(int), number_word(float | None)
    ('a whole number', 'a number')
    """
    return "a whole number" if kind is int or int in typing.get_args(kind) else "a number"


def _describe(kind: Any, value: Any) -> tuple[str, str]:
    """What was expected, and the nearest choice to what came."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        near = nearest(value, kind) if isinstance(value, str) else ""
        return " or ".join(kind), near and f".{near}"
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return names.get(kind, "a list, for example A,B"), ""
