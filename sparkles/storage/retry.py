"""Retry requests, with growing waits, while a storage is busy or breaks off."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

__all__ = ["ATTEMPTS", "FEW_ATTEMPTS", "retry"]

ATTEMPTS = 30  # about four minutes of waiting
FEW_ATTEMPTS = 6  # some seconds, where somebody waits for the answer
_MOST_SECONDS = 300.0  # no attempt begins later, however long the earlier ones took
_FIRST_WAIT = 0.2  # seconds; each further wait is drawn from a range twice as long
_LONGEST_WAIT = 20.0

_Answer = TypeVar("_Answer")


def retry(
    ask: Callable[[], _Answer],
    errors: tuple[type[BaseException], ...],
    attempts: Callable[[BaseException], int] = lambda _: ATTEMPTS,
) -> _Answer:
    """Call a function until it succeeds, for minutes.

    Parameters
    ----------
    ask
        The function.
    errors
        The exceptions after which it is called again; the last one is raised.
    attempts
        After how many calls to give up, if the last of them raised this error.

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

    def stop(state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        late = (state.seconds_since_start or 0.0) >= _MOST_SECONDS
        return late or (error is not None and state.attempt_number >= attempts(error))

    # The waits are drawn from zero upwards, so that a thousand throttled workers do not return at
    # the same time.
    retrying = Retrying(
        stop=stop,
        wait=wait_random_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT),
        retry=retry_if_exception_type(errors),
        reraise=True,
    )
    return retrying(ask)
