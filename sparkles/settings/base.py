"""The base of everything that users choose."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from typing import Any, ClassVar, Self, dataclass_transform

from sparkles.errors import SettingsError, UserError, nearest, problems_of, raise_together
from sparkles.settings.conversion import convert, number_word
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
        """Raise an error for values that are wrong whatever the input."""
        raise_together(self.find_problems())

    def find_problems(self) -> list[UserError]:
        """Return what is wrong with the values whatever the input; subclasses add to it.

        Here it is every number outside its range.
        """
        return [
            SettingsError(
                f"{option.name}: expected {option.within.describe(number_word(option.kind))}, got "
                f"{value}",
                settings=[option.name],
            )
            for option in options_of(type(self))
            if option.within
            and (value := getattr(self, option.name)) not in (None, "")  # a draft has '' for none
            and value not in option.within
        ]

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
        ProblemsError
            If there are several such problems.

        Examples
        --------
        >>> from sparkles.settings import PredictSettings
        >>> PredictSettings.create({"model": "m", "images": "photos", "output": "o"}).overwrite
        False
        >>> PredictSettings.create({"model": "m", "images": "photos"})
        Traceback (most recent call last):
        sparkles.errors.SettingsError: output is missing: folder to write; it must not exist
        >>> PredictSettings.create({"modle": "m", "images": "photos", "output": "o"})
        Traceback (most recent call last):
        sparkles.errors.ProblemsError: 2 problems:
          1. there is no setting 'modle'. Did you mean model?
          2. model is missing: saved model, for example runs/demo/model
        """
        settings, problems = cls.draft(given)
        raise_together(problems)
        return settings

    @classmethod
    def draft(cls, given: Mapping[str, Any]) -> tuple[Self, list[UserError]]:
        """Build settings of the values that fit, and list what is wrong with the others.

        The defaults stand for values that do not fit, and empty ones where there is no default, so
        that the other settings can be checked too. See :meth:`create`, which raises the problems.

        Examples
        --------
        >>> from sparkles.settings import PredictSettings
        >>> settings, problems = PredictSettings.draft({"images": "photos", "quiet": 3})
        >>> settings.images, [str(problem) for problem in problems][0]
        ('photos', 'quiet: expected true or false, got 3')
        """
        known = {option.name: option for option in options_of(cls)}
        values: dict[str, Any] = {}
        problems: list[UserError] = []
        wrong = set()
        for given_name, value in given.items():
            # A word that Python reserves has an underscore behind it.
            name = given_name if given_name in known else f"{given_name}_"
            if name not in known:
                text = f"there is no setting {given_name!r}.{nearest(given_name, known)}"
                problems.append(SettingsError(text))
                continue
            alone = known[name].repeated and isinstance(value, str)
            try:
                values[name] = convert(name, known[name].kind, [value] if alone else value)
            except SettingsError as error:
                problems.append(error)
                wrong.add(name)
        for name, option in known.items():
            if option.required and values.get(name) in (None, "", ()):
                empty: Any = () if typing.get_origin(option.kind) is tuple else ""
                values[name] = empty
                if name not in wrong:
                    text = f"{name} is missing: {option.help}"
                    problems.append(SettingsError(text, settings=[name]))
        try:
            return cls(**values), problems
        except UserError as error:  # values that fit on their own, but not together
            return cls._unchecked(values), [*problems, *problems_of(error)]

    @classmethod
    def _unchecked(cls, values: Mapping[str, Any]) -> Self:
        settings = object.__new__(cls)
        for each in fields(cls):
            object.__setattr__(settings, each.name, values.get(each.name, each.default))
        return settings


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
