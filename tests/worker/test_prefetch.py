"""Prefetching: in order, bounded, and cancelled when its results are not wanted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkles.worker.prefetch import chunks, prefetch


class Work:
    """Work that records what happens to it."""

    def __init__(self, item: int, journal: list[str]) -> None:
        self.item, self.journal = item, journal
        journal.append(f"start {item}")

    def result(self) -> int:
        if self.item < 0:
            raise ValueError(self.item)
        self.journal.append(f"result {self.item}")
        return self.item

    def cancel(self) -> None:
        self.journal.append(f"cancel {self.item}")


@given(items=st.lists(st.integers(0, 9), max_size=30), window=st.integers(1, 8))
def test_results_come_in_order_and_the_window_bounds_the_work(
    items: list[int], window: int
) -> None:
    journal: list[str] = []
    running = most = 0
    results = []
    for result in prefetch(lambda item: Work(item, journal), items, window):
        results.append(result)
    for line in journal:
        running += 1 if line.startswith("start") else -1
        most = max(most, running)
    assert results == items
    assert most <= window
    assert not any("cancel" in line for line in journal)


def test_no_item_is_read_before_the_window_has_room() -> None:
    drawn = []

    def items() -> Iterator[int]:
        for item in range(100):
            drawn.append(item)
            yield item

    results = prefetch(lambda item: Work(item, []), items(), 3)
    assert next(results) == 0
    assert drawn == [0, 1, 2]


def test_work_is_cancelled_when_the_caller_stops() -> None:
    journal: list[str] = []
    results = prefetch(lambda item: Work(item, journal), range(9), 3)
    next(results)
    results.close()
    assert journal[-2:] == ["cancel 1", "cancel 2"]


def test_a_failure_cancels_the_work_started_after_it() -> None:
    journal: list[str] = []
    with pytest.raises(ValueError, match="-1"):
        list(prefetch(lambda item: Work(item, journal), [0, -1, 2, 3], 2))
    assert journal == ["start 0", "start -1", "result 0", "start 2", "cancel 2"]


def test_work_runs_at_the_same_time() -> None:
    """Each of three jobs waits until all three run; one at a time, none would end."""
    together = threading.Barrier(3, timeout=600)
    with ThreadPoolExecutor(3) as threads:
        results = prefetch(lambda item: threads.submit(together.wait), range(3), 3)
        assert sorted(results) == [0, 1, 2]


@given(items=st.lists(st.integers(), max_size=40), size=st.integers(1, 9))
def test_chunks_keep_every_item_in_order(items: list[int], size: int) -> None:
    parts = list(chunks(items, size))
    assert [item for part in parts for item in part] == items
    assert all(len(part) == size for part in parts[:-1])
    assert not parts or 1 <= len(parts[-1]) <= size
