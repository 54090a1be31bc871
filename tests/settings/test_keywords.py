"""The keywords for type checkers are the settings, with the types that Python users give."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

import pytest

import sparkles
from sparkles import interface, settings
from sparkles.settings import keywords
from sparkles.settings.base import options_of

FUNCTIONS = {name: getattr(interface, name) for name in interface.__all__}
# For names with a comma on the command line; in Python, a list has them.
ONLY_ON_THE_COMMAND_LINE = {"class_"}


def settings_of(name: str) -> type[settings.Settings]:
    return getattr(settings, f"{name.capitalize()}Settings")


def keywords_of(name: str) -> type:
    return getattr(keywords, f"{name.capitalize()}Keywords", keywords.PhotoKeywords)


def given(kind: Any) -> Any:
    """The type that users give for a setting of this type."""
    if kind == tuple[str, ...]:
        return str | Sequence[str]
    return str if isinstance(kind, type) and issubclass(kind, StrEnum) else kind


def own_parameters(function: Callable[..., object]) -> set[str]:
    code = inspect.unwrap(function).__code__
    return set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]) - {"spark"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_keywords_are_the_settings(name: str) -> None:
    own = own_parameters(FUNCTIONS[name])
    options = {option.name: option.kind for option in options_of(settings_of(name))}
    assert own <= options.keys()
    left = options.keys() - own - ONLY_ON_THE_COMMAND_LINE
    expected = {option: given(options[option]) for option in left}
    found = typing.get_type_hints(keywords_of(name))
    assert found == expected, "add new settings to sparkles/settings/keywords.py"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_signature_and_help_have_every_setting(name: str) -> None:
    function = getattr(sparkles, name)
    shown = inspect.signature(function).parameters
    assert all(one.kind is not one.VAR_KEYWORD for one in shown.values())
    documented = inspect.getdoc(function) or ""
    for option in options_of(settings_of(name)):
        if option.name not in keywords_of(name).__annotations__ or option.name not in shown:
            continue
        assert shown[option.name].default == option.default
        assert f"\n{option.name} : " in documented
        assert option.help in documented
    assert shown.keys() - {"spark"} == own_parameters(function) | set(
        typing.get_type_hints(keywords_of(name))
    )
