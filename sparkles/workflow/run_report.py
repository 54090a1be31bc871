"""Write ``report.html`` of a run from the files in its folder."""

from __future__ import annotations

from typing import cast

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.choices import Split
from sparkles.columns import SPLIT
from sparkles.errors import MissingDependencyError, ModelError, first_line
from sparkles.pages.figures import check_can_draw
from sparkles.report.report_page import render_report_page
from sparkles.run_files import LedgerFile, RunFiles, RunNote
from sparkles.settings import ReportSettings, TrainSettings, command_line
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.progress import Stages
from sparkles.workflow.galleries import build_galleries
from sparkles.workflow.run import Run
from sparkles.workflow.saved_model import SavedModel

__all__ = ["REPORT", "read_run_files", "try_report", "why_no_report", "write_report"]

REPORT = "report.html"
_FILES = ("run", "ledger", "metrics", "curves")  # the JSON files that a report is written from


def why_no_report() -> str | None:
    """Return why no report can be written here, or None if it can."""
    try:
        check_can_draw()
    except MissingDependencyError as error:
        return str(error)
    return None


def write_report(
    spark: SparkSession,
    folder: str,
    files: RunFiles,
    model: SavedModel,
    *,
    most: int,
    photos: DataFrame | None = None,
    stages: Stages | None = None,
) -> None:
    """Write ``report.html`` into the folder of a run.

    Parameters
    ----------
    folder
        A folder with ``predictions/`` and ``rejected/``.
    files
        The contents of the run's JSON files.
    model
        The trained model.
    most
        The number of photos in the galleries.
    photos
        See :func:`~sparkles.workflow.galleries.build_galleries`.
    stages
        The stages of a run that has not ended; the report's own is among its seconds.
    """
    predictions = spark.read.parquet(f"{folder}/predictions")
    galleries, maps = build_galleries(
        model,
        predictions.where(F.col(SPLIT) == Split.TEST.value),
        spark.read.parquet(f"{folder}/rejected"),
        most=most,
        photos=photos,
    )
    command = command_line("train", TrainSettings.create(files["run"]["settings"]))
    if stages is not None:
        files = {**files, "run": {**files["run"], "seconds": stages.seconds_so_far()}}
    page = render_report_page(files, galleries, command, maps=maps)
    FileSystem(spark).write_text(f"{folder}/{REPORT}", page)


def try_report(
    run: Run,
    note: RunNote,
    ledger: LedgerFile,
    model: SavedModel,
    *,
    most: int,
    photos: DataFrame | None,
) -> None:
    """Write the report of a run that is about to end; if that fails, say so and go on.

    A model that took hours to train is not lost because of a figure.

    Parameters
    ----------
    note, ledger
        The contents of ``run.json`` and ``ledger.json``; the other files are in the folder.
    model, most, photos
        See :func:`write_report`.
    """
    try:
        files: RunFiles = {
            "run": note,
            "ledger": ledger,
            "metrics": run.files.read_json(f"{run.folder}/metrics.json"),
            "curves": run.files.read_json(f"{run.folder}/curves.json"),
        }
        write_report(
            run.spark, run.folder, files, model, most=most, photos=photos, stages=run.stages
        )
    except Exception as error:  # noqa: BLE001 (whatever it is, everything else is done and saved)
        again = command_line("report", ReportSettings(run=run.settings.output))
        run.stages.say(
            f"      {REPORT} could not be written: {first_line(error)}. Everything else was; "
            f"write it later with: {again} (in Python, sparkles.commands.report)"
        )


def read_run_files(files: FileSystem, folder: str) -> RunFiles:
    """Read the JSON files of a run.

    Raises
    ------
    ModelError
        If one is missing.
    """
    missing = [f"{name}.json" for name in _FILES if not files.exists(f"{folder}/{name}.json")]
    if missing:
        raise ModelError(
            f"{folder} is not a run of sparkles train or evaluate: it has no {', '.join(missing)}"
        )
    return cast(RunFiles, {name: files.read_json(f"{folder}/{name}.json") for name in _FILES})
