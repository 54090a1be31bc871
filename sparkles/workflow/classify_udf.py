"""Serve a saved model as a function of Spark SQL: from a photo to its class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pyspark import SparkFiles
from pyspark.sql import Column, SparkSession
from pyspark.sql.types import DoubleType, MapType, StringType, StructField, StructType

from sparkles.choices import HandleInvalid
from sparkles.columns import ERROR, FEATURES, PREDICTED_LABEL, PROBABILITY
from sparkles.explanation import LinearClassifier
from sparkles.ml.featurize_job import prepare_session
from sparkles.ml.featurize_udf import photo_udf
from sparkles.ml.task_decoder import task_decoder
from sparkles.spark.filesystem import FileSystem
from sparkles.worker.decoder import PLAIN, Decoder
from sparkles.worker.featurize import FeaturizeTask, featurize_batches
from sparkles.worker.load import PhotoBatch, PhotoKind
from sparkles.workflow.predictions import PROBABILITIES
from sparkles.workflow.saved_model import ModelPlace, find_model, load_model

__all__ = ["classify_udf", "register_udf"]

_RESULT = StructType(
    [
        StructField(PREDICTED_LABEL, StringType()),
        StructField(PROBABILITY, DoubleType()),
        StructField(PROBABILITIES, MapType(StringType(), DoubleType(), valueContainsNull=False)),
        StructField(ERROR, StringType()),
    ]
)


def register_udf(
    spark: SparkSession, name: str, model: ModelPlace
) -> Callable[[Column | str], Column]:
    """Register a saved model as a function of SQL.

    The function takes a photo: its encoded bytes (binary), its URI (string), or an image struct
    as ``format("image")`` reads it. It returns a struct of ``predicted_label`` (string),
    ``probability`` (double, of that class), ``probabilities`` (map<string,double>, of every class)
    and ``error`` (string, ``reason: detail``).

    A bad photo has an ``error`` and nulls; a good photo has a null ``error``. The numbers are those
    of the model's ``transform``. Workers run the network in batches, each process loads it once,
    and none needs Keras or TensorFlow if the model was trained with the default engine.

    Parameters
    ----------
    spark
        The session in which the function is known.
    name
        The name of the function.
    model
        The path or URI of a saved model, or of the run that has it; or the run itself.

    Returns
    -------
    callable
        The same function for columns: it takes a column, or a column's name.

    Raises
    ------
    ModelError
        If there is no model at the path, or ``sparkles train`` did not save it.
    PrecisionError
        If the session is local and this CPU lacks the precision of the model.

    Notes
    -----
    The function limits ``spark.sql.execution.arrow.maxRecordsPerBatch`` of the session to 16: it
    bounds what a worker holds.

    Spark merges equal calls in a ``SELECT``, but evaluates the function again for a filter on its
    result. Where that costs too much, store the result before you filter it, or use
    :meth:`SavedRun.udf`, which is evaluated once.

    Examples
    --------
    >>> from sparkles import register_udf
    >>> from sparkles.spark.session import build_session
    >>> register_udf(build_session(), "classify", "no/such/model")
    Traceback (most recent call last):
    sparkles.errors.ModelError: there is no saved model at no/such/model: it has no metadata.
    """
    # Nondeterministic functions are refused as arguments of aggregates, and two fields of a call
    # would be two calls.
    function = classify_udf(spark, model, deterministic=True)
    registered: Callable[[Column | str], Column] = spark.udf.register(name, function)
    return registered


def classify_udf(
    spark: SparkSession, model: ModelPlace, *, deterministic: bool = False
) -> Callable[[Column | str], Column]:
    """Make the function that :func:`register_udf` registers, without a name.

    Parameters
    ----------
    deterministic
        Whether Spark may move and merge calls; see :func:`~sparkles.ml.featurize_udf.photo_udf`.
    """
    saved = load_model(spark, find_model(model, FileSystem(spark).exists))
    stage = saved.featurizer.copy().setHandleInvalid(HandleInvalid.KEEP)
    task = prepare_session(stage, stage.network(), spark, PhotoKind.ANY)
    plan = _Plan(task, LinearClassifier.of_model(saved.classifier), tuple(saved.labels))

    def classify(batches: Iterator[PhotoBatch]) -> Iterator[pd.DataFrame]:
        with task_decoder() as decoder:
            yield from _classify_batches(batches, plan, SparkFiles.get, decoder)

    udf: Any = photo_udf(classify, task.kind, pd.DataFrame, _RESULT, deterministic=deterministic)
    function: Callable[[Column | str], Column] = udf
    return function


@dataclass(frozen=True)
class _Plan:
    """What every worker needs to know."""

    task: FeaturizeTask
    classifier: LinearClassifier
    labels: tuple[str, ...]


def _classify_batches(
    batches: Iterator[PhotoBatch],
    plan: _Plan,
    find_file: Callable[[str], str],
    decoder: Decoder = PLAIN,
) -> Iterator[pd.DataFrame]:
    for features in featurize_batches(batches, plan.task, find_file, decoder):
        good = features[ERROR].isna().to_numpy()
        rows: list[tuple[Any, ...]] = [(None, None, None, error) for error in features[ERROR]]
        if good.any():
            vectors = np.stack(features[FEATURES][good].to_list())
            named = _name(plan.classifier, plan.labels, vectors)
            for place, row in zip(np.flatnonzero(good), named, strict=True):
                rows[place] = (*row, None)
        yield pd.DataFrame(rows, columns=_RESULT.names, dtype=object)


def _name(
    classifier: LinearClassifier, labels: tuple[str, ...], vectors: Any
) -> Iterator[tuple[str, float, dict[str, float]]]:
    """Yield the predicted class, its probability, and the probabilities of all classes."""
    probabilities = classifier.probabilities(classifier.logits(vectors))
    for winner, row in zip(classifier.predict(probabilities), probabilities.tolist(), strict=True):
        yield labels[winner], row[winner], dict(zip(labels, row, strict=True))
