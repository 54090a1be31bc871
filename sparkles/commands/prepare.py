"""``sparkles prepare``: join labels and photos to a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.choices import Reason
from sparkles.columns import ERROR, IMAGE, IMAGE_ID, REASON, URI
from sparkles.dataset import Dataset, Ledger
from sparkles.dataset.examples import count_with_photo
from sparkles.dataset.ledger import stratification_error
from sparkles.features.feature_table import no_photo
from sparkles.run_files import LedgerFile
from sparkles.settings import PrepareSettings
from sparkles.workflow.before_start import check_before_start
from sparkles.workflow.inputs import prepare_dataset
from sparkles.workflow.run import start_run
from sparkles.workflow.stages import Stage

if TYPE_CHECKING:
    from sparkles.sources.labels import LabelTable

__all__ = ["prepare"]


def prepare(
    settings: PrepareSettings,
    spark: SparkSession | None = None,
    photos: DataFrame | None = None,
    *,
    labels: LabelTable | None = None,
) -> str:
    """Write the dataset that ``train`` would use, without opening a photo.

    ``DIR/`` holds ``dataset/`` (Parquet: ``image_id``, ``label``, ``split``, ``uri``),
    ``rejected/`` (images without a photo), ``ledger.json`` and ``run.json``.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.PrepareSettings`.
    spark
        A session to use; default: build one.
    photos
        A DataFrame of photos to use instead of ``settings.images``.
    labels
        A DataFrame of Spark or pandas to use instead of ``settings.labels``; its columns are found
        as those of a file.

    Returns
    -------
    str
        The output folder.

    Raises
    ------
    UserError
        If the input cannot work; see :mod:`sparkles.errors`.
    """
    check_before_start(settings, spark, photos=photos, labels=labels)
    with start_run(settings, [Stage.JOIN], spark) as run:
        with run.stages.stage(Stage.JOIN):
            dataset, _ = prepare_dataset(run, settings, photos, labels)
            examples = run.store(dataset.examples.drop(IMAGE), "_work/examples")
            absent = examples.where(F.col(URI).isNull())
            splits, rows_without_photo = count_with_photo(examples)
            rejected = absent.select(IMAGE_ID, URI, no_photo().alias(ERROR)).distinct()
            reason = F.lit(Reason.NO_PHOTO.value).alias(REASON)
            stored = run.store(rejected.select(IMAGE_ID, URI, reason, ERROR), "rejected")
            missing = stored.count() if rows_without_photo else 0
            run.store(examples.where(F.col(URI).isNotNull()), "dataset", for_reading=True)
            ledger = _ledger(dataset, splits, missing, rows_without_photo)
        run.files.write_json(f"{run.folder}/ledger.json", ledger)
        run.finish({})
    return settings.output


def _ledger(
    dataset: Dataset, splits: dict[str, dict[str, int]], missing: int, rows_without_photo: int
) -> LedgerFile:
    """Build the ledger; which images can be featurized is not known before the network runs."""
    rows = dataset.label_rows | {"kept_without_photo": rows_without_photo}
    images = dataset.images | {"without_photo": missing}
    ledger = Ledger(rows, images, dataset.photos, {}, splits, stratification_error(splits))
    return ledger.to_dict()
