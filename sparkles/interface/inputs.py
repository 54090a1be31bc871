"""Turn what a Python user gives into settings, a session and DataFrames."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from sparkles.columns import CONTENT, IMAGE, IMAGE_ID, PATH, URI
from sparkles.errors import SettingsError
from sparkles.settings import FeaturizerSettings, RunSettings, Settings
from sparkles.workflow.before_start import check_before_start
from sparkles.workflow.network_setup import build_featurizer
from sparkles.workflow.run import open_session
from sparkles.workflow.saved_model import ModelPlace, find_model
from sparkles.workflow.saved_run import SavedRun

__all__ = ["Inputs", "LabelTable", "ModelPlace", "PhotoTable", "Place", "read_inputs"]

Place: TypeAlias = "str | os.PathLike[str]"
Table: TypeAlias = "DataFrame | pd.DataFrame"
PhotoTable: TypeAlias = "Place | Table | Sequence[Place]"
LabelTable: TypeAlias = "Place | Table"

_Settings = TypeVar("_Settings", bound=RunSettings)

_IN_MEMORY = "(DataFrame)"  # what run.json has where there is no path
_HOME = "runs"


@dataclass(frozen=True)
class Inputs(Generic[_Settings]):
    """What a command is called with.

    Attributes
    ----------
    settings, spark
        Its settings, and a session if there is one.
    tables
        The DataFrames that were given, as the keywords ``photos`` and ``labels``.
    """

    settings: _Settings
    spark: SparkSession | None
    tables: dict[str, Any]


def read_inputs(
    kind: type[_Settings],
    spark: SparkSession | None,
    more: Mapping[str, Any],
    **given: Any,
) -> Inputs[_Settings]:
    """Check the settings, and only then start Spark if a DataFrame of pandas needs it.

    Parameters
    ----------
    kind
        The settings of the command.
    spark
        A session to use.
    more, given
        Settings by name; those that are ``None`` in ``given`` are left out. ``images`` and
        ``labels`` may be DataFrames, ``model`` may be a run.

    Raises
    ------
    UserError
        If a setting is unknown or does not fit, or there is no such network.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    photos, labels = chosen.get("images"), chosen.get("labels")
    if _is_table(photos) or _is_listing(photos):
        chosen["images"] = _IN_MEMORY
    if _is_table(labels):
        del chosen["labels"]
    if "model" in chosen:
        model = chosen["model"]
        place = model if isinstance(model, SavedRun) else _path_of("model", model)
        chosen["model"] = find_model(place, os.path.exists)
    chosen.setdefault("output", _new_output(kind))
    for name in ("images", "labels", "output"):
        if name in chosen:
            chosen[name] = _path_of(name, chosen[name])
    plain = {n: os.fspath(v) if isinstance(v, os.PathLike) else v for n, v in more.items()}
    settings = kind.create({**chosen, **plain})
    _check_network(settings)
    tables = {"labels": labels} if _is_table(labels) else {}
    if _is_table(photos) or _is_listing(photos):
        check_before_start(settings, spark, photos=photos, labels=tables.get("labels"))
        spark = open_session(settings, spark)
        tables["photos"] = _photo_table(spark, photos)
    return Inputs(settings, spark, tables)


def _check_network(settings: Settings) -> None:
    """Check the names of network, weights, engine and layer, if the command has such settings."""
    if isinstance(settings, FeaturizerSettings):
        build_featurizer(settings)


def _is_table(value: object) -> bool:
    return isinstance(value, DataFrame | pd.DataFrame)


def _is_listing(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _path_of(name: str, value: object) -> str:
    if isinstance(value, str | os.PathLike):
        return str(os.fspath(value))
    expected = {
        "images": "a path, a list of paths, or a DataFrame of Spark or pandas",
        "labels": "a path, or a DataFrame of Spark or pandas",
        "model": "a path, or a run that load_run gives",
    }
    raise SettingsError(
        f"{name}: expected {expected.get(name, 'a path')}; got {type(value).__name__}",
        settings=[name],
    )


def _new_output(kind: type[RunSettings]) -> str:
    """Name a folder that does not exist, after the command and the time."""
    command = kind.__name__.removesuffix("Settings").lower()
    name = f"{_HOME}/{command}-{datetime.now():%Y%m%d-%H%M%S}"
    number = 2
    place = name
    while Path(place).exists():
        place, number = f"{name}-{number}", number + 1
    return place


def _photo_table(spark: SparkSession, photos: Any) -> DataFrame:
    """Return photos as :func:`~sparkles.sources.photos_from_dataframe` takes them.

    It does not know a table with nothing but paths, nor ``content`` with an ``image_id``.
    """
    if _is_listing(photos):
        photos = pd.DataFrame({PATH: [_path_of("images", place) for place in photos]})
    if isinstance(photos, pd.DataFrame):
        photos = spark.createDataFrame(_absolute(photos))
    table: DataFrame = photos
    names = set(table.columns)
    if IMAGE_ID in names and CONTENT in names and not names & {IMAGE, PATH}:
        return table.withColumnRenamed(CONTENT, IMAGE)
    place = next((name for name in (URI, PATH) if name in names), None)
    if place is None or names & {CONTENT, IMAGE}:
        return table
    given = [IMAGE_ID] if IMAGE_ID in names else []
    return table.select(*given, F.col(place).alias(URI))


def _absolute(photos: pd.DataFrame) -> pd.DataFrame:
    """Make relative paths absolute: the workers may be in another folder."""
    changed = {
        name: [_absolute_path(place) for place in photos[name]]
        for name in (URI, PATH)
        if name in photos.columns
    }
    return photos.assign(**changed)


def _absolute_path(place: Any) -> Any:
    if isinstance(place, os.PathLike):
        place = os.fspath(place)
    return place if not isinstance(place, str) or ":" in place else str(Path(place).absolute())
