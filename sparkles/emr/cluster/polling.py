"""Poll the state of what runs on AWS, and tolerate temporary failures of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from sparkles.emr.cluster.aws import error_code
from sparkles.errors import AwsError

__all__ = ["POLL_SECONDS", "poll"]

POLL_SECONDS = 30.0
_MOST_FAILURES = 20  # in a row: a wait survives ten minutes without a network
_State = TypeVar("_State")


def poll(
    read: Callable[[], _State],
    say: Callable[[str], None],
    interval: float,
    sleep: Callable[[float], None],
) -> Iterator[_State]:
    """Yield one state after another without end; the caller stops the iteration.

    Parameters
    ----------
    read
        Asks AWS for the state once.
    say
        Receives a message for each failure that is tried again.
    interval
        Seconds between two requests.
    sleep
        Waits for a number of seconds.

    Raises
    ------
    AwsError
        If AWS rejects the request, or has not answered 21 times in a row.
    """
    failures = 0
    while True:
        try:
            state = read()
            failures = 0
        except AwsError as error:
            if not _is_temporary(error) or (failures := failures + 1) > _MOST_FAILURES:
                raise
            say(f"EMR did not answer, asking again in {interval:.0f} s: {error}")
        else:
            yield state
        sleep(interval)


def _is_temporary(error: AwsError) -> bool:
    """Return whether another attempt may succeed: no network, throttling, an internal error."""
    from botocore.exceptions import ClientError, NoCredentialsError

    cause = error.__cause__
    if not isinstance(cause, ClientError):
        return not isinstance(cause, NoCredentialsError)
    status = cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return bool(status >= 500) or error_code(cause) == "ThrottlingException"
