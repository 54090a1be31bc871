"""``sparkles predict``: apply a saved model to photos."""

from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import ERROR, IMAGE_ID, PREDICTED_LABEL, PROBABILITY, URI
from sparkles.settings import PredictSettings
from sparkles.spark.redacted_tables import redact_table
from sparkles.workflow.before_start import check_before_start
from sparkles.workflow.featurization import featurize_once, store_references
from sparkles.workflow.inputs import list_unique_photos
from sparkles.workflow.predictions import PROBABILITIES, classify, predicted_columns
from sparkles.workflow.rejection import check_rejected
from sparkles.workflow.run import start_run
from sparkles.workflow.saved_model import load_model
from sparkles.workflow.stages import Stage

__all__ = ["predict"]

_PREDICT = "predict"
_STAGES: list[str] = [Stage.LOAD_MODEL, Stage.FEATURIZE, _PREDICT]


def predict(
    settings: PredictSettings,
    spark: SparkSession | None = None,
    photos: DataFrame | None = None,
) -> str:
    """Predict the class of every photo; bad photos become rows with the reason.

    ``DIR`` is a Parquet folder of ``image_id``, ``uri``, ``predicted_label``, ``probability`` (of
    that class), ``probabilities`` (map from class name) and ``error``. Its ``_run.json``
    describes the run.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.PredictSettings`.
    spark
        A session to use; default: build one.
    photos
        A DataFrame of photos to use instead of ``settings.images``.

    Returns
    -------
    str
        The output folder.

    Raises
    ------
    UserError
        If the model or the photos cannot be read.
    """
    check_before_start(settings, spark, photos=photos)
    with start_run(settings, _STAGES, spark) as run:
        with run.stages.stage(Stage.LOAD_MODEL, settings.model):
            model = load_model(run.spark, settings.model)
            table = store_references(run, list_unique_photos(run, settings.images, photos))
            count = table.count()
        with run.stages.stage(Stage.FEATURIZE, f"{count:,} photos"):
            featurized = featurize_once(run, table, model.featurizer, count)
            check_rejected(run, featurized)
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
            redact_table(predictions.select(columns)).write.mode("append").parquet(run.folder)
        run.finish(featurized.to_note(), "_run.json")
    return settings.output
