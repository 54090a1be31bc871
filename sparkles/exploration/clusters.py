"""Hierarchical clusters of classes that are often in the same images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Clusters", "cluster_classes"]


@dataclass(frozen=True)
class Clusters:
    """The dendrogram of the classes.

    Attributes
    ----------
    merges
        SciPy's linkage matrix, (classes - 1) × 4: the two clusters that are merged, their distance,
        and how many classes the new cluster has.
    order
        The places of the classes in the order of the leaves: neighbours are near.
    """

    merges: npt.NDArray[np.float64]
    order: list[int]


def cluster_classes(jaccard: npt.NDArray[np.float64]) -> Clusters:
    """Merge the nearest clusters until one is left.

    The distance of two classes is ``1 - jaccard``; that of two clusters is the mean over all pairs
    of their classes (average linkage, UPGMA: Sokal and Michener 1958).

    Parameters
    ----------
    jaccard
        Classes × classes, symmetric, ones on the diagonal; at least two classes.

    Examples
    --------
    >>> found = cluster_classes(np.array([[1, 0.0, 0.9], [0.0, 1, 0.1], [0.9, 0.1, 1]]))
    >>> found.merges[:, 2].round(2).tolist()
    [0.1, 0.95]
    """
    from scipy.cluster import hierarchy
    from scipy.spatial.distance import squareform

    distance = 1.0 - jaccard
    np.fill_diagonal(distance, 0.0)
    merges = hierarchy.linkage(
        squareform(distance, checks=False), method="average", optimal_ordering=True
    )
    return Clusters(merges, [int(leaf) for leaf in hierarchy.leaves_list(merges)])
