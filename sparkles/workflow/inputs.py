"""Open the inputs of a command: photos, and the labels joined with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame

from sparkles.choices import Listing, Split
from sparkles.columns import PATH, SPLIT
from sparkles.dataset import Dataset, build_dataset
from sparkles.dataset.examples import check_splits
from sparkles.errors import SettingsError
from sparkles.settings import EvaluateSettings, PrepareSettings, SplitPolicy
from sparkles.sources import (
    ChosenClasses,
    ClassNames,
    LabelClass,
    Photos,
    choose_classes,
    photos_from_dataframe,
    read_photos,
)
from sparkles.sources.images import is_manifest
from sparkles.sources.photo_ids import describe_ids
from sparkles.sources.photo_names import match_labels
from sparkles.spark.progress import show_listing
from sparkles.storage import is_s3
from sparkles.workflow.labels import (
    are_folders,
    note_classes,
    note_unused_folders,
    open_class_names,
    open_labels,
)
from sparkles.workflow.run import Run

if TYPE_CHECKING:
    from sparkles.sources.labels import LabelTable

__all__ = [
    "check_trainable",
    "join_dataset",
    "list_unique_photos",
    "match_noted",
    "open_photos",
    "prepare_dataset",
]

_IGNORED = "ignored_files"


def prepare_dataset(
    run: Run,
    settings: PrepareSettings,
    photos: DataFrame | None = None,
    labels: LabelTable | None = None,
) -> tuple[Dataset, list[str]]:
    """Read labels and photos and join them.

    Parameters
    ----------
    photos, labels
        DataFrames to use instead of ``settings.images`` and ``settings.labels``.

    Returns
    -------
    dataset : Dataset
    labels : list of str
        The names of the classes, in the order of the settings.
    """
    return join_dataset(
        run,
        settings,
        photos,
        labels,
        lambda table, known: choose_classes(table, known, settings, settings),
        split=settings,
    )


def join_dataset(
    run: Run,
    settings: PrepareSettings | EvaluateSettings,
    photos: DataFrame | None,
    labels: LabelTable | None,
    choose: Callable[[DataFrame, ClassNames], ChosenClasses],
    *,
    split: SplitPolicy | None,
    every_class: bool = True,
) -> tuple[Dataset, list[str]]:
    """Join labels and photos, with the classes that a function chooses from the labels.

    Parameters
    ----------
    photos, labels
        See :func:`prepare_dataset`.
    choose
        Takes the labels and the class descriptions.
    split, every_class
        See :func:`~sparkles.dataset.build_dataset`.

    Returns
    -------
    dataset : Dataset
    labels : list of str
        The names of the chosen classes, in order.
    """
    by_folder = are_folders(settings, labels)
    listed = open_photos(run, settings.images, photos, all_of_them=True) if by_folder else None
    table = open_labels(run, settings, labels, listed)
    known = open_class_names(run.spark, settings.class_names)
    classes = note_classes(run, choose(table, known))
    found = listed or open_photos(run, settings.images, photos)
    if split is not None and not by_folder and SPLIT not in table.columns:
        note_unused_folders(run, settings, found)
    dataset = build_dataset(
        table,
        classes,
        found,
        policy=settings,
        ambiguous=settings.ambiguous,
        split=split,
        every_class=every_class,
        named_by_id=by_folder,
    )
    for text in dataset.notes:
        run.stages.note(text)
    return dataset, [chosen.name for chosen in classes]


def match_noted(
    run: Run, labels: DataFrame, photos: Photos, classes: Sequence[LabelClass] = ()
) -> DataFrame:
    """Replace what labels name photos by with the photos' ids, and note if few are found."""
    matched, few = match_labels(labels, photos, classes)
    if few:
        run.stages.note(few)
    return matched


def open_photos(
    run: Run, images: str, photos: DataFrame | None, *, all_of_them: bool = False
) -> Photos:
    """Find photos in a DataFrame or under a path, and list them once.

    Parameters
    ----------
    images
        A folder, prefix or manifest; not used if there is a DataFrame.
    all_of_them
        Whether every photo is needed, because no labels name some of them. A folder in S3 is then
        listed, unless the settings forbid it.
    """
    if photos is not None:
        return _note_ids(run, photos_from_dataframe(photos).unique())
    in_s3 = is_s3(images)
    auto = True if all_of_them and in_s3 else None
    choices = {Listing.AUTO: auto, Listing.ALWAYS: True, Listing.NEVER: False}
    list_them = choices[run.settings.list_images]
    quiet = run.stages.quiet or not (list_them and in_s3) or is_manifest(images)
    ignored = run.spark.sparkContext.accumulator(0)
    with show_listing(run.spark.sparkContext, quiet=quiet) as listed:
        found = read_photos(run.spark, images, list_them=list_them, listed=listed, ignored=ignored)
        if found.table is None:
            return found
        before = ignored.value  # a first look may have listed already
        found = replace(found, table=run.store(found.table, "_work/photos")).unique()
    if not is_manifest(images):
        found = replace(found, counts=(found.counts or {}) | {_IGNORED: ignored.value - before})
    return _note_ids(run, found)


def _note_ids(run: Run, photos: Photos) -> Photos:
    """Note what a user should know about the photos' ids, and return the photos."""
    run.photos.update(photos.counts or {})
    if photos.table is not None:
        for text in describe_ids(photos.table, photos.counts or {}):
            run.stages.note(text)
    return photos


def check_trainable(counts: dict[str, dict[str, int]], classes: list[str]) -> None:
    """Check before the network runs that every class can be trained and tested."""
    check_splits(counts, classes, [Split.TRAIN.value, Split.TEST.value])


def list_unique_photos(run: Run, images: str, photos: DataFrame | None) -> DataFrame:
    """List all photos of a DataFrame or under a path, each image id once.

    Returns
    -------
    DataFrame
        ``image_id``, ``uri`` and, where the photos came as a DataFrame, ``image``.

    Raises
    ------
    SettingsError
        If they cannot be listed.
    """
    found = open_photos(run, images, photos, all_of_them=True)
    if found.table is None:
        raise SettingsError(
            f"cannot list the photos under {images}: list_images is never, or the folder "
            "is on the web; allow listing, or give a manifest (.csv or .parquet with image_id and "
            "uri)",
            settings=["images", "list_images"],
        )
    return found.table.drop(PATH)
