"""The join of labels and photos: one row for each label that is used, with its photo and split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from sparkles.choices import Ambiguous, Split
from sparkles.columns import IMAGE, IMAGE_ID, LABEL, SPLIT, URI
from sparkles.dataset.ambiguity import resolve_ambiguity
from sparkles.dataset.given_split import PARTS, assign_parts
from sparkles.dataset.selection import select_labels
from sparkles.dataset.split import split_column
from sparkles.errors import LabelError
from sparkles.settings import LabelPolicy, SplitPolicy
from sparkles.sources.classes import LabelClass
from sparkles.sources.photo_names import match_labels
from sparkles.sources.photos import Photos
from sparkles.spark.photo_tables import has_images

__all__ = [
    "Dataset",
    "build_dataset",
    "check_splits",
    "count_by_split",
    "count_with_photo",
    "unique_images",
]

_SIDES = _LISTED, _NAMED, _CHOSEN = "listed", "named", "chosen"


@dataclass(frozen=True)
class Dataset:
    """Labelled images, and the counts of what was used and left out.

    Attributes
    ----------
    examples
        ``image_id``, ``label``, ``split``, ``uri`` (null where the photos were listed and have
        none for the image), and ``image`` where the photos came as a DataFrame. One row per image,
        or per image and class where ambiguous images are kept.
    label_rows, images, photos
        Counts for the :class:`~sparkles.dataset.Ledger`.
    source
        The photos that the examples were joined with.
    notes
        What a user should know about a split that the labels give.
    """

    examples: DataFrame
    label_rows: dict[str, int]
    images: dict[str, int]
    photos: dict[str, int] | None
    source: Photos
    notes: tuple[str, ...] = ()


def build_dataset(
    labels: DataFrame,
    classes: Sequence[LabelClass],
    photos: Photos,
    *,
    policy: LabelPolicy,
    ambiguous: Ambiguous,
    split: SplitPolicy | None,
    every_class: bool = True,
    named_by_id: bool = False,
) -> Dataset:
    """Join labels with photos, whether they name ids, paths, file names or URIs.

    Only labels of the chosen classes take part, so only photos that they name are ever opened.

    Parameters
    ----------
    labels
        What :func:`~sparkles.sources.read_labels` returns.
    classes
        The chosen classes, in the order that decides ``Ambiguous.FIRST``.
    photos
        From a folder, a manifest, a DataFrame or by name.
    policy, ambiguous, split
        Which labels are believed, what happens to images with several of the classes, and how
        images are assigned to the parts of the data; without a split all are for testing. Labels
        with a column ``split`` give it instead; see :mod:`sparkles.dataset.given_split`.
    every_class
        Whether each class must have a positive label, as training requires.
    named_by_id
        Whether the labels are known to name the photos' ids, so that nothing else is tried.

    Raises
    ------
    LabelError
        If a class has no positive label, or no image is left; if labels name no listed photo, or
        one of their names fits several.
    SourceError
        If several photos share an id.
    """
    photos = photos.unique()
    few = None
    if not named_by_id:
        labels, few = match_labels(labels, photos, classes)
    selected = select_labels(labels, classes, policy, every_class=every_class)
    resolved, rows, images = resolve_ambiguity(selected, ambiguous)
    if images["named"] == 0:
        raise LabelError(
            f"all {images['with_chosen_class']:,} images have several of the chosen classes and "
            "are dropped as ambiguous; use ambiguous='first' or ambiguous='keep', or choose other "
            "classes",
            settings=["ambiguous", "classes"],
        )
    examples, notes = _assign(resolved, split, rows, images)
    joined, photo_counts = _join(examples, photos, labels)
    if photo_counts is not None:
        rows["without_photo"] = photo_counts.pop("label_rows_without_photo")
    notes = (*notes, *([few] if few else []))
    return Dataset(joined, rows, images, photo_counts, photos, notes)


def _assign(
    resolved: DataFrame,
    split: SplitPolicy | None,
    rows: dict[str, int],
    images: dict[str, int],
) -> tuple[DataFrame, tuple[str, ...]]:
    """Assign images to the parts of the data, by hash or as the labels give them; count both."""
    if PARTS not in resolved.columns:
        part = F.lit(Split.TEST.value) if split is None else split_column(split)
        return resolved.withColumn(SPLIT, part), ()
    given = assign_parts(resolved, split)
    images["in_several_parts"] = given.in_several_parts
    if split is not None:
        return given.examples, given.notes
    tested = given.examples.where(F.col(SPLIT) == Split.TEST.value)
    kept, named = tested.count(), tested.select(IMAGE_ID).distinct().count()
    rows |= {"other_parts": rows["kept"] - kept, "kept": kept}
    images |= {"other_parts": images["named"] - named, "named": named}
    return tested, given.notes


def unique_images(examples: DataFrame) -> DataFrame:
    """Return each image once, whatever the number of its labels.

    Returns
    -------
    DataFrame
        ``image_id``, ``uri`` and, where the photos came as a DataFrame, ``image``.
    """
    return examples.drop(LABEL, SPLIT).dropDuplicates([IMAGE_ID])


def _join(
    examples: DataFrame, photos: Photos, labels: DataFrame
) -> tuple[DataFrame, dict[str, int] | None]:
    joined = photos.attach_to(examples)
    columns = [IMAGE_ID, LABEL, SPLIT, URI, *([IMAGE] if has_images(joined) else [])]
    if photos.table is None:
        return joined.select(columns), None
    counts = {**(photos.counts or {}), **_count_unmatched(photos.table, labels, examples)}
    return joined.select(columns), counts


def _count_unmatched(photos: DataFrame, labels: DataFrame, examples: DataFrame) -> dict[str, int]:
    """Count what fell out of the join on either side, in one query that joins nothing."""
    listed, named, chosen = (
        table.select(IMAGE_ID, *[F.lit(int(name == side)).alias(name) for name in _SIDES])
        for side, table in zip(_SIDES, (photos, labels, examples), strict=True)
    )
    totals = [F.sum(name).alias(name) for name in _SIDES]
    images = listed.unionAll(named).unionAll(chosen).groupBy(IMAGE_ID).agg(*totals)
    has_photo = F.col(_LISTED) > 0
    row = images.agg(
        F.count_if(has_photo & (F.col(_NAMED) == 0)).alias("without_label"),
        F.sum(F.when(~has_photo, F.col(_NAMED)).otherwise(0)).alias("label_rows_without_photo"),
        F.count_if(has_photo & (F.col(_CHOSEN) == 0)).alias("without_chosen_label"),
    ).collect()[0]
    return {name: int(count or 0) for name, count in row.asDict().items()}


def count_by_split(examples: DataFrame) -> dict[str, dict[str, int]]:
    """Count the rows of each class in each part of the data."""
    counts: dict[str, dict[str, int]] = {}
    for row in sorted(examples.groupBy(SPLIT, LABEL).count().collect()):
        counts.setdefault(row[SPLIT], {})[row[LABEL]] = int(row["count"])
    return counts


def count_with_photo(examples: DataFrame) -> tuple[dict[str, dict[str, int]], int]:
    """Count the rows with a photo, as :func:`count_by_split` does, and those without one."""
    has_photo = F.col(URI).isNotNull().alias(_LISTED)
    counts: dict[str, dict[str, int]] = {}
    absent = 0
    for row in sorted(examples.groupBy(SPLIT, LABEL, has_photo).count().collect()):
        if row[_LISTED]:
            counts.setdefault(row[SPLIT], {})[row[LABEL]] = int(row["count"])
        else:
            absent += int(row["count"])
    return counts, absent


def check_splits(
    counts: dict[str, dict[str, int]], classes: Sequence[str], needed: Sequence[str]
) -> None:
    """Refuse a split that cannot be trained on or evaluated, before the network runs.

    Parameters
    ----------
    counts
        What :func:`count_by_split` returns.
    needed
        The parts of the data that must have images.

    Raises
    ------
    LabelError
        If a needed part has no image, or the training part lacks a class.
    """
    for part in needed:
        found = counts.get(part, {})
        missing = [name for name in classes if not found.get(name)]
        if missing and (part == Split.TRAIN or not found):
            raise LabelError(
                f"no {part} image of {', '.join(missing)} with a photo: too few images "
                f"({sum(sum(row.values()) for row in counts.values()):,} in all); add photos or "
                "labels, or change test_fraction or seed",
                settings=["test_fraction", "seed"],
            )
