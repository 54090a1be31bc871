"""What can be checked of a command's settings before Spark starts: all of it, in one go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

from pyspark.sql import SparkSession

from sparkles.choices import EngineName, OtherOpinion
from sparkles.errors import (
    MissingDependencyError,
    SettingsError,
    SourceError,
    UserError,
    problems_of,
    raise_together,
)
from sparkles.explanation.second_opinion import import_shap
from sparkles.models.engines.openvino import import_openvino
from sparkles.models.keras_import import import_keras
from sparkles.models.registry import lookup_model
from sparkles.models.weights import check_weights_file
from sparkles.pages.figures import check_can_draw
from sparkles.settings import (
    DemoSettings,
    ExplainSettings,
    ExploreSettings,
    FeaturizerSettings,
    OutputSettings,
    ReportSettings,
    Settings,
    TrainSettings,
)
from sparkles.settings.base import places_of
from sparkles.spark.output_folder import check_local_output
from sparkles.spark.output_place import (
    check_can_write,
    check_name,
    check_output_apart_from_inputs,
)
from sparkles.spark.session import UNDER_SUBMIT, find_java
from sparkles.storage import is_local, is_s3, local_path, split_s3
from sparkles.workflow.network_setup import make_featurizer
from sparkles.workflow.saved_model import check_is_model

__all__ = ["check_before_start", "find_problems"]

_CALLED = {"images": "photos", "class_names": "class names"}
_PATTERN = set("*?[{")
_FIGURES = ("jinja2", "matplotlib", "scipy")


def check_before_start(
    settings: Settings,
    spark: SparkSession | None = None,
    *,
    photos: object = None,
    labels: object = None,
) -> None:
    """Check files, names, packages and the output of a command; nothing is started or opened.

    Parameters
    ----------
    settings
        The settings of the command.
    spark
        The session that the command is to use, if there is one.
    photos, labels
        DataFrames that replace ``settings.images`` and ``settings.labels``.

    Raises
    ------
    UserError
        If the command cannot succeed; a :class:`~sparkles.errors.ProblemsError` if there is more
        than one reason.

    Examples
    --------
    >>> from sparkles.settings import PredictSettings
    >>> check_before_start(PredictSettings(model="no/model", images="no/photos", output="new"))
    Traceback (most recent call last):
    sparkles.errors.ProblemsError: 2 problems:
      1. there is no saved model at no/model: it has no metadata.
      2. photos: there is nothing at no/photos
    """
    raise_together(find_problems(settings, spark, photos=photos, labels=labels))


def find_problems(
    settings: Settings,
    spark: SparkSession | None = None,
    *,
    photos: object = None,
    labels: object = None,
) -> list[UserError]:
    """Return what :func:`check_before_start` raises; settings may be a draft with empty values."""
    session = spark or SparkSession.getActiveSession()
    replaced = {"images"} if photos is not None else set()
    replaced |= {"labels"} if labels is not None else set()
    inputs = {
        name: place
        for name, place in places_of(settings, "input").items()
        if place and name not in replaced
    }
    return [
        *_places(settings, inputs, session),
        *_network(settings),
        *_packages(settings, inputs, session),
    ]


def _caught(check: Callable[..., object], *arguments: object, **more: object) -> list[UserError]:
    try:
        check(*arguments, **more)
    except UserError as error:
        return problems_of(error)
    return []


def _places(
    settings: Settings, inputs: dict[str, str], session: SparkSession | None
) -> Iterator[UserError]:
    """Check local paths; Spark finds out about the others."""
    for name, place in {**inputs, **places_of(settings, "output")}.items():
        yield from _caught(_check_names_something, name, place)
    bare = _bare_paths_are_local(session)
    here = {name: place for name, place in inputs.items() if _is_here(place, bare=bare)}
    for name, place in here.items():
        if name == "model":
            yield from _caught(check_is_model, place, _exists)
        else:
            yield from _caught(_check_exists, name, place)
    if not isinstance(settings, OutputSettings) or not settings.output:
        return
    holds_model = isinstance(settings, TrainSettings | DemoSettings)
    unusable = _caught(check_name, settings.output, holds_model=holds_model)
    yield from unusable
    if unusable:
        return
    if is_s3(settings.output):
        here = {name: place for name, place in inputs.items() if is_s3(place)}
        yield from _caught(check_output_apart_from_inputs, None, settings.output, here)
    if not _is_here(settings.output, bare=bare):
        return
    overlap = _caught(check_output_apart_from_inputs, None, settings.output, here)
    # An input exists, which need not be said as well.
    problems = overlap or _caught(check_local_output, settings.output, overwrite=settings.overwrite)
    yield from problems or _caught(check_can_write, settings.output)


def _check_names_something(name: str, place: str) -> None:
    if is_s3(place) and not split_s3(place)[0].strip():
        raise SettingsError(
            f"{name}: expected s3://BUCKET/ and what is in it, got {place!r}", settings=[name]
        )
    if place.lower().rstrip("/") == "file:":
        raise SettingsError(f"{name}: expected a path, got {place!r}", settings=[name])


def _bare_paths_are_local(session: SparkSession | None) -> bool:
    """Whether a path without a scheme is on this machine; Hadoop can have another default."""
    if session is None:
        return UNDER_SUBMIT not in os.environ and "HADOOP_CONF_DIR" not in os.environ
    hadoop: Any = session.sparkContext._jsc.hadoopConfiguration()
    return str(hadoop.get("fs.defaultFS")).startswith("file:")


def _is_here(place: str, *, bare: bool) -> bool:
    return bool(place) and is_local(place) and (bare or place.lower().startswith("file:"))


def _exists(path: str) -> bool:
    return local_path(path).exists()


def _check_exists(name: str, place: str) -> None:
    if not _exists(place) and not _PATTERN & set(place):
        called = _CALLED.get(name, name)
        raise SourceError(f"{called}: there is nothing at {place}", settings=[name])


def _network(settings: Settings) -> Iterator[UserError]:
    if not isinstance(settings, FeaturizerSettings | DemoSettings):
        return
    problems = _caught(lookup_model, settings.model) if settings.model else []
    problems += _caught(check_weights_file, settings.weights) if settings.weights else []
    yield from problems
    whole = not (problems or settings.find_problems())
    if whole and isinstance(settings, FeaturizerSettings):
        yield from _caught(make_featurizer, settings)


def _packages(
    settings: Settings, inputs: dict[str, str], session: SparkSession | None
) -> Iterator[UserError]:
    """Check that packages are there: looked for first, because most are slow to import."""
    if isinstance(settings, ExploreSettings | ReportSettings) and _lacks(*_FIGURES):
        yield from _caught(check_can_draw)
    with_shap = (
        isinstance(settings, ExplainSettings) and settings.second_opinion is OtherOpinion.SHAP
    )
    if with_shap and _lacks("shap"):
        yield from _caught(import_shap)
    if isinstance(settings, FeaturizerSettings | DemoSettings):
        if settings.engine is EngineName.KERAS and _lacks("keras", "tensorflow"):
            yield from _caught(import_keras)
        if settings.engine is EngineName.OPENVINO and _lacks("openvino"):
            yield from _caught(import_openvino)
    if _lacks("boto3") and any(is_s3(place) for place in inputs.values()):
        yield MissingDependencyError.of_extra("S3 is read with boto3", "s3")
    if session is None and UNDER_SUBMIT not in os.environ:
        yield from _caught(find_java)


def _lacks(*packages: str) -> bool:
    return any(find_spec(package) is None for package in packages)
