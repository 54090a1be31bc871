"""How many Spark tasks a pass over photos is cut into."""

from __future__ import annotations

import math

__all__ = ["MOST_PER_TASK", "count_tasks"]

# Photos in a task: few enough that progress shows and a lost task costs little, many enough that
# Spark's own work per task, some 50 ms, does not show.
_FEWEST_PER_TASK, MOST_PER_TASK = 64, 256
_TASKS_PER_SLOT = 20
_MOST_TASKS = 20_000  # the driver keeps a record of each


def count_tasks(photos: int, slots: int, *, most: int = MOST_PER_TASK) -> int:
    """Return how many tasks to cut a pass over photos into.

    Parameters
    ----------
    photos
        How many photos there are.
    slots
        How many tasks run at the same time.
    most
        The most photos in a task, unless there are more than 20,000 tasks' worth of them.

    Examples
    --------
    >>> count_tasks(41_620, slots=2), count_tasks(41_620, slots=128), count_tasks(3, slots=128)
    (163, 651, 3)
    """
    size = min(max(photos // (_TASKS_PER_SLOT * slots), _FEWEST_PER_TASK), most)
    return min(max(1, min(slots, photos), math.ceil(photos / size)), _MOST_TASKS)
