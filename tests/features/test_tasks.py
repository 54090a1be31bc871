"""How the work is cut: few photos a task for small jobs, not too many for large ones."""

from __future__ import annotations

import pytest

from sparkles.features.feature_table import _tasks


@pytest.mark.parametrize(
    ("photos", "slots", "tasks"),
    [
        (0, 2, 2),  # as many as there are slots, at least
        (100, 2, 2),
        (2_000, 2, 32),  # 64 photos each
        (41_620, 2, 163),  # 256 each
        (41_620, 128, 651),  # 64 each: five a slot
        (9_000_000, 128, 20_000),  # all of Open Images: Spark keeps a record of each
    ],
)
def test_work_is_cut_into_tasks(photos: int, slots: int, tasks: int) -> None:
    assert _tasks(photos, slots) == tasks
