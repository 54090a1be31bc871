"""What the commands share: a session, a folder that appears when complete, the network's pass."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles import __version__
from sparkles.columns import ERROR, IMAGE, PRECISION, REASON, URI
from sparkles.features import featurize_photos, split_rejected
from sparkles.features.featurize import reason_of
from sparkles.filesystem import FileSystem, paying_requests, s3_options
from sparkles.ml import DeepImageFeaturizer
from sparkles.output_folder import new_folder
from sparkles.progress import Stages, show_progress
from sparkles.session import build_session
from sparkles.settings import Settings, places_of, settings_to_json
from sparkles.sources.images import is_manifest
from sparkles.storage import check_not_all_refused, is_s3
from sparkles.workflow.network import describe_precisions

__all__ = ["Featurized", "Run", "start_run"]

_TRIED = 8  # photos in S3 that are asked for before a job
_PACKAGES = (
    "pyspark", "keras", "tensorflow", "tensorflow-cpu", "openvino", "nncf", "numpy", "pillow",
    "simplejpeg", "pyarrow",
)  # fmt: skip


@dataclass(frozen=True)
class Featurized:
    """What came of putting photos through the network.

    Attributes
    ----------
    good
        ``image_id``, ``uri``, ``features`` array<float>.
    rejected
        ``image_id``, ``uri``, ``reason``, ``error``.
    featurized
        How many are good.
    reasons
        How many were rejected, by reason.
    precisions
        How many were featurized, by what their features were computed in.
    """

    good: DataFrame
    rejected: DataFrame
    featurized: int
    reasons: dict[str, int]
    precisions: dict[str, int]

    def account(self) -> dict[str, Any]:
        """What ``_run.json`` says of the images: named = featurized + rejected, and the reasons."""
        rejected = sum(self.reasons.values())
        named = self.featurized + rejected
        images = {"named": named, "featurized": self.featurized, "rejected": rejected}
        return {"images": images, "rejected": self.reasons, "precisions": self.precisions}


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

    def store_unless_whole(self, photos: DataFrame) -> DataFrame:
        """Store photos by reference; photos that hold bytes or pixels stay where they are."""
        return photos if IMAGE in photos.columns else self.store(photos, "_work/unique_photos")

    def featurize(
        self, photos: DataFrame, featurizer: DeepImageFeaturizer, count: int
    ) -> Featurized:
        """Put each photo through the network once; all that follows reads the result.

        Parameters
        ----------
        photos
            Unique ``image_id``; ``uri``, null where there is no photo; perhaps ``image``.
        count
            How many there are.
        """
        self.check_photos(photos)
        with show_progress(self.spark.sparkContext, count, quiet=self.stages.quiet) as done:
            lazy = featurize_photos(photos, featurizer.countingPhotos(done), count)
            features = self.store(lazy, "_work/features")
        good, rejected = split_rejected(features)
        reason = reason_of(F.col(ERROR)).alias(REASON)
        reasons: dict[str, int] = {}
        precisions: dict[str, int] = {}
        for row in features.groupBy(reason, PRECISION).count().sort(REASON, PRECISION).collect():
            of, key = (precisions, PRECISION) if row[REASON] is None else (reasons, REASON)
            of[row[key]] = int(row["count"])
        featurized = Featurized(good, rejected, sum(precisions.values()), reasons, precisions)
        self._report(featurized)
        return featurized

    def check_photos(self, photos: DataFrame) -> None:
        """Refuse photos in S3 that this job may not read, before it tries them all.

        Raises
        ------
        SourceError
        """
        if IMAGE in photos.columns:
            return
        in_s3 = photos.select(URI).where(F.col(URI).rlike("^(?i)s3[an]?:"))
        some = in_s3.orderBy(F.xxhash64(URI)).limit(_TRIED).collect()
        if some:
            check_not_all_refused([row[URI] for row in some], s3_options(self.spark))

    def _report(self, done: Featurized) -> None:
        rejected = ", ".join(f"{count:,} {reason}" for reason, count in done.reasons.items())
        computed = describe_precisions(done.precisions)
        self.stages.say(
            f"      {done.featurized:,} featurized{computed and ', ' + computed}; rejected: "
            f"{rejected or 'none'}"
        )

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
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
