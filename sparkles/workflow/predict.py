"""``sparkles predict``: a saved model on new photos."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import ERROR, IMAGE_ID, PREDICTED_LABEL, PROBABILITY, URI
from sparkles.errors import SettingsError
from sparkles.settings import PredictSettings
from sparkles.sources.photo_ids import unique_photos
from sparkles.workflow.prepare import open_photos
from sparkles.workflow.results import PROBABILITIES, classify, predicted_columns
from sparkles.workflow.run import Run, start_run
from sparkles.workflow.saved_model import load_model

__all__ = ["list_unique_photos", "predict"]

_LOAD, _FEATURIZE, _PREDICT = "load the model", "featurize", "predict"


def predict(
    settings: PredictSettings,
    spark: SparkSession | None = None,
    photos: DataFrame | None = None,
) -> str:
    """Predict the class of every photo; bad photos come out with their reason.

    ``DIR`` is a Parquet folder of ``image_id``, ``uri``, ``predicted_label``, ``probability`` (of
    that class), ``probabilities`` (map from class name) and ``error``, with a note of the run in
    ``_run.json``.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.PredictSettings`.
    spark
        A session to use; default: build one.
    photos
        A DataFrame of photos in the place of ``settings.images``.

    Returns
    -------
    str
        The output folder.

    Raises
    ------
    UserError
        If the model or the photos cannot be read.
    """
    with start_run(settings, [_LOAD, _FEATURIZE, _PREDICT], spark) as run:
        with run.stages.stage(_LOAD, settings.model):
            model = load_model(run.spark, settings.model)
            table = run.store_unless_whole(list_unique_photos(run, settings, photos))
            count = table.count()
        with run.stages.stage(_FEATURIZE, f"{count:,} photos"):
            featurized = run.featurize(table, model.featurizer, count)
        with run.stages.stage(_PREDICT):
            named = classify(featurized.good, model.classifier).select(
                IMAGE_ID,
                URI,
                *predicted_columns(model.labels),
                F.lit(None).cast("string").alias(ERROR),
            )
            rejected = featurized.rejected.select(IMAGE_ID, URI, ERROR)
            predictions = named.unionByName(rejected, allowMissingColumns=True)
            columns = [IMAGE_ID, URI, PREDICTED_LABEL, PROBABILITY, PROBABILITIES, ERROR]
            predictions.select(columns).write.mode("append").parquet(run.folder)
        run.finish(featurized.account(), "_run.json")
    run.stages.say(f"wrote {settings.output}")
    return settings.output


def list_unique_photos(run: Run, settings: Any, photos: DataFrame | None) -> DataFrame:
    """All photos that the settings name, each image id once.

    Raises
    ------
    SettingsError
        If they cannot be listed.
    """
    found = open_photos(run, settings, photos, all_of_them=True)
    if found.table is None:
        raise SettingsError(
            f"the photos under {settings.images} would have to be listed; give a manifest (.csv or "
            ".parquet with image_id and uri), or in S3 no --list-images never"
        )
    return unique_photos(found.table)
