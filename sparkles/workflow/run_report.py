"""``report.html`` of a run, from what its folder holds."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.choices import Split
from sparkles.columns import SPLIT
from sparkles.errors import MissingDependencyError, ModelError
from sparkles.pages.figures import check_can_draw
from sparkles.report.report_page import render_report_page
from sparkles.settings import TrainSettings, command_line
from sparkles.spark.filesystem import FileSystem
from sparkles.workflow.galleries import build_galleries
from sparkles.workflow.run import Run
from sparkles.workflow.saved_model import SavedModel

__all__ = ["FACTS", "PAGE", "cannot_draw", "read_facts", "try_page", "write_page"]

PAGE = "report.html"
_MEASURED = ("metrics", "curves")
FACTS = ("run", "ledger", "metrics", "curves")  # the files that a page is written from


def cannot_draw() -> str | None:
    """Why there can be no page here; None where there can."""
    try:
        check_can_draw()
    except MissingDependencyError as error:
        return str(error)
    return None


def write_page(
    spark: SparkSession,
    folder: str,
    facts: dict[str, Any],
    model: SavedModel,
    *,
    most: int,
    photos: DataFrame | None = None,
) -> None:
    """Write ``report.html`` into a run's folder.

    Parameters
    ----------
    folder
        With ``predictions/`` and ``rejected/``.
    facts
        What its JSON files hold; see :data:`FACTS`.
    model
        The trained model.
    most
        Photos in the galleries.
    photos
        ``image_id`` and ``image``, where photos are no files that their URIs lead to.
    """
    predictions = spark.read.parquet(f"{folder}/predictions")
    galleries, maps = build_galleries(
        model,
        predictions.where(F.col(SPLIT) == Split.TEST.value),
        spark.read.parquet(f"{folder}/rejected"),
        most=most,
        photos=photos,
    )
    command = command_line("train", TrainSettings.create(facts["run"]["settings"]))
    page = render_report_page(facts, galleries, command, maps=maps)
    FileSystem(spark).write_text(f"{folder}/{PAGE}", page)


def try_page(run: Run, facts: dict[str, Any], model: SavedModel, **more: Any) -> None:
    """Write the page of a run that is about to end, and never fail it.

    A model that took hours is not lost for a figure; what went wrong is said, with the remedy.

    Parameters
    ----------
    facts
        ``run`` and ``ledger``; the rest is in the folder.
    more
        As for :func:`write_page`.
    """
    try:
        read = {name: run.files.read_json(f"{run.folder}/{name}.json") for name in _MEASURED}
        write_page(run.spark, run.folder, read | facts, model, **more)
    except Exception as error:  # noqa: BLE001 (whatever it is: all else is done and saved)
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        run.stages.say(
            f"      {PAGE} could not be written: {reason}. All else is; try again with: sparkles "
            f"report --run {run.settings.output}"  # type: ignore[attr-defined]
        )


def read_facts(files: FileSystem, folder: str) -> dict[str, Any]:
    """Read the JSON files of a run, by their names without suffix.

    Raises
    ------
    ModelError
        If one is missing.
    """
    missing = [f"{name}.json" for name in FACTS if not files.exists(f"{folder}/{name}.json")]
    if missing:
        raise ModelError(
            f"{folder} is no run of sparkles train or evaluate: it has no {', '.join(missing)}"
        )
    return {name: files.read_json(f"{folder}/{name}.json") for name in FACTS}
