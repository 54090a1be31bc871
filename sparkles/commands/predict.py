"""``sparkles predict``: a saved model on new photos."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import ERROR, IMAGE_ID, PREDICTED_LABEL, PROBABILITY, URI
from sparkles.settings import PredictSettings
from sparkles.workflow.featurization import featurize_once, store_unless_whole
from sparkles.workflow.inputs import list_unique_photos
from sparkles.workflow.predictions import PROBABILITIES, classify, predicted_columns
from sparkles.workflow.run import start_run
from sparkles.workflow.saved_model import load_model

__all__ = ["predict"]

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
            table = store_unless_whole(run, list_unique_photos(run, settings, photos))
            count = table.count()
        with run.stages.stage(_FEATURIZE, f"{count:,} photos"):
            featurized = featurize_once(run, table, model.featurizer, count)
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
