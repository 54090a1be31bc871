"""``sparkles prepare``: labels and photos joined into a dataset."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import ERROR, IMAGE, IMAGE_ID, REASON, URI, Reason, Split
from sparkles.dataset import (
    Dataset,
    LabelPolicy,
    Ledger,
    SplitPolicy,
    build_dataset,
)
from sparkles.dataset.examples import check_splits, count_by_split
from sparkles.dataset.ledger import stratification_error
from sparkles.features.featurize import no_photo
from sparkles.progress import show_listing
from sparkles.settings import Listing, PrepareSettings, TrainSettings
from sparkles.sources import (
    ClassNames,
    Photos,
    photos_from_dataframe,
    read_class_names,
    read_labels,
    read_photos,
)
from sparkles.sources.images import is_manifest
from sparkles.storage import is_s3
from sparkles.workflow.run import Run, start_run

__all__ = ["open_class_names", "check_trainable", "open_photos", "prepare", "prepare_dataset"]


def prepare(settings: PrepareSettings, spark: SparkSession | None = None) -> str:
    """Write the dataset that ``train`` would train on; no photo is opened.

    ``DIR/`` holds ``dataset/`` (Parquet: ``image_id``, ``label``, ``split``, ``uri``),
    ``rejected/`` (images without photo), ``ledger.json`` and ``run.json``.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.PrepareSettings`.
    spark
        A session to use; default: build one.

    Returns
    -------
    str
        The output folder.

    Raises
    ------
    UserError
        If the input cannot work; see :mod:`sparkles.errors`.
    """
    with start_run(settings, ["join labels and photos"], spark) as run:
        with run.stages.stage("join labels and photos"):
            dataset, _ = prepare_dataset(run, settings)
            examples = run.store(dataset.examples.drop(IMAGE), "_work/examples")
            absent = examples.where(F.col(URI).isNull())
            rejected = absent.select(IMAGE_ID, URI, no_photo().alias(ERROR)).distinct()
            reason = F.lit(Reason.NO_PHOTO.value).alias(REASON)
            missing = run.store(rejected.select(IMAGE_ID, URI, reason, ERROR), "rejected").count()
            present = run.store(examples.where(F.col(URI).isNotNull()), "dataset")
            ledger = _ledger(dataset, present, missing, absent.count())
        run.files.write_json(f"{run.folder}/ledger.json", ledger)
        run.finish({})
    run.stages.say(f"wrote {settings.output}")
    return settings.output


def _ledger(
    dataset: Dataset, present: DataFrame, missing: int, rows_without_photo: int
) -> dict[str, Any]:
    """The ledger before the network: what is featurized is not known yet."""
    splits = count_by_split(present)
    rows = dataset.label_rows | {"kept_without_photo": rows_without_photo}
    images = dataset.images | {"without_photo": missing}
    ledger = Ledger(rows, images, dataset.photos, {}, splits, stratification_error(splits))
    return ledger.to_dict()


def prepare_dataset(
    run: Run, settings: PrepareSettings | TrainSettings, photos: DataFrame | None = None
) -> tuple[Dataset, list[str]]:
    """Read labels and photos and join them.

    Returns
    -------
    dataset : Dataset
    labels : list of str
        The classes' names, in the order asked.
    """
    split = SplitPolicy(settings.test_fraction, settings.validation_fraction, settings.seed)
    policy = LabelPolicy(settings.min_confidence, settings.sources)
    classes = open_class_names(run.spark, settings.class_names).choose(settings.classes)
    labels = read_labels(run.spark, settings.labels)
    dataset = build_dataset(
        labels,
        classes,
        open_photos(run, settings, photos),
        policy=policy,
        ambiguous=settings.ambiguous,
        split=split,
    )
    return dataset, [chosen.name for chosen in classes]


def open_class_names(spark: SparkSession, path: str | None) -> ClassNames:
    """Class descriptions, or none, and then MIDs stand for names."""
    return read_class_names(spark, path) if path else ClassNames()


def open_photos(
    run: Run, settings: Any, photos: DataFrame | None, *, all_of_them: bool = False
) -> Photos:
    """Find photos by a DataFrame, or by what the settings name, listed once.

    Parameters
    ----------
    all_of_them
        Whether no labels say which: then a folder in S3 is listed, unless that is forbidden.
    """
    if photos is not None:
        return photos_from_dataframe(photos)
    in_s3 = is_s3(settings.images)
    auto = True if all_of_them and in_s3 else None
    how = {Listing.AUTO: auto, Listing.ALWAYS: True, Listing.NEVER: False}[settings.list_images]
    quiet = run.stages.quiet or not (how and in_s3) or is_manifest(settings.images)
    with show_listing(run.spark.sparkContext, quiet=quiet) as listed:
        found = read_photos(run.spark, settings.images, list_them=how, listed=listed)
        return found if found.table is None else Photos(run.store(found.table, "_work/photos"))


def check_trainable(counts: dict[str, dict[str, int]], classes: list[str]) -> None:
    """Refuse, before the network runs, what cannot be trained on or tested."""
    check_splits(counts, classes, [Split.TRAIN.value, Split.TEST.value])
