"""Which classes are told apart: named ones, or those with enough images."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.columns import IMAGE_ID, MID
from sparkles.errors import LabelError, SourceError
from sparkles.settings import ClassSettings, LabelPolicy
from sparkles.sources.classes import ClassNames, LabelClass, is_mid
from sparkles.sources.label_rows import RowKind, count_as, mark_rows
from sparkles.spark.filesystem import FileSystem

__all__ = ["ChosenClasses", "choose_classes", "classes_of_model", "read_class_list"]

_MOST_CLASSES = 100_000
_IMAGES = "images"
_FILE = "@"


@dataclass(frozen=True)
class ChosenClasses:
    """The classes to tell apart.

    Attributes
    ----------
    classes
        In the order in which they were named; else by name.
    note
        What was chosen, where the user did not name each class; else empty.
    """

    classes: list[LabelClass]
    note: str = ""


def choose_classes(
    labels: DataFrame, known: ClassNames, asked: ClassSettings, policy: LabelPolicy
) -> ChosenClasses:
    """Choose the classes that settings name, or those with the most images.

    The labels are read only if they are needed: to count images, or to look up names without class
    descriptions.

    Parameters
    ----------
    labels
        What :func:`~sparkles.sources.read_labels` returns.
    known
        Class descriptions; empty without them, and then classes are called what the labels call
        them.
    asked
        Names, ``@FILE``, ``top:N``, ``at-least:N`` or nothing, for all.
    policy
        Which labels are believed: images count for the classes of their positive rows.

    Raises
    ------
    LabelError
        If a class is unknown, or fewer than two are left.
    SourceError
        If the labels have more than 100,000 classes.
    """
    numbered = asked.classes_by_number()
    if numbered is None:
        names = read_class_list(FileSystem(labels.sparkSession), asked)
        # MIDs need no look-up, and tables with MIDs may have 60 million rows.
        by_itself = len(known) or all(is_mid(name) for name in names)
        there = known if by_itself else ClassNames(_name(_count(labels, policy), known))
        return ChosenClasses(there.choose(names))
    most, least = numbered
    images = _count(labels, policy)
    everything = _name({key: n for key, n in images.items() if n > 0}, known)
    counts = {one: sum(images[key] for key in one.keys) for one in everything}
    enough = [one for one in everything if counts[one] >= least]
    enough.sort(key=lambda one: (-counts[one], one.name))
    chosen = sorted(enough[:most], key=lambda one: one.name)
    if len(chosen) < 2:
        raise _too_few(everything, counts, chosen)
    return ChosenClasses(chosen, _describe(chosen, everything, counts))


def classes_of_model(
    labels: DataFrame, known: ClassNames, names: Sequence[str], policy: LabelPolicy
) -> ChosenClasses:
    """Find a model's classes among those of labels; some may have no label.

    Parameters
    ----------
    labels, known, policy
        See :func:`choose_classes`.
    names
        The classes of the model.

    Raises
    ------
    LabelError
        If the labels have none of them, or class descriptions lack one.
    """
    if len(known) or all(is_mid(name) for name in names):
        return ChosenClasses(known.choose(names))
    there = {one.name: one for one in _name(_count(labels, policy), known)}
    if not there.keys() & set(names):
        if there and all(is_mid(name) for name in there):
            ClassNames().choose(names)  # raises the error that names the remedy
        raise LabelError(
            f"the labels have none of the model's classes {_shown(names)}; theirs are "
            f"{_shown(list(there)) or 'none'}",
            settings=["labels", "label_column", "class_names"],
        )
    absent = [name for name in names if name not in there]
    others = [name for name in there if name not in names]
    notes = [f"without any label: {_shown(absent)}"] * bool(absent)
    notes += [f"labels that the model has no class for: {_shown(others)}"] * bool(others)
    classes = [there.get(name, LabelClass(name, name)) for name in names]
    return ChosenClasses(classes, "; ".join(notes))


def read_class_list(files: FileSystem, asked: ClassSettings) -> list[str]:
    """Return the names that settings list, with those in files.

    Raises
    ------
    SourceError
        If there is no such file.
    """
    names: list[str] = []
    for word in asked.classes:
        if word.startswith(_FILE):
            names += files.read_text(word.removeprefix(_FILE)).removeprefix("\ufeff").splitlines()
        else:
            names.append(word)
    return [*names, *asked.class_]


def _count(labels: DataFrame, policy: LabelPolicy) -> dict[str, int]:
    """Return the images of the positive rows by class key, zero if a class has none."""
    marked = mark_rows(labels, policy).where((F.col(MID) != "") & (F.col(IMAGE_ID) != ""))
    positive = F.when(count_as() == RowKind.POSITIVE.value, F.col(IMAGE_ID))
    counted = marked.groupBy(MID).agg(F.count_distinct(positive).alias(_IMAGES))
    rows = counted.limit(_MOST_CLASSES + 1).collect()
    if len(rows) > _MOST_CLASSES:
        raise SourceError(
            f"the labels have more than {_MOST_CLASSES:,} classes, for example "
            f"{', '.join(sorted(row[MID] for row in rows)[:3])}; is this the column of the class?",
            settings=["label_column"],
        )
    return {row[MID]: int(row[_IMAGES]) for row in rows}


def _name(images: dict[str, int], known: ClassNames) -> list[LabelClass]:
    """Name the classes by their keys; spellings of one name that look the same are one class."""
    by_name: dict[str, list[str]] = {}
    for key in sorted(images):
        by_name.setdefault(known.name_of(key) or _normal(key), []).append(key)
    classes = []
    for name, keys in by_name.items():
        if len({_normal(key) for key in keys}) == 1:
            classes.append(LabelClass(keys[0], name, tuple(keys[1:])))
        else:
            classes += [LabelClass(key, f"{name} ({key})") for key in keys]
    return classes


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())


def _too_few(
    everything: Sequence[LabelClass], counts: dict[LabelClass, int], chosen: Sequence[LabelClass]
) -> LabelError:
    if not everything:
        return LabelError(
            "no label row is positive: no class has a row with an image, a class, a Confidence of "
            "at least min_confidence and a Source that counts",
            settings=["labels", "min_confidence", "sources"],
        )
    largest = sorted(everything, key=lambda one: (-counts[one], one.name))[:3]
    listed = ", ".join(f"{one.name} with {counts[one]:,} images" for one in largest)
    if len(everything) < 2:
        return LabelError(
            f"a classifier needs at least two classes, and the labels have one: {listed}",
            settings=["labels", "label_column"],
        )
    return LabelError(
        f"a classifier needs at least two classes, and {len(chosen)} of the {len(everything):,} in "
        f"the labels has enough images; the largest are {listed}",
        settings=["classes"],
    )


def _describe(
    chosen: Sequence[LabelClass],
    everything: Sequence[LabelClass],
    counts: dict[LabelClass, int],
) -> str:
    names = _shown([one.name for one in chosen])
    if len(chosen) == len(everything):
        return f"all {len(chosen):,} classes of the labels: {names}"
    least, most = min(counts[one] for one in chosen), max(counts[one] for one in chosen)
    return (
        f"the {len(chosen):,} of {len(everything):,} classes that have the most images, from "
        f"{least:,} to {most:,}: {names}"
    )


def _shown(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
