"""Retry requests, with growing waits, while a storage is busy or breaks off."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

__all__ = ["ATTEMPTS", "retry"]

ATTEMPTS = 6
_FIRST_WAIT = 0.2  # seconds; each further wait is drawn from a range twice as long
_LONGEST_WAIT = 10.0

_Answer = TypeVar("_Answer")


def retry(ask: Callable[[], _Answer], errors: tuple[type[BaseException], ...]) -> _Answer:
    """Call a function until it succeeds, at most six times.

    Parameters
    ----------
    ask
        The function.
    errors
        The exceptions after which it is called again; the last one is raised.

    Examples
    --------
    >>> answers = iter([ConnectionResetError(), b"photo"])
    >>> def ask():
    ...     answer = next(answers)
    ...     if isinstance(answer, Exception):
    ...         raise answer
    ...     return answer
    >>> retry(ask, (OSError,))
    b'photo'
    """
    # The waits are random, so that a thousand throttled workers do not return at the same time.
    attempts = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT),
        retry=retry_if_exception_type(errors),
        reraise=True,
    )
    return attempts(ask)
