"""Open the labels of a command, and choose its classes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession

from sparkles.columns import PATH
from sparkles.errors import LabelError, SettingsError, SourceError
from sparkles.settings import LabelSettings
from sparkles.sources import (
    ChosenClasses,
    ClassNames,
    LabelClass,
    Photos,
    labels_from_table,
    read_class_names,
    read_labels,
)
from sparkles.sources.class_folders import labels_from_folders
from sparkles.sources.split_folders import find_split_folders
from sparkles.workflow.run import Run

if TYPE_CHECKING:
    from sparkles.sources.labels import LabelTable

__all__ = ["are_folders", "note_classes", "note_unused_folders", "open_class_names", "open_labels"]


def are_folders(settings: LabelSettings, table: LabelTable | None) -> bool:
    """Return whether the folders of the photos are the classes, because there is no label table."""
    return table is None and not settings.labels


def open_labels(
    run: Run, settings: LabelSettings, table: LabelTable | None, photos: Photos | None
) -> DataFrame:
    """Read labels from a DataFrame, a file, or the folders of the photos.

    Parameters
    ----------
    table
        A DataFrame of Spark or pandas to use instead of ``settings.labels``.
    photos
        The photos, listed; needed only where their folders are the classes.

    Raises
    ------
    SourceError
        If the labels cannot be read.
    SettingsError
        If there are neither labels nor listed photos.
    """
    if table is not None:
        labels = labels_from_table(run.spark, table, settings)
        return _stored(run, labels) if isinstance(table, DataFrame) else labels
    if settings.labels:
        return _stored(run, read_labels(run.spark, settings.labels, settings))
    if photos is None or photos.table is None:
        raise SettingsError(
            "labels is missing; without it each folder of the photos is a class, and the photos "
            "must be listed",
            settings=["labels", "images", "list_images"],
        )
    if settings.sources:
        raise SourceError(
            "sources chooses labels by their column Source, and folders have none; leave it out",
            settings=["sources"],
        )
    given = find_split_folders(photos.table, settings.split_folders)
    if given is not None:
        run.stages.note(given.describe())
    return labels_from_folders(photos, given)


def _stored(run: Run, labels: DataFrame) -> DataFrame:
    """Store labels that several queries will read, so that their file is parsed once.

    A compressed file, in particular, is parsed in a single task.
    """
    return run.store(labels, "_work/labels")


def note_unused_folders(run: Run, settings: LabelSettings, photos: Photos) -> None:
    """Note folders that look like a split where a label table without one is used."""
    if photos.table is None or PATH not in photos.table.columns:
        return
    with suppress(LabelError):  # other folders beside them: it is no split
        if given := find_split_folders(photos.table, settings.split_folders):
            run.stages.note(given.describe_unused())


def open_class_names(spark: SparkSession, path: str | None) -> ClassNames:
    """Read the class descriptions; without a path, classes are called what the labels call them."""
    return read_class_names(spark, path) if path else ClassNames()


def note_classes(run: Run, chosen: ChosenClasses) -> list[LabelClass]:
    """Return the chosen classes, and note what a user should know about them."""
    if chosen.note:
        run.stages.note(chosen.note)
    return chosen.classes
