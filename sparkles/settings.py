"""What a user can choose, as data: the command line, the config file and ``run.json`` follow it."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self, TypeVar, Union

import yaml

from sparkles.columns import Ambiguous, ClassWeights, EngineName, Precision
from sparkles.errors import PhotoError, SettingsError, nearest
from sparkles.storage import read_bytes

__all__ = [
    "DemoPhotos",
    "DemoSettings",
    "EvaluateSettings",
    "ExploreSettings",
    "FeaturizeSettings",
    "Listing",
    "PoolingChoice",
    "PredictSettings",
    "PrepareSettings",
    "Settings",
    "TrainSettings",
    "read_config",
]

_REQUIRED = "required"
_UNITS = "metavar"
_S = TypeVar("_S", bound="Settings")


def _option(help_text: str, default: Any = MISSING, metavar: str | None = None) -> Any:
    """Declare a field with its help; without a default the user must give it."""
    notes = {"help": help_text, _REQUIRED: default is MISSING, _UNITS: metavar}
    return field(default=None if default is MISSING else default, metadata=notes)


class PoolingChoice(StrEnum):
    """How the last feature map becomes a vector."""

    AVG = "avg"
    MAX = "max"
    NONE = "none"


class DemoPhotos(StrEnum):
    """What the demo works on."""

    DRAWN = "drawn"
    OPEN_IMAGES = "open-images"


class Listing(StrEnum):
    """Whether photos are listed, or looked up by the names ``<image_id>.jpg``."""

    AUTO = "auto"  # folders are listed, prefixes in S3 only where nothing else names the photos
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every command takes."""

    master: str | None = _option("Spark master, as local[2] or spark://host:7077", None, "URL")
    quiet: bool = _option("print no progress", False)

    @classmethod
    def create(cls, given: Mapping[str, Any]) -> Self:
        """Build settings from what was given, with clear errors.

        Parameters
        ----------
        given
            Values by field name, as text from a command line or typed from a config file.

        Raises
        ------
        SettingsError
            If a name is unknown, a value does not fit, or a required one is missing.

        Examples
        --------
        >>> PredictSettings.create({"model": "m", "images": "photos", "output": "o"}).overwrite
        False
        >>> PredictSettings.create({"model": "m", "images": "photos"})
        Traceback (most recent call last):
        sparkles.errors.SettingsError: --output is missing: folder to write; it must not exist
        >>> PredictSettings.create({"modle": "m"})
        Traceback (most recent call last):
        sparkles.errors.SettingsError: there is no setting 'modle'. Did you mean model?
        """
        known = {option.name: option for option in fields(cls)}
        types_by_name = typing.get_type_hints(cls)
        values = {}
        for name, value in given.items():
            if name not in known:
                raise SettingsError(f"there is no setting {name!r}.{nearest(name, known)}")
            values[name] = _convert(name, types_by_name[name], value)
        settings = cls(**values)
        for name, option in known.items():
            if option.metadata.get(_REQUIRED) and not getattr(settings, name):
                raise SettingsError(f"{flag(name)} is missing: {option.metadata['help']}")
        return settings


@dataclass(frozen=True, kw_only=True)
class _Output(Settings):
    output: str = _option("folder to write; it must not exist", metavar="DIR")
    overwrite: bool = _option("replace the output if it exists", False)


@dataclass(frozen=True, kw_only=True)
class _Access(Settings):
    list_images: Listing = _option(
        "whether to list the photos or go by their names; auto lists folders, and s3:// only where "
        "no labels name the photos",
        Listing.AUTO,
    )
    requester_pays: bool = _option("pay for reading photos in a requester-pays bucket", False)


@dataclass(frozen=True, kw_only=True)
class _Images(_Access):
    images: str = _option(
        "folder or s3:// prefix of photos called <ImageID>.jpg, or a manifest (.csv, .parquet) "
        "with image_id and uri",
        metavar="PATH",
    )


@dataclass(frozen=True, kw_only=True)
class _Trust(Settings):
    min_confidence: float = _option("least Confidence of a positive label", 1.0, "X")
    sources: tuple[str, ...] = _option("label Sources that count, as verification", (), "A,B")


@dataclass(frozen=True, kw_only=True)
class _LabelRules(_Trust):
    ambiguous: Ambiguous = _option(
        "images with several of the chosen classes: drop them, take the class named first, or "
        "keep one row per class",
        Ambiguous.DROP,
    )


@dataclass(frozen=True, kw_only=True)
class _Labels(_LabelRules):
    labels: str = _option("CSV with ImageID,Source,LabelName,Confidence", metavar="CSV")
    class_names: str | None = _option("CSV of MID and display name", None, "CSV")
    classes: tuple[str, ...] = _option("classes to tell apart, by name or MID", metavar="A,B")


@dataclass(frozen=True, kw_only=True)
class _Split(Settings):
    test_fraction: float = _option("part of the images to test on", 0.3, "X")
    validation_fraction: float = _option("part of the images to hold back beside", 0.0, "X")
    seed: int = _option("of the split, random weights and intervals", 0, "N")


@dataclass(frozen=True, kw_only=True)
class _NetworkOptions(Settings):
    weights: str | None = _option(
        "imagenet, embedded, random, or a file; default: the network's own", None, "WEIGHTS"
    )
    output_layer: str | None = _option("layer to cut the network at, as mixed8", None, "LAYER")
    pooling: PoolingChoice = _option("how a feature map becomes a vector", PoolingChoice.AVG)
    engine: EngineName = _option("what runs the network", EngineName.AUTO)
    precision: Precision = _option(
        "what the network computes in; auto is bf16 where the CPU has it natively, else f32",
        Precision.AUTO,
    )
    batch_size: int = _option("photos that go through the network together", 16, "N")


@dataclass(frozen=True, kw_only=True)
class _Network(_NetworkOptions):
    model: str = _option("network, as InceptionV3 or MobileNetV2-0.35", "InceptionV3", "NAME")


@dataclass(frozen=True, kw_only=True)
class _Classifier(Settings):
    max_iter: int = _option("iterations of the logistic regression", 20, "N")
    reg_param: float = _option("its regularization", 0.05, "X")
    elastic_net_param: float = _option("0 = ridge, 1 = lasso", 0.3, "X")
    class_weights: ClassWeights = _option("balanced counts every class alike", ClassWeights.NONE)


@dataclass(frozen=True, kw_only=True)
class PrepareSettings(_Output, _Split, _Labels, _Images):
    """Join labels and photos into a dataset, without opening a photo."""


@dataclass(frozen=True, kw_only=True)
class TrainSettings(_Output, _Classifier, _Network, _Split, _Labels, _Images):
    """Train, save and evaluate a classifier."""


@dataclass(frozen=True, kw_only=True)
class FeaturizeSettings(_Output, _Network, _Images):
    """Write the features of photos as Parquet."""

    labels: str | None = _option("featurize only photos that these labels name", None, "CSV")
    seed: int = _option("of random weights", 0, "N")


@dataclass(frozen=True, kw_only=True)
class EvaluateSettings(_Output, _LabelRules, _Images):
    """Evaluate a saved model on other labels."""

    model: str = _option("saved model, as runs/demo/model", metavar="DIR")
    labels: str = _option("CSV with ImageID,Source,LabelName,Confidence", metavar="CSV")
    class_names: str | None = _option("CSV of MID and display name", None, "CSV")
    seed: int = _option("of the intervals", 0, "N")


@dataclass(frozen=True, kw_only=True)
class PredictSettings(_Output, _Images):
    """Predict the classes of photos with a saved model."""

    model: str = _option("saved model, as runs/demo/model", metavar="DIR")


@dataclass(frozen=True, kw_only=True)
class ExploreSettings(_Output, _Trust, _Access):
    """Count and draw what labels and photos are like, before anything is trained."""

    labels: str = _option("CSV with ImageID,Source,LabelName,Confidence", metavar="CSV")
    class_names: str | None = _option("CSV of MID and display name", None, "CSV")
    classes: tuple[str, ...] = _option(
        "classes whose balance to look at, by name or MID; then only their photos are opened",
        (),
        "A,B",
    )
    images: str | None = _option(
        "folder or s3:// prefix of photos called <ImageID>.jpg, or a manifest; only the first "
        "kilobytes of each are read; default: labels alone",
        None,
        "PATH",
    )
    top: int = _option("classes to draw and to pair, the most frequent ones", 48, "N")


@dataclass(frozen=True, kw_only=True)
class DemoSettings(_Output, _NetworkOptions):
    """Run the whole job on photos that are drawn here, or on real ones."""

    output: str = _option("folder to write", "runs/demo", "DIR")
    photos: DemoPhotos = _option(
        "drawn here, or real ones from the public bucket", DemoPhotos.DRAWN
    )
    limit: int = _option("photos to use", 400, "N")
    model: str | None = _option(
        "network; default: SparklesDemo for drawn photos, InceptionV3 for real ones", None, "NAME"
    )
    seed: int = _option("of the drawings and the split", 0, "N")


def flag(name: str) -> str:
    """How a setting is called on the command line.

    Examples
    --------
    >>> flag("class_names")
    '--class-names'
    """
    return "--" + name.replace("_", "-")


def read_config(path: str) -> dict[str, Any]:
    """Read settings from a YAML or JSON file; dashes in names are as good as underscores.

    Parameters
    ----------
    path
        A local path, or an ``s3://`` or ``http(s)://`` URI.

    Raises
    ------
    SettingsError
        If it cannot be read, or is no mapping.
    """
    try:
        content = yaml.safe_load(read_bytes(path).decode())  # JSON is YAML, too
    except PhotoError as error:  # what storage tells of any file
        raise SettingsError(f"config {path} cannot be read: {error.detail}") from error
    except (ValueError, yaml.YAMLError) as error:  # ValueError: no UTF-8, no such date
        raise SettingsError(
            f"config {path} cannot be read: {str(error).splitlines()[0]}"
        ) from error
    if not isinstance(content, dict):
        raise SettingsError(f"config {path}: expected names and values, as in 'model: InceptionV3'")
    return {str(name).replace("-", "_"): value for name, value in content.items()}


def settings_to_json(settings: Settings) -> dict[str, Any]:
    """Settings as ``run.json`` and a config file have them."""
    values = {option.name: getattr(settings, option.name) for option in fields(settings)}
    plain: dict[str, Any] = json.loads(json.dumps(values))
    return plain


def options_of(settings: type[Settings]) -> list[tuple[Field[Any], Any]]:
    """The fields of a command's settings with their types, required ones first."""
    hints = typing.get_type_hints(settings)
    options = sorted(fields(settings), key=lambda option: not option.metadata[_REQUIRED])
    return [(option, hints[option.name]) for option in options]


def _convert(name: str, kind: Any, value: Any) -> Any:
    if value is None and type(None) in typing.get_args(kind):
        return None
    if typing.get_origin(kind) in (Union, types.UnionType):
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    try:
        if typing.get_origin(kind) is tuple:
            return _words(value)
        return _scalar(kind, value)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{flag(name)}: expected {_describe(kind)}, got {value!r}") from error


def _words(value: Any) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, Sequence):
        raise TypeError(value)
    # Through str() a null or YAML's yes would become the class None or True.
    texts = [_scalar(str, word).strip() for word in words]
    return tuple(text for text in texts if text)


def _scalar(kind: Any, value: Any) -> Any:
    if kind is bool:
        if not isinstance(value, bool):
            raise TypeError(value)
        return value
    if value is None or isinstance(value, bool | list | dict):
        raise TypeError(value)
    if kind is int and isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    return kind(value)


def _describe(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " or ".join(kind)
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return names.get(kind, "a list, as A,B")
