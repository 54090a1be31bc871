"""Overlap work in order: start it early, take its results in turn, hold at most a window of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

__all__ = ["chunks", "prefetch"]

_Item = TypeVar("_Item")
_Result_co = TypeVar("_Result_co", covariant=True)
_Result = TypeVar("_Result")


class _Pending(Protocol[_Result_co]):
    def result(self) -> _Result_co: ...
    def cancel(self) -> object: ...


def prefetch(
    start: Callable[[_Item], _Pending[_Result]], items: Iterable[_Item], window: int
) -> Generator[_Result, None, None]:
    """Start work on each item, and yield the results in the items' order.

    Parameters
    ----------
    start
        Starts the work on an item, like an executor's ``submit``.
    items
        An item is read when the window has room for it.
    window
        The most items in progress. If the caller stops or an item fails, the items in progress
        are cancelled.

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
    """Group items into lists of a given size; the last may be shorter.

    Examples
    --------
    >>> list(chunks("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
