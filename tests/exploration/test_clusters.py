"""Clusters of classes, by hand and against SciPy's own average linkage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from sparkles.exploration.clusters import cluster_classes

# Places 0 and 2 are near, 1 and 3 less so, and the two pairs are far apart.
JACCARD = np.array(
    [[1.0, 0.0, 0.8, 0.1], [0.0, 1.0, 0.2, 0.6], [0.8, 0.2, 1.0, 0.1], [0.1, 0.6, 0.1, 1.0]]
)


def test_average_linkage_by_hand() -> None:
    found = cluster_classes(JACCARD)
    assert sorted(map(int, found.merges[0, :2])) == [0, 2]
    assert sorted(map(int, found.merges[1, :2])) == [1, 3]
    # The mean over the four pairs: 1 - (0 + 0.1 + 0.2 + 0.1) / 4.
    assert found.merges[:, 2] == pytest.approx([0.2, 0.4, 0.9])
    assert found.merges[:, 3].tolist() == [2, 2, 4]


def test_neighbours_in_the_order_are_near() -> None:
    order = cluster_classes(JACCARD).order
    assert sorted(order) == [0, 1, 2, 3]
    assert abs(order.index(0) - order.index(2)) == 1
    assert abs(order.index(1) - order.index(3)) == 1


def test_input_is_not_changed() -> None:
    before = JACCARD.copy()
    cluster_classes(JACCARD)
    assert np.array_equal(JACCARD, before)


def test_classes_that_are_never_together_are_at_distance_1() -> None:
    found = cluster_classes(np.eye(3))
    assert found.merges[:, 2].tolist() == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=10, max_size=10))
def test_distances_are_those_of_scipy(values: list[float]) -> None:
    jaccard = 1 - squareform(np.array(values))
    expected = hierarchy.average(squareform(1 - jaccard, checks=False))
    found = cluster_classes(jaccard)
    assert np.sort(found.merges[:, 2]) == pytest.approx(np.sort(expected[:, 2]))
