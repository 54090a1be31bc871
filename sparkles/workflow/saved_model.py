"""A saved model and its parts: the featurizer, the classifier and the class names."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from pyspark.ml import Transformer
from pyspark.ml.classification import LogisticRegressionModel
from pyspark.ml.feature import IndexToString, StringIndexerModel
from pyspark.sql import SparkSession

from sparkles.errors import ModelError
from sparkles.ml import DeepImageFeaturizer
from sparkles.ml.saved_stages import load_pipeline
from sparkles.spark.filesystem import FileSystem
from sparkles.spark.java_errors import cause_of

__all__ = ["ModelPlace", "SavedModel", "check_is_model", "find_model", "load_model"]

_Stage = TypeVar("_Stage")


@dataclass(frozen=True)
class SavedModel:
    """The parts of a model that ``sparkles train`` saved.

    Attributes
    ----------
    featurizer
        From photo to features.
    classifier
        From features to the index of a class.
    labels
        Class names in index order.
    """

    featurizer: DeepImageFeaturizer
    classifier: LogisticRegressionModel
    labels: list[str]

    @property
    def indexer(self) -> StringIndexerModel:
        """The stage from class name to index."""
        return StringIndexerModel.from_labels(self.labels, "label", "label_index")


class HasModel(Protocol):
    """A run, which knows where its model is."""

    def model_path(self) -> str:
        """Return the path of the model."""


ModelPlace: TypeAlias = "str | os.PathLike[str] | HasModel"


def find_model(model: ModelPlace, exists: Callable[[str], bool]) -> str:
    """Return the path of a model: the given path, or the model of the run at this path.

    Parameters
    ----------
    model
        The path or URI of a saved model or of a run, or a run.
    exists
        Whether there is something at a path.

    Examples
    --------
    >>> find_model("runs/x", {"runs/x/model/metadata"}.__contains__)
    'runs/x/model'
    >>> find_model("runs/x/model", {"runs/x/model/metadata"}.__contains__)
    'runs/x/model'
    """
    place = os.fspath(model) if isinstance(model, str | os.PathLike) else model.model_path()
    inside = f"{place.rstrip('/')}/model"
    return inside if not exists(f"{place}/metadata") and exists(f"{inside}/metadata") else place


def check_is_model(path: str, exists: Callable[[str], bool]) -> None:
    """Refuse a path that has no model.

    Raises
    ------
    ModelError
        With the path of the model, if the given one is that of a run.
    """
    if not exists(f"{path}/metadata"):
        hint = f" Did you mean {path.rstrip('/')}/model?" if exists(f"{path}/model") else ""
        raise ModelError(
            f"there is no saved model at {path}: it has no metadata.{hint}", settings=["model"]
        )


def load_model(spark: SparkSession, path: str) -> SavedModel:
    """Load a model.

    Raises
    ------
    ModelError
        If there is no model at the path, or ``sparkles train`` did not save it: nothing of such a
        model is imported.
    """
    check_is_model(path, FileSystem(spark).exists)
    try:
        stages = load_pipeline(spark, path).stages
    except ModelError:
        raise
    except Exception as error:  # Spark, Py4J and JSON raise different errors for damaged models
        raise ModelError(f"the model at {path} cannot be read: {cause_of(error)}") from error
    featurizer = _only(stages, DeepImageFeaturizer, path)
    classifier = _only(stages, LogisticRegressionModel, path)
    names = _only(stages, IndexToString, path)
    return SavedModel(featurizer, classifier, list(names.getLabels()))


def _only(stages: list[Transformer], kind: type[_Stage], path: str) -> _Stage:
    found = [stage for stage in stages if isinstance(stage, kind)]
    if len(found) != 1:
        raise ModelError(
            f"the model at {path} was not saved by sparkles train: expected one {kind.__name__} "
            f"among its stages, found {len(found)}"
        )
    return found[0]
