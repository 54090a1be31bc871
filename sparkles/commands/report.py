"""``sparkles report``: write the report of a finished training run again."""

from __future__ import annotations

from pyspark.sql import SparkSession

from sparkles.errors import ModelError
from sparkles.settings import ReportSettings
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.progress import Stages
from sparkles.spark.session import build_session
from sparkles.storage import is_s3
from sparkles.workflow.before_start import check_before_start
from sparkles.workflow.run_report import REPORT, read_run_files, write_report
from sparkles.workflow.saved_model import load_model

__all__ = ["report"]


def report(settings: ReportSettings, spark: SparkSession | None = None) -> str:
    """Write the report of a finished training run again.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.ReportSettings`.
    spark
        A session to use; default: build one.

    Returns
    -------
    str
        The path of the report.

    Raises
    ------
    MissingDependencyError
        If the plotting libraries are not installed.
    ModelError
        If the folder is not a training run.
    """
    check_before_start(settings, spark)
    session = spark or build_session(master=settings.master, s3=is_s3(settings.run))
    folder = settings.run.rstrip("/")
    files = read_run_files(FileSystem(session), folder)
    command = files["run"]["command"]
    if command != "train":
        raise ModelError(f"{folder} is a run of {command}; only runs of train have a report")
    model = load_model(session, f"{folder}/model")
    write_report(session, folder, files, model, most=settings.report_photos)
    Stages([], quiet=settings.quiet).say(f"wrote {folder}/{REPORT}")
    return f"{folder}/{REPORT}"
