"""Settings as the command line that gives them."""

from __future__ import annotations

import shlex

from sparkles.settings.base import Settings, options_of

__all__ = ["command_line", "flag"]


def flag(name: str) -> str:
    """Return the flag of a setting.

    Examples
    --------
    >>> flag("class_names")
    '--class-names'
    """
    return "--" + name.replace("_", "-")


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
    for option in options_of(type(settings)):
        value = getattr(settings, option.name)
        if value == option.default or value is None:
            continue
        if isinstance(value, bool):
            words.append(flag(option.name) if value else flag(f"no_{option.name}"))
        else:
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            # A value that begins with a dash would be taken for an option.
            words += (
                [f"{flag(option.name)}={text}"] if text[:1] == "-" else [flag(option.name), text]
            )
    return shlex.join(words)
