"""Train a logistic regression on features, and assemble the model from photo to class name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.ml import PipelineModel
from pyspark.ml.classification import LogisticRegression, LogisticRegressionModel
from pyspark.ml.feature import IndexToString, StringIndexerModel
from pyspark.ml.functions import array_to_vector
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sparkles.choices import ClassWeights
from sparkles.columns import (
    FEATURES,
    IMAGE,
    LABEL,
    LABEL_INDEX,
    PREDICTED_LABEL,
    PREDICTION,
    PROBABILITY,
    RAW_PREDICTION,
    WEIGHT,
)
from sparkles.ml import DeepImageFeaturizer
from sparkles.settings import ClassifierSettings
from sparkles.spark.literals import array_of_numbers

__all__ = ["assemble_model", "train_classifier"]


def train_classifier(
    rows: DataFrame,
    labels: Sequence[str],
    counts: Mapping[str, int],
    settings: ClassifierSettings,
) -> tuple[StringIndexerModel, LogisticRegressionModel]:
    """Fit logistic regression.

    Parameters
    ----------
    rows
        Training rows: ``label`` string, ``features`` array<float>.
    labels
        The classes in the order of their indices; of two classes, the second is the positive one.
    counts
        Training rows by class.
    settings
        See :class:`~sparkles.settings.ClassifierSettings`; training settings are also these.

    Returns
    -------
    indexer : StringIndexerModel
        ``label`` to ``label_index``.
    classifier : LogisticRegressionModel
        ``features`` to ``rawPrediction``, ``probability`` and ``prediction``.
    """
    indexer = StringIndexerModel.from_labels(list(labels), LABEL, LABEL_INDEX)
    vectors = indexer.transform(
        rows.select(LABEL, array_to_vector(F.col(FEATURES)).alias(FEATURES))
    ).withColumn(WEIGHT, _weight(labels, counts, settings))
    regression = LogisticRegression(
        featuresCol=FEATURES,
        labelCol=LABEL_INDEX,
        weightCol=WEIGHT,
        predictionCol=PREDICTION,
        probabilityCol=PROBABILITY,
        rawPredictionCol=RAW_PREDICTION,
        maxIter=settings.max_iter,
        regParam=settings.reg_param,
        elasticNetParam=settings.elastic_net_param,
    )
    return indexer, regression.fit(vectors)


def _weight(
    labels: Sequence[str], counts: Mapping[str, int], settings: ClassifierSettings
) -> Column:
    """Return the weight of a row by ``label_index``."""
    if settings.class_weights is not ClassWeights.BALANCED:
        return F.lit(1.0)
    rows = sum(counts[name] for name in labels)
    weights = [rows / (len(labels) * counts[name]) for name in labels]
    return F.get(array_of_numbers(weights), F.col(LABEL_INDEX).cast("int"))


def assemble_model(
    indexer: StringIndexerModel,
    featurizer: DeepImageFeaturizer,
    classifier: LogisticRegressionModel,
) -> PipelineModel:
    """Assemble the fitted parts into one model, from photo to class name.

    Returns
    -------
    PipelineModel
        From ``image`` (a URI, encoded bytes or an image struct) to ``features``,
        ``rawPrediction``, ``probability``, ``prediction`` and ``predicted_label``. The first
        stage does nothing where there is no column ``label``.
    """
    stage = featurizer.copy().setParams(
        inputCol=IMAGE, outputCol=FEATURES, handleInvalid="error", errorCol=None
    )
    names = IndexToString(
        inputCol=PREDICTION, outputCol=PREDICTED_LABEL, labels=list(indexer.labels)
    )
    return PipelineModel([indexer, stage, classifier, names])
