"""What every Sparkles stage shares: how its Params are set, checked and shown."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from numbers import Real
from typing import Any, Final, Self, TypeVar

from pyspark.ml import Transformer
from pyspark.ml.param import Param, Params

from sparkles.errors import ModelError, SettingsError, nearest
from sparkles.ranges import Range
from sparkles.redaction import redact

__all__ = [
    "NOT_GIVEN",
    "SparklesTransformer",
    "choice",
    "default_params",
    "given_params",
    "optional",
    "text",
    "within",
]

_Value = TypeVar("_Value")


class _NotGiven:
    def __repr__(self) -> str:
        return "<not given>"


# The default of keyword arguments that set nothing unless they are given.
NOT_GIVEN: Final[Any] = _NotGiven()


class SparklesTransformer(Transformer):
    """A Transformer that converts every value it is given, and shows its Params.

    Spark's ``_set``, through which constructors, ``setParams`` and ``copy`` go, stores ``None``
    without asking the Param's converter. Here the converter decides whether ``None`` is a value.
    """

    def __repr__(self) -> str:
        """Show the Params that were set, in the constructor's order. Spark's id is ``uid``.

        Examples
        --------
        >>> from sparkles.ml import DeepImageFeaturizer
        >>> DeepImageFeaturizer(modelName="InceptionV3", inputCol="uri", pooling=None)
        DeepImageFeaturizer(inputCol='uri', modelName='InceptionV3', pooling=None)
        """
        given = {param.name: value for param, value in self._paramMap.items()}
        names = [name for name in _constructor_defaults(type(self)) if name in given]
        names += [name for name in given if name not in names]
        shown = ", ".join(f"{name}={given[name]!r}" for name in names)
        return redact(f"{type(self).__name__}({shown})")

    def set(self, param: Param[Any], value: Any) -> None:
        """Set a Param of this stage.

        Raises
        ------
        SettingsError, ModelError
            If the Param does not accept the value.
        """
        own = self._resolveParam(param)
        try:
            converted = own.typeConverter(value)
        except ModelError:
            raise  # it names the Param, and the nearest networks
        except (TypeError, ValueError) as error:
            raise SettingsError(f"{own.name}: {error}") from error
        self._paramMap[own] = converted

    def _set(self, **params: Any) -> Self:
        for name, value in params.items():
            self.set(self.getParam(name), value)
        return self


def given_params(stage: Params) -> dict[str, Any]:
    """Return the arguments that a ``keyword_only`` method of a stage was called with."""
    return dict(vars(stage)["_input_kwargs"])


def default_params(stage: type) -> dict[str, Any]:
    """Return the defaults of a stage's Params, which its constructor's signature states.

    Examples
    --------
    >>> from sparkles.ml import DeepImageFeaturizer
    >>> default_params(DeepImageFeaturizer)["batchSize"]
    16
    """
    defaults = _constructor_defaults(stage)
    return {name: value for name, value in defaults.items() if value is not NOT_GIVEN}


def _constructor_defaults(stage: type) -> dict[str, Any]:
    parameters = inspect.signature(stage).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters}


def text(value: object) -> str:
    """Convert a Param's value to a string that is not empty."""
    if not isinstance(value, str) or not value:
        raise SettingsError(f"expected a non-empty string, got {value!r}")
    return str(value)


def optional(converter: Callable[[Any], _Value]) -> Callable[[Any], _Value | None]:
    """Make a converter that also accepts ``None``.

    Examples
    --------
    >>> print(optional(text)(None))
    None
    >>> optional(text)("")
    Traceback (most recent call last):
    sparkles.errors.SettingsError: expected a non-empty string, got '' (None is accepted)
    """

    def convert(value: Any) -> _Value | None:
        try:
            return None if value is None else converter(value)
        except SettingsError as error:
            raise SettingsError(f"{error} (None is accepted)") from error

    return convert


def choice(words: type[StrEnum]) -> Callable[[Any], str]:
    """Make a converter that accepts the words of an enumeration, or its members.

    Examples
    --------
    >>> from sparkles.choices import HandleInvalid
    >>> choice(HandleInvalid)(HandleInvalid.KEEP)
    'keep'
    >>> choice(HandleInvalid)("drop")
    Traceback (most recent call last):
    sparkles.errors.SettingsError: expected one of 'error', 'skip', 'keep', got 'drop'
    """

    def convert(value: object) -> str:
        if value not in list(words):
            known = ", ".join(repr(word.value) for word in words)
            near = nearest(value, words) if isinstance(value, str) else ""
            raise SettingsError(f"expected one of {known}, got {value!r}{near and '.' + near}")
        return str(value)

    return convert


def within(accepted: Range) -> Callable[[Any], int]:
    """Make a converter that accepts the whole numbers of a range.

    Examples
    --------
    >>> from sparkles.ranges import BATCH_SIZE
    >>> within(BATCH_SIZE)(16.0)
    16
    >>> within(BATCH_SIZE)(0)
    Traceback (most recent call last):
    sparkles.errors.SettingsError: expected a whole number from 1 to 4,096, got 0
    """

    def convert(value: Any) -> int:
        no_number = isinstance(value, bool) or not isinstance(value, Real)
        if no_number or value % 1 != 0 or int(value) not in accepted:
            raise SettingsError(f"expected {accepted.describe('a whole number')}, got {value!r}")
        return int(value)

    return convert
