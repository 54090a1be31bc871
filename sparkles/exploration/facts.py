"""What ``explore.json`` holds."""

from __future__ import annotations

from typing import TypedDict

from sparkles.exploration.census import ClassTotals, RowTotals, SourceCount
from sparkles.exploration.chosen import ChosenFacts
from sparkles.exploration.per_image import ImageTotals, LabelsPerImage
from sparkles.exploration.photo_facts import PhotoFacts

__all__ = [
    "ClassFacts",
    "CoOccurrenceFacts",
    "ExplorationFacts",
    "FoundPhotos",
    "InputPaths",
    "LabelFacts",
    "LabelRows",
    "NamedPair",
]


class InputPaths(TypedDict):
    """The paths that were explored; ``None`` for folders as labels, and for DataFrames."""

    labels: str | None
    images: str | None


class LabelRows(RowTotals):
    """Label rows; ``repeated`` positive and negative ones state the same as another row."""

    repeated: int


class LabelFacts(TypedDict):
    """Labels by rows, classes, sources and images."""

    rows: LabelRows
    classes: ClassTotals
    sources: list[SourceCount]
    images: ImageTotals
    per_image: LabelsPerImage


class ClassFacts(TypedDict):
    """One of the most frequent classes, and its positive and negative images."""

    name: str
    mid: str
    positive: int
    negative: int


class NamedPair(TypedDict):
    """Two classes by name, how many images have both, and the value of a measure."""

    a: str
    b: str
    together: int
    value: float


class CoOccurrenceFacts(TypedDict):
    """The most frequent classes by which images they share.

    ``together``, ``jaccard`` and ``lift`` are matrices, classes × classes. ``strongest`` lists the
    pairs with the largest values by measure, of those that at least ``least_together`` images
    have. ``linkage`` and ``order`` are those of :class:`~sparkles.exploration.clusters.Clusters`.
    """

    classes: list[str]
    mids: list[str]
    images: int
    together: list[list[int]]
    jaccard: list[list[float]]
    lift: list[list[float]]
    least_together: int
    strongest: dict[str, list[NamedPair]]
    linkage: list[list[float]]
    order: list[int]


class FoundPhotos(PhotoFacts):
    """Photos; ``without_label`` of the listed ones have no label, ``None`` if none were listed."""

    without_label: int | None


class ExplorationFacts(TypedDict):
    """All that an exploration found.

    ``chosen`` is ``None`` without chosen classes, ``co_occurrence`` if no two of the most frequent
    classes are in the same image, and ``photos`` without photos.
    """

    input: InputPaths
    labels: LabelFacts
    chosen: ChosenFacts | None
    classes: list[ClassFacts]
    co_occurrence: CoOccurrenceFacts | None
    photos: FoundPhotos | None
