"""``load_run``: a finished run as an object for notebooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pyspark.ml import PipelineModel
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.choices import Split
from sparkles.columns import IMAGE_ID, LABEL, PREDICTED_LABEL, PROBABILITY, SPLIT
from sparkles.evaluation import describe_metrics
from sparkles.ml.saved_stages import load_pipeline
from sparkles.pages import Picture
from sparkles.pages.figures import check_can_draw
from sparkles.report import CHARTS
from sparkles.run_files import Curves, Evaluation, LedgerFile, RunNote
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.progress import in_notebook
from sparkles.spark.session import running_session
from sparkles.storage import is_s3
from sparkles.workflow.classify_udf import classify_udf
from sparkles.workflow.run_display import describe_run, html_of_run, show_page
from sparkles.workflow.run_report import REPORT, read_run_files

__all__ = ["SavedRun", "load_run"]


@dataclass(frozen=True, repr=False)
class SavedRun:
    """A run of ``sparkles train`` or ``sparkles evaluate``; notebooks display it as a table.

    Attributes
    ----------
    folder
        The folder of the run.
    metrics, curves, ledger, run
        The contents of ``metrics.json``, ``curves.json``, ``ledger.json`` and ``run.json``.
    """

    folder: str
    metrics: Evaluation
    curves: Curves = field(repr=False)
    ledger: LedgerFile = field(repr=False)
    run: RunNote = field(repr=False)
    _spark: SparkSession = field(repr=False)

    def predictions(self) -> DataFrame:
        """Read the predictions for all images.

        Returns
        -------
        DataFrame
            ``image_id``, ``uri``, ``label``, ``split``, ``predicted_label``, ``probability`` (of
            the predicted class), ``probabilities`` (map from class name). ``.toPandas()``
            collects all rows, ``.limit(100).toPandas()`` some of them.
        """
        return self._spark.read.parquet(f"{self.folder}/predictions")

    def mistakes(self) -> DataFrame:
        """Read the wrong predictions for test images, the most confident first.

        The columns are those of :meth:`predictions`.
        """
        found = self.predictions().where(F.col(LABEL) != F.col(PREDICTED_LABEL))
        if self.run["command"] == "train":
            found = found.where(F.col(SPLIT) == Split.TEST.value)
        return found.orderBy(F.desc(PROBABILITY), IMAGE_ID)

    def rejected(self) -> DataFrame:
        """Read rejected images: ``image_id``, ``uri``, ``labels``, ``reason``, ``error``."""
        return self._spark.read.parquet(f"{self.folder}/rejected")

    def model(self) -> PipelineModel:
        """Load the trained model, or for an evaluation the model that was evaluated.

        Only stages that ``sparkles train`` saves are loaded, whatever the metadata name.
        """
        return load_pipeline(self._spark, self.model_path())

    def model_path(self) -> str:
        """Return the path of the trained model, or of the model that was evaluated."""
        trained = self.run["command"] == "train"
        return f"{self.folder}/model" if trained else str(self.run["settings"]["model"])

    def udf(self) -> Callable[[Column | str], Column]:
        """Make a function from a column of photos to a column of predictions.

        Returns
        -------
        callable
            Takes a column, or its name, of URIs, encoded bytes or image structs; returns a struct
            of ``predicted_label``, ``probability``, ``probabilities`` and ``error``; see
            :func:`~sparkles.register_udf`. Spark evaluates it once, also if its result is filtered.
            To use it in SQL, register it with :func:`~sparkles.register_udf`.

        Examples
        --------
        .. code-block:: python

            photos = spark.read.format("binaryFile").load("new/")
            classify = sparkles.load_run("runs/x").udf()
            photos.select("path", classify("content").alias("found")).select("path", "found.*")
        """
        return classify_udf(self._spark, self.model_path())

    def report(self) -> str:
        """Return the path of the report."""
        return f"{self.folder}/{REPORT}"

    def show(self) -> None:
        """Show the report in a notebook; elsewhere print its path and the metrics."""
        files, place = FileSystem(self._spark), self.report()
        there = files.exists(place)
        page = files.read_text(place) if there and in_notebook() else None
        where = [f"\nreport: {place}"] if there else []
        show_page(page, "\n".join([repr(self), describe_metrics(self.metrics), *where]))

    def plot_funnel(self) -> Picture:
        """Draw how label rows become training and test rows."""
        return self._draw("funnel")

    def plot_metrics(self) -> Picture:
        """Draw the metrics with their intervals, and the baseline."""
        return self._draw("metrics")

    def plot_confusion(self) -> Picture:
        """Draw the confusion matrix."""
        return self._draw("confusion")

    def plot_roc(self) -> Picture:
        """Draw the ROC curves."""
        return self._draw("roc")

    def plot_pr(self) -> Picture:
        """Draw the precision-recall curves."""
        return self._draw("pr")

    def plot_thresholds(self) -> Picture:
        """Draw the effect of a threshold on the probability."""
        return self._draw("thresholds")

    def plot_calibration(self) -> Picture:
        """Draw the reliability diagram of the probabilities."""
        return self._draw("calibration")

    def plot_seconds(self) -> Picture:
        """Draw the seconds of each stage."""
        return self._draw("seconds")

    def _draw(self, name: str) -> Picture:
        check_can_draw()
        picture = CHARTS[name](
            {
                "metrics": self.metrics,
                "curves": self.curves,
                "ledger": self.ledger,
                "run": self.run,
            }
        )
        if picture is None:
            raise ValueError(f"there is no {name} curve: no class has positive and negative rows")
        return picture

    def __repr__(self) -> str:
        """Show the folder, the classes, the number of test rows and the accuracy."""
        return f"SavedRun({describe_run(self.folder, self.metrics)})"

    def _repr_html_(self) -> str:
        return html_of_run(self.folder, self.metrics, self.ledger)


def load_run(folder: str, spark: SparkSession | None = None) -> SavedRun:
    """Load a run of ``sparkles train`` or ``sparkles evaluate``.

    Parameters
    ----------
    folder
        The output folder of the run.
    spark
        A session to use; default: the active session, or a new one.

    Returns
    -------
    SavedRun

    Raises
    ------
    ModelError
        If the folder is not such a run.

    Examples
    --------
    >>> import sparkles
    >>> sparkles.load_run("no/such/folder")
    Traceback (most recent call last):
    sparkles.errors.ModelError: no/such/folder is not a run of sparkles train or evaluate: it has no
    run.json, ledger.json, metrics.json, curves.json
    """
    session = running_session(spark, s3=is_s3(folder))
    folder = folder.rstrip("/")
    files = read_run_files(FileSystem(session), folder)
    return SavedRun(
        folder, files["metrics"], files["curves"], files["ledger"], files["run"], session
    )
