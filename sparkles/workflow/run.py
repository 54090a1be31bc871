"""One run of a command: a session, a folder that appears when it is complete, stages, a note."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from sparkles.settings import Settings, places_of, settings_to_json
from sparkles.sources.images import is_manifest
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.output_folder import new_folder
from sparkles.spark.progress import Stages
from sparkles.spark.s3_requests import paying_requests
from sparkles.spark.session import build_session
from sparkles.storage import is_s3
from sparkles.version import __version__, package_versions

__all__ = ["Run", "start_run"]

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
        What was asked for.
    folder
        Where to write; it appears under its own name when the run is complete.
    started
        When the run began, in ISO 8601.
    """

    spark: SparkSession
    files: FileSystem
    stages: Stages
    settings: Settings
    folder: str
    started: str

    def store(self, table: DataFrame, name: str) -> DataFrame:
        """Write a table into the run's folder, and read it from there from now on."""
        path = f"{self.folder}/{name}"
        table.write.parquet(path)
        return self.spark.read.parquet(path)

    def finish(self, facts: Mapping[str, Any], name: str = "run.json") -> None:
        """Drop the work folder and write how the run was made."""
        self.files.delete(f"{self.folder}/_work")
        self.files.write_json(f"{self.folder}/{name}", self.describe(facts))

    def describe(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """How the run was made, as far as it has come: the content of ``run.json``."""
        return {
            "command": type(self.settings).__name__.removesuffix("Settings").lower(),
            "settings": settings_to_json(self.settings),
            **facts,
            "started": self.started,
            "seconds": self.stages.seconds,
            "versions": _versions(self.spark),
            "master": self.spark.sparkContext.master,
        }


@contextmanager
def start_run(settings: Any, stages: list[str], spark: SparkSession | None = None) -> Iterator[Run]:
    """Start Spark and a folder for a command's output.

    Parameters
    ----------
    settings
        With ``output`` and ``overwrite``.
    stages
        Names of the stages to come.
    spark
        A session to use; default: build one.

    Raises
    ------
    OutputExistsError
        If the output exists and may not be replaced, or overlaps with an input.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    announced = Stages(stages, quiet=settings.quiet)
    session = spark or build_session(master=settings.master, s3=_needs_s3a(settings))
    files = FileSystem(session)
    pays = getattr(settings, "requester_pays", False)
    with (
        paying_requests(session, pays),
        new_folder(
            files,
            settings.output,
            overwrite=settings.overwrite,
            inputs=places_of(settings, "input"),
        ) as folder,
    ):
        yield Run(session, files, announced, settings, folder, started)


def _needs_s3a(settings: Settings) -> bool:
    """Whether Spark itself opens anything in S3; the Python workers list and fetch photos."""
    opened = {name: value for name, value in vars(settings).items() if isinstance(value, str)}
    if not is_manifest(opened.get("images", "")):
        opened.pop("images", None)
    return any(is_s3(value) for value in opened.values())


def _versions(spark: SparkSession) -> dict[str, str]:
    versions = {"sparkles": __version__, "python": platform.python_version()}
    versions["spark"] = spark.version
    versions["java"] = str(spark._jvm.System.getProperty("java.version"))  # type: ignore[union-attr]
    return versions | package_versions(_PACKAGES)
