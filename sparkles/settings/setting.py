"""One declaration a setting: its help, its default and its place on the command line."""

from __future__ import annotations

import json
import shlex
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Literal, Self

from sparkles.errors import SettingsError, nearest
from sparkles.settings.conversion import convert, flag

__all__ = [
    "REQUIRED",
    "UNITS",
    "Settings",
    "command_line",
    "options_of",
    "places_of",
    "setting",
    "settings_to_json",
]

REQUIRED = "required"
UNITS = "metavar"
PLACE = "place"


def setting(
    help_text: str,
    default: Any = MISSING,
    metavar: str | None = None,
    *,
    place: Literal["input", "output"] | None = None,
) -> Any:
    """Declare a field with its help; without a default the user must give it.

    Parameters
    ----------
    place
        Whether the value is a path or URI that the command reads or writes.
    """
    notes = {"help": help_text, REQUIRED: default is MISSING, UNITS: metavar, PLACE: place}
    return field(default=None if default is MISSING else default, metadata=notes)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every command takes."""

    master: str | None = setting("Spark master, as local[2] or spark://host:7077", None, "URL")
    quiet: bool = setting("print no progress", False)

    @classmethod
    def create(cls, given: Mapping[str, Any]) -> Self:
        """Build settings from what was given, with clear errors.

        Parameters
        ----------
        given
            Values by field name, as text from a command line or typed from a config file.

        Raises
        ------
        SettingsError
            If a name is unknown, a value does not fit, or a required one is missing.

        Examples
        --------
        >>> from sparkles.settings import PredictSettings
        >>> PredictSettings.create({"model": "m", "images": "photos", "output": "o"}).overwrite
        False
        >>> PredictSettings.create({"model": "m", "images": "photos"})
        Traceback (most recent call last):
        sparkles.errors.SettingsError: --output is missing: folder to write; it must not exist
        >>> PredictSettings.create({"modle": "m"})
        Traceback (most recent call last):
        sparkles.errors.SettingsError: there is no setting 'modle'. Did you mean model?
        """
        known = {option.name: option for option in fields(cls)}
        types_by_name = typing.get_type_hints(cls)
        values = {}
        for name, value in given.items():
            if name not in known:
                raise SettingsError(f"there is no setting {name!r}.{nearest(name, known)}")
            values[name] = convert(name, types_by_name[name], value)
        settings = cls(**values)
        for name, option in known.items():
            if option.metadata.get(REQUIRED) and not getattr(settings, name):
                raise SettingsError(f"{flag(name)} is missing: {option.metadata['help']}")
        return settings


def settings_to_json(settings: Settings) -> dict[str, Any]:
    """Settings as ``run.json`` and a config file have them."""
    values = {option.name: getattr(settings, option.name) for option in fields(settings)}
    plain: dict[str, Any] = json.loads(json.dumps(values))
    return plain


def command_line(command: str, settings: Settings) -> str:
    """What one types for these settings; defaults are left out.

    Examples
    --------
    >>> from sparkles.settings import PredictSettings
    >>> given = {"model": "m", "images": "my photos", "output": "o", "overwrite": True}
    >>> command_line("predict", PredictSettings.create(given))
    "sparkles predict --images 'my photos' --output o --model m --overwrite"
    """
    words = ["sparkles", command]
    for option, _ in options_of(type(settings)):
        value = getattr(settings, option.name)
        if value is True:
            words.append(flag(option.name))
        elif value is not None and value is not False and value != option.default:
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            # What begins with a dash would be taken for an option.
            words += (
                [f"{flag(option.name)}={text}"] if text[:1] == "-" else [flag(option.name), text]
            )
    return shlex.join(words)


def options_of(settings: type[Settings]) -> list[tuple[Field[Any], Any]]:
    """The fields of a command's settings with their types, required ones first."""
    hints = typing.get_type_hints(settings)
    options = sorted(fields(settings), key=lambda option: not option.metadata[REQUIRED])
    return [(option, hints[option.name]) for option in options]


def places_of(settings: Settings, *kinds: str) -> dict[str, str]:
    """The paths and URIs that a command reads (``input``) or writes (``output``), by field name.

    Examples
    --------
    >>> from sparkles.settings import PredictSettings
    >>> given = {"model": "m", "images": "photos", "output": "o"}
    >>> places_of(PredictSettings.create(given), "input")
    {'images': 'photos', 'model': 'm'}
    """
    return {
        option.name: value
        for option in fields(settings)
        if option.metadata[PLACE] in kinds
        and isinstance(value := getattr(settings, option.name), str)
    }
