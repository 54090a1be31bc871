"""Overlap in order: start work early, take its results in turn, never hold more than a window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from typing import Any, Protocol, TypeVar

__all__ = ["chunks", "prefetch"]

_Item = TypeVar("_Item")
_Result_co = TypeVar("_Result_co", covariant=True)
_Result = TypeVar("_Result")


class _Pending(Protocol[_Result_co]):
    def result(self) -> _Result_co: ...
    def cancel(self) -> Any: ...


def prefetch(
    start: Callable[[_Item], _Pending[_Result]], items: Iterable[_Item], window: int
) -> Generator[_Result, None, None]:
    """Start work on each item, and give the results in the items' order.

    Parameters
    ----------
    start
        Begins the work on an item, as an executor's ``submit`` does.
    items
        Drawn no faster than the window has room.
    window
        How many items are under way at most. What was started and is not wanted any more, because
        the caller stopped or an item failed, is cancelled.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as threads:
    ...     list(prefetch(lambda n: threads.submit(pow, n, 2), range(5), window=3))
    [0, 1, 4, 9, 16]
    """
    pending: deque[_Pending[_Result]] = deque()
    try:
        for item in items:
            pending.append(start(item))
            if len(pending) >= window:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for work in pending:
            work.cancel()


def chunks(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Gather items into lists of a size; the last may be shorter.

    Examples
    --------
    >>> list(chunks("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
