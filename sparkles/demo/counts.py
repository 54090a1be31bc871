"""How many of each thing a demo dataset holds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DemoCounts"]


@dataclass(frozen=True)
class DemoCounts:
    """How many of each thing a demo dataset holds, for a test to compare a ledger with.

    Attributes
    ----------
    photos
        Files in the folder of images, the corrupt one among them.
    label_rows
        Rows of labels, without the header.
    classes
        Rows of class descriptions.
    cars
        Readable photos with a verified Car and no verified Tree.
    trees
        Readable photos with a verified Tree and no verified Car.
    both
        Photos with a verified Car and a verified Tree: ambiguous.
    machine
        Photos of a car or a tree that only a machine says so of, with fractional confidence.
    others
        Photos with labels of other classes only.
    negatives
        Photos of other classes that are verified to hold neither Car nor Tree.
    missing
        Photos that have a label, Car, and no file.
    corrupt
        Photos that have a label, Tree, and break off in the middle of the file.
    unlabelled
        Photos without a label.
    grayscale, cmyk
        Photos in these colour modes, among `cars` and `trees`.
    duplicate_rows
        Rows that repeat another row in every column.
    positive_rows, negative_rows, fractional_rows
        Rows of confidence 1, of 0, and between; together `label_rows`.
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
