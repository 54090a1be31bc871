"""Settings as the command line that gives them."""

from __future__ import annotations

import shlex
from typing import Any

from sparkles.settings.base import Settings, options_of

__all__ = ["command_line", "flag"]


def flag(name: str) -> str:
    """Return the flag of a setting.

    Examples
    --------
    >>> flag("class_names"), flag("class_")
    ('--class-names', '--class')
    """
    return "--" + name.rstrip("_").replace("_", "-")


def command_line(command: str, settings: Settings) -> str:
    """Return what a user types to get these settings; defaults are left out.

    Examples
    --------
    >>> from sparkles.settings import PredictSettings
    >>> settings = PredictSettings(model="m", images="my photos", output="o", overwrite=True)
    >>> command_line("predict", settings)
    "sparkles predict --model m --images 'my photos' --output o --overwrite"
    """
    words = ["sparkles", *command.split()]
    values = _as_given(settings)
    for option in options_of(type(settings)):
        value = values[option.name]
        if value == option.default or value is None:
            continue
        if isinstance(value, bool):
            words.append(flag(option.name) if value else flag(f"no_{option.name}"))
        elif option.repeated and isinstance(value, tuple):
            words += [word for text in value for word in _option(option.name, text)]
        else:
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            words += _option(option.name, text)
    return shlex.join(words)


def _as_given(settings: Settings) -> dict[str, Any]:
    """Return the values by name; classes with a comma become classes that are given one by one."""
    values = {option.name: getattr(settings, option.name) for option in options_of(type(settings))}
    if "class_" in values and any("," in name for name in values["classes"]):
        listed = tuple(name for name in values["classes"] if name.startswith("@"))
        single = tuple(name for name in values["classes"] if not name.startswith("@"))
        values |= {"classes": listed, "class_": single + values["class_"]}
    return values


def _option(name: str, text: str) -> list[str]:
    # A value that begins with a dash would be taken for an option.
    return [f"{flag(name)}={text}"] if text[:1] == "-" else [flag(name), text]
