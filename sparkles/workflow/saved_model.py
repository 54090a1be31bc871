"""A saved model, taken apart: the network that sees photos, and what comes after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from pyspark.ml import PipelineModel
from pyspark.ml.classification import LogisticRegressionModel
from pyspark.ml.feature import IndexToString, StringIndexerModel
from pyspark.sql import SparkSession

from sparkles.errors import ModelError
from sparkles.ml import DeepImageFeaturizer
from sparkles.spark.filesystem import FileSystem

__all__ = ["SavedModel", "load_model"]

_Stage = TypeVar("_Stage")


@dataclass(frozen=True)
class SavedModel:
    """The parts of a model that ``sparkles train`` saved.

    Attributes
    ----------
    featurizer
        Photo to features.
    classifier
        Features to the index of a class.
    labels
        Class names in index order.
    """

    featurizer: DeepImageFeaturizer
    classifier: LogisticRegressionModel
    labels: list[str]

    @property
    def indexer(self) -> StringIndexerModel:
        """Class name to index."""
        return StringIndexerModel.from_labels(self.labels, "label", "label_index")


def load_model(spark: SparkSession, path: str) -> SavedModel:
    """Load a model.

    Raises
    ------
    ModelError
        If nothing is there, or it is no model of ``sparkles train``.
    """
    files = FileSystem(spark)
    if not files.exists(f"{path}/metadata"):
        hint = f" Did you mean {path.rstrip('/')}/model?" if files.exists(f"{path}/model") else ""
        raise ModelError(f"there is no saved model at {path}: it has no metadata.{hint}")
    try:
        stages = PipelineModel.load(path).stages
    except ModelError:
        raise
    except Exception as error:  # Spark, Py4J and JSON report damage in as many types
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        raise ModelError(f"the model at {path} cannot be read: {reason}") from error
    featurizer = _only(stages, DeepImageFeaturizer, path)
    classifier = _only(stages, LogisticRegressionModel, path)
    names = _only(stages, IndexToString, path)
    return SavedModel(featurizer, classifier, list(names.getLabels()))


def _only(stages: list[Any], kind: type[_Stage], path: str) -> _Stage:
    found = [stage for stage in stages if isinstance(stage, kind)]
    if len(found) != 1:
        raise ModelError(
            f"the model at {path} is not one that sparkles train saved: expected one "
            f"{kind.__name__} among its stages, found {len(found)}"
        )
    return found[0]
