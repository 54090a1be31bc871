"""Show the settings of a function in its signature and its help."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from sparkles.settings import Settings
from sparkles.settings.base import options_of
from sparkles.settings.option import Option

__all__ = ["shows_settings"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def shows_settings(settings: type[Settings], keywords: type) -> Callable[[_Function], _Function]:
    """Give a function that takes settings as ``**settings`` a signature and a help that list them.

    Parameters
    ----------
    settings
        Has the help and the defaults.
    keywords
        A class of :mod:`sparkles.settings.keywords`: which of the settings are keywords.

    Examples
    --------
    >>> from sparkles.settings import PredictSettings
    >>> from sparkles.settings.keywords import PredictKeywords
    >>> @shows_settings(PredictSettings, PredictKeywords)
    ... def guess(images: str, **settings: object) -> None:
    ...     '''Guess.'''
    >>> list(inspect.signature(guess).parameters)[:3]
    ['images', 'list_images', 'requester_pays']
    >>> [line for line in (guess.__doc__ or "").splitlines() if "overwrite" in line]
    ['overwrite : bool, default False']
    """
    shown = [option for option in options_of(settings) if option.name in keywords.__annotations__]

    def show(function: _Function) -> _Function:
        signature = inspect.signature(function)
        own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
        parameters = [*own, *map(_parameter, shown)]
        vars(function)["__signature__"] = signature.replace(parameters=parameters)
        if function.__doc__:
            text = inspect.cleandoc(function.__doc__)
            function.__doc__ = "\n".join([text, "", "Settings", "--------", *map(_help, shown)])
        return function

    return show


def _parameter(option: Option) -> inspect.Parameter:
    return inspect.Parameter(
        option.name, inspect.Parameter.KEYWORD_ONLY, default=option.default, annotation=option.kind
    )


def _help(option: Option) -> str:
    kind = option.kind.__name__ if isinstance(option.kind, type) else str(option.kind)
    default = getattr(option.default, "value", option.default)  # of an enumeration, its word
    return f"{option.name} : {kind}, default {default!r}\n    {option.help}"
