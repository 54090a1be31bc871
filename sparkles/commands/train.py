"""``sparkles train``: train, evaluate and save a model from labels and photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession

from sparkles.settings import TrainSettings
from sparkles.workflow.training import Trained, train_model

if TYPE_CHECKING:
    from sparkles.sources.labels import LabelTable

__all__ = ["train"]


def train(
    settings: TrainSettings,
    spark: SparkSession | None = None,
    photos: DataFrame | None = None,
    notes: tuple[str, ...] = (),
    *,
    labels: LabelTable | None = None,
) -> Trained:
    """Train, evaluate and save a classifier.

    ``DIR/`` appears complete or not at all. It holds ``model/`` (a ``PipelineModel`` from photo
    to class name), ``metrics.json``, ``curves.json``, ``ledger.json``, ``rejected/``,
    ``predictions/`` (Parquet), ``report.html``, ``report.md`` and ``run.json``. Each image goes
    through the network once, except the few in the report, which are also explained.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.TrainSettings`.
    spark
        A session to use; default: build one.
    photos
        A DataFrame of photos to use instead of ``settings.images``; see
        :func:`~sparkles.sources.photos_from_dataframe`.
    notes
        Sentences to show in the report.
    labels
        A DataFrame of Spark or pandas to use instead of ``settings.labels``; its columns are found
        as those of a file.

    Raises
    ------
    UserError
        If the input cannot work; raised before any long job if possible. See
        :mod:`sparkles.errors`.
    """
    return train_model(settings, spark, photos, notes, labels)
