"""What every Sparkles stage shares: setters and getters made from its Params."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyspark.ml import Transformer
from pyspark.ml.param import Param

from sparkles.errors import SettingsError

__all__ = ["SparklesTransformer", "choice", "given_keywords", "optional", "positive_int", "text"]


class SparklesTransformer(Transformer):
    """A Transformer whose ``setX`` and ``getX`` follow from its declared Params.

    Subclasses declare Params as class attributes, as Spark ML does; a setter or getter that a
    class (or a mixin of Spark's) defines itself stays as it is.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in dir(cls):
            if isinstance(param := getattr(cls, name, None), Param):
                suffix = param.name[0].upper() + param.name[1:]
                _define(cls, f"set{suffix}", _setter(param))
                _define(cls, f"get{suffix}", _getter(param))


def _define(cls: type, name: str, method: Callable[..., Any]) -> None:
    if not hasattr(cls, name):
        method.__name__ = name
        method.__qualname__ = f"{cls.__qualname__}.{name}"
        setattr(cls, name, method)


def _setter(param: Param[Any]) -> Callable[..., Any]:
    def set_param(self: SparklesTransformer, value: Any) -> SparklesTransformer:
        # Not _set(), which lets None pass by the converter.
        self.set(self.getParam(param.name), value)
        return self

    set_param.__doc__ = f"Set ``{param.name}``: {param.doc}"
    return set_param


def _getter(param: Param[Any]) -> Callable[..., Any]:
    def get_param(self: SparklesTransformer) -> Any:
        return self.getOrDefault(self.getParam(param.name))

    get_param.__doc__ = f"The value of ``{param.name}``: {param.doc}"
    return get_param


def given_keywords(stage: Any) -> dict[str, Any]:
    """The arguments that a ``keyword_only`` method of a stage was called with."""
    return dict(stage._input_kwargs)


def text(value: Any) -> str:
    """Convert a Param value to a string, refusing what is none."""
    if not isinstance(value, str) or not value:
        raise TypeError(f"expected a non-empty string, got {value!r}")
    return value


def optional(converter: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let a Param be None, too."""
    return lambda value: None if value is None else converter(value)


def choice(*allowed: str) -> Callable[[Any], str]:
    """Convert a Param value to one of a few words.

    Examples
    --------
    >>> choice("avg", "max")("mean")
    Traceback (most recent call last):
    sparkles.errors.SettingsError: expected one of 'avg', 'max', got 'mean'
    """

    def convert(value: Any) -> str:
        if value not in allowed:
            words = ", ".join(repr(str(word)) for word in allowed)
            raise SettingsError(f"expected one of {words}, got {value!r}")
        return str(value)

    return convert


def positive_int(value: Any) -> int:
    """Convert a Param value to a whole number above zero."""
    if isinstance(value, bool) or int(value) != value or value < 1:
        raise SettingsError(f"expected a whole number above 0, got {value!r}")
    return int(value)
