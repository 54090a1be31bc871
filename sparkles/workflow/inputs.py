"""Open the inputs of a command: labels, class names and photos."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession

from sparkles.choices import Listing, Split
from sparkles.dataset import Dataset, build_dataset
from sparkles.dataset.examples import check_splits
from sparkles.errors import SettingsError
from sparkles.settings import PrepareSettings
from sparkles.sources import (
    ClassNames,
    Photos,
    photos_from_dataframe,
    read_class_names,
    read_labels,
    read_photos,
)
from sparkles.sources.images import is_manifest
from sparkles.sources.photo_ids import unique_photos
from sparkles.spark.progress import show_listing
from sparkles.storage import is_s3
from sparkles.workflow.run import Run

__all__ = [
    "check_trainable",
    "list_unique_photos",
    "open_class_names",
    "open_photos",
    "prepare_dataset",
]


def prepare_dataset(
    run: Run, settings: PrepareSettings, photos: DataFrame | None = None
) -> tuple[Dataset, list[str]]:
    """Read labels and photos and join them.

    Returns
    -------
    dataset : Dataset
    labels : list of str
        The names of the classes, in the order of the settings.
    """
    classes = open_class_names(run.spark, settings.class_names).choose(settings.classes)
    labels = read_labels(run.spark, settings.labels)
    dataset = build_dataset(
        labels,
        classes,
        open_photos(run, settings.images, photos),
        policy=settings,
        ambiguous=settings.ambiguous,
        split=settings,
    )
    return dataset, [chosen.name for chosen in classes]


def open_class_names(spark: SparkSession, path: str | None) -> ClassNames:
    """Read the class descriptions; without a path, MIDs are used as names."""
    return read_class_names(spark, path) if path else ClassNames()


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
        return photos_from_dataframe(photos)
    in_s3 = is_s3(images)
    auto = True if all_of_them and in_s3 else None
    choices = {Listing.AUTO: auto, Listing.ALWAYS: True, Listing.NEVER: False}
    list_them = choices[run.settings.list_images]
    quiet = run.stages.quiet or not (list_them and in_s3) or is_manifest(images)
    with show_listing(run.spark.sparkContext, quiet=quiet) as listed:
        found = read_photos(run.spark, images, list_them=list_them, listed=listed)
        return found if found.table is None else Photos(run.store(found.table, "_work/photos"))


def check_trainable(counts: dict[str, dict[str, int]], classes: list[str]) -> None:
    """Check before the network runs that every class can be trained and tested."""
    check_splits(counts, classes, [Split.TRAIN.value, Split.TEST.value])


def list_unique_photos(run: Run, images: str, photos: DataFrame | None) -> DataFrame:
    """List all photos of a DataFrame or under a path, each image id once.

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
    return unique_photos(found.table)
