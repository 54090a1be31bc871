"""``load_run``: what a run left, as an object for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, cast

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.choices import Split
from sparkles.columns import IMAGE_ID, LABEL, PREDICTED_LABEL, PROBABILITY, SPLIT
from sparkles.evaluation import Evaluation
from sparkles.pages import Picture
from sparkles.pages.figures import check_can_draw
from sparkles.report import CHARTS
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.session import build_session
from sparkles.storage import is_s3
from sparkles.workflow.run_report import PAGE, read_facts

__all__ = ["SavedRun", "load_run"]

_TOLD = ("accuracy", "balanced_accuracy", "weighted_f1", "roc_auc", "pr_auc", "log_loss")


@dataclass(frozen=True)
class SavedRun:
    """A run of ``sparkles train`` or ``sparkles evaluate``; a notebook shows it as a table.

    Attributes
    ----------
    folder
        Where it is.
    metrics, curves, ledger, run
        What ``metrics.json``, ``curves.json``, ``ledger.json`` and ``run.json`` hold.
    """

    folder: str
    metrics: Evaluation
    curves: dict[str, Any] = field(repr=False)
    ledger: dict[str, Any] = field(repr=False)
    run: dict[str, Any] = field(repr=False)
    _spark: SparkSession = field(repr=False)

    def predictions(self) -> DataFrame:
        """What was said of every image.

        Returns
        -------
        DataFrame
            ``image_id``, ``uri``, ``label``, ``split``, ``predicted_label``, ``probability`` (of
            the predicted class), ``probabilities`` (map from class name). ``.toPandas()`` brings
            all of it here; ``.limit(100).toPandas()`` a part.
        """
        return self._spark.read.parquet(f"{self.folder}/predictions")

    def mistakes(self) -> DataFrame:
        """The test images that were classified wrong, the surest first; as :meth:`predictions`."""
        found = self.predictions().where(F.col(LABEL) != F.col(PREDICTED_LABEL))
        if self.run["command"] == "train":
            found = found.where(F.col(SPLIT) == Split.TEST.value)
        return found.orderBy(F.desc(PROBABILITY), IMAGE_ID)

    def rejected(self) -> DataFrame:
        """Images without features: ``image_id``, ``uri``, ``labels``, ``reason``, ``error``."""
        return self._spark.read.parquet(f"{self.folder}/rejected")

    def model(self) -> PipelineModel:
        """The trained model; of an evaluation, the model that was evaluated."""
        settings = self.run["settings"]
        own = self.run["command"] == "train"
        return PipelineModel.load(f"{self.folder}/model" if own else settings["model"])

    def report(self) -> str:
        """Where the report is."""
        return f"{self.folder}/{PAGE}"

    def plot_funnel(self) -> Picture:
        """From label rows to train and test."""
        return self._draw("funnel")

    def plot_metrics(self) -> Picture:
        """Metrics with their intervals, beside the baseline."""
        return self._draw("metrics")

    def plot_confusion(self) -> Picture:
        """The confusion matrix."""
        return self._draw("confusion")

    def plot_roc(self) -> Picture:
        """The ROC curves."""
        return self._draw("roc")

    def plot_pr(self) -> Picture:
        """The precision-recall curves."""
        return self._draw("pr")

    def plot_thresholds(self) -> Picture:
        """What a threshold on the probability does."""
        return self._draw("thresholds")

    def plot_calibration(self) -> Picture:
        """Whether probabilities mean what they say."""
        return self._draw("calibration")

    def plot_seconds(self) -> Picture:
        """Where the time went."""
        return self._draw("seconds")

    def _draw(self, name: str) -> Picture:
        check_can_draw()
        facts = {"metrics": self.metrics, "curves": self.curves, "ledger": self.ledger}
        picture = CHARTS[name](facts | {"run": self.run})
        if picture is None:
            raise ValueError(f"there is no {name} curve: no class has positive and negative rows")
        return picture

    def _repr_html_(self) -> str:
        classes = ", ".join(self.metrics["classes"])
        baseline: Any = self.metrics["baseline"]
        heads = ["", "value", "interval", *(["baseline"] if baseline else [])]
        rows = []
        for name in _TOLD:
            one = cast(Any, self.metrics)[name]
            cells = [name.replace("_", " "), _number(one["value"]), _interval(one)]
            rows.append([*cells, *([_number(baseline[name]["value"])] if baseline else [])])
        images = self.ledger["images"]
        return (
            f"<p><b>{escape(classes)}</b>: {self.metrics['n']:,} test rows; "
            f"{images['featurized']:,} images featurized, {images['rejected']:,} rejected<br>"
            f"<code>{escape(self.folder)}</code></p>{_table(heads, rows)}"
        )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _interval(one: dict[str, float | None]) -> str:
    return "" if one["low"] is None else f"{_number(one['low'])} to {_number(one['high'])}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def load_run(folder: str, spark: SparkSession | None = None) -> SavedRun:
    """Load what ``sparkles train`` or ``sparkles evaluate`` wrote.

    Parameters
    ----------
    folder
        Their ``--output``.
    spark
        A session to use; default: the one that runs, or a new one.

    Returns
    -------
    SavedRun

    Raises
    ------
    ModelError
        If there is no such run.

    Examples
    --------
    >>> import sparkles
    >>> sparkles.load_run("no/such/folder")
    Traceback (most recent call last):
    sparkles.errors.ModelError: no/such/folder is no run of sparkles train or evaluate: it has no
    run.json, ledger.json, metrics.json, curves.json
    """
    session = spark or SparkSession.getActiveSession() or build_session(s3=is_s3(folder))
    folder = folder.rstrip("/")
    facts = read_facts(FileSystem(session), folder)
    return SavedRun(
        folder, facts["metrics"], facts["curves"], facts["ledger"], facts["run"], session
    )
