"""How a pass over photos is cut into tasks, and which tables are spread over them."""

from __future__ import annotations

import pytest

from sparkles.spark.tasks import count_tasks


@pytest.mark.parametrize(
    ("photos", "slots", "tasks"),
    [
        (0, 2, 1),
        (1, 128, 1),  # no task without a photo
        (100, 2, 2),
        (2_000, 2, 32),  # 64 photos each
        (41_620, 2, 163),  # 256 each
        (41_620, 128, 651),  # 64 each: five a slot
        (9_000_000, 128, 20_000),  # all of Open Images: Spark keeps a record of each
    ],
)
def test_tasks_have_few_photos_in_small_jobs_and_more_in_large_ones(
    photos: int, slots: int, tasks: int
) -> None:
    assert count_tasks(photos, slots) == tasks
