"""Looking again and again at what runs on AWS, through lapses of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from sparkles.emr.cluster.aws import error_code
from sparkles.errors import AwsError

__all__ = ["POLL_SECONDS", "look_again"]

POLL_SECONDS = 30.0
_LAPSES = 20  # looks in a row that may fail: ten minutes without a network end no wait
_Seen = TypeVar("_Seen")


def look_again(
    look: Callable[[], _Seen],
    say: Callable[[str], None],
    poll: float,
    sleep: Callable[[float], None],
) -> Iterator[_Seen]:
    """Look without end; the caller stops when it has seen enough.

    Parameters
    ----------
    look
        Asks AWS once.
    say
        Told of looks that failed and may not fail the next time.
    poll
        Seconds between two looks.
    sleep
        How to pass them.

    Raises
    ------
    AwsError
        If AWS refuses, or has not answered twenty times in a row.
    """
    lapses = 0
    while True:
        try:
            seen = look()
            lapses = 0
        except AwsError as error:
            if not _may_pass(error) or (lapses := lapses + 1) > _LAPSES:
                raise
            say(f"EMR did not answer, asking again in {poll:.0f} s: {error}")
        else:
            yield seen
        sleep(poll)


def _may_pass(error: AwsError) -> bool:
    """Whether the next look may succeed: no network, throttling, the service's own trouble."""
    cause = error.__cause__
    response = getattr(cause, "response", None)
    if response is None:
        return type(cause).__name__ != "NoCredentialsError"
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return bool(status >= 500) or error_code(cause) == "ThrottlingException"
