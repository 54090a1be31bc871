"""The life cycle of a run: a session, stages, and a folder that appears when it is complete."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from pyspark.sql import DataFrame, SparkSession

from sparkles.run_files import RunNote
from sparkles.settings import RunSettings, settings_to_json
from sparkles.settings.base import places_of
from sparkles.sources.images import is_manifest
from sparkles.spark.drafts import forget
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.interpreter import prepare_workers
from sparkles.spark.interruption import cancelled_if_interrupted
from sparkles.spark.output_folder import new_folder
from sparkles.spark.progress import Stages
from sparkles.spark.redacted_tables import redact_table
from sparkles.spark.s3_requests import paying_requests
from sparkles.spark.session import build_session
from sparkles.spark.worker_errors import raising_worker_errors
from sparkles.storage import is_s3
from sparkles.version import __version__, package_versions
from sparkles.workflow.damaged_inputs import naming_damaged_inputs

__all__ = ["Run", "open_session", "start_run"]

_PACKAGES = (
    "pyspark", "keras", "tensorflow", "tensorflow-cpu", "openvino", "nncf", "numpy", "pillow",
    "simplejpeg", "pyarrow",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One run of a command.

    Attributes
    ----------
    spark, files, stages
        The session, its file systems, and the stages with their seconds.
    settings
        The settings of the command.
    folder
        The folder to write to; it gets the name of the output when the run is complete.
    started
        When the run began, in ISO 8601.
    photos
        The counts of the photos that were found, which ``run.json`` shows.
    """

    spark: SparkSession
    files: FileSystem
    stages: Stages
    settings: RunSettings
    folder: str
    started: str
    photos: dict[str, int] = field(default_factory=dict)

    def store(self, table: DataFrame, name: str, *, for_reading: bool = False) -> DataFrame:
        """Write a table to the run's folder, and return the table as read from there.

        What stays in the folder has no secrets in URIs, unless photos are read by these URIs later
        (``for_reading``). ``_work/`` is deleted at the end.
        """
        path = f"{self.folder}/{name}"
        as_it_is = for_reading or name.startswith("_work/")
        (table if as_it_is else redact_table(table)).write.parquet(path)
        # Without the schema, Spark would run a job to read it from the files.
        return self.spark.read.schema(table.schema).parquet(path)

    def finish(self, facts: Mapping[str, object], name: str = "run.json") -> None:
        """Delete the work folder and write the note of the run."""
        self.files.delete(f"{self.folder}/_work")
        forget(self.files, self.folder)  # a command may keep the folder under another name
        self.files.write_json(f"{self.folder}/{name}", self.describe(facts))

    def describe(self, facts: Mapping[str, object]) -> RunNote:
        """Return the content of ``run.json``: how the run was made, with facts of the command."""
        note = {
            "command": type(self.settings).__name__.removesuffix("Settings").lower(),
            "settings": settings_to_json(self.settings),
            **({"photos": self.photos} if self.photos else {}),
            **facts,
            "started": self.started,
            "seconds": self.stages.seconds_so_far(),
            "versions": _versions(self.spark),
            "master": self.spark.sparkContext.master,
        }
        return cast(RunNote, note)


@contextmanager
def start_run(
    settings: RunSettings, stages: list[str], spark: SparkSession | None = None, *, shows: str = ""
) -> Iterator[Run]:
    """Start Spark, and open a folder for a command's output.

    Parameters
    ----------
    settings
        The settings of the command.
    stages
        Names of the stages, in order.
    spark
        A session to use; default: build one.
    shows
        The file in the output to name when the run is complete; default: the output itself.

    Raises
    ------
    OutputExistsError
        If the output exists and may not be replaced, or overlaps with an input.
    SparklesError
        If a worker raises it in the block.
    SourceError
        If an input turns out to be damaged.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    announced = Stages(stages, quiet=settings.quiet)
    with announced.waiting("start Spark"):
        session = open_session(settings, spark)
    files = FileSystem(session)
    with (
        paying_requests(session, settings.requester_pays),
        new_folder(
            files,
            settings.output,
            overwrite=settings.overwrite,
            inputs=places_of(settings, "input"),
            note=announced.note,
        ) as folder,
        cancelled_if_interrupted(session),
        naming_damaged_inputs(places_of(settings, "input")),
        raising_worker_errors(),
    ):
        yield Run(session, files, announced, settings, folder, started)
    announced.close(f"wrote {settings.output}{shows and f'; open {settings.output}/{shows}'}")


def open_session(settings: RunSettings, spark: SparkSession | None = None) -> SparkSession:
    """Return the given session, or the one that the settings of a command need.

    Raises
    ------
    MissingDependencyError
        If pyspark, Java or a package of the Python workers is missing.
    """
    session: SparkSession = spark or build_session(master=settings.master, s3=_needs_s3a(settings))
    prepare_workers(session)
    return session


def _needs_s3a(settings: RunSettings) -> bool:
    """Whether Spark itself opens files in S3; photos are listed and fetched by Python workers."""
    opened = places_of(settings, "input", "output")
    if not is_manifest(opened.get("images", "")):
        opened.pop("images", None)
    return any(is_s3(value) for value in opened.values())


def _versions(spark: SparkSession) -> dict[str, str]:
    versions = {"sparkles": __version__, "python": platform.python_version()}
    versions["spark"] = spark.version
    versions["java"] = str(spark._jvm.System.getProperty("java.version"))  # type: ignore[union-attr]
    return versions | package_versions(_PACKAGES)
