"""The functions of the package: settings as keywords, photos and labels as paths or DataFrames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from pyspark.sql import DataFrame, SparkSession

from sparkles import commands
from sparkles.interface.inputs import LabelTable, ModelPlace, PhotoTable, Place, read_inputs
from sparkles.interface.signature import shows_settings
from sparkles.settings import (
    EvaluateSettings,
    ExplainSettings,
    ExploreSettings,
    FeaturizeSettings,
    PredictSettings,
    PrepareSettings,
    TrainSettings,
)
from sparkles.settings.keywords import (
    EvaluateKeywords,
    ExplainKeywords,
    ExploreKeywords,
    FeaturizeKeywords,
    PredictKeywords,
    PrepareKeywords,
    TrainKeywords,
)
from sparkles.spark.session import running_session
from sparkles.workflow.saved_outputs import (
    SavedDataset,
    SavedExplanations,
    SavedExploration,
    load_dataset,
    load_explanations,
    load_exploration,
)
from sparkles.workflow.saved_run import SavedRun, load_run

__all__ = ["evaluate", "explain", "explore", "featurize", "predict", "prepare", "train"]

Classes = str | Sequence[str] | None


@shows_settings(TrainSettings, TrainKeywords)
def train(
    images: PhotoTable,
    labels: LabelTable | None = None,
    classes: Classes = None,
    output: Place | None = None,
    *,
    spark: SparkSession | None = None,
    **settings: Unpack[TrainKeywords],
) -> SavedRun:
    """Train, evaluate and save a classifier; the function of ``sparkles train``.

    Parameters
    ----------
    images
        The photos: a folder, a prefix in S3, a manifest, a list of paths, or a DataFrame of Spark
        or pandas with one of these sets of columns: ``path`` or ``uri``; ``path`` and ``content``;
        ``image_id`` and ``uri`` or ``path``; ``image_id`` and ``content`` (encoded bytes) or
        ``image`` (bytes, or Spark's image structs).
    labels
        Which photo shows which class: a table as a file, or a DataFrame of Spark or pandas.
        Default: each subfolder of ``images`` is a class.
    classes
        The classes to tell apart, as a list, or as text with commas. Default: all.
    output
        A folder to write, which must not exist. Default: ``runs/train-`` with the time.
    spark
        A session to use. Default: the active one, or a new one.
    **settings
        See :class:`~sparkles.settings.TrainSettings`; ``help(sparkles.train)`` lists them.

    Returns
    -------
    SavedRun
        The run, as :func:`~sparkles.load_run` loads it.

    Raises
    ------
    UserError
        If the input cannot work. Unknown settings and networks are refused before Spark starts.

    Examples
    --------
    >>> import sparkles
    >>> sparkles.train("photos", "labels.csv", ["Car", "Tree"], modle="MobileNetV2")
    Traceback (most recent call last):
    sparkles.errors.SettingsError: there is no setting 'modle'. Did you mean model?
    """
    given = read_inputs(
        TrainSettings, spark, settings, images=images, labels=labels, classes=classes, output=output
    )
    done = commands.train(given.settings, given.spark, **given.tables)
    return load_run(done.output, given.spark)


@shows_settings(PrepareSettings, PrepareKeywords)
def prepare(
    images: PhotoTable,
    labels: LabelTable | None = None,
    classes: Classes = None,
    output: Place | None = None,
    *,
    spark: SparkSession | None = None,
    **settings: Unpack[PrepareKeywords],
) -> SavedDataset:
    """Join labels and photos as :func:`train` would, without opening a photo.

    Parameters
    ----------
    images, labels, classes, output, spark
        See :func:`train`.
    **settings
        See :class:`~sparkles.settings.PrepareSettings`.

    Returns
    -------
    SavedDataset

    Raises
    ------
    UserError
        If the input cannot work.
    """
    given = read_inputs(
        PrepareSettings,
        spark,
        settings,
        images=images,
        labels=labels,
        classes=classes,
        output=output,
    )
    folder = commands.prepare(given.settings, given.spark, **given.tables)
    return load_dataset(folder, given.spark)


@shows_settings(EvaluateSettings, EvaluateKeywords)
def evaluate(
    model: ModelPlace,
    images: PhotoTable,
    labels: LabelTable | None = None,
    output: Place | None = None,
    *,
    spark: SparkSession | None = None,
    **settings: Unpack[EvaluateKeywords],
) -> SavedRun:
    """Measure a saved model on other labels; the function of ``sparkles evaluate``.

    Parameters
    ----------
    model
        A saved model, the folder of its run, or the run itself.
    images, labels, output, spark
        See :func:`train`.
    **settings
        See :class:`~sparkles.settings.EvaluateSettings`.

    Returns
    -------
    SavedRun

    Raises
    ------
    UserError
        If the input cannot work.
    """
    given = read_inputs(
        EvaluateSettings, spark, settings, model=model, images=images, labels=labels, output=output
    )
    commands.evaluate(given.settings, given.spark, **given.tables)
    return load_run(given.settings.output, given.spark)


@shows_settings(PredictSettings, PredictKeywords)
def predict(
    model: ModelPlace,
    images: PhotoTable,
    output: Place | None = None,
    *,
    spark: SparkSession | None = None,
    **settings: Unpack[PredictKeywords],
) -> DataFrame:
    """Predict the class of every photo; the function of ``sparkles predict``.

    Parameters
    ----------
    model
        A saved model, the folder of its run, or the run itself.
    images, output, spark
        See :func:`train`.
    **settings
        See :class:`~sparkles.settings.PredictSettings`.

    Returns
    -------
    DataFrame
        As it was written: ``image_id``, ``uri``, ``predicted_label``, ``probability`` (of that
        class), ``probabilities`` (map from class name) and ``error``. ``.toPandas()`` collects it.

    Raises
    ------
    UserError
        If the model or the photos cannot be read.
    """
    given = read_inputs(PredictSettings, spark, settings, model=model, images=images, output=output)
    folder = commands.predict(given.settings, given.spark, **given.tables)
    return running_session(given.spark).read.parquet(folder)


@shows_settings(FeaturizeSettings, FeaturizeKeywords)
def featurize(
    images: PhotoTable,
    labels: LabelTable | None = None,
    output: Place | None = None,
    *,
    spark: SparkSession | None = None,
    **settings: Unpack[FeaturizeKeywords],
) -> DataFrame:
    """Compute the features of photos; the function of ``sparkles featurize``.

    Parameters
    ----------
    images, output, spark
        See :func:`train`.
    labels
        Featurize only the photos that these name. Default: all photos.
    **settings
        See :class:`~sparkles.settings.FeaturizeSettings`.

    Returns
    -------
    DataFrame
        As it was written: ``image_id``, ``uri``, ``features`` (array of float32), ``error`` and
        ``precision``.

    Raises
    ------
    UserError
        If the input cannot work.
    """
    given = read_inputs(
        FeaturizeSettings, spark, settings, images=images, labels=labels, output=output
    )
    folder = commands.featurize(given.settings, given.spark, **given.tables)
    return running_session(given.spark).read.parquet(folder)


@shows_settings(ExploreSettings, ExploreKeywords)
def explore(
    images: PhotoTable | None = None,
    labels: LabelTable | None = None,
    classes: Classes = None,
    output: Place | None = None,
    *,
    spark: SparkSession | None = None,
    **settings: Unpack[ExploreKeywords],
) -> SavedExploration:
    """Count and draw labels and photos; the function of ``sparkles explore``.

    Parameters
    ----------
    images
        See :func:`train`. Default: labels alone.
    labels, output, spark
        See :func:`train`.
    classes
        The classes whose balance to show. Default: none.
    **settings
        See :class:`~sparkles.settings.ExploreSettings`.

    Returns
    -------
    SavedExploration

    Raises
    ------
    UserError
        If the input cannot work.
    """
    given = read_inputs(
        ExploreSettings,
        spark,
        settings,
        images=images,
        labels=labels,
        classes=classes,
        output=output,
    )
    folder = commands.explore(given.settings, given.spark, **given.tables)
    return load_exploration(folder, given.spark)


@shows_settings(ExplainSettings, ExplainKeywords)
def explain(
    model: ModelPlace,
    images: PhotoTable,
    classes: Classes = None,
    output: Place | None = None,
    *,
    spark: SparkSession | None = None,
    **settings: Unpack[ExplainKeywords],
) -> SavedExplanations:
    """Show which parts of photos are evidence for a class; the function of ``sparkles explain``.

    Parameters
    ----------
    model
        A saved model, the folder of its run, or the run itself.
    images, output, spark
        See :func:`train`.
    classes
        The classes to explain in every photo. Default: the predicted one.
    **settings
        See :class:`~sparkles.settings.ExplainSettings`.

    Returns
    -------
    SavedExplanations

    Raises
    ------
    UserError
        If the model or the photos cannot be read, or the network has no maps.
    """
    given = read_inputs(
        ExplainSettings,
        spark,
        settings,
        model=model,
        images=images,
        classes=classes,
        output=output,
    )
    folder = commands.explain(given.settings, given.spark, **given.tables)
    return load_explanations(folder, given.spark)
