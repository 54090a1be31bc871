"""Text from a command line and values from a config file become what a field says."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Union

from sparkles.errors import SettingsError

__all__ = ["convert", "flag"]


def flag(name: str) -> str:
    """How a setting is called on the command line.

    Examples
    --------
    >>> flag("class_names")
    '--class-names'
    """
    return "--" + name.replace("_", "-")


def convert(name: str, kind: Any, value: Any) -> Any:
    """Make a value of a field's type of what a user gave.

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
    sparkles.errors.SettingsError: --seed: expected a whole number, got 'many'
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
        raise SettingsError(f"{flag(name)}: expected {_describe(kind)}, got {value!r}") from error


def _words(value: Any) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, Sequence):
        raise TypeError(value)
    # Through str() a null or YAML's yes would become the class None or True.
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


def _describe(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " or ".join(kind)
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return names.get(kind, "a list, as A,B")
