"""The contents of a demo dataset in numbers."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DemoCounts"]


@dataclass(frozen=True)
class DemoCounts:
    """The contents of a demo dataset in numbers, with which tests compare ledgers.

    Attributes
    ----------
    photos
        Files in the folder of images, including the corrupt one.
    label_rows
        Rows of labels, without the header.
    classes
        Rows of class descriptions.
    cars
        Readable photos with a verified Car and no verified Tree.
    trees
        Readable photos with a verified Tree and no verified Car.
    both
        Photos with a verified Car and a verified Tree, which are ambiguous.
    machine
        Photos whose Car or Tree was labelled by a machine only, with fractional confidence.
    others
        Photos with labels of other classes only.
    negatives
        Photos of other classes that are verified to show neither Car nor Tree.
    missing
        Images labelled Car whose file is missing.
    corrupt
        Photos labelled Tree whose file is truncated.
    unlabelled
        Photos without a label.
    grayscale, cmyk
        Photos in these colour modes; they are included in `cars` and `trees`.
    duplicate_rows
        Rows that repeat another row in every column.
    positive_rows, negative_rows, fractional_rows
        Rows with confidence 1, with 0, and between; their sum is `label_rows`.
    """

    photos: int
    label_rows: int
    classes: int
    cars: int
    trees: int
    both: int
    machine: int
    others: int
    negatives: int
    missing: int
    corrupt: int
    unlabelled: int
    grayscale: int
    cmyk: int
    duplicate_rows: int
    positive_rows: int
    negative_rows: int
    fractional_rows: int
