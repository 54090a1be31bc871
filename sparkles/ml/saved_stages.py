"""Load a saved pipeline whose author may be a stranger: only stages that Sparkles saves.

Spark imports the class that a stage's metadata names, and Java's metadata likewise. Here the names
of all stages are compared with a list before anything is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from pyspark.ml import PipelineModel, Transformer
from pyspark.ml.classification import LogisticRegressionModel
from pyspark.ml.feature import IndexToString, StringIndexerModel
from pyspark.ml.util import DefaultParamsReader
from pyspark.sql import SparkSession

from sparkles.errors import ModelError
from sparkles.ml.featurizer import DeepImageFeaturizer

__all__ = ["load_pipeline"]

_STAGES: dict[str, Any] = {
    "sparkles.ml.featurizer.DeepImageFeaturizer": DeepImageFeaturizer,
    "org.apache.spark.ml.classification.LogisticRegressionModel": LogisticRegressionModel,
    "org.apache.spark.ml.feature.IndexToString": IndexToString,
    "org.apache.spark.ml.feature.StringIndexerModel": StringIndexerModel,
}
_PIPELINES = ("pyspark.ml.pipeline.PipelineModel", "org.apache.spark.ml.PipelineModel")
_MOST_STAGES, _DEEPEST = 100, 5


@dataclass(frozen=True)
class _Saved:
    """A stage on disk: its class, and a pipeline's stages."""

    path: str
    kind: str
    uid: str
    stages: tuple[_Saved, ...] = ()


def load_pipeline(spark: SparkSession, path: str) -> PipelineModel:
    """Load a pipeline that holds only stages that Sparkles saves.

    Parameters
    ----------
    path
        The path or URI of a saved ``PipelineModel``; its stages may be pipelines.

    Raises
    ------
    ModelError
        If it has another stage, or is damaged. Nothing of it was imported or loaded.
    """
    saved = _look_at(spark, path, 0)
    if saved.kind not in _PIPELINES:
        raise _refused(path, f"it is a {saved.kind}, not a PipelineModel")
    return cast(PipelineModel, _load(saved))


def _look_at(spark: SparkSession, path: str, depth: int) -> _Saved:
    metadata = _read_metadata(spark, path)
    kind, uid = metadata.get("class"), metadata.get("uid")
    if not isinstance(kind, str) or not isinstance(uid, str):
        raise _refused(path, "its metadata has no class or no uid")
    if kind in _STAGES:
        return _Saved(path, kind, uid)
    if kind not in _PIPELINES:
        raise _refused(path, f"it is a {kind[:200]}, which Sparkles does not save or import")
    if depth == _DEEPEST:
        raise _refused(path, f"pipelines are nested more than {_DEEPEST} deep")
    places = _places(path, metadata.get("paramMap"))
    return _Saved(path, kind, uid, tuple(_look_at(spark, place, depth + 1) for place in places))


def _read_metadata(spark: SparkSession, path: str) -> dict[str, Any]:
    try:
        metadata = DefaultParamsReader.loadMetadata(path, spark.sparkContext)
    except (ValueError, LookupError, TypeError) as error:  # it is not JSON, or has no class
        raise _refused(path, f"its metadata cannot be read ({error})") from error
    return metadata if isinstance(metadata, dict) else {}


def _places(path: str, params: object) -> Iterator[str]:
    """Return where the stages of a pipeline are: ``stages/0_uid``; see Spark's ``getStagePath``."""
    uids = params.get("stageUids") if isinstance(params, dict) else None
    if not isinstance(uids, list) or len(uids) > _MOST_STAGES:
        raise _refused(path, f"expected a list of at most {_MOST_STAGES} stages")
    for number, uid in enumerate(uids):
        # No separator, no wildcard of Hadoop, no second path behind a comma.
        if not isinstance(uid, str) or not re.fullmatch(r"[\w.-]+", uid):
            raise _refused(path, f"{f'{uid!r}'[:100]} is no name of a stage")
        yield f"{path.rstrip('/')}/stages/{number:0{len(str(len(uids)))}d}_{uid}"


def _load(saved: _Saved) -> Transformer:
    if saved.kind in _STAGES:
        stage: Transformer = _STAGES[saved.kind].load(saved.path)
        return stage
    pipeline: Any = PipelineModel([_load(stage) for stage in saved.stages])
    return cast(Transformer, pipeline._resetUid(saved.uid))


def _refused(path: str, why: str) -> ModelError:
    return ModelError(
        f"the stage at {path} is not loaded: {why}. Expected a model that sparkles train saved. "
        "PipelineModel.load loads any stage: use it only if you trust whoever saved the model"
    )
