"""``sparkles report``: the page of a finished training run, written anew."""

from __future__ import annotations

from pyspark.sql import SparkSession

from sparkles.errors import ModelError
from sparkles.pages.figures import check_can_draw
from sparkles.settings import ReportSettings
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.progress import Stages
from sparkles.spark.session import build_session
from sparkles.storage import is_s3
from sparkles.workflow.run_report import PAGE, read_facts, write_page
from sparkles.workflow.saved_model import load_model

__all__ = ["report"]


def report(settings: ReportSettings, spark: SparkSession | None = None) -> str:
    """Write the report of a finished training run anew.

    Parameters
    ----------
    settings
        See :class:`~sparkles.settings.ReportSettings`.
    spark
        A session to use; default: build one.

    Returns
    -------
    str
        The page's path.

    Raises
    ------
    MissingDependencyError
        If the plotting libraries are not installed.
    ModelError
        If the folder is no training run.
    """
    check_can_draw()
    session = spark or build_session(master=settings.master, s3=is_s3(settings.run))
    folder = settings.run.rstrip("/")
    facts = read_facts(FileSystem(session), folder)
    if facts["run"]["command"] != "train":
        raise ModelError(f"{folder} is a run of {facts['run']['command']}; only train has a report")
    model = load_model(session, f"{folder}/model")
    write_page(session, folder, facts, model, most=settings.report_photos)
    Stages([], quiet=settings.quiet).say(f"wrote {folder}/{PAGE}")
    return f"{folder}/{PAGE}"
