"""The base of everything that users choose."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from typing import Any, ClassVar, Self, dataclass_transform

from sparkles.errors import SettingsError, nearest
from sparkles.settings.conversion import convert
from sparkles.settings.option import Option, setting

__all__ = ["Settings", "options_of", "places_of", "settings_to_json"]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(setting,))
class Settings:
    """Base of everything that users choose; each subclass is a frozen dataclass.

    The fields of a subclass are declared by :func:`~sparkles.settings.option.setting`, and their
    values are given by keyword. A field without a default is required.

    Attributes
    ----------
    section
        The heading under which help texts list the fields that a class declares itself.

    Examples
    --------
    >>> from sparkles.settings import PredictSettings
    >>> PredictSettings(model="runs/demo/model", images="photos", output="out").overwrite
    False
    >>> PredictSettings(model="runs/demo/model", images="photos")
    Traceback (most recent call last):
    TypeError: PredictSettings.__init__() missing 1 required keyword-only argument: 'output'
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    section: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True)(cls)

    def __post_init__(self) -> None:
        """Check values that are wrong whatever the input; subclasses call ``super()``'s."""

    @classmethod
    def create(cls, given: Mapping[str, Any]) -> Self:
        """Build settings from text or loosely typed values, with clear errors.

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
        sparkles.errors.SettingsError: output is missing: folder to write; it must not exist
        >>> PredictSettings.create({"modle": "m"})
        Traceback (most recent call last):
        sparkles.errors.SettingsError: there is no setting 'modle'. Did you mean model?
        """
        known = {option.name: option for option in options_of(cls)}
        values = {}
        for given_name, value in given.items():
            # A word that Python reserves has an underscore behind it.
            name = given_name if given_name in known else f"{given_name}_"
            if name not in known:
                raise SettingsError(
                    f"there is no setting {given_name!r}.{nearest(given_name, known)}"
                )
            alone = known[name].repeated and isinstance(value, str)
            values[name] = convert(name, known[name].kind, [value] if alone else value)
        for name, option in known.items():
            if option.required and not values.get(name):
                raise SettingsError(f"{name} is missing: {option.help}", settings=[name])
        return cls(**values)


def options_of(settings: type[Settings]) -> list[Option]:
    """Return the options of a class of settings: required ones first, then a command's own.

    Examples
    --------
    >>> from sparkles.settings import PredictSettings
    >>> [option.name for option in options_of(PredictSettings)][:4]
    ['model', 'images', 'output', 'list_images']
    """
    declared = {field.name: field for field in fields(settings)}
    kinds = typing.get_type_hints(settings)
    bases = [base for base in settings.__mro__ if issubclass(base, Settings)]
    names = {base: [n for n in inspect.get_annotations(base) if n in declared] for base in bases}
    # A field belongs to the class that declares it first, also where a subclass declares it again.
    owners = {name: base for base in bases for name in names[base]}
    options = [
        Option.of(declared[name], kinds[name], vars(base).get("section", ""))
        for base in bases
        for name in names[base]
        if owners[name] is base
    ]
    return sorted(options, key=lambda option: not option.required)


def settings_to_json(settings: Settings) -> dict[str, Any]:
    """Return settings as ``run.json`` and config files have them."""
    values = {option.name: getattr(settings, option.name) for option in fields(settings)}
    plain: dict[str, Any] = json.loads(json.dumps(values))
    return plain


def places_of(settings: Settings, *kinds: str) -> dict[str, str]:
    """Return the paths and URIs that a command reads or writes, by field name.

    Parameters
    ----------
    kinds
        ``input``, ``output`` or both.

    Examples
    --------
    >>> from sparkles.settings import PredictSettings
    >>> settings = PredictSettings(model="m", images="photos", output="o")
    >>> places_of(settings, "input")
    {'model': 'm', 'images': 'photos'}
    """
    return {
        option.name: value
        for option in options_of(type(settings))
        if option.place in kinds and isinstance(value := getattr(settings, option.name), str)
    }
